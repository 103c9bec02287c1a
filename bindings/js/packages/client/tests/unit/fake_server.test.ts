// The server that is played for adopters' tests: the client, played against it, does what it does with the real one.

import { expect, test } from 'vitest';
import { Cariosan, isCariosanError, memoryStorage, type Channel, type Storage } from '../../src/index.ts';
import { fakeClock, fakeServer, inspect, type FakeServer } from '../../src/testing.ts';

async function room(server: FakeServer = fakeServer()) {
  const order = server.channel('order_1', { name: 'Order', members: ['alice', 'bob'] });
  const clock = fakeClock();
  const client = new Cariosan({ ...server.options, environment: clock.environment });
  const channel = client.channel('order_1');
  channel.retain();
  await client.connect();
  await clock.advance(0);
  return { server, order, clock, client, channel };
}

const texts = (channel: Channel): string[] => channel.timeline.get().messages.map(({ content, status }) => (status === 'sent' ? content : `${content} (${status})`));

/** What the client holds is what the server has. */
function expectEqual({ client, order }: Awaited<ReturnType<typeof room>>): void {
  const held = inspect(client).channels.get(order.id);
  expect(held?.windows.live()).toEqual(order.messages);
  expect(held?.counts.unread(held.cursors.of(held.viewer).read)).toBe(order.unread);
}

test('a client connects, loads and sends, and both know the same', async () => {
  const server = fakeServer();
  server.channel('order_1', { name: 'Order', members: ['alice', 'bob'] }).says('bob', 'Halo');
  const all = await room(server);
  expect(texts(all.channel)).toEqual(['Halo']);
  await all.channel.sendMessage({ text: 'Hi', mentions: ['bob'] });
  expect(texts(all.channel)).toEqual(['Halo', 'Hi']);
  expect(all.order.messages[1]?.mentions?.[0]?.name).toBe('Bob');
  expect(all.client.unreadTotal.get()).toBe(1);
  expectEqual(all);
});

test('whatever others do is told', async () => {
  const all = await room();
  const { order, clock, channel, client, server } = all;
  const first = order.says('bob', 'one');
  const mine = order.says('alice', 'from another device');
  order.says('bob', { text: 'an answer', parentId: mine.id, mentions: ['alice'] });
  order.edits(first.id, 'one!');
  order.reacts('bob', mine.id, '👍');
  order.reacts('alice', first.id, '❤');
  order.pins(first.id, 'bob');
  order.types('bob');
  order.reads('bob');
  order.joins('eve', 'admin');
  order.becomes({ name: 'Renamed' });
  server.presence('bob', 'online');
  await clock.advance(0);
  expect(texts(channel)).toEqual(['one!', 'from another device', 'an answer']);
  expect(channel.timeline.get().messages[0]?.reactions).toEqual([{ emoji: '❤', count: 1, reacted_by_me: true }]);
  expect(channel.typing.get()).toEqual([order.messages[0]?.user.id]);
  expect(channel.receipts.get()).toMatchObject({ known: true });
  expect(channel.receipts.get().of('u-bob').read).toBe(3);
  expect(channel.info.get()).toMatchObject({ name: 'Renamed', memberCount: 3, unread: 1, mentions: 1 });
  expectEqual(all);
  order.unsends(first.id);
  channel.markRead();
  await clock.advance(0);
  expect(channel.timeline.get().messages[0]?.deleted_at).not.toBeNull();
  expect(client.unreadTotal.get()).toBe(0);
  expectEqual(all);
});

test('a lost connection is made again and brings what was missed', async () => {
  const all = await room();
  const { order, clock, server, client, channel } = all;
  server.goOffline();
  await clock.advance(0);
  order.says('bob', 'while you were away');
  channel.enqueue({ text: 'on the train' });
  expect(client.connection.get().name).not.toBe('live');
  expect(texts(channel)).toEqual(['on the train (pending)']);
  server.goOnline();
  await clock.advance(60_000);
  expect(client.connection.get().name).toBe('live');
  expect(texts(channel)).toEqual(['while you were away', 'on the train']);
  server.rotateEpoch();
  await clock.advance(60_000);
  expectEqual(all);
});

test('a test can hold answers back and refuse what it likes', async () => {
  const { order, clock, server, channel, client } = await room();
  const release = server.hold();
  channel.enqueue({ text: 'slow' });
  await clock.advance(0);
  expect(texts(channel)).toEqual(['slow (pending)']);
  release();
  await clock.advance(0);
  expect(texts(channel)).toEqual(['slow']);

  server.refuse('message.send', { code: 'MESSAGE_REJECTED', message: 'not that word' });
  await expect(channel.sendMessage({ text: 'a bad word' })).rejects.toSatisfy((fault) => isCariosanError(fault, 'MESSAGE_REJECTED'));
  expect(texts(channel)).toEqual(['slow', 'a bad word (failed)']);
  channel.retry(channel.timeline.get().messages[1]?.key ?? '');
  await clock.advance(0);
  expect(texts(channel)).toEqual(['slow', 'a bad word']);

  server.refuse('POST /v1/me/devices', { code: 'VALIDATION_ERROR' });
  await expect(client.registerDevice('t', 'ios')).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
  await client.registerDevice('t', 'ios');
  expect([...server.devices]).toEqual([['t', 'ios']]);

  const theirs = order.says('bob', 'mine');
  await expect(channel.editMessage(theirs.id, 'no')).rejects.toMatchObject({ code: 'NOT_AUTHOR' });
  server.answer(({ path }) => (path === '/v1/search' ? { status: 200, body: { results: [], has_more: false } } : undefined));
  expect((await client.search('mine')).results).toEqual([]);
});

test('what was asked and sent can be looked at', async () => {
  const { server, channel, client, clock } = await room();
  await channel.sendMessage({ text: 'x' });
  channel.startTyping();
  await clock.advance(0);
  expect(server.frames('message.send')).toMatchObject([{ channel: 'order_1', content: 'x' }]);
  expect(server.frames('typing.start').length).toBe(1);
  expect(server.requests('GET /v1/channels/c-order_1/messages')[0]?.query).toMatchObject({ limit: '50' });
  const { sent } = channel.sendAttachment({ uri: 'file:///a.png', name: 'a.png', type: 'image/png', size: 3 }, { text: 'look' });
  expect((await sent).attachment_url).toBe('https://files.test/a.png');
  expect(server.uploads[0]).toMatchObject({ method: 'PUT', headers: { 'content-type': 'image/png' } });
  expect(server.connections).toEqual({ open: 1, made: 1 });
  await client.close();
  expect(server.connections).toEqual({ open: 0, made: 1 });
});

test('history comes page by page, around a message too, and search finds in it', async () => {
  const server = fakeServer();
  const order = server.channel('order_1', { members: ['alice', 'bob'] });
  const all = Array.from({ length: 120 }, (_, at) => order.says('bob', `text ${at + 1}`));
  const { channel, client } = await room(server);
  expect(texts(channel).length).toBe(50);
  await channel.loadOlder();
  await channel.loadOlder();
  expect(texts(channel)).toEqual(all.map(({ content }) => content));
  expect(channel.timeline.get().reachedStart).toBe(true);
  const { results } = await client.search('TEXT 77');
  expect(results[0]?.snippet.slice(...(results[0].highlights[0] ?? []))).toBe('text 77');
  const other = await room(server);
  expect(await other.channel.openAround(all[9]?.id ?? '')).toBe(true);
  expect(other.channel.timeline.get()).toMatchObject({ window: 'around', reachedStart: true });
  expect(await other.channel.openAround('m-nowhere')).toBe(false);
});

test('blocks, preferences and channels that come and go', async () => {
  const { server, order, client, channel, clock } = await room();
  order.says('bob', 'seen');
  await clock.advance(0);
  await client.blockUser('bob');
  await clock.advance(0);
  expect(texts(channel)).toEqual([]);
  order.says('bob', 'not seen');
  await clock.advance(0);
  expect(texts(channel)).toEqual([]);
  await client.unblockUser('bob');
  await clock.advance(0);
  expect(texts(channel)).toEqual(['seen', 'not seen']);
  await channel.setPreferences({ muted: true, pinned: true });
  expect(channel.info.get()).toMatchObject({ muted: true, pinned: true });
  server.channel('order_2', { type: 'direct', members: ['alice', 'bob'] });
  await clock.advance(0);
  expect(client.channels.get().ids).toContain('c-order_2');
  order.leaves('alice');
  await clock.advance(0);
  expect(client.channels.get().ids).toEqual(['c-order_2']);
  expect(client.channel('order_2').info.get()?.peer?.name).toBe('Bob');
});

test('a client that is closed in the middle of everything leaves no timer and no listener behind', async () => {
  const server = fakeServer();
  const { order, channel, client, clock } = await room(server);
  const mine = order.says('alice', 'mine');
  await clock.advance(0);
  const quiet = server.hold();
  const ended = [
    channel.editMessage(mine.id, 'edited'), channel.addReaction(mine.id, '👍'), channel.sendMessage({ text: 'x' }), client.search('x'),
    channel.sendAttachment({ uri: 'file:///a.png', name: 'a.png', type: 'image/png', size: 3 }).sent, channel.loadMembers(),
  ].map((done) => done.then(() => 'done', ({ code }) => code as string));
  channel.startTyping();
  channel.markRead();
  client.presence('u-bob').subscribe(() => {});
  await clock.advance(0);
  await client.close();
  quiet();
  await clock.advance(0);
  expect(await Promise.all(ended)).toEqual(['CLOSED', 'CLOSED', 'CLOSED', 'CLOSED', 'CLOSED', 'CLOSED']);
  expect(clock.timers).toEqual([]);
  expect(clock.watchers).toBe(0);
  expect(server.connections.open).toBe(0);
});

test('requests by the dozen are no leak of listeners', async () => {
  const { server, client } = await room();
  const warnings: string[] = [];
  const heard = ({ name }: Error): void => void warnings.push(name);
  process.on('warning', heard);
  const release = server.hold();
  const all = Array.from({ length: 30 }, () => client.search('x'));
  release();
  await Promise.all(all);
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', heard);
  expect(warnings).toEqual([]);
});

test('stored messages of another history are let be, and looked for once', async () => {
  const server = fakeServer();
  const order = server.channel('order_1', { members: ['alice', 'bob'] });
  order.says('bob', 'Halo');
  const kept = memoryStorage();
  let loads = 0;
  const storage: Storage = { ...kept, load: (prefix) => (++loads > 100 ? Promise.reject(new Error('too often')) : kept.load(prefix)) };
  const { environment, advance } = fakeClock();
  const run = (): Cariosan => new Cariosan({ ...server.options, environment, storage, cacheKey: 'alice' });
  const first = run();
  first.channel('order_1').retain();
  await first.connect();
  await advance(0);
  await first.close();
  server.rotateEpoch();
  // This one opens nothing: of its history the channel is stored, and no messages.
  const second = run();
  await second.connect();
  await second.close();
  server.goOffline();
  loads = 0;
  const third = run();
  third.channel('order_1').retain();
  third.connect().catch(() => {});
  await advance(0);
  expect(third.channel('order_1').timeline.get().messages).toEqual([]);
  expect(loads).toBeLessThan(10);
  await third.close();
});

test('two names of a channel are one channel, also while nothing of it is known', async () => {
  const { order, clock, server, client } = await room();
  server.goOffline();
  server.rotateEpoch();
  await clock.advance(0);
  client.channel('order_1').enqueue({ text: 'first' });
  client.channel(order.id).enqueue({ text: 'second' });
  client.channel('order_1').enqueue({ text: 'third' });
  server.refuse('message.send', { code: 'RATE_LIMITED', retryable: true, details: { retry_after_ms: 100 } });
  server.goOnline();
  await clock.advance(60_000);
  expect(order.messages.map(({ content }) => content)).toEqual(['first', 'second', 'third']);
});

test('what is stored while somebody is blocked does not stand in for what they wrote', async () => {
  const server = fakeServer();
  const order = server.channel('order_1', { members: ['alice', 'bob'] });
  order.says('bob', 'before');
  const clock = fakeClock();
  const client = new Cariosan({ ...server.options, environment: clock.environment, storage: memoryStorage(), cacheKey: 'alice' });
  const channel = client.channel('order_1');
  channel.retain();
  await client.connect();
  await clock.advance(6_000);
  await client.blockUser('bob');
  order.says('bob', 'meanwhile');
  order.says('alice', 'after');
  await clock.advance(6_000);
  expect(texts(channel)).toEqual(['after']);
  await client.unblockUser('bob');
  await clock.advance(6_000);
  expect(texts(channel)).toEqual(['before', 'meanwhile', 'after']);
  await client.close();
});

test('an answer about blocks that is older than what was told is asked for again', async () => {
  const { client, server, clock } = await room();
  const old = { blocks: [{ user: { id: 'u-bob', external_id: 'bob', name: 'Bob' }, created_at: '' }], blocks_rev: 1, has_more: false, next_cursor: null };
  server.block('bob');
  await clock.advance(0);
  let late = true;
  server.answer(({ path }) => {
    if (path !== '/v1/me/blocks' || !late) return undefined;
    late = false;
    return { status: 200, body: old };
  });
  const release = server.hold();
  const listed = client.listBlocked();
  server.unblock('bob');
  await clock.advance(0);
  release();
  await listed;
  await clock.advance(0);
  expect([...client.blocked.get()]).toEqual([]);
});
