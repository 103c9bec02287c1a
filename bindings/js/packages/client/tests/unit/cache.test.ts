// What is kept from run to run: shown before the first answer, marked as old, and never mixed with another history or user.

import 'fake-indexeddb/auto';
import { describe, expect, test } from 'vitest';
import { memoryStorage, type Storage } from '../../src/index.ts';
import { applyPage, applySidePage } from '../../src/state/pages.ts';
import { heldChannel } from '../../src/state/channel.ts';
import { indexedDbStorage } from '../../src/store/indexeddb.ts';
import { restoreTimeline, timelineText } from '../../src/store/record.ts';
import type { Message } from '../../src/wire/types.ts';
import { budi, fakeServer, greet, item, message, ready, settle, type FakeServer } from '../support/fakes.ts';
import { answers, created, rowsOf } from '../support/room.ts';

const claims = (sub: string): string => `h.${btoa(JSON.stringify({ ws: 'w', sub }))}.s`;
const contents = (server: FakeServer): string[] => rowsOf(server).map(({ content }) => content);
const page = (messages: unknown[], rev: number, epoch = 'e1') => ({ messages, members: [], receipts: [], rev, receipt_rev: 0, epoch, has_more: true });

/** A run that has seen three messages, the last of them at revision 4. */
async function firstRun(storage: Storage, options: object = { cacheKey: 'alice' }): Promise<FakeServer> {
  const server = fakeServer({ storage, ...options }, (one) => (one.path.includes('/messages') ? { status: 200, body: page([], 1) } : answers(one)));
  server.client.channel('order_1').retain();
  server.client.connect().catch(() => {});
  await settle();
  await greet(server, [item(1, 0)]);
  for (const seq of [1, 2, 3]) server.socket.receive('message.created', created(message(seq, seq + 1)));
  await settle();
  return server;
}

/** The next run, before there is any answer. */
async function nextRun(storage: Storage, options: object = { cacheKey: 'alice' }, rev = 4): Promise<FakeServer> {
  const server = fakeServer({ storage, ...options }, () => ({ status: 200, body: page([], rev) }));
  server.client.channel('order_1').retain();
  server.client.connect().catch(() => {});
  await settle();
  return server;
}

describe.each([
  ['memory', () => memoryStorage()],
  ['IndexedDB', () => indexedDbStorage({ name: `test ${Math.random()}` })],
])('in %s', (_name, make) => {
  test('messages, counts and the list are shown before the first answer, as old, and the resume goes on from there', async () => {
    const storage = make();
    const first = await firstRun(storage);
    await first.client.close();
    const next = await nextRun(storage);
    await next.clock.advance(50);
    const channel = next.client.channel('order_1');
    expect([contents(next), channel.timeline.get().stale, channel.timeline.get().status]).toEqual([['text 1', 'text 2', 'text 3'], true, 'ready']);
    expect([channel.info.get()?.unread, channel.info.get()?.name, channel.info.get()?.preview?.id]).toEqual([3, 'Order', 'm3']);
    expect([next.client.channels.get(), next.client.me.get()?.name]).toEqual([{ ids: ['c1'], complete: true, stale: true }, 'Alice']);
    expect(next.asked).toEqual([]);
    next.socket.receive('connection.ready', ready());
    await settle();
    const sync = next.socket.last('sync');
    expect(sync.data).toEqual({ epoch: 'e1', channels: { c1: [4, 0] }, complete: true });
    next.socket.receive('ack', {}, sync.id);
    next.socket.receive('sync.done', { id: sync.id, epoch: 'e1', unread_total: 3 });
    await settle();
    expect([contents(next), channel.timeline.get().stale]).toEqual([['text 1', 'text 2', 'text 3'], false]);
    expect(next.asked.filter(({ path }) => path.includes('/messages'))).toEqual([]);
    await next.client.close();
  });

  test('a new run announces only what it has not announced before', async () => {
    const storage = make();
    await (await firstRun(storage)).client.close();
    const next = await nextRun(storage);
    const heard: number[] = [];
    next.client.on('message', ({ message: one }) => heard.push(one.seq ?? 0));
    await next.clock.advance(50);
    await greet(next, [{ channel_id: 'c1', epoch: 'e1', since: 4, rev: 5, receipt_rev: 0, reset: false, messages: [message(4, 5)], members: [], receipts: [],
      unread_count: 4, mention_count: 0, has_more: false }]);
    expect([heard, contents(next)]).toEqual([[4], ['text 1', 'text 2', 'text 3', 'text 4']]);
    await next.client.close();
  });

  test('signing out leaves nothing', async () => {
    const storage = make();
    const first = await firstRun(storage);
    first.client.channel('order_1').enqueue({ text: 'unsent' });
    await first.clock.advance(2_000);
    expect((await storage.load('')).size).toBeGreaterThan(2);
    await first.client.signOut();
    const left = await (storage.close === undefined ? storage : storage).load('');
    expect([...left.keys()]).toEqual([]);
    await storage.close?.();
  });
});

test('another epoch: what is stored is not taken for the present', async () => {
  const storage = memoryStorage();
  await (await firstRun(storage)).client.close();
  const next = await nextRun(storage);
  expect(contents(next)).toHaveLength(3);
  await greet(next, [], { epoch: 'e2' });
  expect([contents(next), next.client.channels.get().ids]).toEqual([[], []]);
  expect(next.socket.last('sync').data['channels']).toEqual({});
});

test('messages stored at an older revision than their channel are read again from there', async () => {
  const storage = memoryStorage();
  const first = await firstRun(storage);
  await first.client.close();
  const [key, text] = [...(await storage.load(''))].find(([name]) => name.includes(':t:')) ?? ['', '{}'];
  const older = JSON.parse(text) as { rev: number; messages: unknown[] };
  await storage.write(new Map([[key, JSON.stringify({ ...older, rev: 2, messages: older.messages.slice(0, 1) })]]));
  const next = await nextRun(storage);
  expect(contents(next)).toEqual(['text 1']);
  next.socket.receive('connection.ready', ready());
  await settle();
  const sync = next.socket.last('sync');
  expect(sync.data['channels']).toEqual({ c1: [2, 0] });
  const heard: number[] = [];
  next.client.on('message', ({ message: one }) => heard.push(one.seq ?? 0));
  next.socket.receive('ack', {}, sync.id);
  next.socket.receive('channel.sync', { channel_id: 'c1', epoch: 'e1', since: 2, rev: 5, receipt_rev: 0, reset: false, messages: [2, 3, 4].map((seq) => message(seq, seq + 1)),
    members: [], receipts: [], unread_count: 4, mention_count: 0, has_more: false });
  await settle();
  // The former run has announced the third already.
  expect([contents(next), heard]).toEqual([['text 1', 'text 2', 'text 3', 'text 4'], [4]]);
});

test('counts that were in doubt when the run ended are asked for in the next', async () => {
  const storage = memoryStorage();
  const first = await firstRun(storage);
  first.answerWith(({ path }) => (path.includes('/changes') ? new Promise(() => {}) : undefined));
  // The repair of a hole does not count.
  first.socket.receive('channel.sync', { channel_id: 'c1', epoch: 'e1', since: 4, rev: 5, receipt_rev: 0, reset: false, messages: [message(4, 5)], members: [],
    receipts: [], has_more: false });
  await settle();
  await first.client.close();
  const next = await nextRun(storage, { cacheKey: 'alice' }, 5);
  await greet(next, []);
  expect(next.asked.map(({ path }) => path.split('?')[0])).toContain('/v1/channels/c1/changes');
});

test('a channel stored in another history is not taken for the present', async () => {
  const storage = memoryStorage();
  await (await firstRun(storage)).client.close();
  for (const [key, text] of await storage.load('')) {
    if (!key.endsWith('meta')) await storage.write(new Map([[key, JSON.stringify({ ...(JSON.parse(text) as object), epoch: 'e0' })]]));
  }
  expect((await nextRun(storage)).client.channels.get().ids).toEqual([]);
});

test.each(['{', '{"v":9}', 'null', '[]'])('a value that cannot be read (%s) is as if it were not there', async (text) => {
  const storage = memoryStorage();
  await (await firstRun(storage)).client.close();
  const keys = [...(await storage.load('')).keys()];
  for (const key of keys.filter((name) => !name.endsWith('meta'))) await storage.write(new Map([[key, text]]));
  const next = await nextRun(storage);
  expect(next.client.channels.get().ids).toEqual([]);
  await greet(next, [item(1, 0)]);
  expect(next.client.connection.get().name).toBe('live');
});

test('another user under the same key sees and sends nothing of the former', async () => {
  const storage = memoryStorage();
  const first = await firstRun(storage);
  first.socket.end(1006);
  first.client.channel('order_1').enqueue({ text: 'from Alice' });
  await first.client.close();
  const next = await nextRun(storage);
  expect(contents(next)).toContain('from Alice');
  await greet(next, [], { user: { ...budi, metadata: {}, created_at: 'x', updated_at: 'x' } });
  expect([contents(next), next.client.outbox.get().waiting, next.socket.frames('message.send')]).toEqual([[], 0, []]);
  await next.clock.advance(10_000);
  const left = [...(await storage.load(''))].filter(([, text]) => text.includes('from Alice') || text.includes('text 1'));
  expect(left).toEqual([]);
});

test('without a key of the app the token says whose it is', async () => {
  const storage = memoryStorage();
  await (await firstRun(storage, { token: claims('u-alice') })).client.close();
  const next = await nextRun(storage, { token: claims('u-alice') });
  expect(contents(next)).toHaveLength(3);
  expect(contents(await nextRun(storage, { token: claims('u-bob') }))).toEqual([]);
});

test('marks of what was read and messages of a blocked user survive a restart as they should', async () => {
  const storage = memoryStorage();
  const first = await firstRun(storage);
  first.socket.receive('block.updated', { user_id: 'u-eve', blocked: true, blocks_rev: 1 });
  await settle();
  first.socket.end(1006);
  first.client.channel('order_1').markRead();
  await first.client.close();
  const next = await nextRun(storage);
  await greet(next, [], { blocks_rev: 1 });
  expect(next.socket.frames('message.read').map(({ data }) => data)).toEqual([{ channel: 'c1', message_id: 'm3' }]);
  expect(next.asked.filter(({ path }) => path.includes('blocks'))).toEqual([]);
  expect([...next.client.blocked.get()]).toEqual(['u-eve']);
});

test('written a second after the last change, five after the first at the latest, and not without a change', async () => {
  const inner = memoryStorage();
  const writes: string[][] = [];
  const storage: Storage = { load: inner.load, write: (changes) => { writes.push([...changes.keys()]); return inner.write(changes); } };
  const server = await firstRun(storage);
  await server.clock.advance(999);
  writes.length = 0;
  await server.clock.advance(5_000);
  expect(writes).toHaveLength(1);
  for (let at = 0; at < 10; at += 1) {
    server.socket.receive('message.created', created(message(4 + at, 5 + at)));
    await server.clock.advance(900);
  }
  expect(writes.length).toBe(2);
  await server.clock.advance(60_000);
  const before = writes.length;
  await server.clock.advance(60_000);
  expect(writes.length).toBe(before);
});

test('no more channels than the limit are kept, those active last', async () => {
  const storage = memoryStorage();
  const server = fakeServer({ storage, cacheKey: 'alice', limits: { cachedChannels: 3 } }, answers);
  server.client.connect().catch(() => {});
  await settle();
  await greet(server, Array.from({ length: 6 }, (_, at) => {
    const one = item(1, 1);
    const created_at = `2026-01-0${at + 1}T00:00:00.000Z`;
    return { ...one, channel_id: `c${at}`, channel: { ...(one['channel'] as object), id: `c${at}`, external_id: null, created_at } };
  }));
  await server.clock.advance(2_000);
  const kept = [...(await storage.load('')).keys()].filter((key) => key.includes(':i:')).map((key) => key.slice(-2));
  expect(kept.sort()).toEqual(['c3', 'c4', 'c5']);
});

test('idb: a storage that fails is reported once, and what it missed is written when it works again', async () => {
  const inner = memoryStorage();
  let broken = false;
  const storage: Storage = {
    load: inner.load, write: (changes) => (broken ? Promise.reject(new Error('quota')) : inner.write(changes)),
  };
  const server = await firstRun(storage);
  await server.clock.advance(2_000);
  const told: boolean[] = [];
  server.client.on('storage', ({ persistent }) => told.push(persistent));
  broken = true;
  server.socket.end(1006);
  server.client.channel('order_1').enqueue({ text: 'unsent', idempotencyKey: 'k1' });
  await settle();
  expect(told).toEqual([false]);
  broken = false;
  server.client.channel('order_1').enqueue({ text: 'unsent too', idempotencyKey: 'k2' });
  await settle();
  expect(told).toEqual([false, true]);
  const items = [...(await inner.load('')).keys()].filter((key) => key.includes(':o:')).map((key) => key.slice(-2));
  expect(items.sort()).toEqual(['k1', 'k2']);
});

test('idb: IndexedDB whose connection died is opened again', async () => {
  const opened: IDBDatabase[] = [];
  const open = indexedDB.open.bind(indexedDB);
  indexedDB.open = (...given) => {
    const request = open(...given);
    request.addEventListener('success', () => opened.push(request.result));
    return request;
  };
  const storage = indexedDbStorage({ name: 'dies' });
  await storage.write(new Map([['a1', 'x'], ['a2', 'y'], ['b1', 'z']]));
  opened[0]?.close();
  await storage.write(new Map([['a2', null]]));
  expect([...(await storage.load('a'))]).toEqual([['a1', 'x']]);
  expect(opened).toHaveLength(2);
  indexedDB.open = open;
  await storage.close?.();
});

test('idb: IndexedDB commits a write before the page can go away', async () => {
  const { commit } = IDBTransaction.prototype;
  const committed: IDBTransactionMode[] = [];
  IDBTransaction.prototype.commit = function commitNow(this: IDBTransaction): void {
    committed.push(this.mode);
    commit.call(this);
  };
  const storage = indexedDbStorage({ name: 'leaves' });
  await storage.load('');
  void storage.write(new Map([['a', 'x']]));
  // The turns of promises are still run when a page is left, those of events are not.
  await new Promise<void>((resolve) => queueMicrotask(() => queueMicrotask(() => queueMicrotask(resolve))));
  IDBTransaction.prototype.commit = commit;
  expect(committed).toEqual(['readwrite']);
  expect([...(await storage.load(''))]).toEqual([['a', 'x']]);
  await storage.close?.();
});

test('what was read in this run does not go back to what is stored', () => {
  const one = (seq: number, rev: number) => message(seq, rev) as unknown as Message;
  const page = (...messages: Message[]) => ({ messages, has_more: true, rev: 9, receipt_rev: 0, epoch: 'e1' });
  const channel = heldChannel('c1', 'u-alice');
  applyPage(channel, { ...page(one(4, 5)), rev: 5 });
  const stored = timelineText(channel, 'e1', 50, 0) ?? '';
  const next = heldChannel('c1', 'u-alice');
  // The reader saw the fourth message as it is now, and went on to an older one.
  applySidePage(next, page(one(4, 9)), 'around');
  applySidePage(next, page(one(2, 3)), 'around');
  restoreTimeline(next, stored, 'e1', 0);
  expect([...next.windows.all()].map(({ id }) => id)).toEqual(['m2']);
});

test('who has seen messages around one, and lost the connection, is not shown older copies of them', () => {
  const one = (seq: number, rev: number): Message => message(seq, rev) as unknown as Message;
  const before = heldChannel('c1', 'u-alice');
  before.rev = 4;
  applyPage(before, { messages: [one(1, 2), one(2, 4)], has_more: false, rev: 4, receipt_rev: 0, epoch: 'e1' });
  const text = timelineText(before, 'e1', 50, 0) ?? '';
  const next = heldChannel('c1', 'u-alice');
  applySidePage(next, { messages: [one(1, 6)], has_more: true, rev: 6, receipt_rev: 0, epoch: 'e1' }, 'around');
  next.windows.place({ side: null });
  expect([restoreTimeline(next, text, 'e1', 0), next.windows.size]).toEqual([false, 0]);
  const fresh = heldChannel('c1', 'u-alice');
  restoreTimeline(fresh, text, 'e1', 0);
  expect(fresh.windows.size).toBe(2);
});
