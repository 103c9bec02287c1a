// Complaints about other SDKs that must not be true here, by their names in `bindings/js/tests/README.md`.

import { afterEach, describe, expect, test, vi } from 'vitest';
import { fakeServer, greet, item, message, settle, type Answer, type FakeServer } from '../support/fakes.ts';
import { fakeBrowser } from '../support/tabs.ts';
import { answers, created, live, rowsOf } from '../support/room.ts';

const begin = Date.parse('2026-01-01') / 1000;
const token = (seconds: number): string => `h.${btoa(JSON.stringify({ iat: begin, exp: begin + seconds }))}.s`;

/** Answers to requests of one kind, which the test gives when it likes. */
function held(server: FakeServer, wanted: string): ((answer: Answer) => Promise<void>)[] {
  const open: ((answer: Answer) => Promise<void>)[] = [];
  server.answerWith(({ path }) => (path.includes(wanted) ? new Promise((resolve) => open.push(async ({ status, body }) => {
    resolve(new Response(JSON.stringify(body), { status }));
    await settle();
  })) : undefined));
  return open;
}

const page = (messages: unknown[], rev: number) => ({ status: 200, body: { messages, members: [], receipts: [], rev, receipt_rev: 0, epoch: 'e1', has_more: false } });

describe('switch', () => {
  test('a handle is the same each time, and takes no options', async () => {
    const { client } = await live();
    expect(client.channel('order_1')).toBe(client.channel('order_1'));
    expect(client.channel('order_1').timeline).toBe(client.channel('order_1').timeline);
  });

  test('a channel that is left while it opens is gone, without a fault', async () => {
    const server = fakeServer({}, answers);
    const open = held(server, '/messages');
    const faults: unknown[] = [];
    server.client.on('error', (error) => faults.push(error));
    const { timeline, info } = server.client.channel('order_1');
    await live(server);
    expect(timeline.get().status).toBe('loading');
    server.socket.receive('member.left', { channel_id: 'c1', rev: 2, last_seq: 0, member_count: 1, members: [{ user_id: 'u-alice', left: true, rev: 2 }] });
    await open[0]?.(page([message(1, 1)], 1));
    expect([rowsOf(server), info.get(), timeline.get().status, faults]).toEqual([[], null, 'gone', []]);
  });

  test('an answer from before the messages were let go is thrown away', async () => {
    const server = fakeServer({}, answers);
    const open = held(server, '/messages');
    await live(server);
    // Unblocking drops what is held: an answer from before it is out of date.
    server.answerWith(({ path }) => (path.startsWith('/v1/me/blocks') ? Promise.resolve(new Response(JSON.stringify({ blocks: [], blocks_rev: 2, has_more: false }))) : undefined));
    server.socket.receive('block.updated', { user_id: 'u-carol', blocked: true, blocks_rev: 1 });
    server.socket.receive('block.updated', { user_id: 'u-carol', blocked: false, blocks_rev: 2 });
    await settle();
    await open[0]?.(page([message(1, 1, { content: 'of before' })], 1));
    expect(rowsOf(server).map(({ content }) => content)).not.toContain('of before');
  });

  test('letting go twice is letting go once', async () => {
    let epoch = 'e1';
    const server = await live(fakeServer({}, () => ({ status: 200, body: { ...(page([], 1).body), epoch } })));
    const channel = server.client.channel('order_1');
    const release = channel.retain();
    release();
    release();
    server.socket.end(1006);
    await server.clock.advance(1_000);
    // It is still retained once, so it is loaded again after everything was dropped.
    epoch = 'e2';
    await greet(server, [item(1, 0)], { epoch });
    expect(channel.timeline.get()).toMatchObject({ status: 'ready', stale: false });
  });
});

describe('token', () => {
  test('after a long sleep the old one is not used', async () => {
    const reasons: string[] = [];
    const tab = fakeBrowser().tab();
    const server = fakeServer({ closeHiddenAfterMs: 20_000, token: ({ reason }) => {
      reasons.push(reason);
      return Promise.resolve(token(reasons.length * 3_600));
    } }, answers, tab.environment);
    await live(server);
    tab.signal('hidden');
    await server.clock.advance(2 * 3_600_000);
    expect([server.client.connection.get().name, reasons]).toEqual(['suspended', ['first']]);
    tab.signal('visible');
    await settle();
    expect(reasons).toEqual(['first', 'expiring']);
    expect(server.socket.protocols).toEqual(['cariosan.v1', `cariosan.jwt.${token(7_200)}`]);
  });

  test('a new one that comes after its connection has ended is kept, asks nothing, and is asked for once', async () => {
    const given: ((text: string) => void)[] = [];
    const server = fakeServer({ token: () => new Promise((resolve) => given.push(resolve)) }, answers);
    server.client.connect().catch(() => {});
    server.client.listBlocked().catch(() => {});
    await settle();
    expect(given).toHaveLength(1);
    given[0]?.(token(80));
    await greet(server, [item(1, 0)]);
    await server.clock.advance(20_000);
    expect(given).toHaveLength(2);
    server.socket.end(1006);
    await server.clock.advance(1_000);
    await greet(server, []);
    given[1]?.(token(7_200));
    await settle();
    expect(server.sockets.map((socket) => socket.frames('auth.refresh').length)).toEqual([0, 0]);
    server.socket.end(4408);
    await server.clock.advance(1_000);
    expect([given.length, server.socket.protocols[1]]).toEqual([2, `cariosan.jwt.${token(7_200)}`]);
  });
});

describe('zombie', () => {
  test('on a phone a link that was asleep must answer in three seconds, however short the sleep', async () => {
    const tab = fakeBrowser().tab();
    const server = await live(fakeServer({}, answers, { ...tab.environment, sleeps: true }));
    tab.signal('hidden');
    await server.clock.advance(1_000);
    tab.signal('visible');
    expect(server.socket.frames('ping')).toHaveLength(1);
    await server.clock.advance(2_999);
    expect(server.client.connection.get().name).toBe('live');
    await server.clock.advance(1);
    expect([server.sockets[0]?.closed, server.client.connection.get().name]).toEqual([true, 'waiting']);
  });

  test('on a phone the connection is given up after twenty seconds in the background', async () => {
    const tab = fakeBrowser().tab();
    const server = await live(fakeServer({}, answers, { ...tab.environment, sleeps: true }));
    tab.signal('hidden');
    await server.clock.advance(19_999);
    expect(server.client.connection.get().name).toBe('live');
    await server.clock.advance(1);
    expect(server.client.connection.get()).toEqual({ name: 'suspended', why: 'hidden' });
  });
});

test('leak: a thousand mounts leave no listener and no timer but those of the connection', async () => {
  const server = await live();
  const { client, clock } = server;
  await clock.advance(2_000);
  const before = clock.timers.length;
  const channel = client.channel('order_1');
  const heard: unknown[] = [];
  for (let at = 0; at < 1_000; at += 1) {
    const ends = [
      channel.retain(), channel.timeline.subscribe(() => heard.push('timeline')), channel.info.subscribe(() => heard.push('info')),
      client.user('u-bob').subscribe(() => heard.push('user')), client.presence('u-bob').subscribe(() => heard.push('presence')),
      client.on('message', () => heard.push('message')), channel.on('message', () => heard.push('message')),
    ];
    for (const end of ends) end();
  }
  server.socket.receive('message.created', created(message(1, 2)));
  await settle();
  expect(heard).toEqual([]);
  await clock.advance(25_000);
  const sources = [channel.timeline, channel.info, client.user('u-bob'), client.presence('u-bob')] as unknown as { subscribers: number }[];
  expect(sources.map(({ subscribers }) => subscribers)).toEqual([0, 0, 0, 0]);
  expect(clock.timers.length).toBe(before);
});

describe('rn-upload', () => {
  afterEach(() => void vi.unstubAllGlobals());

  const wire = { read_receipts_enabled: true, edit_window_seconds: null, max_message_bytes: 4_096, attachments: { types: ['image/*'], max_bytes: 1_000 } };
  const permission = { upload_url: 'http://store.test/1', method: 'PUT', headers: { 'content-type': 'image/png' }, public_url: 'http://files.test/1', expires_at: 'x' };

  test('a file that lies on a phone goes as the raw body of an XMLHttpRequest', async () => {
    const sent: unknown[] = [];
    vi.stubGlobal('XMLHttpRequest', class {
      upload: { onprogress?: (event: { loaded: number; total: number }) => void } = {};
      status = 200;
      onload = (): void => {};
      open(...given: unknown[]): void { sent.push(given); }
      setRequestHeader(...given: unknown[]): void { sent.push(given); }
      send(body: unknown): void {
        sent.push(body);
        this.upload.onprogress?.({ loaded: 5, total: 10 });
        queueMicrotask(() => this.onload());
      }
      abort(): void {}
    });
    const server = await live(fakeServer({}, (asked) => (asked.path.includes('presign') ? { status: 200, body: permission } : answers(asked))), { settings: wire });
    const file = { uri: 'file:///photo.png', name: 'photo.png', type: 'image/png', size: 10 };
    const parts: number[] = [];
    expect(await server.client.channel('order_1').uploadAttachment(file, { onProgress: (part) => parts.push(part) })).toEqual({ publicUrl: 'http://files.test/1', type: 'image' });
    expect(sent).toEqual([['PUT', 'http://store.test/1'], ['content-type', 'image/png'], file]);
    expect(parts).toEqual([0.5]);
  });

  test('keys are made where there is no `crypto`', async () => {
    vi.stubGlobal('crypto', undefined);
    const server = await live();
    server.client.channel('order_1').enqueue({ text: 'Halo' });
    expect(server.socket.last('message.send').data['idempotency_key']).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
