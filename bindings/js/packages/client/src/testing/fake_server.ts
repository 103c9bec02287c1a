// A server that is played, for tests without a network: one user's world, which answers that user's clients as the real server
// would and does what a test says. Everything happens in microtasks, in the order in which it was said; it has no timer, no clock and
// no chance of its own.

import type { UploadRequest, Uploader } from '../environment/upload.ts';
import type { WebSocketConstructor, WebSocketLike } from '../net/socket.ts';
import type { Id, Member, Message, Preferences, Role, User } from '../wire/types.ts';
import { commands } from './commands.ts';
import { answerOf, bodyOf, refusalOf, type Refusal } from './faults.ts';
import type { FakeUser } from './people.ts';
import type { FakeChannelOptions, FakeMessage, Room } from './room.ts';
import { routes, type Answer, type Asked } from './routes.ts';
import { world, type WorldOptions } from './world.ts';

export type FakeServerOptions = WorldOptions;

/** What happens in a channel. Users are named as the app names them, or by id. Who is connected is told. */
export interface FakeChannel {
  readonly id: Id;
  readonly externalId: string;
  /** As the user sees them, ascending. */
  readonly messages: readonly Message[];
  readonly preferences: Preferences;
  readonly unread: number;
  says(user: string, message: string | FakeMessage): Message;
  edits(message: Id, text: string): Message;
  unsends(message: Id): Message;
  /** Null takes the reaction back. */
  reacts(user: string, message: Id, emoji: string | null): Message;
  pins(message: Id, user: string | null): Message;
  types(user: string): void;
  stopsTyping(user: string): void;
  /** Up to a message; else everything. */
  reads(user: string, upTo?: Id): void;
  receives(user: string, upTo?: Id): void;
  /** Joins, or gets another role. */
  joins(user: string, role?: Role): Member;
  leaves(user: string): void;
  becomes(settings: { name?: string; avatar_url?: string | null; metadata?: Readonly<Record<string, unknown>>; frozen?: boolean; slow_mode_seconds?: number }): void;
}

/** A frame that a client sent, or a request that it made. */
export type Heard =
  | { readonly frame: string; readonly data: Readonly<Record<string, unknown>> }
  | ({ readonly request: string } & Asked);

export interface FakeServer {
  /** What a client of this server is made with: `new Cariosan({ ...server.options })`. */
  readonly options: {
    readonly apiUrl: string;
    readonly token: string;
    readonly webSocket: WebSocketConstructor;
    readonly fetch: typeof globalThis.fetch;
    readonly upload: Uploader;
  };
  readonly webSocket: WebSocketConstructor;
  readonly fetch: typeof globalThis.fetch;
  readonly me: User;
  /** Makes a user, or changes one. */
  user(ref: string, fields?: FakeUser): User;
  /** Makes a channel, or finds the one of this name. */
  channel(ref: string, options?: FakeChannelOptions): FakeChannel;
  presence(user: string, status: 'online' | 'offline'): void;
  block(user: string): void;
  unblock(user: string): void;

  /** Everything that was heard, in order. */
  readonly heard: readonly Heard[];
  /** Frames of one type that were sent, by all clients. */
  frames(type: string): readonly Readonly<Record<string, unknown>>[];
  /** Requests, as `GET /v1/me/channels`. */
  requests(what: string): readonly Asked[];
  readonly uploads: readonly UploadRequest[];
  /** Tokens of devices that are registered, with their platforms. */
  readonly devices: ReadonlyMap<string, string>;
  /** How many connections there are, and have been. */
  readonly connections: { readonly open: number; readonly made: number };

  /** A frame of the test's own making, to every connection. */
  tell(type: string, data: object): void;
  /** The next command of this type, or the next request (`POST /v1/me/devices`), is refused. */
  refuse(what: string, refusal: Refusal): void;
  /** Asked about each request first; what it answers stands. Undefined leaves the request to the server. */
  answer(script: (asked: Asked) => Answer | undefined): void;
  /** From now on nothing is answered or told, until the function that is returned is called: then everything is, in order. */
  hold(): () => void;
  /** Ends the connections, with a close code. The next ones are made. */
  drop(code?: number): void;
  /** There is no network, until `goOnline`. */
  goOffline(): void;
  goOnline(): void;
  /** The data is of another history, as after a backup was restored: clients forget what they hold. */
  rotateEpoch(): void;
}

interface Link {
  send(type: string, data: object, id?: unknown): void;
  end(code: number): void;
}

const API = 'http://chat.test';
const asPromise = (fault: Error): Promise<never> => Promise.reject(fault);

function queryOf(text: string): Record<string, string> {
  const pairs = text === '' ? [] : text.split('&').map((pair) => pair.split('=').map(decodeURIComponent));
  return Object.fromEntries(pairs.map(([name = '', value = '']) => [name, value]));
}

/** As much of a `Response` as is read of one: not every place that tests run in has the real one. */
function responseOf({ status, body }: Answer): Response {
  const text = body === undefined ? '' : JSON.stringify(body);
  const made = { status, ok: status < 300, headers: { get: () => null }, text: () => Promise.resolve(text), json: () => Promise.resolve(JSON.parse(text) as unknown) };
  return made as unknown as Response;
}

export function fakeServer(options: FakeServerOptions = {}): FakeServer {
  const links = new Set<Link>();
  const heard: Heard[] = [];
  const uploads: UploadRequest[] = [];
  const refusals = new Map<string, Refusal[]>();
  const handles = new Map<Room, FakeChannel>();
  let script: (asked: Asked) => Answer | undefined = () => undefined;
  let held: (() => void)[] | null = null;
  let isOnline = true;
  let made = 0;

  /** In its turn, or when what is held is let go. */
  function soon(run: () => void): void {
    if (held === null) queueMicrotask(run);
    else held.push(run);
  }

  function tell(type: string, data: object): void {
    for (const link of links) link.send(type, data);
  }

  const here = world(options, tell);
  const commanded = commands(here, tell);
  const route = routes(here, commanded);

  function refused(what: string): Refusal | undefined {
    return refusals.get(what)?.shift();
  }

  function greeting(): object {
    return {
      connection_id: `x-${made}`, user: here.viewer, epoch: here.epoch, blocks_rev: here.blocksRev, preferences_rev: here.preferencesRev,
      server_time: here.now, heartbeat_seconds: 30, unread_total: here.unreadTotal(), settings: here.settings,
    };
  }

  function hear(link: Link, text: string): void {
    const { type, data = {}, id } = JSON.parse(text) as { type: string; data?: Record<string, unknown>; id?: unknown };
    heard.push({ frame: type, data });
    if (type === 'ping') return link.send('pong', {});
    const refusal = refused(type);
    if (refusal !== undefined) return link.send('error', bodyOf(refusal), id);
    try {
      const { ack, after } = commanded.run(type, data, id);
      if (ack !== null) link.send('ack', ack, id);
      after();
    } catch (fault) {
      link.send('error', bodyOf(refusalOf(fault)), id);
    }
  }

  function open(): WebSocketLike {
    const listeners: { type: string; listener: (event: { data?: unknown; code?: number; reason?: string }) => void }[] = [];
    const fire = (type: string, event: { data?: unknown; code?: number; reason?: string }): void => {
      for (const one of [...listeners]) if (one.type === type) one.listener(event);
    };
    const link: Link = {
      send: (type, data, id) => {
        // As it is now: a test may change the world before it is read.
        const text = JSON.stringify({ type, data, ...(id === undefined ? {} : { id }) });
        soon(() => links.has(link) && fire('message', { data: text }));
      },
      end(code) {
        if (links.delete(link)) queueMicrotask(() => fire('close', { code, reason: '' }));
      },
    };
    made += 1;
    if (isOnline) {
      links.add(link);
      link.send('connection.ready', greeting());
    } else {
      queueMicrotask(() => fire('close', { code: 1006, reason: '' }));
    }
    return {
      addEventListener: (type, listener) => void listeners.push({ type, listener }),
      send: (text) => soon(() => links.has(link) && hear(link, text)),
      close: () => link.end(1000),
    };
  }

  const fetch = ((url: string, request: { method?: string; body?: string; signal?: AbortSignal } = {}) => {
    const [path = '', query = ''] = String(url).replace(API, '').split('?');
    const method = request.method ?? 'GET';
    const asked: Asked = { method, path, query: queryOf(query), body: request.body === undefined ? {} : (JSON.parse(request.body) as Record<string, unknown>) };
    heard.push({ request: `${method} ${path}`, ...asked });
    if (!isOnline) return asPromise(new TypeError('there is no network'));
    return new Promise<Response>((resolve, reject) => {
      request.signal?.addEventListener('abort', () => reject(new Error('aborted')));
      soon(() => {
        if (!isOnline) return reject(new TypeError('there is no network'));
        const refusal = refused(`${method} ${path}`);
        try {
          return resolve(responseOf(refusal === undefined ? (script(asked) ?? route(asked)) : answerOf(refusal)));
        } catch (fault) {
          return resolve(responseOf(answerOf(refusalOf(fault))));
        }
      });
    });
  }) as unknown as typeof globalThis.fetch;

  const upload: Uploader = (request) => {
    uploads.push(request);
    return new Promise((resolve, reject) => {
      request.signal.addEventListener('abort', () => reject(new Error('aborted')));
      soon(() => {
        const refusal = refused('upload');
        if (!isOnline) return reject(new Error('there is no network'));
        request.onProgress(1);
        return resolve({ status: refusal === undefined ? 200 : answerOf(refusal).status });
      });
    });
  };

  function handleOf(one: Room): FakeChannel {
    const { id, externalId, says, edits, unsends, reacts, pins, joins, leaves, becomes, moves, who } = one;
    return {
      id, externalId, says, edits, unsends, reacts, pins, joins,
      get messages() { return one.visible(); },
      get preferences() { return one.preferences; },
      get unread() { return one.unread(); },
      types: (user) => tell('typing.start', { channel_id: id, user_id: who(user) }),
      stopsTyping: (user) => tell('typing.stop', { channel_id: id, user_id: who(user) }),
      reads: (user, upTo) => void moves('read', user, upTo),
      receives: (user, upTo) => void moves('delivered', user, upTo),
      leaves: (user) => void leaves(user),
      becomes: (settings) => void becomes(settings),
    };
  }

  // Called with `new`: what it returns is the socket.
  function Socket(): WebSocketLike {
    return open();
  }
  const webSocket = Socket as unknown as WebSocketConstructor;

  return {
    options: { apiUrl: API, token: 'token', webSocket, fetch, upload },
    webSocket, fetch, heard, uploads, tell,
    get me() { return here.viewer; },
    get devices() { return here.devices; },
    get connections() { return { open: links.size, made }; },
    user: here.user,
    channel(ref, given) {
      const one = here.channel(ref, given);
      const known = handles.get(one) ?? handleOf(one);
      handles.set(one, known);
      return known;
    },
    presence: here.setPresence,
    block: (user) => here.setBlock(user, true),
    unblock: (user) => here.setBlock(user, false),
    frames: (type) => heard.flatMap((one) => ('frame' in one && one.frame === type ? [one.data] : [])),
    requests: (what) => heard.flatMap((one) => ('request' in one && one.request === what ? [one] : [])),
    refuse: (what, refusal) => void refusals.set(what, [...(refusals.get(what) ?? []), refusal]),
    answer(given) { script = given; },
    hold() {
      held ??= [];
      return () => {
        const waiting = held ?? [];
        held = null;
        for (const run of waiting) queueMicrotask(run);
      };
    },
    drop(code = 1006) {
      for (const link of [...links]) link.end(code);
    },
    goOffline() {
      isOnline = false;
      for (const link of [...links]) link.end(1006);
    },
    goOnline() { isOnline = true; },
    rotateEpoch() {
      here.newEpoch();
      for (const link of [...links]) link.end(1006);
    },
  };
}
