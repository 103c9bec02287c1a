// Rows of the table of complaints in the design, one name each, and the promises of the connection.

import { expect, test, describe } from 'vitest';
import { Cariosan, isCariosanError, memoryStorage } from '../../src/index.ts';
import { fakeServer, greet, message, settle } from '../support/fakes.ts';
import { answers, created, live, own, rowsOf } from '../support/room.ts';

test('importing and making a client does nothing', async () => {
  const server = fakeServer();
  await server.clock.advance(60_000);
  expect([server.sockets.length, server.asked.length, server.clock.timers.length]).toEqual([0, 0, 0]);
});

test('dup: a message that was sent is shown once, whichever of ack and event comes first', async () => {
  for (const ackFirst of [true, false]) {
    const server = await live();
    const sent = server.client.channel('order_1').sendMessage({ text: 'Halo' });
    const { id, data } = server.socket.last('message.send');
    const one = own(1, 2, data['idempotency_key'], 'Halo');
    const ack = (): void => server.socket.receive('ack', { rev: 2, message: one }, id);
    const event = (): void => server.socket.receive('message.created', created(one));
    for (const step of ackFirst ? [ack, event] : [event, ack]) {
      step();
      await settle();
      expect(rowsOf(server).map(({ content }) => content)).toEqual(['Halo']);
    }
    expect((await sent).id).toBe('m1');
    expect(server.socket.frames('message.send')).toHaveLength(1);
  }
});

test('gap: the row is there from the key press to the receipt, under one key', async () => {
  const server = await live();
  const seen: string[][] = [];
  server.client.channel('order_1').timeline.subscribe(() => seen.push(rowsOf(server).map(({ key, status }) => `${key} ${status}`)));
  void server.client.channel('order_1').sendMessage({ text: 'Halo', idempotencyKey: 'k' });
  server.socket.receive('ack', { rev: 2, message: own(1, 2, 'k', 'Halo') }, server.socket.last('message.send').id);
  await settle();
  server.socket.receive('message.created', created(own(1, 2, 'k', 'Halo')));
  await settle();
  expect(seen[0]).toEqual(['k pending']);
  expect(seen[seen.length - 1]).toEqual(['k sent']);
  expect(seen.every((rows) => rows.length === 1)).toBe(true);
});

test('order: one send at a time in a channel, and pending rows stand below confirmed ones', async () => {
  const server = await live();
  const channel = server.client.channel('order_1');
  for (const text of ['one', 'two']) channel.enqueue({ text });
  expect(server.socket.frames('message.send')).toHaveLength(1);
  server.socket.receive('message.created', created(message(1, 2)));
  await settle();
  expect(rowsOf(server).map(({ content }) => content)).toEqual(['text 1', 'one', 'two']);
  const { id, data } = server.socket.last('message.send');
  server.socket.receive('ack', { rev: 3, message: own(2, 3, data['idempotency_key'], 'one') }, id);
  await settle();
  expect(server.socket.last('message.send').data['content']).toBe('two');
});

describe('outbox', () => {
  test('a lost connection sends again with the same key, and a restart too', async () => {
    const storage = memoryStorage();
    const server = await live(fakeServer({ storage }, answers));
    server.client.channel('order_1').enqueue({ text: 'Halo' });
    const { data } = server.socket.last('message.send');
    server.socket.end(1006);
    await server.clock.advance(1_000);
    await greet(server, []);
    expect(server.sockets).toHaveLength(2);
    expect(server.socket.last('message.send').data).toEqual(data);
    server.client.close();
    const again = await live(fakeServer({ storage }, answers));
    expect(again.socket.last('message.send').data).toEqual(data);
  });

  test('a refusal fails one message, keeps its key for a retry, and lets the next one go', async () => {
    const server = await live();
    const channel = server.client.channel('order_1');
    const sent = channel.sendMessage({ text: 'bad' });
    channel.enqueue({ text: 'good' });
    const { id, data } = server.socket.last('message.send');
    server.socket.receive('error', { code: 'MESSAGE_REJECTED', message: 'no', retryable: false, details: {} }, id);
    await expect(sent).rejects.toSatisfy((fault: unknown) => isCariosanError(fault, 'MESSAGE_REJECTED'));
    expect(rowsOf(server).map(({ status }) => status)).toEqual(['failed', 'pending']);
    expect(server.socket.last('message.send').data['content']).toBe('good');
    const good = server.socket.last('message.send');
    server.socket.receive('ack', { rev: 2, message: own(1, 2, good.data['idempotency_key'], 'good') }, good.id);
    await settle();
    channel.retry(String(data['idempotency_key']));
    expect(server.socket.last('message.send').data).toEqual(data);
  });

  test('a limit of rate pauses everything for as long as the server says', async () => {
    const server = await live();
    server.client.channel('order_1').enqueue({ text: 'Halo' });
    const { id } = server.socket.last('message.send');
    server.socket.receive('error', { code: 'RATE_LIMITED', message: 'slow', retryable: true, details: { retry_after_ms: 5_000 } }, id);
    await server.clock.advance(4_900);
    expect(server.socket.frames('message.send')).toHaveLength(1);
    await server.clock.advance(2_000);
    expect(server.socket.frames('message.send')).toHaveLength(2);
  });

  test('it is bounded, and what is discarded stays away', async () => {
    const storage = memoryStorage();
    const server = fakeServer({ storage, limits: { outbox: 2 } }, answers);
    const channel = server.client.channel('order_1');
    for (const text of ['one', 'two']) channel.enqueue({ text, idempotencyKey: text });
    await expect(channel.sendMessage({ text: 'three' })).rejects.toSatisfy((fault: unknown) => isCariosanError(fault, 'OUTBOX_FULL'));
    await channel.discard('one');
    expect(server.client.outbox.get().waiting).toBe(1);
  });
});

const token = (expiresIn: number): string => `h.${btoa(JSON.stringify({ iat: Date.parse('2026-01-01') / 1000, exp: Date.parse('2026-01-01') / 1000 + expiresIn }))}.s`;

test('token: asked for once at a time, renewed on the open connection, and after 4401', async () => {
  const reasons: string[] = [];
  const server = await live(fakeServer({ token: ({ reason }) => {
    reasons.push(reason);
    return Promise.resolve(token(reasons.length * 3_600));
  } }, answers));
  expect(reasons).toEqual(['first']);
  // A link that lives: whatever the server says answers a ping.
  for (let at = 0; at < 3_250; at += 5) {
    await server.clock.advance(5_000);
    server.socket.receive('pong');
  }
  expect(reasons).toEqual(['first', 'expiring']);
  server.socket.receive('ack', { expires_at: 'x' }, server.socket.last('auth.refresh').id);
  expect(server.sockets).toHaveLength(1);
  server.socket.end(4401);
  await settle();
  expect(reasons).toEqual(['first', 'expiring', 'refused']);
  expect(server.sockets).toHaveLength(2);
}, 30_000);

test('timers: none is longer than a minute, and after close there is none', async () => {
  const server = await live(fakeServer({ token: () => Promise.resolve(token(86_400)) }, answers));
  await server.clock.advance(600_000);
  expect(server.clock.longest).toBeLessThanOrEqual(60_000);
  server.client.close();
  await settle();
  expect(server.clock.timers).toEqual([]);
});

test('zombie: a link that answers no ping is dropped at once', async () => {
  const server = await live();
  await server.clock.advance(30_000);
  expect(server.socket.frames('ping')).toHaveLength(1);
  await server.clock.advance(10_000);
  expect(server.sockets[0]?.closed).toBe(true);
  expect(server.client.connection.get().name).not.toBe('live');
});

test.each([[1002, 'refused'], [1009, 'refused'], [4400, 'refused'], [4403, 'refused'], [4999, 'refused'], [1001, 'waiting'], [1006, 'waiting'],
  [1013, 'waiting'], [4008, 'waiting'], [4408, 'waiting'], [4429, 'waiting'], [3000, 'waiting'], [4401, 'signed_out']])(
  'a close with %i ends in %s', async (code, name) => {
    const server = await live();
    server.socket.end(code);
    await settle();
    expect(server.client.connection.get().name).toBe(name);
  });

test('two cells never disagree, and a listener that throws does not keep others from hearing', async () => {
  const server = await live();
  const channel = server.client.channel('order_1');
  const pairs: string[] = [];
  channel.info.subscribe(() => { throw new Error('a fault of the app'); });
  channel.timeline.subscribe(() => pairs.push(`${channel.timeline.get().messages.length} ${channel.info.get()?.unread}`));
  server.socket.receive('message.created', created(message(1, 2)));
  await settle();
  expect(pairs).toEqual(['1 1']);
});

test('rows that did not change stay the same objects', async () => {
  const server = await live();
  for (const one of [message(1, 2), message(2, 3)]) server.socket.receive('message.created', created(one));
  await settle();
  const before = rowsOf(server);
  server.socket.receive('reaction.added', { channel_id: 'c1', rev: 4, message_id: 'm2', user_id: 'u-bob', emoji: '👍', reactions: [{ emoji: '👍', count: 1 }] });
  await settle();
  expect(rowsOf(server)[0]).toBe(before[0]);
  expect(rowsOf(server)[1]).not.toBe(before[1]);
});

test('a bad address is told when the client is made', () => {
  expect(() => new Cariosan({ apiUrl: 'chat.test', token: 'x' })).toThrow(/apiUrl/);
});
