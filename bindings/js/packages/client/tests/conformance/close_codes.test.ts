// Each close code of the protocol: what the client does after it, and that what was pressed before and after is sent once. The real
// server says the code wherever a test can bring that about; the others are put in its mouth. The reference lists them all: a code
// without a row here is a failure.

import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { standardEnvironment } from '../../src/environment/environment.ts';
import type { CariosanOptions, ConnectionState, MessagePage, TokenReason } from '../../src/index.ts';
import { realClients, until, watchedSockets, type RealClients, type Watched } from '../support/real_clients.ts';
import { JWT_SECRET, program } from '../support/real_server.ts';

interface Row {
  readonly then: 'comes back' | 'comes back with a new token' | 'waits, and comes back' | 'stays away';
  /** Brings it about at the real server. Absent: no test can, or one of its own does. */
  by?(watched: Watched, real: RealClients): Promise<unknown> | void;
  /** What made the server say it is over. */
  after?(real: RealClients): Promise<unknown>;
}

/** Goes around the client. */
const say = ({ newest }: Watched, data: string | Buffer, binary = false): void => WebSocket.prototype.send.call(newest, data, { binary });
const bytes = ({ newest }: Watched, data: readonly number[]): void => void (newest as unknown as { _socket: { write(data: Buffer): void } })._socket.write(Buffer.from(data));
const suspension = '/v1/users/alice/suspension';

/** A token of the same user that ends then, in seconds. */
async function tokenUntil(real: RealClients, user: string, exp: number): Promise<string> {
  const [head = '', body = ''] = (await real.server.token(user)).split('.');
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>;
  const signed = `${head}.${Buffer.from(JSON.stringify({ ...claims, iat: exp - 3_600, exp })).toString('base64url')}`;
  return `${signed}.${createHmac('sha256', JWT_SECRET).update(signed).digest('base64url')}`;
}

/** The server closes a minute after a token's end: so soon after the one that this makes. It is for a client whose clock is a minute slow. */
const endsIn = (real: RealClients, user: string, seconds: number): Promise<string> => tokenUntil(real, user, Math.floor(Date.now() / 1000) - 60 + seconds);
const slowClock = { ...standardEnvironment(), now: () => Date.now() - 60_000 };

const table: Readonly<Record<number, Row>> = {
  1000: { then: 'comes back' },
  1001: { then: 'comes back', by: (_watched, real) => real.server.restart() },
  1002: { then: 'stays away', by: (watched) => bytes(watched, [0xff, 0x80, 0, 0, 0, 0]) },
  1003: { then: 'stays away', by: (watched) => say(watched, Buffer.from('{}'), true) },
  1006: { then: 'comes back', by: (_watched, real) => real.server.crash() },
  1007: { then: 'stays away', by: (watched) => say(watched, Buffer.from([0xff])) },
  1009: { then: 'stays away', by: (watched) => say(watched, 'x'.repeat(70_000)) },
  1013: { then: 'waits, and comes back' },
  // The real one: `falling_behind.test.ts`.
  4008: { then: 'comes back' },
  4400: {
    then: 'stays away',
    by(watched) {
      for (let at = 0; at < 10; at += 1) say(watched, '{');
    },
  },
  // The real ones of 4401 and 4429: below.
  4401: { then: 'comes back with a new token' },
  4403: { then: 'stays away', by: (_watched, real) => real.server.backend('PUT', suspension, {}), after: (real) => real.server.backend('DELETE', suspension) },
  4408: { then: 'comes back' },
  4429: { then: 'waits, and comes back' },
  // Codes that no version has: those of the protocol's own range, and others.
  4999: { then: 'stays away' },
  3000: { then: 'comes back' },
};

/** The connection ends as if the server, or something between, had said so. */
function close({ newest }: Watched, code: number): void {
  if (table[code]?.then === 'waits, and comes back') {
    const error = { code: 'UNAVAILABLE', message: 'later', retryable: true, details: { retry_after_ms: 30_000 } };
    newest.emit('message', Buffer.from(JSON.stringify({ type: 'error', data: error })), false);
  }
  newest.emit('close', code, Buffer.from(''));
}

const isWaiting = (state: ConnectionState): state is Extract<ConnectionState, { name: 'waiting' }> => state.name === 'waiting';

test('the table has a row for each that the reference lists', () => {
  const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', '..', '..', '..');
  const reference = readFileSync(join(root, 'src', 'protocol', 'reference', 'websocket.md'), 'utf8');
  const listed = [...reference.matchAll(/^\| `(\d{4})` \|/gm)].map((found) => Number(found[1]));
  expect(listed.length).toBeGreaterThan(10);
  expect(listed.filter((code) => table[code] === undefined)).toEqual([]);
});

describe.skipIf(program === undefined)('each close code, with the real server', () => {
  let real: RealClients;
  beforeAll(async () => void (real = await realClients()), 60_000);
  afterEach(() => real.closeAll());
  afterAll(() => real.end());

  test.each(Object.entries(table).map(([code, row]) => [Number(code), row.then] as const))('after %i the client %s', async (code, then) => {
    const row = table[code];
    const name = `close ${code}`;
    await real.room(name);
    const watched = watchedSockets();
    const reasons: TokenReason[] = [];
    const token: CariosanOptions['token'] = ({ reason }) => {
      reasons.push(reason);
      return real.server.token('alice');
    };
    // While the server starts, a handshake may fail where a request does not: then the client would poll for a minute.
    const { client, channel } = await real.open('alice', name, { token, webSocket: watched.webSocket, pollWhenBlocked: false });
    const states: ConnectionState[] = [];
    client.connection.subscribe(() => states.push(client.connection.get()));
    const codes: number[] = [];
    watched.newest.on('close', (said: number) => codes.push(said));
    await channel.sendMessage({ text: 'before' });
    channel.enqueue({ text: 'at the end' });
    const ended = until(client.connection, (state) => state.name !== 'live');
    const began = Date.now();
    const over = row?.by === undefined ? close(watched, code) : row.by(watched, real);
    await ended;
    channel.enqueue({ text: 'meanwhile' });
    await over;
    expect(codes[0]).toBe(code);
    if (then === 'stays away') {
      expect(client.connection.get()).toMatchObject({ name: 'refused', closeCode: code });
      await row?.after?.(real);
      // What waits is not lost, and nothing says that it failed.
      expect(client.outbox.get().failed).toBe(0);
      expect(channel.timeline.get().messages.at(-1)).toMatchObject({ content: 'meanwhile', status: 'pending' });
      expect(states.filter(({ name: state }) => state === 'connecting')).toEqual([]);
      await client.connect();
    }
    if (then === 'waits, and comes back') {
      const state = await until(client.connection, isWaiting) as Extract<ConnectionState, { name: 'waiting' }>;
      expect(state.retryAt - began).toBeGreaterThanOrEqual(30_000);
      expect(state.error?.code).toBe('UNAVAILABLE');
      client.retryNow();
    }
    await until(client.connection, (state) => state.name === 'live');
    expect(reasons.filter((reason) => reason === 'refused')).toHaveLength(then === 'comes back with a new token' ? 1 : 0);
    await until(channel.timeline, ({ messages, stale }) => !stale && messages.length === 3 && messages.every(({ status }) => status === 'sent'));
    const page = await real.server.asUser<MessagePage>(await real.server.token('bob'), 'GET', `/v1/channels/${channel.id}/messages`);
    expect(page.messages.map(({ content }) => content)).toEqual(['meanwhile', 'at the end', 'before']);
  });

  test('4429: whoever has too many connections waits for as long as the server says, and gets in when there is room', async () => {
    await real.room('many');
    const others = Array.from({ length: 5 }, () => real.client('alice'));
    for (const other of others) await other.connect();
    const last = real.client('alice');
    const began = Date.now();
    last.connect().catch(() => {});
    const { error, retryAt } = await until(last.connection, isWaiting) as Extract<ConnectionState, { name: 'waiting' }>;
    expect(error?.code).toBe('RATE_LIMITED');
    expect(retryAt - began).toBeGreaterThanOrEqual(error?.retryAfterMs ?? Infinity);
    expect(error?.retryAfterMs).toBeGreaterThan(1_000);
    await others[0]?.close();
    // The server hears of that end a moment later.
    const stop = last.connection.subscribe(() => last.retryNow());
    last.retryNow();
    await until(last.connection, (state) => state.name === 'live');
    stop();
  });

  /** Two users begin with tokens that end soon, Alice's first; she hands over a new one. False: they were too slow for that. */
  async function outlives(seconds: number): Promise<boolean> {
    const sockets = { alice: watchedSockets(), bob: watchedSockets() };
    const reasons: Record<'alice' | 'bob', TokenReason[]> = { alice: [], bob: [] };
    async function begin(user: 'alice' | 'bob', ends: number, isNew: (reason: TokenReason) => boolean) {
      const first = await endsIn(real, user, ends);
      const token: CariosanOptions['token'] = async ({ reason }) => {
        reasons[user].push(reason);
        return isNew(reason) ? real.server.token(user) : first;
      };
      return real.open(user, 'refresh', { token, environment: slowClock, webSocket: sockets[user].webSocket });
    }
    const alice = await begin('alice', seconds, (reason) => reason !== 'first');
    const bob = await begin('bob', seconds + 2, (reason) => reason === 'refused');
    const closed: number[] = [];
    sockets.bob.newest.on('close', (code: number) => closed.push(code));
    if (sockets.bob.opened.length === 1) await until(bob.client.connection, ({ name }) => name !== 'live');
    await until(bob.client.connection, ({ name }) => name === 'live');
    if (sockets.bob.opened.length !== 2 || closed.length === 0 || sockets.alice.opened.length !== 1) return false;
    expect([closed, reasons.bob.filter((reason) => reason === 'refused')]).toEqual([[4401], ['refused']]);
    await alice.channel.sendMessage({ text: 'still here' });
    expect([sockets.alice.opened.length, sockets.alice.sent('auth.refresh').length, reasons.alice]).toEqual([1, 1, ['first', 'expiring']]);
    return true;
  }

  test('auth.refresh keeps a connection beyond the end of the token that it began with; another is closed with 4401', async () => {
    await real.room('refresh');
    let seconds = 3;
    for (; !await outlives(seconds); seconds *= 3) real.closeAll();
    // On a busy machine it takes longer tokens.
    expect(seconds).toBeLessThan(30);
  });

  test('a token of another user is not taken by auth.refresh: the client comes back as that user', async () => {
    await real.room('another');
    const watched = watchedSockets();
    const { client } = await real.open('alice', 'another', {
      environment: slowClock, webSocket: watched.webSocket,
      token: ({ reason }) => (reason === 'first' ? endsIn(real, 'alice', 50) : real.server.token('bob')),
    });
    await until(client.me, (me) => me?.external_id === 'bob');
    await until(client.connection, (state) => state.name === 'live');
    expect([watched.sent('auth.refresh').length, watched.opened.length]).toEqual([1, 2]);
  });
});
