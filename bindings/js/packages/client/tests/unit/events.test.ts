// The events of a client: what is new, what came while it was away, what failed, and the log.

import { expect, test } from 'vitest';
import { isCariosanError, type LogEntry, type Missed } from '../../src/index.ts';
import { alice, fakeServer, greet, item, message, settle, type FakeServer } from '../support/fakes.ts';
import { answers, created, live, own } from '../support/room.ts';

const changes = (since: number, rev: number, messages: unknown[], fields: object = {}) => ({
  channel_id: 'c1', epoch: 'e1', since, rev, receipt_rev: 0, reset: false, member_count: 2, messages, members: [], receipts: [], unread_count: 0,
  mention_count: 0, has_more: false, ...fields,
});

const other = (rev: number) => ({ ...item(rev, 0), channel_id: 'c2', channel: { ...(item(rev, 0)['channel'] as object), id: 'c2', external_id: 'order_2' } });

async function comeBack(server: FakeServer, pages: unknown[]): Promise<void> {
  server.socket.end(1006);
  await server.clock.advance(1_000);
  await greet(server, pages);
}

test('message: each once, as the row that is shown, with the way it came', async () => {
  const hole = changes(5, 7, [message(5, 6), message(6, 7)]);
  const server = await live(fakeServer({}, (asked) => (asked.path.includes('/changes') ? { status: 200, body: hole } : answers(asked))));
  const heard: string[] = [];
  server.client.on('message', ({ channel, message: one, source }) => heard.push(`${channel.ref} ${one.key} ${one.status} ${source}`));
  server.socket.receive('message.created', created(message(1, 2)));
  await settle();
  await comeBack(server, [changes(2, 4, [message(2, 3), message(3, 4)])]);
  server.socket.receive('message.created', created(own(4, 5, 'my key', 'from another device')));
  await settle();
  expect(heard).toEqual(['order_1 m1 sent live', 'order_1 m2 sent resume', 'order_1 m3 sent resume', 'order_1 my key sent live']);
  heard.length = 0;
  // A frame is missing, so what it brought is read.
  server.socket.receive('message.created', created(message(6, 7)));
  await settle();
  expect(heard).toEqual(['order_1 m5 sent resume', 'order_1 m6 sent resume']);
});

test('resumed: what came meanwhile, counted before it is shown; the first time is none', async () => {
  const server = fakeServer({}, answers);
  const heard: Missed[] = [];
  server.client.on('resumed', (missed) => heard.push(missed));
  await live(server);
  for (let seq = 1; seq <= 4; seq += 1) server.socket.receive('message.created', created(message(seq, seq + 1)));
  await settle();
  expect(heard).toEqual([]);
  // The fourth message was here before the connection was lost.
  await comeBack(server, [changes(4, 10, [
    message(4, 5),
    message(1, 6, { edited_at: '2026-01-02T00:00:00.000Z' }),
    message(2, 7, { reactions: [{ emoji: '👍', count: 1 }] }),
    message(3, 8, { content: '', deleted_at: '2026-01-02T00:00:00.000Z' }),
    message(5, 9), message(6, 10), own(7, 10, 'k', 'my own, from another device'),
  ], { receipts: [{ user_id: 'u-bob', last_read_seq: 7 }] })]);
  expect(heard).toEqual([{ messages: 2, edits: 1, unsent: 1, reactions: 1, reads: 1, resets: [] }]);
  await comeBack(server, [changes(0, 11, [message(8, 11)], { reset: true, channel: item(11, 8)['channel'], members: [{ user: alice, role: 'member', joined_at: 'x', rev: 1 }] })]);
  expect(heard[1]).toEqual({ messages: 0, edits: 0, unsent: 0, reactions: 0, reads: 0, resets: ['c1'] });
});

test('channel.added: one that the user was not in before, live or while away; not the first list, not another history', async () => {
  const server = fakeServer({}, answers);
  const heard: string[] = [];
  server.client.on('channel.added', ({ channel }) => heard.push(`${channel.id} ${channel.info.get()?.externalId}`));
  await live(server);
  expect(heard).toEqual([]);
  server.socket.receive('channel.created', { channel: { ...(other(1).channel), id: 'c3', external_id: 'order_3' }, rev: 1, members: [] });
  await settle();
  expect(heard).toEqual(['c3 order_3']);
  await comeBack(server, [other(1)]);
  expect(heard).toEqual(['c3 order_3', 'c2 order_2']);
  server.socket.end(1006);
  await server.clock.advance(1_000);
  await greet(server, [item(1, 0), other(1)], { epoch: 'e2' });
  expect(heard).toHaveLength(2);
});

test('updated: of a channel, with what is shown now', async () => {
  const server = await live();
  const channel = server.client.channel('order_1');
  const heard: string[] = [];
  channel.info.subscribe(() => {});
  channel.on('updated', ({ name, frozen }) => heard.push(`${name} ${frozen}`));
  server.socket.receive('channel.updated', { channel: { ...(item(2, 0)['channel'] as object), name: 'Order of Friday', frozen: true, settings_rev: 2 }, rev: 2 });
  await settle();
  expect(heard).toEqual(['Order of Friday true']);
});

test('send.failed: with the row that failed', async () => {
  const server = await live();
  const heard: unknown[] = [];
  server.client.on('send.failed', ({ channel, message: { key, status, error, content } }) => heard.push([channel.ref, key, status, error?.code, content]));
  server.client.channel('order_1').enqueue({ text: 'bad', idempotencyKey: 'k' });
  server.socket.receive('error', { code: 'MESSAGE_REJECTED', message: 'no', retryable: false }, server.socket.last('message.send').id);
  await settle();
  expect(heard).toEqual([['order_1', 'k', 'failed', 'MESSAGE_REJECTED', 'bad']]);
});

test('error: what nobody waits for; the next connection tries it again', async () => {
  let works = false;
  const preferences = { preferences: [{ channel_id: 'c1', muted: true, archived: false, pinned: false, marked_unread: false, preferences_rev: 6 }], preferences_rev: 6 };
  const server = await live(fakeServer({}, (asked) => (asked.path.startsWith('/v1/me/preferences')
    ? works ? { status: 200, body: preferences } : { status: 400, body: { error: { code: 'VALIDATION_ERROR', message: 'no', retryable: false } } }
    : answers(asked))), { preferences_rev: 5 });
  const heard: string[] = [];
  server.client.on('error', (error) => heard.push(error.code));
  server.socket.end(1006);
  await server.clock.advance(1_000);
  await greet(server, [], { preferences_rev: 6 });
  expect([heard, server.client.channel('order_1').info.get()?.muted]).toEqual([['VALIDATION_ERROR'], false]);
  works = true;
  server.socket.end(1006);
  await server.clock.advance(1_000);
  await greet(server, [], { preferences_rev: 6 });
  expect([heard, server.client.channel('order_1').info.get()?.muted]).toEqual([['VALIDATION_ERROR'], true]);
});

test('onLog: states, failures and faults of handlers, and neither texts nor tokens', async () => {
  const entries: LogEntry[] = [];
  const server = await live(fakeServer({ token: 'a secret token', onLog: (entry) => entries.push(entry) }, answers));
  const fault = new Error('a fault of the app');
  server.client.on('message', () => { throw fault; });
  server.socket.receive('message.created', created(message(1, 2, { content: 'a private text' })));
  server.client.channel('order_1').enqueue({ text: 'another private text' });
  await settle();
  expect(entries.filter(({ what }) => what === 'connection').map(({ detail }) => (detail as { name: string }).name)).toEqual(['connecting', 'syncing', 'live']);
  expect(entries.filter(({ level }) => level === 'error')).toEqual([{ level: 'error', what: 'a handler threw', detail: fault }]);
  expect(JSON.stringify(entries)).not.toMatch(/private text|secret token/);
});

test('preferences: of other devices live, and by their number after a loss', async () => {
  const asked: string[] = [];
  const one = { muted: true, archived: false, pinned: true, marked_unread: true };
  const server = await live(fakeServer({}, (request) => {
    if (!request.path.startsWith('/v1/me/preferences')) return answers(request);
    asked.push(request.path);
    return { status: 200, body: { preferences: [{ channel_id: 'c1', ...one, pinned: false, preferences_rev: 9 }], preferences_rev: 9 } };
  }), { preferences_rev: 4 });
  const shown = () => {
    const { muted, pinned, markedUnread } = server.client.channel('order_1').info.get() ?? {};
    return [muted, pinned, markedUnread];
  };
  server.socket.receive('channel.preferences', { channel_id: 'c1', ...one, unread_total: 3, preferences_rev: 5 });
  await settle();
  expect([shown(), server.client.unreadTotal.get()]).toEqual([[true, true, true], 3]);
  await comeBack(server, []);
  expect(asked).toEqual([]);
  server.socket.end(1006);
  await server.clock.advance(1_000);
  await greet(server, [], { preferences_rev: 9 });
  expect([shown(), asked]).toEqual([[true, false, true], ['/v1/me/preferences?since=5']]);
  // An older frame changes nothing.
  server.socket.receive('channel.preferences', { channel_id: 'c1', ...one, unread_total: 3, preferences_rev: 8 });
  await settle();
  expect(shown()).toEqual([true, false, true]);
});

test('preferences: a number that is missing is read, and a server that is behind is read anew', async () => {
  const asked: string[] = [];
  const server = await live(fakeServer({}, (request) => {
    if (!request.path.startsWith('/v1/me/preferences')) return answers(request);
    asked.push(request.path);
    return { status: 200, body: { preferences: [], preferences_rev: asked.length === 1 ? 7 : 3, has_more: false } };
  }), { preferences_rev: 4 });
  server.socket.receive('channel.preferences', { channel_id: 'c1', muted: true, archived: false, pinned: false, marked_unread: false, preferences_rev: 7 });
  await settle();
  expect(asked).toEqual(['/v1/me/preferences?since=4']);
  server.socket.end(1006);
  await server.clock.advance(1_000);
  await greet(server, [], { preferences_rev: 3 });
  expect(asked).toEqual(['/v1/me/preferences?since=4', '/v1/me/preferences?since=0']);
});

test('preferences: a message ends archiving but for muted channels, reading and writing end the mark as unread', async () => {
  const server = await live(undefined, { preferences_rev: 0 });
  const shown = () => {
    const { archived, markedUnread } = server.client.channel('order_1').info.get() ?? {};
    return { archived, markedUnread };
  };
  let rev = 0;
  const prefer = async (muted: boolean): Promise<void> => {
    server.socket.receive('channel.preferences', { channel_id: 'c1', muted, archived: true, pinned: false, marked_unread: true, preferences_rev: ++rev });
    await settle();
  };
  await prefer(true);
  server.socket.receive('message.created', created(message(1, 2)));
  await settle();
  expect(shown()).toEqual({ archived: true, markedUnread: true });
  await prefer(false);
  server.socket.receive('message.created', created(message(2, 3)));
  await settle();
  expect(shown()).toEqual({ archived: false, markedUnread: true });
  server.socket.receive('receipt.read', { channel_id: 'c1', receipt_rev: 1, user_id: 'u-bob', seq: 2, at: 'x' });
  await settle();
  expect(shown()).toEqual({ archived: false, markedUnread: true });
  server.socket.receive('receipt.read', { channel_id: 'c1', receipt_rev: 2, user_id: 'u-alice', seq: 2, at: 'x' });
  await settle();
  expect(shown()).toEqual({ archived: false, markedUnread: false });
  await prefer(false);
  server.socket.receive('message.created', created(own(3, 4, 'k', 'Halo')));
  await settle();
  expect(shown()).toEqual({ archived: false, markedUnread: false });
});

test('wake: catches up once, marks as delivered what came, and sleeps again', async () => {
  const server = fakeServer({}, answers, { isVisible: () => false });
  const woken = server.client.wake({ channel_id: 'c1' });
  await greet(server, [{ ...item(2, 1), last_message: message(1, 2), last_read_seq: 0, last_delivered_seq: 0 }]);
  await woken;
  await settle();
  expect(server.asked.filter(({ path }) => path === '/v1/me/delivered').map(({ body }) => body)).toEqual([{ channels: { c1: 'm1' } }]);
  expect([server.client.connection.get().name, server.socket.closed]).toEqual(['idle', true]);
  await server.clock.advance(120_000);
  expect(server.sockets).toHaveLength(1);
});

test('wake: without a connection it gives up after 25 seconds, and an app that is open stays connected', async () => {
  const server = fakeServer({}, answers, { isVisible: () => false });
  const woken = server.client.wake();
  const ended = expect(woken).rejects.toSatisfy((fault: unknown) => isCariosanError(fault, 'TIMEOUT'));
  await server.clock.advance(25_000);
  await ended;
  expect(server.client.connection.get().name).toBe('idle');
  const open = await live();
  await open.client.wake({ channel_id: 'c1' });
  expect(open.client.connection.get().name).toBe('live');
});

test('message: a channel that was read anew, as it was before the last frame, announces nothing twice', async () => {
  const server = await live();
  const heard: string[] = [];
  server.client.on('message', ({ message: { id } }) => heard.push(id));
  const settings = { reset: true, channel: item(3, 1)['channel'], members: [{ user: alice, role: 'member', joined_at: 'x', rev: 1 }] };
  for (const seq of [1, 2]) server.socket.receive('message.created', created(message(seq, seq + 1)));
  // The server read it for a repair when there was one message.
  server.socket.receive('channel.sync', changes(0, 2, [message(1, 2)], settings));
  server.socket.receive('message.created', created(message(2, 3)));
  server.socket.receive('message.created', created(message(3, 4)));
  await settle();
  expect(heard).toEqual(['m1', 'm2', 'm3']);
});
