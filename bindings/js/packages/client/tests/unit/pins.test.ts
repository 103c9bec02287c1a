// Pinned messages, reports, and when slow mode lets the user write again.

import { expect, test } from 'vitest';
import { Cariosan, type Channel } from '../../src/index.ts';
import { fakeClock, fakeServer, type FakeChannel, type FakeServer } from '../../src/testing.ts';

async function room(prepare: (order: FakeChannel, server: FakeServer) => void = () => {}) {
  const server = fakeServer();
  const order = server.channel('order_1', { name: 'Order', members: ['alice', 'bob', 'eve'] });
  prepare(order, server);
  const clock = fakeClock();
  const client = new Cariosan({ ...server.options, environment: clock.environment });
  const channel = client.channel('order_1');
  channel.retain();
  await client.connect();
  await clock.advance(0);
  const asked = (): number => server.requests(`GET /v1/channels/${order.id}/pins`).length;
  return { server, order, clock, client, channel, asked };
}

const texts = ({ pins }: Channel): string[] => pins.get().messages.map(({ content }) => content);
const nothing = (): void => {};

test('pins are read when somebody looks, and follow what is told without another request', async () => {
  const { order, clock, channel, asked } = await room((before) => {
    for (const text of ['one', 'two', 'three']) before.says('bob', text);
    before.pins(before.messages[2]?.id ?? '', 'bob');
    before.pins(before.messages[0]?.id ?? '', 'bob');
  });
  const [one, two, three] = order.messages.map(({ id }) => id) as [string, string, string];
  expect([asked(), channel.pins.get()]).toEqual([0, { messages: [], stale: true }]);
  channel.pins.subscribe(nothing);
  await clock.advance(0);
  expect([asked(), texts(channel), channel.pins.get().stale]).toEqual([1, ['one', 'three'], false]);
  order.pins(two, 'bob');
  order.edits(three, 'three!');
  await clock.advance(0);
  expect(texts(channel)).toEqual(['two', 'one', 'three!']);
  order.pins(one, null);
  order.unsends(three);
  await clock.advance(0);
  expect([asked(), texts(channel)]).toEqual([1, ['two']]);
  const before = channel.pins.get();
  order.says('bob', 'not pinned');
  await clock.advance(0);
  expect(channel.pins.get()).toBe(before);
});

test('the user pins and unpins, and what is pinned says by whom', async () => {
  const { order, clock, channel } = await room((before) => void before.says('bob', 'one'));
  channel.pins.subscribe(nothing);
  await clock.advance(0);
  const id = order.messages[0]?.id ?? '';
  await channel.pin(id);
  await clock.advance(0);
  expect(channel.pins.get().messages.map(({ pinned_by: by }) => by?.name)).toEqual(['Alice']);
  expect(channel.timeline.get().messages[0]?.pinned_at).toBeDefined();
  await channel.unpin(id);
  await clock.advance(0);
  expect(texts(channel)).toEqual([]);
});

test('what was pinned while there was no connection is read after it, and until then it is said that there may be others', async () => {
  const { server, order, clock, channel, asked } = await room((before) => void [before.says('bob', 'one'), before.says('bob', 'two')]);
  channel.pins.subscribe(nothing);
  await clock.advance(0);
  server.goOffline();
  await clock.advance(0);
  order.pins(order.messages[1]?.id ?? '', 'bob');
  expect(channel.pins.get()).toEqual({ messages: [], stale: true });
  server.goOnline();
  await clock.advance(60_000);
  expect([asked(), texts(channel), channel.pins.get().stale]).toEqual([2, ['two'], false]);
});

test('an answer that is older than what was told is not taken', async () => {
  const { server, order, clock, channel, asked } = await room((before) => void [before.says('bob', 'one'), before.says('bob', 'two')]);
  const id = order.messages[0]?.id ?? '';
  // The event comes before the answer, which was read before it.
  server.answer(({ path }) => {
    if (!path.endsWith('/pins') || asked() > 1) return undefined;
    order.pins(id, 'bob');
    return { status: 200, body: { messages: [], rev: 1, receipt_rev: 0, epoch: 'e1', has_more: false } };
  });
  channel.pins.subscribe(nothing);
  await clock.advance(0);
  expect([asked(), texts(channel)]).toEqual([2, ['one']]);
});

test('what somebody wrote who is blocked is not shown, and comes back', async () => {
  const { server, order, clock, channel } = await room((before) => {
    for (const user of ['bob', 'eve']) before.pins(before.says(user, `of ${user}`).id, 'bob');
  });
  channel.pins.subscribe(nothing);
  await clock.advance(0);
  expect(texts(channel)).toEqual(['of eve', 'of bob']);
  // Without a word of the server's.
  server.answer(({ path }) => (path.endsWith('/pins') ? { status: 403, body: { error: { code: 'FORBIDDEN', message: '', retryable: false, details: {} } } } : undefined));
  server.block('eve');
  await clock.advance(0);
  expect(texts(channel)).toEqual(['of bob']);
  server.answer(() => undefined);
  server.unblock('eve');
  await clock.advance(0);
  expect([texts(channel), order.messages.length]).toEqual([['of eve', 'of bob'], 2]);
});

test('who looks no more asks no more, and begins anew', async () => {
  const { server, order, clock, channel, asked } = await room((before) => void before.pins(before.says('bob', 'one').id, 'bob'));
  const stop = channel.pins.subscribe(nothing);
  await clock.advance(0);
  stop();
  expect(channel.pins.get().stale).toBe(true);
  server.drop();
  await clock.advance(60_000);
  order.pins(order.messages[0]?.id ?? '', null);
  await clock.advance(0);
  expect([asked(), texts(channel)]).toEqual([1, []]);
  channel.pins.subscribe(nothing);
  await clock.advance(0);
  expect([asked(), texts(channel), channel.pins.get().stale]).toEqual([2, [], false]);
});

test('pins that could not be read are read after the next gap', async () => {
  const { server, clock, client, channel } = await room((before) => void before.pins(before.says('bob', 'one').id, 'bob'));
  const faults: string[] = [];
  client.on('error', ({ code }) => faults.push(code));
  server.answer(({ path }) => (path.endsWith('/pins') ? { status: 403, body: { error: { code: 'FORBIDDEN', message: '', retryable: false, details: {} } } } : undefined));
  channel.pins.subscribe(nothing);
  await clock.advance(0);
  expect([faults, channel.pins.get().stale]).toEqual([['FORBIDDEN'], true]);
  server.answer(() => undefined);
  server.drop();
  await clock.advance(60_000);
  expect([texts(channel), channel.pins.get().stale]).toEqual([['one'], false]);
});

test('messages and users are reported', async () => {
  const { server, order, client, channel } = await room((before) => void before.says('bob', 'one'));
  const id = order.messages[0]?.id ?? '';
  await channel.report(id, 'spam');
  await client.reportUser('bob', 'harassment', 'again and again');
  expect(server.requests(`POST /v1/channels/${order.id}/messages/${id}/report`).map(({ body }) => body)).toEqual([{ reason: 'spam' }]);
  expect(server.requests('POST /v1/users/bob/report').map(({ body }) => body)).toEqual([{ reason: 'harassment', note: 'again and again' }]);
});

test('slow mode: the next message may come so long after the last one, be it sent or on its way, but not after one that failed', async () => {
  const { server, order, clock, client, channel } = await room((before) => {
    before.says('bob', 'one');
    before.becomes({ slow_mode_seconds: 30 });
  });
  const wait = (): number | null => {
    const at = channel.info.get()?.mayWriteAt ?? null;
    return at === null ? null : at - clock.environment.now();
  };
  expect(wait()).toBeLessThan(0);
  const release = server.hold();
  channel.enqueue({ text: 'mine' });
  expect(wait()).toBe(30_000);
  release();
  await clock.advance(0);
  const sent = order.messages.at(-1);
  expect(channel.info.get()?.mayWriteAt).toBe(Date.parse(sent?.created_at ?? '') + 30_000);
  order.says('bob', 'two');
  await clock.advance(60_000);
  server.refuse('message.send', { code: 'SLOW_MODE', details: { retry_after_ms: 5_000 } });
  channel.enqueue({ text: 'refused' });
  await clock.advance(0);
  expect(channel.info.get()?.mayWriteAt).toBe(Date.parse(sent?.created_at ?? '') + 30_000);
  order.joins('alice', 'admin');
  await clock.advance(0);
  expect(client.channel('order_1').info.get()?.mayWriteAt).toBeNull();
  order.joins('alice', 'member');
  order.becomes({ slow_mode_seconds: 0 });
  await clock.advance(0);
  expect(wait()).toBeNull();
});
