// Clients that a provider makes: one per user, however many providers, renders and remounts there are.

import { Cariosan, type CariosanOptions, type TokenProvider } from '@cariosan/client';

export interface OwnedClient {
  readonly userKey: string;
  readonly client: Cariosan;
  /** Of the newest options: an app that makes a new function in each render is asked by its last one. */
  token: CariosanOptions['token'];
  users: number;
  cancelEnd: () => void;
}

/** A route change, StrictMode and Fast Refresh unmount and mount again within this time, and keep the connection. */
const KEPT_MS = 1_000;
const clients = new Map<string, OwnedClient>();

/** The one that is in use, or a new one that nobody else will get before it is acquired. Making one does nothing. */
export function findOrMake(userKey: string, options: CariosanOptions): OwnedClient {
  const known = clients.get(userKey);
  if (known !== undefined) return known;
  const newest: TokenProvider = (context) => {
    const { token } = made;
    return typeof token === 'string' ? Promise.resolve(token) : token(context);
  };
  const made: OwnedClient = {
    userKey, token: options.token, users: 0, cancelEnd: () => {},
    client: new Cariosan({ ...options, token: typeof options.token === 'string' ? options.token : newest }),
  };
  return made;
}

function end(owned: OwnedClient): void {
  if (clients.get(owned.userKey) === owned) clients.delete(owned.userKey);
  void owned.client.close();
}

/** Answers the client to be used, which is another one if two providers made theirs at the same time. */
export function acquire(owned: OwnedClient): OwnedClient {
  const inUse = clients.get(owned.userKey) ?? owned;
  inUse.cancelEnd();
  inUse.users += 1;
  // The former user's connection ends before the next one's begins.
  for (const other of clients.values()) {
    if (other.users > 0) continue;
    other.cancelEnd();
    end(other);
  }
  clients.set(inUse.userKey, inUse);
  return inUse;
}

export function release(owned: OwnedClient): void {
  owned.users -= 1;
  if (owned.users > 0) return;
  const timer = setTimeout(() => end(owned), KEPT_MS);
  owned.cancelEnd = () => clearTimeout(timer);
}
