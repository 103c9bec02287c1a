// @vitest-environment node
// ssr: rendering on a server, where there is no DOM, connects nothing and shows what was read before.

import { renderToString } from 'react-dom/server';
import type { ReactNode } from 'react';
import { expect, test } from 'vitest';
import { Cariosan, fetchInitialData } from '@cariosan/client';
import { fakeServer } from '@cariosan/client/testing';
import { ChatProvider, useChannel, useChannels, useMe, useMessages } from '../../src/headless.ts';
import { id } from '../../src/locales/id.ts';

function Page(): ReactNode {
  const { channels } = useChannels();
  const { channel, status } = useChannel('order_1');
  const { messages, loading } = useMessages('order_1');
  const me = useMe();
  return <p>{[me?.name, channels.map(({ name }) => name).join(), channel?.name, status, String(loading), ...messages.map(({ content }) => content)].join(' · ')}</p>;
}

function shop() {
  const server = fakeServer();
  server.channel('order_1', { name: 'Order', members: ['alice', 'bob'] }).says('bob', 'Halo');
  return server;
}

/** Whatever was begun goes on. */
async function settle(): Promise<void> {
  for (let at = 0; at < 8; at += 1) await new Promise((resolve) => setImmediate(resolve));
}

test('ssr: there is no DOM here, and a page renders without data, by both kinds of provider', async () => {
  expect(typeof document).toBe('undefined');
  const server = shop();
  const html = ' ·  ·  · loading · true';
  expect(renderToString(<ChatProvider client={new Cariosan(server.options)} strings={id}><Page /></ChatProvider>)).toContain(html);
  expect(renderToString(<ChatProvider options={server.options} userKey="alice" strings={id}><Page /></ChatProvider>)).toContain(html);
  await settle();
  expect(server.connections.made).toBe(0);
  expect(server.heard).toEqual([]);
});

test('ssr: with what was read before it shows it', async () => {
  const server = shop();
  const data = await fetchInitialData({ apiUrl: server.options.apiUrl, token: 'token', channel: 'order_1', fetch: server.fetch });
  // It goes to the browser as JSON.
  const initialData = JSON.parse(JSON.stringify(data)) as typeof data;
  expect(initialData).toEqual(data);
  const html = renderToString(<ChatProvider client={new Cariosan(server.options)} strings={id} initialData={initialData}><Page /></ChatProvider>);
  expect(html).toContain('Alice · Order · Order · ready · false · Halo');
  expect(server.connections.made).toBe(0);
});
