// Bounds in memory: channels that nobody looks at drop their messages, and each channel holds a limited number.

import { expect, test } from 'vitest';
import { alice, budi, fakeServer, greet, item, message, settle, type Answer, type Asked, type FakeServer } from '../support/fakes.ts';
import { answers, created, live, rowsOf } from '../support/room.ts';

/** Pages of ten out of a history of `length` messages, in whichever channel. */
function history(length: number, { path }: Asked): Answer {
  const [, channel = 'c1'] = /channels\/([^/]+)\//.exec(path) ?? [];
  const seq = (name: string): number | undefined => {
    const found = new RegExp(`${name}=(?:seq%3A|m)(\\d+)`).exec(path)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  const [before, after, around] = [seq('before'), seq('after'), seq('around')];
  const first = after !== undefined ? after + 1 : around !== undefined ? around - 5 : Math.max(1, (before ?? length + 1) - 10);
  const last = Math.min(length, before !== undefined ? before - 1 : first + 9);
  const messages = Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => message(last - at, last - at + 1, { id: `m${last - at}`, channel_id: channel }));
  const more = after !== undefined ? last < length : first > 1;
  return { status: 200, body: { messages: path.includes('/messages') ? messages : [], members: [], receipts: [], rev: length + 1, receipt_rev: 0, epoch: 'e1', has_more: path.includes('/messages') && more } };
}

const summary = (id: string, length: number) => {
  const one = item(length + 1, length);
  return { ...one, channel_id: id, channel: { ...(one['channel'] as object), id, external_id: id } };
};

async function start(channels: number, limits: object, length = 30): Promise<FakeServer> {
  const server = fakeServer({ limits: { pageSize: 10, ...limits } }, (asked) => history(length, asked));
  server.client.connect().catch(() => {});
  await greet(server, Array.from({ length: channels }, (_, at) => summary(`c${at + 1}`, length)));
  return server;
}

const shown = (server: FakeServer, channel: string): number => server.client.channel(channel).timeline.get().messages.length;

test('leak: past the limit the channel that was left longest ago lets go of its messages, half a minute later', async () => {
  const server = await start(4, { heldTimelines: 2 });
  for (const id of ['c1', 'c2', 'c3', 'c4']) {
    const release = server.client.channel(id).retain();
    await settle();
    release();
    // The first is left, and looked at again.
    if (id === 'c1') server.client.channel(id).retain();
  }
  await server.clock.advance(29_000);
  expect(['c1', 'c2', 'c3', 'c4'].map((id) => shown(server, id))).toEqual([10, 10, 10, 10]);
  await server.clock.advance(2_000);
  expect(['c1', 'c2', 'c3', 'c4'].map((id) => shown(server, id))).toEqual([10, 0, 0, 10]);
  expect(server.client.channel('c2').info.get()?.preview?.id).toBe('m30');
  server.client.channel('c2').retain();
  await settle();
  expect(shown(server, 'c2')).toBe(10);
});

test('a live channel keeps its newest messages', async () => {
  const server = await start(1, { heldMessages: 25 });
  server.client.channel('c1').retain();
  await settle();
  for (let seq = 31; seq <= 60; seq += 1) server.socket.receive('message.created', { ...created(message(seq, seq + 1)) });
  await settle();
  const rows = server.client.channel('c1').timeline.get();
  expect([rows.messages.length, rows.messages[0]?.seq, rows.messages[24]?.seq, rows.reachedStart, rows.reachedEnd]).toEqual([25, 36, 60, false, true]);
});

test('who reads far up keeps what is there, and comes back to the newest page by page', async () => {
  const server = await start(1, { heldMessages: 25 }, 60);
  const channel = server.client.channel('c1');
  channel.retain();
  await settle();
  const look = () => {
    const { messages, window, reachedEnd } = channel.timeline.get();
    return [window, messages[0]?.seq, messages[messages.length - 1]?.seq, reachedEnd];
  };
  for (let at = 0; at < 2; at += 1) await channel.loadOlder();
  // Thirty are too many: the newest ten stay live, fifteen of the rest are shown.
  expect(look()).toEqual(['around', 31, 45, false]);
  await channel.loadOlder();
  expect(look()).toEqual(['around', 21, 45, false]);
  await channel.loadOlder();
  expect(look()).toEqual(['around', 11, 35, false]);
  await channel.loadOlder();
  expect(look()).toEqual(['around', 1, 25, false]);
  for (let at = 0; at < 2; at += 1) await channel.loadNewer();
  expect(look()).toEqual(['around', 21, 45, false]);
  await channel.loadNewer();
  expect(look()).toEqual(['live', 36, 60, true]);
  expect(rowsOf(server)).toHaveLength(0);
});

const both = [alice, budi].map((user) => ({ user, role: 'member', joined_at: 'x', rev: 1 }));
/** Who is in the channel, and how far they have read. */
const lists = (asked: Asked): Answer => {
  const { body } = answers(asked) as { readonly body: object };
  const receipts = both.map(({ user: { id } }) => ({ user_id: id, last_read_seq: 1, last_delivered_seq: 1 }));
  return { status: 200, body: { ...body, members: asked.path.includes('/members') ? both : [], receipts: asked.path.includes('/receipts') ? receipts : [] } };
};
const known = ({ client }: FakeServer) => {
  const { members, receipts } = client.channel('order_1');
  return [members.get().members.length, members.get().complete, receipts.get().known, receipts.get().readByAll];
};

test('members that were on their way when somebody was blocked are read again', async () => {
  const server = fakeServer({}, lists);
  let late = (): void => {};
  server.answerWith((asked) => {
    if (!asked.path.includes('/members')) return undefined;
    server.answerWith(() => undefined);
    return new Promise((resolve) => { late = () => resolve(new Response(JSON.stringify(lists(asked).body))); });
  });
  await live(server);
  server.socket.receive('block.updated', { user_id: 'u-somebody', blocked: true, blocks_rev: 1 });
  late();
  await settle();
  expect(known(server)).toEqual([2, true, true, 1]);
});

test('a channel that was read anew while somebody looks at it gets its members and receipts too', async () => {
  const server = await live(fakeServer({}, lists));
  expect(known(server)).toEqual([2, true, true, 1]);
  server.socket.receive('channel.sync', {
    channel_id: 'c1', epoch: 'e1', since: 0, rev: 9, receipt_rev: 0, reset: true, channel: item(9, 0)['channel'], member_count: 2, messages: [], members: both.slice(0, 1),
    receipts: [], has_more: false,
  });
  await settle();
  expect(known(server)).toEqual([2, true, true, 1]);
});

test('what cannot be read is not asked for again with each event', async () => {
  const server = fakeServer({}, (asked) => (asked.path.includes('/members') ? { status: 400, body: {} } : lists(asked)));
  await live(server);
  for (let seq = 1; seq <= 5; seq += 1) {
    server.socket.receive('message.created', created(message(seq, seq + 1)));
    await settle();
  }
  expect(server.asked.filter(({ path }) => path.includes('/members'))).toHaveLength(1);
});
