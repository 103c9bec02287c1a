// Parts that are loaded when they are needed, where loading them fails: a chat goes on without them.

import { afterEach, expect, test, vi } from 'vitest';
import { fetchInitialData, isCariosanError, memoryStorage } from '../../src/index.ts';
import { alice, budi, fakeServer, greet, item, message, ready, settle, type Answer, type FakeServer } from '../support/fakes.ts';
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

test('without the part that takes what the server says a client keeps what is sent, and tries again', async () => {
  broken.add('following');
  const server = fakeServer({}, answers);
  const channel = server.client.channel('order_1');
  server.client.connect().catch(() => {});
  channel.sendMessage({ text: 'Halo' }).catch(() => {});
  await settle();
  server.socket.receive('connection.ready', ready());
  await settle();
  expect(server.client.connection.get()).toMatchObject({ name: 'waiting', error: { code: 'NETWORK', retryable: true } });
  await expect(server.client.loadMoreChannels()).rejects.toMatchObject({ code: 'NETWORK', retryable: true });

  broken.clear();
  await server.clock.advance(1_000);
  await greet(server, []);
  expect(server.sockets).toHaveLength(2);
  expect(server.client.connection.get().name).toBe('live');
  expect(server.socket.frames('message.send').map(({ data }) => data?.['content'])).toEqual(['Halo']);
});

const presigned: Answer = { status: 200, body: {
  upload_url: 'http://store.test/1', method: 'PUT', headers: {}, public_url: 'http://files.test/1', expires_at: 'x',
} };

/** A client that the server has greeted, and which does not take yet what it says. */
async function deaf(fields: Record<string, unknown> = {}): Promise<FakeServer> {
  broken.add('following');
  const server = fakeServer({}, answers);
  server.client.connect().catch(() => {});
  await settle();
  broken.clear();
  server.socket.receive('connection.ready', ready(fields));
  return server;
}

test('frames that come before the part that takes them are taken in order', async () => {
  const server = await deaf();
  const { socket } = server;
  const channel = server.client.channel('order_1');
  channel.sendMessage({ text: 'Halo' }).catch(() => {});
  socket.receive('channel.sync', item(1, 0));
  socket.receive('message.created', created(message(1, 2)));
  // Counted before the page that follows.
  socket.receive('unread', { channel_id: 'c1', unread_count: 5, mention_count: 0, unread_total: 5 });
  socket.receive('channel.sync', { ...item(3, 4), unread_count: 1, last_read_seq: 0 });
  await settle();
  expect(server.client.connection.get().name).toBe('syncing');
  socket.receive('sync.done', { id: socket.last('sync').id, epoch: 'e1', unread_total: 1 });
  expect(server.client.connection.get().name).toBe('live');
  expect(channel.info.get()).toMatchObject({ unread: 1, lastSeq: 4 });
  expect(server.client.unreadTotal.get()).toBe(1);
  expect(socket.frames('message.send')).toHaveLength(1);
});

test('what waits to be taken is thrown away with its connection', async () => {
  const server = await deaf();
  const { socket } = server;
  socket.receive('user.updated', { user: { ...alice, name: 'Alia' } });
  socket.end(1006);
  await settle();
  expect(server.client.user(alice.id).get()).toBeNull();
  expect(socket.frames('sync')).toEqual([]);
  await server.client.close();
});

const attachments = { types: ['image/png'], max_bytes: 100 };
const settings = { read_receipts_enabled: true, edit_window_seconds: null, max_message_bytes: 4_096, attachments };

test('a file is refused before its row is there as soon as it is known what the server takes', async () => {
  const server = await deaf({ settings });
  const channel = server.client.channel('order_1');
  expect(server.client.settings.get()).toBeNull();
  await settle();
  expect(server.client.settings.get()).toMatchObject({ attachments: { types: ['image/png'] } });
  expect(() => channel.sendAttachment(new Blob(['x'], { type: 'text/html' }))).toThrow('text/html');
  expect(server.client.outbox.get()).toMatchObject({ waiting: 0, failed: 0 });
});

test('a file that is given before anything is known waits in its row, also where nothing can be loaded', async () => {
  broken.add('following');
  const server = fakeServer({ upload: () => Promise.resolve({ status: 200 }) }, (one) => (one.path === '/v1/attachments/presign' ? presigned : answers(one)));
  const channel = server.client.channel('order_1');
  server.client.connect().catch(() => {});
  await settle();
  channel.sendAttachment(new Blob(['x'], { type: 'image/png' }), { text: 'Foto' });
  await settle();
  expect(server.client.outbox.get()).toMatchObject({ waiting: 1, failed: 0 });

  broken.clear();
  await greet(server, [item(1, 0)], { settings });
  await settle();
  expect(channel.timeline.get().messages).toMatchObject([{ content: 'Foto', status: 'pending', attachment_url: 'http://files.test/1' }]);
  expect(server.socket.frames('message.send')).toHaveLength(1);
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
