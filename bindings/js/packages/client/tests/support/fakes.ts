// A clock, sockets and answers that a test moves by hand.

import { Cariosan, type CariosanOptions, type Environment } from '../../src/index.ts';
import type { WebSocketLike } from '../../src/net/socket.ts';
import { fakeClock as handMovedClock, type FakeClock } from '../../src/testing/clock.ts';

export type { FakeClock } from '../../src/testing/clock.ts';

/** Lets every promise settle that can, the bodies of answers too. No time passes. */
export async function settle(): Promise<void> {
  for (let at = 0; at < 8; at += 1) await new Promise((resolve) => setImmediate(resolve));
}

export const fakeClock = (random: () => number = () => 0.5): FakeClock => handMovedClock({ random, settle });

export interface SentFrame {
  readonly type: string;
  readonly id?: string;
  readonly data?: Record<string, unknown>;
}

/** One socket that the client opened, seen from the server. */
export class FakeSocket implements WebSocketLike {
  readonly sent: SentFrame[] = [];
  closed = false;
  private readonly listeners: { type: string; listener: (event: { data?: unknown; code?: number; reason?: string }) => void }[] = [];

  constructor(readonly url: string, readonly protocols: string[]) {}

  addEventListener(type: string, listener: (event: { data?: unknown; code?: number; reason?: string }) => void): void {
    this.listeners.push({ type, listener });
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as SentFrame);
  }

  close(): void {
    this.closed = true;
  }

  private fire(type: string, event: { data?: unknown; code?: number; reason?: string }): void {
    for (const entry of this.listeners) if (entry.type === type) entry.listener(event);
  }

  receive(type: string, data: unknown = {}, id?: string | number): void {
    this.fire('message', { data: JSON.stringify({ type, data, ...(id === undefined ? {} : { id }) }) });
  }

  /** The connection ends with this code. */
  end(code: number, reason = ''): void {
    this.fire('close', { code, reason });
  }

  frames(type: string): SentFrame[] {
    return this.sent.filter((frame) => frame.type === type);
  }

  /** The last frame of this type; the test fails if there is none. */
  last(type: string): SentFrame & { id: string; data: Record<string, unknown> } {
    const all = this.frames(type);
    const frame = all[all.length - 1];
    if (frame?.id === undefined) throw new Error(`no ${type} was sent`);
    return { ...frame, id: frame.id, data: frame.data ?? {} };
  }
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly authorization: string;
  readonly body: unknown;
}
export type Answer = { readonly status: number; readonly body?: unknown; readonly headers?: Record<string, string> };

/** `place`: laid over the environment that the clock gives. */
export function fakeServer(
  options: Partial<CariosanOptions> = {}, answer: (asked: Asked) => Answer = () => ({ status: 404, body: {} }), place: Partial<Environment> = {},
) {
  const clock = fakeClock();
  const sockets: FakeSocket[] = [];
  const asked: Asked[] = [];
  class Socket extends FakeSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols);
      sockets.push(this);
    }
  }
  let special: (one: Asked, signal: AbortSignal | null | undefined) => Promise<Response> | undefined = () => undefined;
  const fetch: typeof globalThis.fetch = (url, request) => {
    const headers = request?.headers as Record<string, string>;
    const one: Asked = {
      method: request?.method ?? 'GET', path: String(url).replace('http://chat.test', ''), authorization: headers['authorization'] ?? '',
      body: typeof request?.body === 'string' ? JSON.parse(request.body) : undefined,
    };
    asked.push(one);
    const awaited = special(one, request?.signal);
    if (awaited !== undefined) return awaited;
    const { status, body, headers: given = {} } = answer(one);
    return Promise.resolve(new Response(body === undefined ? null : JSON.stringify(body), { status, headers: given }));
  };
  const client = new Cariosan({
    apiUrl: 'http://chat.test', token: 'token', webSocket: Socket, fetch, environment: { ...clock.environment, ...place }, ...options,
  });
  return {
    client, clock, sockets, asked,
    /** Answers, from now on, what this one does not pass over. */
    answerWith(given: typeof special) { special = given; },
    get socket(): FakeSocket {
      const socket = sockets[sockets.length - 1];
      if (socket === undefined) throw new Error('no socket was opened');
      return socket;
    },
  };
}

export type FakeServer = ReturnType<typeof fakeServer>;

export const AT = '2026-01-01T00:00:00.000Z';
export const alice = { id: 'u-alice', external_id: 'alice', name: 'Alice', avatar_url: null };
export const budi = { id: 'u-bob', external_id: 'bob', name: 'Budi', avatar_url: null };

export function message(seq: number, rev: number, fields: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: `m${seq}`, channel_id: 'c1', channel_external_id: 'order_1', seq, rev, user: budi, type: 'text', content: `text ${seq}`,
    attachment_url: null, metadata: {}, reactions: [], created_at: AT, edited_at: null, deleted_at: null, ...fields,
  };
}

/** The item of a channel `c1`, named `order_1`, at a revision. */
export function item(rev: number, lastSeq: number): Record<string, unknown> {
  return {
    summary: true, channel_id: 'c1',
    channel: {
      id: 'c1', external_id: 'order_1', type: 'group', name: 'Order', avatar_url: null, metadata: {}, member_count: 2, rev, settings_rev: 1,
      receipt_rev: 0, last_seq: lastSeq, created_at: AT,
    },
    role: 'member', member_count: 2, members: [], last_message: null, unread_count: 0, mention_count: 0, last_read_seq: lastSeq, rev,
    receipt_rev: 0, muted: false, last_activity: AT,
  };
}

export const ready = (fields: Record<string, unknown> = {}): Record<string, unknown> => ({
  connection_id: 'x', user: { ...alice, metadata: {}, created_at: AT, updated_at: AT }, epoch: 'e1', blocks_rev: 0, server_time: AT,
  heartbeat_seconds: 30, unread_total: 0, ...fields,
});

/** Greets the client and answers its `sync` with these pages. */
export async function greet(server: FakeServer, pages: readonly unknown[] = [], fields: Record<string, unknown> = {}): Promise<void> {
  await settle();
  const { socket } = server;
  socket.receive('connection.ready', ready(fields));
  await settle();
  const sync = socket.last('sync');
  socket.receive('ack', {}, sync.id);
  for (const page of pages) socket.receive('channel.sync', page);
  socket.receive('sync.done', { id: sync.id, epoch: fields['epoch'] ?? 'e1', unread_total: 0 });
  await settle();
}
