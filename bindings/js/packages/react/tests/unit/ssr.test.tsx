// @vitest-environment node
// ssr: rendering on a server, where there is no DOM, connects nothing and shows what was read before.

import { renderToString } from 'react-dom/server';
import type { ReactNode } from 'react';
import { expect, test, vi } from 'vitest';
import { Cariosan, fetchInitialData } from '@cariosan/client';
import { fakeServer } from '@cariosan/client/testing';
import { ChatProvider, useChannel, useChannels, useMe, useMessages } from '../../src/headless.ts';
import { id } from '../../src/locales/id.ts';
import { ChannelHeader, ChannelList, Chat, ChatProvider as Components, ConnectionBanner, MemberList, MessageListRoot, ReactionPicker, SearchPanel, UnreadBadge } from '../../src/index.ts';

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

const everything = (
  <>
    <ConnectionBanner />
    <ChannelList onSelect={() => {}} selected="order_1" />
    <ChannelHeader channelId="order_1" />
    <Chat channelId="order_1" />
    <SearchPanel onOpen={() => {}} />
    <MemberList channelId="order_1" />
    <ReactionPicker emoji={['👍']} onPick={() => {}} />
    <UnreadBadge count={3} />
    <MessageListRoot channelId="order_1">{({ mounted }) => <i>{mounted.length}</i>}</MessageListRoot>
  </>
);

test('ssr: every component renders where there is no DOM, with placeholders while there is no data', async () => {
  const said = vi.spyOn(console, 'error');
  const server = shop();
  const client = new Cariosan(server.options);
  const html = renderToString(<Components client={client} strings={id}>{everything}</Components>);
  expect(html).toContain(id.loading);
  expect(html).toContain('<i>0</i>');
  expect(html).not.toMatch(/undefined|NaN|\[object/);
  await settle();
  expect([server.connections.made, server.heard.length, said.mock.calls]).toEqual([0, 0, []]);
});

test('ssr: with data the list of channels, the head and all messages are in the page, without a virtualiser', async () => {
  const server = shop();
  const order = server.channel('order_1');
  for (let at = 0; at < 40; at += 1) order.says('bob', `message ${at}`);
  const initialData = await fetchInitialData({ apiUrl: server.options.apiUrl, token: 'token', channel: 'order_1', fetch: server.fetch });
  const html = renderToString(<Components client={new Cariosan(server.options)} strings={id} initialData={initialData}>{everything}</Components>);
  expect(html.match(/data-car-part="channel"/g)).toHaveLength(1);
  expect(html).toContain('<h2>Order</h2>');
  for (let at = 0; at < 40; at += 1) expect(html).toContain(`>message ${at}<`);
  expect(html).not.toContain('translateY');
});
