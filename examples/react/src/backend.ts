// What an app's own server does: it knows who is signed in, and issues their tokens. Here the demo of `cariosan-server --demo` does.

export interface Person {
  readonly id: string;
  readonly name: string;
}

interface Demo {
  readonly users: readonly { readonly external_id: string; readonly name: string; readonly token: string }[];
}

async function demo(): Promise<Demo> {
  const response = await fetch('/demo.json');
  if (!response.ok) throw new Error('There is no demo here: start the server with --demo.');
  return (await response.json()) as Demo;
}

export async function people(): Promise<readonly Person[]> {
  return (await demo()).users.map(({ external_id: id, name }) => ({ id, name }));
}

// snippet: token
/** Asked by the client, at first and whenever a token is about to expire. */
export async function fetchToken(user: string): Promise<string | null> {
  const found = (await demo()).users.find(({ external_id: id }) => id === user);
  return found?.token ?? null;
}
// end
