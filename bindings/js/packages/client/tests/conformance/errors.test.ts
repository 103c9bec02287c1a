// Each error code of the protocol: the real server answers it to the app wherever the app can bring that about, and what waits to be
// sent is refused, or waits on, as the table says. A code that the server lists and the table does not is a failure.

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { isCariosanError, type CariosanError, type CariosanOptions, type Channel, type ServerCode } from '../../src/index.ts';
import { answers, created, live, own, rowsOf } from '../support/room.ts';
import { fakeServer, message, settle } from '../support/fakes.ts';
import { realClients, until, watchedSockets, type RealClients } from '../support/real_clients.ts';
import { program } from '../support/real_server.ts';

/** What becomes of a send that is answered so, and of what waits behind it in the same channel. */
type Send = 'this message fails' | 'the channel fails' | 'all wait';

interface Row {
  readonly status: number;
  readonly retryable: boolean;
  readonly send: Send;
  /** Brings it about at the real server. Absent: no test can. */
  readonly ask?: (world: World) => Promise<unknown>;
}

interface World {
  readonly real: RealClients;
  readonly alice: Channel;
  readonly bob: Channel;
  /** A request of Alice's that is changed on its way. */
  changed(change: (request: RequestInit) => RequestInit): Promise<unknown>;
  backend(method: string, path: string, body?: unknown): Promise<unknown>;
}

const text = 'Halo';

const table: Readonly<Record<ServerCode, Row>> = {
  VALIDATION_ERROR: { status: 400, retryable: false, send: 'this message fails', ask: ({ alice }) => alice.sendMessage({ text: '' }) },
  UNAUTHORIZED: {
    status: 401, retryable: false, send: 'this message fails',
    ask: ({ real }) => real.client('alice', { token: () => Promise.resolve('not.a.token') }).search(text),
  },
  FORBIDDEN: {
    status: 403, retryable: false, send: 'the channel fails',
    async ask({ real, backend }) {
      const { id } = await backend('POST', '/v1/channels', { type: 'direct', member_external_ids: ['alice', 'bob'] }) as { id: string };
      await (await real.open('alice', id)).channel.leave();
    },
  },
  NOT_A_MEMBER: { status: 403, retryable: false, send: 'the channel fails', ask: async ({ real }) => (await eve(real)).channel('errors').sendMessage({ text }) },
  NOT_AUTHOR: { status: 403, retryable: false, send: 'this message fails', ask: async ({ alice, bob }) => bob.editMessage((await alice.sendMessage({ text })).id, 'his') },
  NOT_ADMIN: { status: 403, retryable: false, send: 'this message fails', ask: ({ bob }) => bob.update({ name: 'Mine' }) },
  MUTED: {
    status: 403, retryable: false, send: 'the channel fails',
    async ask({ bob, backend }) {
      await backend('PUT', '/v1/users/bob/mute', {});
      await bob.sendMessage({ text }).finally(() => backend('DELETE', '/v1/users/bob/mute'));
    },
  },
  SUSPENDED: {
    status: 403, retryable: false, send: 'this message fails',
    async ask({ real, backend }) {
      const token = await real.server.token('eve');
      await backend('PUT', '/v1/users/eve/suspension', {});
      await real.client('eve', { token }).search(text).finally(() => backend('DELETE', '/v1/users/eve/suspension'));
    },
  },
  FROZEN: {
    status: 403, retryable: false, send: 'the channel fails',
    async ask({ bob, backend }) {
      await backend('PATCH', '/v1/channels/errors', { frozen: true });
      await bob.sendMessage({ text }).finally(() => backend('PATCH', '/v1/channels/errors', { frozen: false }));
    },
  },
  SLOW_MODE: {
    status: 403, retryable: true, send: 'the channel fails',
    async ask({ bob, backend }) {
      await backend('PATCH', '/v1/channels/errors', { slow_mode_seconds: 3_600 });
      await bob.sendMessage({ text });
      await bob.sendMessage({ text }).finally(() => backend('PATCH', '/v1/channels/errors', { slow_mode_seconds: 0 }));
    },
  },
  NOT_FOUND: { status: 404, retryable: false, send: 'the channel fails', ask: ({ alice }) => alice.pin('0197a000-0000-7000-8000-000000000000') },
  METHOD_NOT_ALLOWED: { status: 405, retryable: false, send: 'this message fails', ask: ({ changed }) => changed((request) => ({ ...request, method: 'PUT' })) },
  // She is the last admin.
  CONFLICT: { status: 409, retryable: false, send: 'this message fails', ask: ({ alice }) => alice.setRole('alice', 'member') },
  PAYLOAD_TOO_LARGE: { status: 413, retryable: false, send: 'this message fails', ask: ({ alice }) => alice.sendMessage({ text: 'x'.repeat(9_000) }) },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415, retryable: false, send: 'this message fails',
    ask: ({ changed }) => changed((request) => ({ ...request, headers: { ...request.headers, 'content-type': 'text/plain' } })),
  },
  HEADERS_TOO_LARGE: {
    status: 431, retryable: false, send: 'this message fails',
    ask: ({ changed }) => changed((request) => ({ ...request, headers: { ...request.headers, 'x-more': 'x'.repeat(20_000) } })),
  },
  MESSAGE_REJECTED: {
    status: 422, retryable: false, send: 'this message fails',
    async ask({ alice, backend }) {
      await backend('PATCH', '/v1/workspace', { moderation: { enabled: true, blocklist: ['durian'], rules: { profanity: { action: 'reject' } } } });
      await alice.sendMessage({ text: 'durian' }).finally(() => backend('PATCH', '/v1/workspace', { moderation: { enabled: false } }));
    },
  },
  EDIT_WINDOW_EXPIRED: {
    status: 422, retryable: false, send: 'this message fails',
    async ask({ alice, backend }) {
      const { id } = await alice.sendMessage({ text });
      await backend('PATCH', '/v1/workspace', { edit_window_seconds: 0 });
      await alice.editMessage(id, 'late').finally(() => backend('PATCH', '/v1/workspace', { edit_window_seconds: null }));
    },
  },
  // A test of its own shows it: it takes a server that limits.
  RATE_LIMITED: { status: 429, retryable: true, send: 'all wait' },
  INTERNAL: { status: 500, retryable: false, send: 'this message fails' },
  // As the server says it of a feature that is not configured, which stays so. One that is there later is in `later`.
  UNAVAILABLE: {
    status: 503, retryable: false, send: 'this message fails',
    ask: ({ alice }) => alice.uploadAttachment(Object.assign(new Blob(['x'], { type: 'image/png' }), { name: 'x.png' })),
  },
};

async function eve(real: RealClients) {
  const client = real.client('eve');
  await client.connect();
  return client;
}

const codes = Object.keys(table) as readonly ServerCode[];
const refusal = (asked: Promise<unknown>): Promise<CariosanError> => asked.then(() => { throw new Error('it was not refused'); }, (fault: unknown) => {
  if (!isCariosanError(fault)) throw fault;
  return fault;
});

describe.skipIf(program === undefined)('each error code, from the real server', () => {
  let real: RealClients;
  let world: World;
  beforeAll(async () => void (real = await realClients()), 60_000);
  afterEach(() => real.closeAll());
  afterAll(() => real.end());

  async function begin(): Promise<World> {
    await real.room('errors');
    await real.server.backend('PATCH', '/v1/channels/errors/members/alice', { role: 'admin' });
    const [alice, bob] = [await real.open('alice', 'errors'), await real.open('bob', 'errors')];
    return {
      real, alice: alice.channel, bob: bob.channel,
      async changed(change) {
        const fetching: CariosanOptions['fetch'] = (url, request) => fetch(url, change(request ?? {}));
        await (await real.open('alice', 'errors', { fetch: (url, request) => (request?.method === 'PATCH' ? fetching(url, request) : fetch(url, request)) }))
          .channel.update({ name: 'errors' });
      },
      backend: (method, path, body) => real.server.backend(method, path, body),
    };
  }

  test('the table has a row for each that the server lists, and no other', async () => {
    const { components } = await (await fetch(`${real.server.url}/openapi.json`)).json() as {
      components: { schemas: { Error: { properties: { error: { properties: { code: { enum: readonly string[] } } } } } } };
    };
    expect([...codes].sort()).toEqual([...components.schemas.Error.properties.error.properties.code.enum].sort());
  });

  test.each(codes.filter((code) => table[code].ask !== undefined))('%s reaches the app as it was said', async (code) => {
    world = await begin();
    const { status, retryable, ask } = table[code];
    const error = await refusal(ask?.(world) ?? Promise.resolve());
    // Over a socket there is no status.
    expect([error.code, error.retryable, error.status ?? status]).toEqual([code, retryable, status]);
  });

  test('RATE_LIMITED: what waits goes on waiting, for as long as the server says', async () => {
    const limited = await realClients({ CARIOS_RATE_LIMITS: 'on', CARIOS_RATE_LIMIT_MESSAGES_PER_MINUTE: '1' });
    try {
      await limited.room('limited');
      const { webSocket, sent } = watchedSockets();
      const { client, channel } = await limited.open('alice', 'limited', { webSocket });
      const began = Date.now();
      await channel.sendMessage({ text: 'one' });
      for (const one of ['two', 'three']) channel.enqueue({ text: one });
      const { pausedUntil, waiting, failed } = await until(client.outbox, (outbox) => outbox.pausedUntil !== null);
      expect([waiting, failed, sent('message.send').length]).toEqual([2, 0, 2]);
      // Its delay after a refusal that says nothing is 200 ms at most.
      expect((pausedUntil ?? 0) - began).toBeGreaterThan(5_000);
    } finally {
      await limited.end();
    }
  });
});

describe('each error code, said by a server that is played', () => {
  const body = (code: string, { retryable }: Pick<Row, 'retryable'>, details = {}) => ({ code, message: code, retryable, details });
  const later = { status: 503, retryable: true, send: 'all wait' } as const;
  const rows: readonly (readonly [string, Row])[] = [...codes.map((code) => [code, table[code]] as const), ['UNAVAILABLE', later],
    // Of a server that is newer than this client.
    ['NEW_AND_FINAL', { status: 403, retryable: false, send: 'this message fails' }], ['NEW_AND_PASSING', later]];

  test.each(rows)('a send that is answered with %s: %o', async (code, row) => {
    const server = await live();
    const channel = server.client.channel('order_1');
    const failed: string[] = [];
    server.client.on('send.failed', ({ message: one }) => failed.push(one.content));
    for (const one of ['first', 'second']) channel.enqueue({ text: one });
    const asked = server.socket.last('message.send');
    server.socket.receive('error', body(code, row, { retry_after_ms: 5_000 }), asked.id);
    await settle();
    const expected = { 'this message fails': ['failed', 'pending'], 'the channel fails': ['failed', 'failed'], 'all wait': ['pending', 'pending'] }[row.send];
    expect(rowsOf(server).map(({ status }) => status)).toEqual(expected);
    expect(rowsOf(server).map(({ error }) => error?.code)).toEqual(expected.map((status) => (status === 'failed' ? code : undefined)));
    expect(failed).toEqual(['first', 'second'].slice(0, expected.filter((status) => status === 'failed').length));
    const sent = () => server.socket.frames('message.send').map(({ data }) => data?.['content']);
    expect(sent()).toEqual(row.send === 'this message fails' ? ['first', 'second'] : ['first']);
    if (row.send !== 'all wait') return;
    expect(server.client.outbox.get().pausedUntil).not.toBeNull();
    await server.clock.advance(4_900);
    expect(sent()).toEqual(['first']);
    await server.clock.advance(2_000);
    expect(sent()).toEqual(['first', 'first']);
    expect(server.socket.last('message.send').data['idempotency_key']).toBe(asked.data['idempotency_key']);
  });

  test.each(rows)('an edit that is answered with %s is taken back', async (code, row) => {
    const server = await live();
    server.socket.receive('message.created', created(own(1, 2, 'key', 'as it was')));
    await settle();
    const before = rowsOf(server)[0];
    const edit = refusal(server.client.channel('order_1').editMessage('m1', 'another'));
    await settle();
    expect(rowsOf(server)[0]).toMatchObject({ content: 'another', saving: 'edit' });
    server.socket.receive('error', body(code, row), server.socket.last('message.edit').id);
    expect(await edit).toMatchObject({ code, retryable: row.retryable });
    await settle();
    expect(rowsOf(server)[0]).toEqual(before);
  });

  /** Those that say that the channel is not the viewer's. */
  const goes = new Set(['FORBIDDEN', 'NOT_A_MEMBER', 'NOT_FOUND']);
  const read = rows.filter(([code]) => ['FORBIDDEN', 'NOT_A_MEMBER', 'NOT_FOUND', 'SUSPENDED', 'RATE_LIMITED', 'INTERNAL', 'UNAVAILABLE'].includes(code));
  test.each(read)('`changes` that are answered with %s: %o', async (code, row) => {
    let refused = 0;
    const server = await live(fakeServer({}, (asked) => {
      if (!asked.path.includes('/changes')) return answers(asked);
      refused += 1;
      return { status: row.status, body: { error: body(code, row) } };
    }));
    server.socket.receive('message.created', created(message(3, 4)));
    await settle();
    expect(refused).toBe(1);
    expect(server.client.channel('order_1').info.get() === null).toBe(goes.has(code));
    await server.clock.advance(30_000);
    // A GET is repeated after every 503.
    expect(refused > 1).toBe(row.retryable || row.status === 503);
  });

  test.each(read)('a first page that is answered with %s: %o', async (code, row) => {
    const server = await live(fakeServer({}, (asked) =>
      (asked.path.includes('/messages') ? { status: row.status, body: { error: body(code, row) } } : answers(asked))));
    const { timeline } = server.client.channel('order_1');
    // A GET that may succeed later is still asked for.
    const left = goes.has(code) ? 'gone' : 'failed';
    expect(timeline.get().status).toBe(row.retryable || row.status === 503 ? 'loading' : left);
  });

  test.each(rows)('a `sync` that is answered with %s ends the connection', async (code, row) => {
    const server = fakeServer({}, answers);
    server.client.connect().catch(() => {});
    await settle();
    server.socket.receive('connection.ready', { connection_id: 'x', user: message(1, 1)['user'], epoch: 'e1', blocks_rev: 0, server_time: '2026-01-01T00:00:00.000Z', heartbeat_seconds: 30, unread_total: 0 });
    await settle();
    server.socket.receive('error', body(code, row, { retry_after_ms: 7_000 }), server.socket.last('sync').id);
    await settle();
    expect(server.client.connection.get()).toMatchObject({ name: 'waiting', error: { code } });
    await server.clock.advance(6_900);
    expect(server.sockets).toHaveLength(1);
    await server.clock.advance(60_000);
    expect(server.sockets.length).toBeGreaterThan(1);
  });
});
