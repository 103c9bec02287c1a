// The smallest app, whole, as the README of @cariosan/react begins with it.

// snippet: start
import { useState } from 'react';
import { createRoot } from 'react-dom/client';
import { ChannelList, Chat, ChatProvider } from '@cariosan/react';
import { en } from '@cariosan/react/locales/en';
import '@cariosan/react/styles.css';

/** Your own server knows who is signed in, and issues their tokens. Here the demo of `cariosan-server` does. */
async function fetchToken(user: string): Promise<string | null> {
  const { users } = (await (await fetch('/demo.json')).json()) as { users: { external_id: string; token: string }[] };
  return users.find(({ external_id: id }) => id === user)?.token ?? null;
}

function Conversations() {
  const [open, setOpen] = useState<string | null>(null);
  return open === null ? <ChannelList onSelect={({ id }) => setOpen(id)} /> : <Chat channelId={open} onBack={() => setOpen(null)} />;
}

const user = new URLSearchParams(window.location.search).get('as') ?? 'alice';
const options = { apiUrl: window.location.origin, token: () => fetchToken(user) };
const root = document.getElementById('root');
if (root !== null) createRoot(root).render(<ChatProvider options={options} userKey={user} strings={en}><Conversations /></ChatProvider>);
// end
