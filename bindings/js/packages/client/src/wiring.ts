// Wires what is behind one client: the session, the cells, and each feature.

import { publisher } from './core/cell.ts';
import { emitter } from './core/emitter.ts';
import { asError, CariosanError } from './core/error.ts';
import { parts, type Part } from './core/part.ts';
import { uuidMint } from './core/uuid.ts';
import { standardEnvironment } from './environment/environment.ts';
import { channelView, type ChannelView } from './channel_view.ts';
import { channelHandle, type ChannelEvents } from './channel.ts';
import type { CariosanOptions, ChannelListSnapshot, ClientEvents, LogEntry, OutboxSnapshot, WorkspaceSettings } from './options.ts';
import type { OpenSocket } from './net/connection.ts';
import type { ConnectionState } from './net/connection_state.ts';
import { openWebSocket } from './net/socket.ts';
import { session, type Session } from './session.ts';
import type { Greeting } from './wire/frames.ts';
import type { HeldChannel } from './state/channel.ts';
import type { Listener } from './hearing.ts';
import { lifecycle } from './net/lifecycle.ts';
import type { Keeping } from './keeping.ts';
import type { Opened } from './talk/opened.ts';
import type { Owned } from './talk/own_lists.ts';
import type { Pins, PinsSnapshot } from './talk/pins.ts';
import type { Presence, PresenceFeed } from './talk/presence.ts';
import type { ReadMark } from './talk/reading.ts';
import { listSnapshot, outboxSnapshot, settingsOf } from './snapshots.ts';
import { uploads } from './talk/uploads.ts';
import type { UploadSource } from './environment/upload.ts';
import type { Storage } from './store/storage.ts';
import type { Id, User, UserRef, WireSettings } from './wire/types.ts';

interface Handle extends Listener {
  readonly view: ChannelView;
  touchTyping(): void;
}

function checked(options: CariosanOptions): string {
  if (!/^https?:\/\/[^/]/.test(options.apiUrl)) throw new CariosanError({ code: 'CONFIG', message: 'apiUrl must begin with http:// or https://' });
  return options.apiUrl.replace(/\/+$/, '');
}

const nobody: readonly Id[] = [];
const noPins: PinsSnapshot = { messages: [], stale: true };
const noLists = (): Owned => ({ rev: 0, users: new Set(), preferencesRev: null });

export function wiring(options: CariosanOptions) {
  const apiUrl = checked(options);
  const environment = options.environment ?? standardEnvironment();
  const { enabled = true, initialDelayMs = 1_000, maxDelayMs = 30_000 } = options.reconnect ?? {};
  const log = (level: LogEntry['level'], what: string, detail?: unknown): void => options.onLog?.({ level, what, detail });
  const threw = (fault: unknown): void => log('error', 'a handler threw', fault);
  const { limits = {}, closeHiddenAfterMs = (environment.sleeps === true ? 20_000 : 600_000) } = options;
  const events = emitter<ClientEvents>(threw);
  const publish = publisher(environment.frame, threw);
  /** By either name of a channel; under no name there is none. */
  const handles = new Map<string | null | undefined, Handle>();
  const openSocket: OpenSocket = (url, protocols) => openWebSocket(options.webSocket, url, protocols);
  let state: ConnectionState = { name: 'idle' };
  let unread = 0;
  let workspace: WorkspaceSettings | null = null;
  /** What the present connection began with. */
  let greeting: Greeting = {};

  const tab = uuidMint(environment.now, environment.random)();
  /** What is stored, once that part of the package is loaded. */
  let kept: Keeping | null = null;
  let opening = Promise.resolve();

  const isWatched = (held: HeldChannel): boolean => [...handles.values()].some(({ view }) => view.retained && view.held === held);

  const later = parts(report);
  const core: Session = session({
    apiUrl, environment, openSocket, owner: tab, token: options.token,
    fetch: options.fetch ?? ((...request) => globalThis.fetch(...request)),
    reconnect: { enabled, initialDelayMs, maxDelayMs },
    pollWhenBlocked: options.pollWhenBlocked ?? true, outboxLimit: limits.outbox ?? 500, pageSize: limits.pageSize ?? 50, heldMessages: limits.heldMessages ?? 20_000,
  }, {
    connection(next) {
      state = next;
      log('debug', 'connection', next);
      for (const { view } of handles.values()) view.touch();
      for (const source of [connection, channels]) source.touch();
      publish.flush();
      events.emit('connection', next);
    },
    greeted(data) {
      greeting = data;
      me.touch();
      if (data.settings !== undefined) learnSettings(data.settings);
      kept?.greeted();
      opened.now?.actions.resume();
    },
    list: () => channels.touch(),
    channel(held) {
      kept?.changed(held);
      arrivedIn(held);
      forChannel(held, ({ view }) => {
        view.touch();
        if (view.wants) void view.ensureLoaded();
      });
    },
    user(id) {
      users.touch(id);
      for (const held of core.held.channels.values()) forChannel(held, ({ view }) => view.touch());
    },
    removed(held, reason) {
      kept?.removed(held);
      forChannel(held, ({ view }) => (reason === 'forgotten' ? view.touch() : view.end()));
      if (reason !== 'forgotten') events.emit('channel.removed', { id: held.id, reason });
    },
    arrived(held, one, live) {
      forChannel(held, ({ emit }) => emit('message', one));
      const { channel, view } = handleOf(held);
      const message = view.rowOf(one);
      if (message !== null) events.emit('message', { channel, message, source: live ? 'live' : 'resume' });
    },
    appeared: (held) => events.emit('channel.added', { channel: handleOf(held).channel }),
    resumed: (missed) => events.emit('resumed', missed),
    hearing: () => ({
      client: events.emit, forChannel, opened, online, publishNow: publish.flush, owned, later, report,
      changed() {
        blocked.touch();
        kept?.metaChanged();
      },
    }),
    settings: learnSettings,
    unreadTotal(count) {
      unread = count;
      unreadTotal.touch();
      kept?.metaChanged();
    },
    outbox: touchOutbox,
    sendFailed(item) {
      touchOutbox();
      const { channel, view } = handle(item.channel);
      const message = view.rowOf(item);
      if (message !== null) events.emit('send.failed', { channel, message });
    },
    upload: (item) => uploading.use(({ again }) => again(item)),
    discarded({ key }) {
      files.delete(key);
      uploading.now?.forget(key);
    },
    publishNow: () => { touchOutbox(); publish.flush(); },
    live() {
      core.following.now?.lists.read(greeting);
      if (core.sending.items().some(({ state: itemState }) => itemState === 'uploading')) uploading.use(({ resume }) => resume());
      for (const one of [online.now, kept]) one?.resume();
      if (wantedReads.size > 0 || opened.now !== undefined) opened.use(({ resume }) => resume());
      for (const held of core.held.channels.values()) arrivedIn(held);
      for (const { view } of handles.values()) void view.ensureLoaded();
    },
    revisions: () => ({ blocks_rev: owned.rev, ...(owned.preferencesRev !== null && { preferences_rev: owned.preferencesRev }) }),
    polled(round) {
      core.following.now?.lists.read(round);
      opened.now?.actions.resume();
      opened.now?.resume();
    },
    ended() {
      opened.now?.signs.forget();
      online.now?.forget();
    },
    otherUser() {
      void kept?.wipe();
      wantedReads.clear();
      Object.assign(owned, noLists());
      blocked.touch();
    },
    restsAfter: (code) => page.restsAfter(code),
    isWatched,
  }, later);

  const connection = publish.source<ConnectionState>(() => state);
  const me = publish.source<User | null>(() => core.me);
  const settings = publish.source<WorkspaceSettings | null>(() => workspace);
  const unreadTotal = publish.source<number>(() => unread);
  const users = publish.byId<UserRef | null>((id) => core.known.get(id));
  const outbox = publish.source<OutboxSnapshot>(() => outboxSnapshot(core));
  const channels = publish.source<ChannelListSnapshot>((last) => listSnapshot(core, last));
  const wantedReads = new Map<Id, ReadMark>();
  const opened: Part<Opened> = later.part(async () => (await import('./talk/opened.ts')).opened(core, {
    isWatched, wanted: wantedReads, most: limits.heldTimelines,
    wantedChanged: () => kept?.metaChanged(),
    acted(channel) {
      const held = core.find(channel);
      if (held !== undefined) forChannel(held, ({ view }) => view.touch());
      publish.flush();
    },
    typingChanged(id) {
      const held = core.held.get(id);
      if (held !== undefined) forChannel(held, ({ touchTyping }) => touchTyping());
    },
  }));
  const presences = publish.byId<Presence | null>((id) => online.now?.of(id) ?? null, (id, on) => online.use(({ watched }) => watched(id, on)));
  const online: Part<PresenceFeed> = later.part(async () => (await import('./talk/presence.ts')).presenceFeed(core, presences.touch));
  const pinned = publish.byId<PinsSnapshot>((ref) => pins.now?.of(ref) ?? noPins, (ref, on) => pins.use(({ watched }) => watched(ref, on)));
  const pins: Part<Pins> = later.part(async () =>
    (await import('./talk/pins.ts')).pins({ channel: (ref) => handle(ref).channel, blocked, changed: pinned.touch, report }));
  const files = new Map<string, UploadSource>();
  const accepted = (): WorkspaceSettings['attachments'] => workspace?.attachments ?? null;
  const uploading = later.part(async () => (await import('./talk/uploading.ts')).uploading(core, { accepted, files, uploader: options.upload }));
  const sendsFiles = uploads({ files, uploading, outbox: core.sending, check: (file) => core.following.now?.check(accepted(), file) });
  const owned = noLists();
  const blocked = publish.source<ReadonlySet<Id>>(() => owned.users);
  const page = lifecycle({
    environment, line: core.line,
    closeHiddenAfterMs,
    isIdle: () => core.sending.items().every(({ state: itemState }) => itemState === 'failed'),
    store: () => void kept?.flush(),
  });

  /** Reports a failure in the background. */
  function report(fault: unknown): void {
    const error = asError(fault);
    // The next connection tries again.
    if (error.code === 'LOST' || error.code === 'CLOSED') return;
    log('warn', 'in the background', { code: error.code, status: error.status });
    events.emit('error', error);
  }

  function learnSettings(wire: WireSettings): void {
    workspace = settingsOf(wire);
    settings.touch();
  }

  /** What somebody else has written is marked as delivered. */
  function arrivedIn(held: HeldChannel): void {
    const { lastMessage: newest, viewer } = held;
    if (newest !== null && newest.user.id !== viewer && newest.seq > held.cursors.of(viewer).delivered) opened.use(({ look }) => look(held));
  }

  /** Kept until it is sent, over lost connections and restarts. */
  function wantRead(id: Id, mark: ReadMark): void {
    if (mark.seq <= (wantedReads.get(id)?.seq ?? 0)) return;
    wantedReads.set(id, mark);
    kept?.metaChanged();
    opened.use(({ read }) => read(id));
  }

  function touchOutbox(): void {
    outbox.touch();
    for (const { view } of handles.values()) view.touch();
  }

  function forChannel({ id, settings }: HeldChannel, run: (handle: Handle) => void): void {
    for (const ref of [id, settings?.external_id]) {
      const known = handles.get(ref);
      if (known !== undefined) run(known);
    }
  }

  const handleOf = ({ id, settings }: HeldChannel): Handle => handles.get(settings?.external_id) ?? handle(id);

  function handle(ref: string): Handle {
    const known = handles.get(ref);
    if (known !== undefined) return known;
    const view = channelView(ref, {
      core, publish, blocked, release: (held) => opened.use(({ released }) => released(held)),
      drawing: {
        draw: (message) => opened.now?.actions.draw(message) ?? { message, saving: null },
        get version() { return opened.now?.actions.version ?? 0; },
      },
      warm: async (held) => kept?.warm(held),
      opened: opened.get,
    });
    const own = emitter<ChannelEvents>(threw);
    const typists = publish.source<readonly Id[]>(() => opened.now?.signs.of(view.held?.id ?? '') ?? nobody);
    const channel = channelHandle({ core, view, opened, typing: typists, pins: pinned.of(ref), events: own, wantRead, files: sendsFiles });
    const made: Handle = { channel, view, emit: own.emit, touchTyping: () => typists.touch() };
    handles.set(ref, made);
    return made;
  }

  let wanted = false;
  let closed = false;

  /** Also what was read before the connection was wanted no more stays. */
  async function restore(storage: Storage): Promise<void> {
    try {
      const { keeping } = await import('./keeping.ts');
      kept ??= keeping({
        environment, storage, apiUrl, core, tab, cacheKey: options.cacheKey,
        persistent: (persistent) => events.emit('storage', { persistent }),
        limits, owned, reads: wantedReads, wantRead,
        unread: () => unread,
        restored(total) {
          unread = total;
          for (const source of [me, unreadTotal, channels, blocked]) source.touch();
        },
      });
      await kept.start();
    } catch {
      // The part that stores could not be loaded: the next `connect` tries again.
      events.emit('storage', { persistent: false });
    }
  }

  /** What an earlier run has left comes first, then the connection. */
  function connect(): void {
    wanted = true;
    page.start();
    // What fails now is tried again with the first frame.
    core.following.get().catch(() => {});
    if (options.storage === undefined) return core.line.start();
    return void (opening = restore(options.storage)).then(() => wanted && core.line.start());
  }

  function disconnect(): void {
    wanted = false;
    page.stop();
    if (core.line.state.name !== 'closed') core.line.stop({ name: 'idle' });
  }

  /** Sends and stores what is still pending. */
  async function tell(): Promise<void> {
    await opened.get().then(({ flush }) => flush(), () => {});
    await kept?.flush();
  }

  async function wipe(): Promise<void> {
    await opening;
    await kept?.wipe();
  }

  async function close(): Promise<void> {
    if (closed) return;
    closed = true;
    wanted = false;
    page.stop();
    opened.now?.close();
    online.now?.stop();
    uploading.now?.close();
    core.close();
    later.close();
    await opening;
    await kept?.close();
  }

  return {
    core, environment, events, handle, user: users.of, connect, disconnect, close, presence: presences.of, blocked, tell, wipe, connection, me, settings,
    unreadTotal, outbox, channels,
  };
}

export type Wiring = ReturnType<typeof wiring>;
