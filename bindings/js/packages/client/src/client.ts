// The client as an app holds it. Making one does nothing: no socket, timer, listener or request before `connect`.

import { publisher, type Cell } from './core/cell.ts';
import { emitter } from './core/emitter.ts';
import { CariosanError } from './core/error.ts';
import { standardEnvironment, type Environment } from './environment/environment.ts';
import { channelView, type ChannelView } from './channel_view.ts';
import { Channel, type ChannelEvents } from './channel.ts';
import type { ConnectionState, OpenSocket } from './net/connection.ts';
import { openWebSocket, type WebSocketConstructor } from './net/socket.ts';
import type { TokenProvider } from './net/token.ts';
import { session, type Session } from './session.ts';
import { applyCursor } from './state/answers.ts';
import { lastActivity, type HeldChannel } from './state/channel.ts';
import { memoryStorage, type Storage } from './store/storage.ts';
import { readMarks } from './talk/reading.ts';
import { sameList } from './talk/rows.ts';
import { typing } from './talk/typing.ts';
import type { CursorMoved, Id, Message, User, UserRef } from './wire/types.ts';
import type { DurableEvent, LooseFrame } from './wire/frames.ts';

export interface CariosanOptions {
  /** http or https; the socket's address follows from it. */
  readonly apiUrl: string;
  /** A function is asked again when the token expires or is refused; a text cannot be renewed. */
  readonly token: string | TokenProvider;
  /** Keeps unsent messages. Without one they live as long as this object. */
  readonly storage?: Storage;
  readonly reconnect?: { readonly enabled?: boolean; readonly initialDelayMs?: number; readonly maxDelayMs?: number };
  /** Where there is none, as in Node.js before 22: that of the package `ws`. */
  readonly webSocket?: WebSocketConstructor;
  readonly fetch?: typeof globalThis.fetch;
  readonly environment?: Environment;
  readonly limits?: { readonly outbox?: number; readonly pageSize?: number };
}

export interface OutboxSnapshot {
  readonly waiting: number;
  readonly failed: number;
  readonly pausedUntil: number | null;
}

export interface ChannelListSnapshot {
  /** The newest activity first. */
  readonly ids: readonly Id[];
  readonly stale: boolean;
}

export interface ClientEvents {
  connection: ConnectionState;
  error: CariosanError;
  /** Each new message once, in the order of its channel, whether it came live or by catching up. */
  message: { readonly channel: Channel; readonly message: Message };
  mention: { readonly channel_id: Id; readonly message_id: Id; readonly by_user_id: Id };
  'channel.removed': { readonly id: Id; readonly reason: 'left' | 'deleted' };
  'send.failed': { readonly channel: Channel; readonly key: string; readonly error: CariosanError | null };
}

interface Handle {
  readonly channel: Channel;
  readonly view: ChannelView;
  emit<E extends keyof ChannelEvents>(event: E, data: ChannelEvents[E]): void;
  touchTyping(): void;
}

/** The inside of a client. Tests compare it with the server; it is no part of the interface. */
export const inside = Symbol.for('cariosan.inside');

function checked(options: CariosanOptions): string {
  if (!/^https?:\/\/[^/]/.test(options.apiUrl)) throw new CariosanError({ code: 'CONFIG', message: 'apiUrl must begin with http:// or https://' });
  return options.apiUrl.replace(/\/+$/, '');
}

function parts(options: CariosanOptions) {
  const apiUrl = checked(options);
  const environment = options.environment ?? standardEnvironment();
  const { enabled = true, initialDelayMs = 1_000, maxDelayMs = 30_000 } = options.reconnect ?? {};
  const events = emitter<ClientEvents>(() => {});
  const publish = publisher(environment.frame, () => {});
  const handles = new Map<string, Handle>();
  const openSocket: OpenSocket = (url, protocols) => openWebSocket(options.webSocket, url, protocols);
  let state: ConnectionState = { name: 'idle' };
  let unread = 0;

  const core: Session = session({
    apiUrl, environment, openSocket, token: options.token, storage: options.storage ?? memoryStorage(),
    fetch: options.fetch ?? ((...request) => globalThis.fetch(...request)),
    reconnect: { enabled, initialDelayMs, maxDelayMs },
    outboxLimit: options.limits?.outbox ?? 500, pageSize: options.limits?.pageSize ?? 50,
  }, {
    connection(next) {
      state = next;
      for (const { view } of handles.values()) view.touch();
      for (const source of [connection, channels]) source.touch();
      publish.flush();
      events.emit('connection', next);
    },
    me: () => me.touch(),
    list: () => channels.touch(),
    channel: (held) => forChannel(held, ({ view }) => {
      view.touch();
      if (view.retained && held.windows.start === Infinity) void view.ensureLoaded();
    }),
    removed(held, reason) {
      forChannel(held, ({ view }) => view.touch());
      if (reason !== 'forgotten') events.emit('channel.removed', { id: held.id, reason });
    },
    arrived(held, message) {
      forChannel(held, ({ emit }) => emit('message', message));
      events.emit('message', { channel: handleOf(held).channel, message });
    },
    frame: hearFrame,
    durable: hearDurable,
    unreadTotal: (count) => { unread = count; unreadTotal.touch(); },
    outbox: touchOutbox,
    sendFailed(item) {
      touchOutbox();
      events.emit('send.failed', { channel: handle(item.channel).channel, key: item.key, error: item.error });
    },
    publishNow: () => { touchOutbox(); publish.flush(); },
    live() {
      marks.resume();
      for (const { view } of handles.values()) void view.ensureLoaded();
    },
    ended: () => signs.forget(),
    storageFailed: (fault) => events.emit('error', new CariosanError({ code: 'NETWORK', message: `storage: ${String(fault)}` })),
    isWatched: (held) => [...handles.values()].some(({ view }) => view.retained && view.held === held),
  });

  const connection = publish.source<ConnectionState>(() => state);
  const me = publish.source<User | null>(() => core.me);
  const unreadTotal = publish.source<number>(() => unread);
  const outbox = publish.source<OutboxSnapshot>(() => {
    const items = core.sending.items();
    const failed = items.filter((item) => item.state === 'failed').length;
    return { waiting: items.length - failed, failed, pausedUntil: core.sending.pausedUntil };
  });
  const channels = publish.source<ChannelListSnapshot>((last) => {
    const shown = [...core.held.channels.values()].filter((held) => held.settings !== null);
    const newest = (a: string, b: string): number => (a < b ? 1 : a > b ? -1 : 0);
    shown.sort((a, b) => newest(lastActivity(a), lastActivity(b)) || newest(a.id, b.id));
    const ids = shown.map(({ id }) => id);
    const stale = state.name !== 'live';
    if (last !== undefined && last.stale === stale && sameList(last.ids, ids)) return last;
    return { ids: last !== undefined && sameList(last.ids, ids) ? last.ids : ids, stale };
  });
  const signs = typing(environment, (id) => {
    const held = core.held.get(id);
    if (held !== undefined) forChannel(held, ({ touchTyping }) => touchTyping());
  });
  const marks = readMarks(environment, () => core.line.isOpen, async (id, messageId) => {
    const answer = (await core.line.request('message.read', { channel: id, message_id: messageId }, 'read').answer) as CursorMoved;
    core.withChannel(id, (held) => applyCursor(held, answer));
  });

  function touchOutbox(): void {
    outbox.touch();
    for (const { view } of handles.values()) view.touch();
  }

  function forChannel(held: HeldChannel, run: (handle: Handle) => void): void {
    for (const ref of [held.id, held.settings?.external_id]) {
      const known = ref == null ? undefined : handles.get(ref);
      if (known !== undefined) run(known);
    }
  }

  const handleOf = (held: HeldChannel): Handle => {
    const external = held.settings?.external_id;
    return (external == null ? undefined : handles.get(external)) ?? handle(held.id);
  };

  function handle(ref: string): Handle {
    const known = handles.get(ref);
    if (known !== undefined) return known;
    const view = channelView(ref, core, publish);
    const own = emitter<ChannelEvents>(() => {});
    const typists = publish.source<readonly Id[]>(() => signs.of(view.held?.id ?? ''));
    const channel = new Channel({ core, view, typing: typists, events: own, marks });
    const made: Handle = { channel, view, emit: own.emit, touchTyping: () => typists.touch() };
    handles.set(ref, made);
    return made;
  }

  function hearDurable(event: DurableEvent): void {
    const held = core.held.get('channel_id' in event.data ? event.data.channel_id : event.data.channel.id);
    if (held === undefined) return;
    forChannel(held, ({ emit }) => {
      if (event.type === 'message.updated') emit('message.updated', event.data.message);
      if (event.type === 'message.deleted') emit('message.deleted', { id: event.data.message_id, seq: event.data.seq, deleted_at: event.data.deleted_at });
      if (event.type === 'reaction.added') emit('reaction.add', event.data);
      if (event.type === 'reaction.removed') emit('reaction.remove', event.data);
    });
    if (event.type === 'message.created') signs.stopped(held.id, event.data.message.user.id);
  }

  function hearFrame(frame: LooseFrame): void {
    if (!('channel_id' in frame.data)) return;
    const held = core.held.get(frame.data.channel_id);
    if (frame.type === 'mention') events.emit('mention', frame.data);
    if (held === undefined) return;
    if (frame.type === 'typing.start') signs.started(held.id, frame.data.user_id);
    if (frame.type === 'typing.stop') signs.stopped(held.id, frame.data.user_id);
    forChannel(held, ({ emit }) => {
      if (frame.type === 'mention') emit('mention', frame.data);
      if (frame.type === 'typing.start' || frame.type === 'typing.stop') {
        emit('typing', { user_id: frame.data.user_id, state: frame.type === 'typing.start' ? 'start' : 'stop' });
      }
      if (frame.type === 'receipt.read' || frame.type === 'receipt.delivered') {
        emit('receipt', { kind: frame.type === 'receipt.read' ? 'read' : 'delivered', user_id: frame.data.user_id, seq: frame.data.seq });
      }
    });
  }

  const user = (id: Id): UserRef | null => core.known.get(id);
  return { core, environment, events, publish, handle, connection, me, unreadTotal, outbox, channels, marks, user };
}

const RELEASE_AFTER_MS = 1_000;

export class Cariosan {
  readonly connection: Cell<ConnectionState>;
  readonly me: Cell<User | null>;
  readonly channels: Cell<ChannelListSnapshot>;
  readonly unreadTotal: Cell<number>;
  readonly outbox: Cell<OutboxSnapshot>;
  readonly [inside]: Session;
  private readonly parts: ReturnType<typeof parts>;
  private users = 0;
  private cancelRelease = (): void => {};

  constructor(options: CariosanOptions) {
    this.parts = parts(options);
    this[inside] = this.parts.core;
    this.connection = this.parts.connection;
    this.me = this.parts.me;
    this.channels = this.parts.channels;
    this.unreadTotal = this.parts.unreadTotal;
    this.outbox = this.parts.outbox;
  }

  /** Resolves when everything held is up to date for the first time. Rejects only when that will not happen by itself. */
  connect(): Promise<User> {
    const { core, events } = this.parts;
    const ended = (state: ConnectionState): CariosanError | null => {
      if (state.name === 'signed_out') return new CariosanError({ code: 'SIGNED_OUT' });
      if (state.name === 'refused') return new CariosanError({ code: 'REFUSED', message: state.reason, details: { close_code: state.closeCode } });
      return state.name === 'closed' ? new CariosanError({ code: 'CLOSED' }) : null;
    };
    if (core.line.state.name === 'closed') return Promise.reject(new CariosanError({ code: 'CLOSED' }));
    core.line.start();
    return new Promise((resolve, reject) => {
      const look = (state: ConnectionState): void => {
        const fault = ended(state);
        if (state.name === 'live' && core.me !== null) resolve(core.me);
        else if (fault !== null) reject(fault);
        else return;
        stop();
      };
      const stop = events.on('connection', look);
      look(core.line.state);
    });
  }

  /** Ends the connection. What is held and what waits to be sent stay. */
  disconnect(): void {
    if (this.parts.core.line.state.name !== 'closed') this.parts.core.line.stop('idle');
  }

  /** A counted `connect`: a second after the last release the connection ends. */
  retain(): () => void {
    this.users += 1;
    this.cancelRelease();
    this.connect().catch(() => {});
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.users -= 1;
      if (this.users === 0) this.cancelRelease = this.parts.environment.setTimer(() => this.disconnect(), RELEASE_AFTER_MS);
    };
  }

  retryNow(): void {
    this.parts.core.line.retryNow();
  }

  /** For good. What waits to be sent stays in the storage. */
  close(): void {
    this.cancelRelease();
    this.parts.marks.stop();
    this.parts.core.close();
  }

  /** By the app's own name or by id. The same handle each time. */
  channel(ref: string): Channel {
    return this.parts.handle(ref).channel;
  }

  /** What is known of a user, of whatever object it came with. */
  user(id: Id): UserRef | null {
    return this.parts.user(id);
  }

  on<E extends keyof ClientEvents>(event: E, handler: (data: ClientEvents[E]) => void): () => void {
    return this.parts.events.on(event, handler);
  }

  off<E extends keyof ClientEvents>(event: E, handler: (data: ClientEvents[E]) => void): void {
    this.parts.events.off(event, handler);
  }
}
