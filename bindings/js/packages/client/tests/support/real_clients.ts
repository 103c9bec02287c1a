// Clients of the real server, and waiting for what can be observed.

import { WebSocket } from 'ws';
import { Cariosan, type CariosanOptions, type Cell, type Channel } from '../../src/index.ts';
import type { WebSocketConstructor } from '../../src/net/socket.ts';
import { realServer, type RealServer } from './real_server.ts';

export const socket = WebSocket as unknown as WebSocketConstructor;

export interface Watched {
  readonly webSocket: WebSocketConstructor;
  /** Those that were opened, the newest last. */
  readonly opened: readonly WebSocket[];
  readonly newest: WebSocket;
  /** What was sent over all of them, of this type. */
  sent(type: string): readonly { readonly data: Readonly<Record<string, unknown>> }[];
  /** What comes is lost on the way, until something comes that names this. */
  loseUntil(text: string): void;
}

/** Sockets that a test can look at, and use as the client should not. */
export function watchedSockets(): Watched {
  const opened: WebSocket[] = [];
  let lost = '';
  const frames: { readonly type: string; readonly data: Readonly<Record<string, unknown>> }[] = [];
  const made = function (this: unknown, url: string, protocols: string[]): WebSocket {
    const one = new WebSocket(url, protocols);
    const send = one.send.bind(one) as (text: string) => void;
    const listen = one.addEventListener.bind(one) as (type: string, listener: (event: { readonly data?: unknown }) => void) => void;
    // Of the client alone: a test sends by the prototype's.
    Object.assign(one, { send: (text: string) => {
      frames.push(JSON.parse(text) as (typeof frames)[number]);
      send(text);
    }, addEventListener: (type: string, listener: (event: { readonly data?: unknown }) => void) => listen(type, (event) => {
      if (type === 'message' && !String(event.data).includes(lost)) return;
      if (type === 'message') lost = '';
      listener(event);
    }) });
    opened.push(one);
    return one;
  } as unknown as WebSocketConstructor;
  return {
    webSocket: made, opened,
    get newest() {
      const one = opened.at(-1);
      if (one === undefined) throw new Error('no socket was opened');
      return one;
    },
    sent: (type) => frames.filter((frame) => frame.type === type),
    loseUntil: (text) => void (lost = text),
  };
}

/** Waits for what can be observed. The test's own limit ends a wait that never comes true. */
export function until<T>(cell: Cell<T>, holds: (value: T) => boolean): Promise<T> {
  return new Promise((resolve) => {
    const look = (): void => {
      const value = cell.get();
      if (!holds(value)) return;
      stop();
      resolve(value);
    };
    const stop = cell.subscribe(look);
    look();
  });
}

export interface RealClients {
  readonly server: RealServer;
  /** A group, of Alice and Budi unless others are named. */
  room(name: string, users?: readonly string[]): Promise<void>;
  client(user: string, options?: Partial<CariosanOptions>): Cariosan;
  /** A client that has a channel on its screen. */
  open(user: string, name: string, options?: Partial<CariosanOptions>): Promise<{ client: Cariosan; channel: Channel }>;
  /** A user has five connections at most. */
  closeAll(): void;
  end(): Promise<void>;
}

/** `more`: of the server's environment. */
export async function realClients(more: Readonly<Record<string, string>> = {}): Promise<RealClients> {
  const server = await realServer(more);
  const made: Cariosan[] = [];
  for (const [id, name] of [['alice', 'Alice'], ['bob', 'Budi'], ['eve', 'Eve']]) await server.backend('POST', '/v1/users', { external_id: id, name });

  function client(user: string, options: Partial<CariosanOptions> = {}): Cariosan {
    const one = new Cariosan({
      apiUrl: server.url, token: () => server.token(user), webSocket: socket, reconnect: { initialDelayMs: 50, maxDelayMs: 200 }, ...options,
    });
    made.push(one);
    return one;
  }

  function closeAll(): void {
    for (const one of made.splice(0)) one.close();
  }

  return {
    server, client,
    async room(name, users = ['alice', 'bob']) {
      await server.backend('POST', '/v1/channels', { type: 'group', external_id: name, name, member_external_ids: users });
    },
    async open(user, name, options) {
      const one = client(user, options);
      await one.connect();
      const channel = one.channel(name);
      channel.retain();
      await until(channel.timeline, ({ status }) => status === 'ready');
      return { client: one, channel };
    },
    closeAll,
    async end() {
      closeAll();
      await server.end();
    },
  };
}
