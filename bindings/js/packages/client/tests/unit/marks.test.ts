// Marks of what has arrived and of what was read: few writes, none lost, none sent twice.

import { expect, test } from 'vitest';
import { fakeServer, greet, item, message, settle, type Answer, type Asked, type FakeServer } from '../support/fakes.ts';
import { answers, created, live } from '../support/room.ts';

/** `count` channels with a message each that the server does not know to be delivered. */
function channels(count: number): unknown[] {
  return Array.from({ length: count }, (_, at) => {
    const id = `x${at}`;
    const last = message(5, 6, { id: `m-${id}`, channel_id: id, channel_external_id: id });
    const one = item(6, 5);
    return {
      ...one, channel_id: id, channel: { ...(one['channel'] as object), id, external_id: id, rev: 6, last_seq: 5 }, last_message: last,
      last_delivered_seq: 4, last_read_seq: 4,
    };
  });
}

async function start(count: number, answer: (asked: Asked) => Answer = answers): Promise<FakeServer> {
  const server = fakeServer({}, answer);
  server.client.connect().catch(() => {});
  await greet(server, channels(count));
  return server;
}

const marked = (server: FakeServer): string[][] => server.asked.filter(({ path }) => path === '/v1/me/delivered')
  .map(({ body }) => Object.keys((body as { channels: object }).channels));

test('delivered: a hundred channels are one write, the next hundred another, a second later', async () => {
  const server = await start(150);
  await server.clock.advance(249);
  expect(marked(server)).toEqual([]);
  await server.clock.advance(1);
  expect(marked(server).map(({ length }) => length)).toEqual([100]);
  await server.clock.advance(999);
  expect(marked(server)).toHaveLength(1);
  await server.clock.advance(1);
  expect(marked(server).map(({ length }) => length)).toEqual([100, 50]);
  await server.clock.advance(60_000);
  expect(new Set(marked(server).flat()).size).toBe(150);
  expect(marked(server)).toHaveLength(2);
});

test('delivered: what the server knows is not sent, nor what the viewer wrote', async () => {
  const server = await live();
  server.socket.receive('receipt.delivered', { channel_id: 'c1', receipt_rev: 1, user_id: 'u-alice', seq: 1, at: 'x' });
  server.socket.receive('message.created', created(message(1, 2)));
  server.socket.receive('message.created', created(message(2, 3, { user: { id: 'u-alice', external_id: 'alice', name: 'Alice' } })));
  await server.clock.advance(2_000);
  expect(marked(server)).toEqual([]);
  server.socket.receive('message.created', created(message(3, 4)));
  await server.clock.advance(2_000);
  expect(server.asked.filter(({ path }) => path === '/v1/me/delivered').map(({ body }) => body)).toEqual([{ channels: { c1: 'm3' } }]);
});

test('delivered: a limit is waited for, and a lost connection loses no mark', async () => {
  let refused = 2;
  const server = await start(2, ({ path }) => (path === '/v1/me/delivered' && refused-- > 0
    ? { status: 400, body: { error: { code: 'RATE_LIMITED', message: 'slow', retryable: true, details: { retry_after_ms: 5_000 } } } }
    : { status: 200, body: { channels: [], has_more: false } }));
  await server.clock.advance(300);
  expect(marked(server)).toHaveLength(1);
  server.socket.end(1006);
  await server.clock.advance(700);
  await greet(server, []);
  await server.clock.advance(10_000);
  expect(marked(server)[marked(server).length - 1]?.sort()).toEqual(['x0', 'x1']);
  expect(marked(server)).toHaveLength(3);
});

const read = (server: FakeServer) => server.socket.frames('message.read').map(({ data }) => data);

test('read: at once, then once a second, the newest wins', async () => {
  const server = await live();
  const channel = server.client.channel('order_1');
  for (let seq = 1; seq <= 4; seq += 1) {
    server.socket.receive('message.created', created(message(seq, seq + 1)));
    channel.markRead();
  }
  expect(read(server)).toEqual([{ channel: 'c1', message_id: 'm1' }]);
  server.socket.receive('ack', { receipt_rev: 1, receipt: { user_id: 'u-alice', last_read_seq: 1 }, unread_count: 3, mention_count: 0 }, server.socket.last('message.read').id);
  await server.clock.advance(1_000);
  expect(read(server)).toEqual([{ channel: 'c1', message_id: 'm1' }, { channel: 'c1', message_id: 'm4' }]);
  expect(channel.info.get()?.lastReadSeq).toBe(1);
  server.socket.receive('ack', { receipt_rev: 2, receipt: { user_id: 'u-alice', last_read_seq: 4 }, unread_count: 0, mention_count: 0 }, server.socket.last('message.read').id);
  await server.clock.advance(5_000);
  expect([channel.info.get()?.lastReadSeq, channel.info.get()?.unread]).toEqual([4, 0]);
  expect(read(server)).toHaveLength(2);
});

test('read: a mark that a lost connection took is sent on the next one', async () => {
  const server = await live();
  server.socket.receive('message.created', created(message(1, 2)));
  server.client.channel('order_1').markRead();
  server.socket.end(1006);
  await server.clock.advance(1_000);
  await greet(server, []);
  await server.clock.advance(1_000);
  expect(read(server)).toEqual([{ channel: 'c1', message_id: 'm1' }]);
});

test('read: where the newest is not shown to the viewer, the server is asked to name it', async () => {
  const server = await live();
  server.socket.receive('message.created', created(message(1, 2)));
  server.socket.receive('member.joined', { channel_id: 'c1', rev: 3, last_seq: 2, members: [], member_count: 2 });
  await settle();
  server.client.channel('order_1').markRead();
  expect(read(server)).toEqual([{ channel: 'c1' }]);
});

test('read: another device of the user moves the cursor here', async () => {
  const server = await live();
  server.socket.receive('message.created', created(message(1, 2)));
  await settle();
  const { info } = server.client.channel('order_1');
  expect(info.get()?.unread).toBe(1);
  server.socket.receive('receipt.read', { channel_id: 'c1', receipt_rev: 1, user_id: 'u-alice', seq: 1, at: 'x' });
  await settle();
  expect([info.get()?.unread, info.get()?.lastReadSeq]).toEqual([0, 1]);
  server.client.channel('order_1').markRead();
  expect(read(server)).toEqual([]);
});
