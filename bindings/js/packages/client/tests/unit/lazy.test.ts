// Parts that are loaded when they are needed, where loading them fails: a chat goes on without them.

import { afterEach, expect, test, vi } from 'vitest';
import { fetchInitialData, isCariosanError, memoryStorage } from '../../src/index.ts';
import { alice, budi, fakeServer, greet, item, message, ready, settle, type FakeServer } from '../support/fakes.ts';
import { answers, created } from '../support/room.ts';

const { broken, mayFail } = vi.hoisted(() => {
  /** Parts that cannot be loaded now. */
  const broken = new Set<string>();
  const mayFail = (name: string, by: string) => async (original: () => Promise<unknown>): Promise<object> => new Proxy((await original()) as object, {
    get(module, key) {
      if (broken.has(name) && key === by) throw new TypeError('the file could not be loaded');
      return Reflect.get(module, key) as unknown;
    },
  });
  return { broken, mayFail };
});
vi.mock('../../src/following.ts', mayFail('following', 'following'));
vi.mock('../../src/keeping.ts', mayFail('storage', 'keeping'));
vi.mock('../../src/talk/opened.ts', mayFail('opened', 'opened'));
vi.mock('../../src/talk/blocks.ts', mayFail('blocks', 'blocks'));
vi.mock('../../src/talk/search.ts', mayFail('search', 'searchMessages'));
vi.mock('../../src/initial_data.ts', mayFail('initial data', 'fetchInitialData'));

// As in `lazy_parts.ts`: of what is replaced here, too.
await Promise.all([
  import('../../src/following.ts'), import('../../src/keeping.ts'), import('../../src/talk/opened.ts'), import('../../src/talk/blocks.ts'), import('../../src/talk/search.ts'),
  import('../../src/initial_data.ts'),
]);
afterEach(() => broken.clear());

test('without the part that stores, the client connects, says so, and tries again at the next connect', async () => {
  const storage = memoryStorage();
  const server = fakeServer({ storage, cacheKey: 'alice' }, answers);
  const persistent: boolean[] = [];
  server.client.on('storage', (event) => persistent.push(event.persistent));
  broken.add('storage');
  server.client.connect().catch(() => {});
  await greet(server, [item(1, 0)]);
  expect(server.client.connection.get().name).toBe('live');
  expect(persistent).toEqual([false]);
  broken.clear();
  server.client.disconnect();
  server.client.connect().catch(() => {});
  await greet(server, []);
  await server.client.close();
  await settle();
  expect((await storage.load('')).size).toBeGreaterThan(0);
});

test('without the part that hears frames a client shows what the first sync brings, keeps what is sent, and tries again', async () => {
  broken.add('following');
  const server = fakeServer({}, answers);
  const channel = server.client.channel('order_1');
  server.client.connect().catch(() => {});
  await settle();
  server.socket.receive('connection.ready', ready());
  channel.sendMessage({ text: 'Halo' }).catch(() => {});
  server.socket.receive('channel.sync', item(1, 0));
  expect(server.client.channels.get()).toMatchObject({ ids: ['c1'], stale: true });
  server.socket.receive('sync.done', { id: server.socket.last('sync').id, epoch: 'e1', unread_total: 0 });
  await settle();
  expect(server.client.connection.get()).toMatchObject({ name: 'waiting', error: { code: 'NETWORK', retryable: true } });
  expect(channel.timeline.get().messages.map(({ content, status }) => [content, status])).toEqual([['Halo', 'pending']]);
  await expect(server.client.loadMoreChannels()).rejects.toMatchObject({ code: 'NETWORK', retryable: true });

  broken.clear();
  await server.clock.advance(1_000);
  await greet(server, []);
  expect(server.sockets).toHaveLength(2);
  expect(server.client.connection.get().name).toBe('live');
  expect(server.socket.frames('message.send').map(({ data }) => data?.['content'])).toEqual(['Halo']);
});

/** A client whose connection has begun, and which does not hear frames yet. */
async function deaf(): Promise<FakeServer> {
  broken.add('following');
  const server = fakeServer({}, answers);
  server.client.connect().catch(() => {});
  await settle();
  broken.clear();
  return server;
}

test('frames that come before the part that hears them are heard in order', async () => {
  const server = await deaf();
  const { socket } = server;
  const channel = server.client.channel('order_1');
  channel.sendMessage({ text: 'Halo' }).catch(() => {});
  socket.receive('connection.ready', ready());
  socket.receive('channel.sync', item(1, 0));
  socket.receive('message.created', created(message(1, 2)));
  // Counted before the page that follows.
  socket.receive('unread', { channel_id: 'c1', unread_count: 5, mention_count: 0, unread_total: 5 });
  socket.receive('channel.sync', { ...item(3, 4), unread_count: 1, last_read_seq: 0 });
  socket.receive('sync.done', { id: socket.last('sync').id, epoch: 'e1', unread_total: 1 });
  expect(server.client.connection.get().name).toBe('syncing');
  await settle();
  expect(server.client.connection.get().name).toBe('live');
  expect(channel.info.get()).toMatchObject({ unread: 1, lastSeq: 4 });
  expect(server.client.unreadTotal.get()).toBe(1);
  expect(socket.frames('message.send')).toHaveLength(1);
});

test('frames that wait are thrown away with their connection', async () => {
  const server = await deaf();
  const { socket } = server;
  socket.receive('connection.ready', ready());
  socket.receive('channel.sync', item(1, 0));
  socket.receive('user.updated', { user: { ...alice, name: 'Alia' } });
  socket.end(1006);
  await settle();
  expect(server.client.user(alice.id).get()?.name).toBe('Alice');
  await server.client.close();
});

test('without what comes with a timeline, messages are sent, marks are kept, and the next connection tries again', async () => {
  broken.add('opened');
  const server = fakeServer({}, answers);
  const channel = server.client.channel('order_1');
  channel.retain();
  server.client.connect().catch(() => {});
  await greet(server, [item(1, 0)]);
  await settle();
  expect(server.client.connection.get().name).toBe('live');
  expect(channel.timeline.get()).toMatchObject({ status: 'failed', error: { code: 'NETWORK', retryable: true } });
  channel.sendMessage({ text: 'Halo' }).catch(() => {});
  expect(server.socket.frames('message.send')).toHaveLength(1);
  expect(channel.timeline.get().messages.map(({ content, status }) => [content, status])).toEqual([['Halo', 'pending']]);
  server.socket.receive('message.created', created(message(1, 2)));
  await settle();
  channel.markRead();
  await settle();
  expect(server.socket.frames('message.read')).toEqual([]);

  broken.clear();
  server.socket.end(1006);
  await server.clock.advance(1_000);
  await greet(server, []);
  await settle();
  expect(channel.timeline.get().status).toBe('ready');
  expect(server.socket.frames('message.read').map(({ data }) => data?.['message_id'])).toEqual(['m1']);
});

test.each([
  ['opened', (server: FakeServer) => server.client.channel('order_1').leave()],
  ['opened', (server: FakeServer) => server.client.channel('order_1').addReaction('m1', '👍')],
  ['blocks', (server: FakeServer) => server.client.listBlocked()],
  ['search', (server: FakeServer) => server.client.search('sambal')],
  ['initial data', () => fetchInitialData({ apiUrl: 'https://chat.test', token: 'token' })],
])('a call whose part cannot be loaded (%s) fails as without a network', async (part, call) => {
  const server = fakeServer({}, answers);
  server.client.connect().catch(() => {});
  await greet(server, [item(1, 0)]);
  broken.add(part);
  const fault: unknown = await Promise.resolve(call(server)).then(() => null, (error: unknown) => error);
  expect(isCariosanError(fault, 'NETWORK') && fault.retryable).toBe(true);
});

test.each([
  ['stops', ['typing.stop', { channel_id: 'c1', user_id: budi.id }]],
  ['writes', ['message.created', created(message(1, 2))]],
] as const)('who %s while the part that knows of typing is loaded is not shown as typing', async (_, [type, data]) => {
  const server = fakeServer({}, answers);
  server.client.connect().catch(() => {});
  await greet(server, [item(1, 0)]);
  server.socket.receive('typing.start', { channel_id: 'c1', user_id: budi.id });
  server.socket.receive(type, data);
  await settle();
  expect(server.client.channel('order_1').typing.get()).toEqual([]);
  server.socket.receive('typing.start', { channel_id: 'c1', user_id: budi.id });
  expect(server.client.channel('order_1').typing.get()).toEqual([budi.id]);
});

test('a file that is given up while the part that sends it is loaded is not sent', async () => {
  const server = fakeServer({}, answers);
  server.client.connect().catch(() => {});
  await greet(server, [item(1, 0)]);
  const photo = { uri: 'file:///photo.jpg', name: 'photo.jpg', type: 'image/jpeg', size: 10 };
  const handle = server.client.channel('order_1').sendAttachment(photo);
  handle.cancel();
  await expect(handle.sent).rejects.toMatchObject({ code: 'DISCARDED' });
  await settle();
  expect(server.asked.filter(({ path }) => path.includes('presign'))).toEqual([]);
});
