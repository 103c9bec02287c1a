// Where sockets are blocked and HTTP is not: everything over HTTP, until a socket works again.

import { expect, test } from 'vitest';
import { startPolling, type PollHost } from '../../src/sync/poll.ts';
import { alice, AT, fakeServer, greet, item, message, settle, type Asked, type FakeServer } from '../support/fakes.ts';
import { answers, created, own, rowsOf } from '../support/room.ts';

const me = { ...alice, metadata: {}, created_at: AT, updated_at: AT, unread_total: 0 };
const answer = (pages: unknown[], fields: object = {}) => ({ pages, next: null, epoch: 'e1', unread_total: 0, blocks_rev: 0, ...fields });
const changes = (rev: number, messages: unknown[], since = rev - 1) => ({
  channel_id: 'c1', epoch: 'e1', since, rev, receipt_rev: 0, reset: false, messages, members: [], receipts: [], unread_count: 1,
  mention_count: 0, has_more: false,
});

/** Waits until the test answers. */
interface Held {
  readonly asked: Asked;
  readonly signal: AbortSignal | null | undefined;
  answer(body: unknown, status?: number): void;
  lose(): void;
}

function blocked(options: object = {}) {
  const server = fakeServer(options, (asked) => (asked.path === '/v1/me' ? { status: 200, body: me } : answers(asked)));
  const held: Held[] = [];
  const missing = { route: false };
  const script: { answer(asked: Asked): unknown } = { answer: () => undefined };
  server.answerWith((asked, signal) => {
    const body = script.answer(asked);
    if (body !== undefined) return Promise.resolve(new Response(JSON.stringify(body)));
    if (asked.path !== '/v1/me/sync') return undefined;
    if (missing.route) return Promise.resolve(new Response(JSON.stringify({ error: { code: 'NOT_FOUND', message: 'no such route', retryable: false } }), { status: 404 }));
    return new Promise((resolve, reject) => {
      const fail = (): void => reject(new TypeError('no network'));
      signal?.addEventListener('abort', fail);
      held.push({ asked, signal, answer: (body, status = 200) => resolve(new Response(JSON.stringify(body), { status })), lose: fail });
    });
  });
  return { server, held, script, missing };
}

/** Three handshakes that end without a word. */
async function fail(server: FakeServer, times = 3): Promise<void> {
  for (let at = 0; at < times; at += 1) {
    await settle();
    server.socket.end(1006);
    await server.clock.advance(2_000);
  }
}

async function polling(options: object = {}) {
  const { server, held, script } = blocked(options);
  server.client.channel('order_1').retain();
  let connected = false;
  server.client.connect().then(() => (connected = true), () => {});
  await fail(server);
  held[0]?.answer(answer([item(1, 0)]));
  await settle();
  return { server, held, script, isConnected: () => connected };
}

test('three handshakes without a word while HTTP works: the state is `polling`, and what is held is current', async () => {
  const { server, held, isConnected } = await polling();
  expect(server.client.connection.get().name).toBe('polling');
  expect(isConnected()).toBe(true);
  expect(held[0]?.asked.body).toEqual({ epoch: '', channels: {}, complete: true, blocks_rev: 0, wait_seconds: 0 });
  expect(server.client.channels.get()).toEqual({ ids: ['c1'], complete: true, stale: false });
  expect(server.client.channel('order_1').timeline.get()).toMatchObject({ status: 'ready', stale: false });
});

test('a request waits on the server for what moves, and the next one says what is held then', async () => {
  const { server, held } = await polling();
  expect(held[1]?.asked.body).toEqual({ epoch: 'e1', channels: { c1: [1, 0] }, complete: true, blocks_rev: 0, wait_seconds: 25 });
  held[1]?.answer(answer([changes(2, [message(1, 2)])], { unread_total: 1 }));
  await settle();
  expect(rowsOf(server).map(({ content }) => content)).toEqual(['text 1']);
  expect(server.client.unreadTotal.get()).toBe(1);
  expect(held).toHaveLength(2);
  await server.clock.advance(2_000);
  expect(held[2]?.asked.body).toEqual({ epoch: 'e1', channels: { c1: [2, 0] }, complete: true, blocks_rev: 0, wait_seconds: 25 });
});

test('an answer of several parts is read to its end before the next round', async () => {
  const { server, held } = await polling();
  held[1]?.answer(answer([changes(2, [message(1, 2)])], { next: 'more' }));
  await settle();
  expect(held[2]?.asked.body).toEqual({ next: 'more' });
  held[2]?.answer(answer([changes(3, [message(2, 3)])]));
  await settle();
  expect(rowsOf(server).map(({ content }) => content)).toEqual(['text 1', 'text 2']);
});

test('what the workspace allows is read once a minute, and is another object only if it has changed', async () => {
  const settings = { read_receipts_enabled: true, edit_window_seconds: null, max_message_bytes: 8_192, attachments: null };
  const { server, held, script } = await polling();
  let now: object = settings;
  script.answer = ({ path }) => (path === '/v1/me' ? { ...me, settings: now } : undefined);
  const round = async (after: number): Promise<void> => {
    await server.clock.advance(after);
    held[held.length - 1]?.answer(answer([]));
    await server.clock.advance(1_000);
  };
  await round(30_000);
  expect(server.client.settings.get()).toBe(null);
  await round(60_000);
  const told = server.client.settings.get();
  expect(told).toMatchObject({ readReceipts: true, maxMessageBytes: 8_192 });
  await round(61_000);
  expect(server.client.settings.get()).toBe(told);
  now = { ...settings, read_receipts_enabled: false };
  await round(10_000);
  expect(server.client.settings.get()?.readReceipts).toBe(true);
  await round(55_000);
  expect(server.client.settings.get()?.readReceipts).toBe(false);
});

test('preferences and blocks of another device are read when a round tells another number, and the next one has it', async () => {
  const { server, held, script } = await polling();
  const asked = (path: string): number => server.asked.filter((one) => one.path.startsWith(path)).length;
  const before = asked('/v1/me/blocks');
  held[1]?.answer(answer([], { blocks_rev: 0, preferences_rev: 3 }));
  await server.clock.advance(2_000);
  expect(held[2]?.asked.body).toMatchObject({ blocks_rev: 0, preferences_rev: 3, wait_seconds: 25 });
  expect(asked('/v1/me/preferences')).toBe(0);
  script.answer = ({ path }) => {
    if (path === '/v1/me/preferences?since=3') {
      return { preferences: [{ channel_id: 'c1', muted: false, archived: false, pinned: true, marked_unread: false, preferences_rev: 4 }], preferences_rev: 4, has_more: false };
    }
    return path.startsWith('/v1/me/blocks') ? { blocks: [{ user: { id: 'u2', external_id: 'bob', name: 'Bob', avatar_url: null }, created_at: AT }], blocks_rev: 1, has_more: false, next_cursor: null } : undefined;
  };
  held[2]?.answer(answer([], { blocks_rev: 1, preferences_rev: 4 }));
  await server.clock.advance(2_000);
  expect(asked('/v1/me/blocks')).toBe(before + 1);
  expect(server.client.channel('order_1').info.get()?.pinned).toBe(true);
  expect([...server.client.blocked.get()]).toEqual(['u2']);
  expect(held[3]?.asked.body).toMatchObject({ blocks_rev: 1, preferences_rev: 4, wait_seconds: 25 });
});

test('a server that has no such route is asked for its list every 15 s, and for what it does not list', async () => {
  const { server, script, missing } = blocked();
  missing.route = true;
  server.client.channel('order_1').retain();
  server.client.connect().catch(() => {});
  let listed = [item(1, 0)];
  const asked: string[] = [];
  script.answer = ({ path }) => {
    const { pathname, searchParams } = new URL(path, 'http://chat.test');
    if (pathname === '/v1/me/channels') return { channels: searchParams.has('archived') ? [] : listed, epoch: 'e1', has_more: false, next_cursor: null };
    if (pathname !== '/v1/channels/c1/changes') return undefined;
    asked.push(`since ${String(searchParams.get('since'))}`);
    return changes(2, [message(1, 2)]);
  };
  await fail(server);
  await settle();
  expect(server.client.connection.get().name).toBe('polling');
  const lists = (): number => server.asked.filter(({ path }) => path.startsWith('/v1/me/channels?')).length;
  const before = lists();
  await server.clock.advance(16_000);
  await settle();
  expect(lists()).toBe(before + 2);
  expect(asked).toEqual([]);
  listed = [item(2, 1)];
  await server.clock.advance(16_000);
  expect(rowsOf(server).map(({ content }) => content)).toEqual(['text 1']);
  expect(asked.length).toBeGreaterThan(0);
  // Archived by now, or gone: its own answer tells which.
  listed = [];
  asked.length = 0;
  await server.clock.advance(16_000);
  expect(asked).toEqual(['since 2']);
});

test('of more channels than fit on one request, those on screen wait', async () => {
  const asked: unknown[] = [];
  const stop = new AbortController();
  const requests = [{ epoch: 'e1', channels: { watched: [1, 0] } }, { epoch: 'e1', channels: { other: [1, 0] }, complete: true }];
  const request = (_method: string, path: string, options?: { body: unknown }): Promise<unknown> => {
    if (path !== '/v1/me/sync') return Promise.resolve(me);
    asked.push(options?.body);
    return Promise.resolve(answer([]));
  };
  const host = {
    http: { request }, signal: stop.signal, held: { epoch: 'e1', channels: new Map() }, listing: { complete: true, told() {} },
    resuming: { requests: () => requests, letGo() {} }, meet() {}, otherEpoch() {}, asNews() {}, sender: { pump() {} },
    environment: { now: () => 0 }, events: { revisions: () => ({}), greeted() {}, unreadTotal() {}, polled() {}, frame() {} },
    pause: () => Promise.resolve(stop.abort()),
  };
  await (await startPolling(host as unknown as PollHost))();
  expect(asked.slice(2)).toEqual([{ ...requests[1], wait_seconds: 0 }, { ...requests[0], wait_seconds: 25 }]);
});

test('messages, edits, reactions and marks go as requests', async () => {
  const { server, held, script } = await polling();
  held[1]?.answer(answer([changes(2, [message(1, 2)])]));
  await settle();
  const channel = server.client.channel('order_1');
  const asked = (): string[] => server.asked.filter(({ method, path }) => method !== 'GET' && !path.startsWith('/v1/me/')).map(({ method, path }) => `${method} ${path}`);
  script.answer = ({ method, path, body }) => (method === 'POST' && path.endsWith('/messages') ? own(2, 3, (body as { idempotency_key: string }).idempotency_key, 'Halo') : undefined);
  expect((await channel.sendMessage({ text: 'Halo' })).id).toBe('m2');
  expect(rowsOf(server).map(({ content, status }) => `${content} ${status}`)).toEqual(['text 1 sent', 'Halo sent']);
  script.answer = ({ method }) => (method === 'PUT' ? message(1, 4, { reactions: [{ emoji: '👍', count: 1, reacted_by_me: true }] }) : undefined);
  await channel.addReaction('m1', '👍');
  await server.clock.advance(2_000);
  held[2]?.answer(answer([changes(5, [message(3, 5)], 2)]));
  await settle();
  channel.markRead();
  await settle();
  expect(asked()).toEqual([
    'POST /v1/channels/order_1/messages', `PUT /v1/channels/c1/messages/m1/reactions/${encodeURIComponent('👍')}`, 'POST /v1/channels/c1/read',
  ]);
});

test('a socket is tried each minute; when it works, polling ends at once', async () => {
  const { server, held } = await polling();
  const before = server.sockets.length;
  /** Nothing moves, so the server answers when it has waited long enough. */
  const rest = async (seconds: number): Promise<void> => {
    for (let at = 0; at < seconds; at += 1) {
      await server.clock.advance(1_000);
      if (at % 20 === 19) held[held.length - 1]?.answer(answer([]));
    }
  };
  await rest(59);
  expect(server.sockets).toHaveLength(before);
  await rest(1);
  expect(server.sockets).toHaveLength(before + 1);
  expect(server.client.connection.get().name).toBe('polling');
  server.socket.end(1006);
  await rest(60);
  expect(server.sockets).toHaveLength(before + 2);
  await rest(5);
  await greet(server, []);
  expect(server.client.connection.get().name).toBe('live');
  expect(held[held.length - 1]?.signal?.aborted).toBe(true);
  const rounds = held.length;
  await server.clock.advance(10_000);
  expect(held).toHaveLength(rounds);
  server.socket.receive('message.created', created(message(1, 2)));
  await settle();
  expect(rowsOf(server).map(({ content }) => content)).toEqual(['text 1']);
});

test('when HTTP fails three times too, it waits and begins again with a socket', async () => {
  const { server, held } = await polling();
  for (let at = 1; at <= 3; at += 1) {
    held[at]?.lose();
    await server.clock.advance(5_000);
  }
  expect(['waiting', 'connecting']).toContain(server.client.connection.get().name);
  expect(server.client.channels.get().stale).toBe(true);
});

test('another epoch lets everything go and reads it anew', async () => {
  const { server, held } = await polling();
  held[1]?.answer(answer([], { epoch: 'e2' }));
  await server.clock.advance(2_000);
  expect(held[2]?.asked.body).toEqual({ epoch: 'e2', channels: {}, complete: true, blocks_rev: 0, wait_seconds: 0 });
});

test('without a network nothing is polled, and nothing where the app does not want it', async () => {
  const offline = fakeServer({}, () => ({ status: 500, body: {} }));
  offline.client.connect().catch(() => {});
  await fail(offline, 4);
  expect(offline.client.connection.get().name).not.toBe('polling');
  const { server, held } = blocked({ pollWhenBlocked: false });
  server.client.connect().catch(() => {});
  await fail(server, 4);
  expect(held).toHaveLength(0);
});

test('disconnecting ends it', async () => {
  const { server, held } = await polling();
  server.client.disconnect();
  await server.clock.advance(120_000);
  expect(held[1]?.signal?.aborted).toBe(true);
  expect(held).toHaveLength(2);
  expect(server.clock.timers).toEqual([]);
});
