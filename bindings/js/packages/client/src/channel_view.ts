// What is shown of one channel: the snapshots behind a channel's handle, and the loading of what they show.

import type { Cell, Publisher } from './core/cell.ts';
import { asError, type CariosanError } from './core/error.ts';
import type { Session } from './session.ts';
import { lastActivity, ownRead, presentMembers, type HeldChannel } from './state/channel.ts';
import type { Opened } from './talk/opened.ts';
import type { OutboxItem } from './talk/outbox.ts';
import { rows, sameList, type ChatMessage, type Drawing, type RowContext } from './talk/rows.ts';
import type { Id, Json, Message, PresentMember, Role, UserRef } from './wire/types.ts';

export interface ChannelSnapshot {
  readonly id: Id;
  readonly externalId: string | null;
  readonly type: 'direct' | 'group';
  readonly name: string;
  readonly avatarUrl: string | null;
  readonly metadata: Json;
  readonly role: Role;
  readonly muted: boolean;
  readonly archived: boolean;
  readonly pinned: boolean;
  readonly markedUnread: boolean;
  readonly frozen: boolean;
  /** Slow mode: from when on the user may write again, in milliseconds of this device's clock. Null: there is none for them. */
  readonly mayWriteAt: number | null;
  readonly memberCount: number;
  readonly peer: UserRef | null;
  readonly preview: ChatMessage | null;
  readonly lastActivity: string;
  readonly unread: number;
  readonly mentions: number;
  readonly lastReadSeq: number;
  readonly lastSeq: number;
  /** Nothing can be sent: the other person of a direct channel was deleted, or is blocked by the user. */
  readonly readOnly: boolean;
  /** The server may have moved on: there is no connection, or it is being caught up. */
  readonly stale: boolean;
}

export interface TimelineSnapshot {
  /** Ascending; those that wait to be sent stand last, in the order they were sent. */
  readonly messages: readonly ChatMessage[];
  readonly window: 'live' | 'around';
  readonly focusId: Id | null;
  readonly status: 'idle' | 'loading' | 'ready' | 'failed' | 'gone';
  readonly stale: boolean;
  readonly error: CariosanError | null;
  readonly reachedStart: boolean;
  readonly reachedEnd: boolean;
  readonly loadingOlder: boolean;
  readonly loadingNewer: boolean;
}

export interface MembersSnapshot {
  readonly members: readonly PresentMember[];
  readonly complete: boolean;
  readonly loading: boolean;
}

export interface ReceiptsSnapshot {
  /** The newest `seq` that all the others have read. */
  readonly readByAll: number;
  readonly deliveredToAll: number;
  /** False: not everyone's cursor is known. */
  readonly known: boolean;
  of(user: Id): { readonly read: number; readonly delivered: number; readonly readAt: string | null };
}

/** Above this many members the server does not share receipts. */
const SHARED_RECEIPTS = 100;

/** The last snapshot, if the next one says the same. */
function kept<T extends object>(last: T | undefined | null, next: T): T {
  return last != null && (Object.keys(next) as (keyof T)[]).every((name) => Object.is(last[name], next[name])) ? last : next;
}

const keptList = <T>(last: readonly T[] | undefined, next: readonly T[]): readonly T[] => (last !== undefined && sameList(last, next) ? last : next);

/** The other person of a direct channel. The event of a new one names the members alone. */
function peerOf(channel: HeldChannel): UserRef | null {
  if (channel.peer !== null || channel.settings?.type !== 'direct') return channel.peer;
  for (const member of presentMembers(channel)) if (!member.left && member.user.id !== channel.viewer) return member.user;
  return null;
}

/** What of a channel an app watches and loads. */
export interface Shown {
  /** As it was asked for: an id, or the app's own name of the channel. */
  readonly ref: string;
  readonly info: Cell<ChannelSnapshot | null>;
  readonly timeline: Cell<TimelineSnapshot>;
  readonly members: Cell<MembersSnapshot>;
  readonly receipts: Cell<ReceiptsSnapshot>;
  /** Loads the newest messages and the members, again after each loss, until what it returns is called. */
  retain(): () => void;
  loadOlder(): Promise<void>;
  loadNewer(): Promise<void>;
  /** Shows the messages around one. False: it is not there. */
  openAround(messageId: Id): Promise<boolean>;
  backToLive(): void;
  loadMembers(): Promise<void>;
}

export interface ChannelView {
  readonly shown: Shown;
  /** How a message, or one that is not sent yet, is shown. Null: nobody is signed in. */
  rowOf(one: Message | OutboxItem): ChatMessage | null;
  readonly held: HeldChannel | undefined;
  readonly retained: boolean;
  /** Somebody looks at the channel, and not all of it is held that is to be. */
  readonly wants: boolean;
  touch(): void;
  /** The user is no member any more. */
  end(): void;
  /** Loads what is missing, if somebody looks at the channel and there is a connection. */
  ensureLoaded(): Promise<void>;
}

export interface ViewParts {
  readonly core: Session;
  readonly publish: Publisher;
  /** How a message looks with what the user has just done to it. */
  readonly drawing: Drawing;
  readonly blocked: Cell<ReadonlySet<Id>>;
  opened(): Promise<Pick<Opened, 'load' | 'show'>>;
  /** Puts stored messages into a channel that has none. */
  warm(channel: HeldChannel): Promise<void>;
  /** Nobody looks at the channel any more. */
  release(channel: HeldChannel): void;
}

export function channelView(ref: string, { core, publish, drawing, blocked, opened, warm, release }: ViewParts): ChannelView {
  const made = rows();
  let users = 0;
  let loading = false;
  const busy = { older: false, newer: false, members: false };
  let focusId: Id | null = null;
  let gone = false;
  let error: CariosanError | null = null;

  const find = (): HeldChannel | undefined => core.find(ref);
  const stale = (channel: HeldChannel | undefined): boolean =>
    !core.line.isCurrent || (channel !== undefined && core.reading.isReading(channel));

  function context(channel: HeldChannel | undefined): RowContext | null {
    const viewer = core.me;
    const external = channel?.settings?.external_id ?? (channel === undefined ? ref : null);
    return viewer === null ? null : { viewer, users: core.known, channel: { id: channel?.id ?? ref, external_id: external } };
  }

  const waiting = (channel: HeldChannel | undefined): readonly OutboxItem[] =>
    core.sending.items().filter((item) => item.channel === ref || item.channel === channel?.id || item.channel === channel?.settings?.external_id);

  function buildMessages(channel: HeldChannel | undefined): readonly ChatMessage[] {
    const shown = context(channel);
    if (shown === null) return [];
    const confirmed = channel === undefined ? [] : made.list(channel.windows.shown(), drawing, shown);
    const pending = channel?.windows.side == null ? waiting(channel).map((item) => made.pending(item, shown)) : [];
    return pending.length === 0 ? confirmed : [...confirmed, ...pending];
  }

  function statusOf(channel: HeldChannel | undefined): TimelineSnapshot['status'] {
    if (gone) return 'gone';
    if (channel !== undefined && channel.windows.start !== Infinity) return 'ready';
    if (loading) return 'loading';
    return error === null ? 'idle' : 'failed';
  }

  function buildTimeline(last: TimelineSnapshot | undefined): TimelineSnapshot {
    const channel = find();
    const side = channel?.windows.side ?? null;
    const messages = buildMessages(channel);
    const next: TimelineSnapshot = {
      messages: keptList(last?.messages, messages),
      window: side === null ? 'live' : 'around', focusId: side === null ? null : focusId,
      status: statusOf(channel), stale: stale(channel), error,
      reachedStart: side === null ? (channel?.windows.reachedStart ?? false) : side.reachedStart, reachedEnd: side === null,
      loadingOlder: busy.older, loadingNewer: busy.newer,
    };
    made.keep(messages);
    return kept(last, next);
  }

  /** A message that waits to be sent counts as sent. */
  function mayWriteAt({ settings, role, windows, viewer }: HeldChannel): number | null {
    const pause = role?.value === 'admin' ? 0 : (settings?.slow_mode_seconds ?? 0);
    if (pause === 0) return null;
    const held = windows.live();
    let at = held.length - 1;
    while (at >= 0 && held[at]?.user.id !== viewer) at -= 1;
    const times = waiting(find()).filter(({ state }) => state !== 'failed').map(({ createdAt }) => createdAt);
    return Math.max(Date.parse(held[at]?.created_at ?? '') || 0, ...times) + pause * 1_000;
  }

  const previews = rows();
  function buildInfo(last: ChannelSnapshot | null | undefined): ChannelSnapshot | null {
    const channel = find();
    const shown = context(channel);
    if (channel?.settings == null || shown === null) return null;
    const { settings, preferences } = channel;
    const read = ownRead(channel);
    const other = peerOf(channel);
    const peer = other === null ? null : (core.known.get(other.id) ?? other);
    const next: ChannelSnapshot = {
      id: channel.id, externalId: settings.external_id, type: settings.type, name: settings.name, avatarUrl: settings.avatar_url,
      metadata: settings.metadata, role: channel.role?.value ?? 'member', muted: preferences.muted, archived: preferences.archived,
      pinned: preferences.pinned, markedUnread: preferences.marked_unread, frozen: settings.frozen ?? false,
      mayWriteAt: mayWriteAt(channel), memberCount: channel.memberCount.value, peer,
      preview: channel.lastMessage === null ? null : previews.confirmed(drawing.draw(channel.lastMessage), shown), lastActivity: lastActivity(channel),
      unread: channel.counts.unread(read), mentions: channel.counts.mentions(read), lastReadSeq: read, lastSeq: channel.lastSeq,
      readOnly: settings.type === 'direct' && peer !== null && (peer.deleted === true || blocked.get().has(peer.id)), stale: stale(channel),
    };
    if (next.preview !== null) previews.keep([next.preview]);
    return kept(last, next);
  }

  function buildMembers(last: MembersSnapshot | undefined): MembersSnapshot {
    const channel = find();
    const list = channel === undefined ? [] : presentMembers(channel).flatMap((member) => (member.left ? [] : member));
    return kept(last, { members: keptList(last?.members, list), complete: channel?.membersComplete ?? false, loading: busy.members });
  }

  function buildReceipts(): ReceiptsSnapshot {
    const channel = find();
    const others = channel === undefined ? [] : presentMembers(channel).flatMap((member) =>
      (member.left || member.user.id === channel.viewer ? [] : channel.cursors.of(member.user.id)));
    const known = channel !== undefined && channel.receiptsComplete && channel.membersComplete && channel.memberCount.value <= SHARED_RECEIPTS;
    const least = (what: 'read' | 'delivered'): number => (others.length === 0 ? 0 : Math.min(...others.map((one) => one[what])));
    return {
      readByAll: least('read'), deliveredToAll: least('delivered'), known,
      of: (user) => channel?.cursors.of(user) ?? { read: 0, delivered: 0, readAt: null },
    };
  }

  const info = publish.source<ChannelSnapshot | null>(buildInfo);
  const timeline = publish.source<TimelineSnapshot>(buildTimeline);
  const members = publish.source<MembersSnapshot>(buildMembers);
  const receipts = publish.source<ReceiptsSnapshot>(buildReceipts);
  function touch(): void {
    for (const source of [info, timeline, members, receipts]) source.touch();
  }

  async function load(): Promise<void> {
    await warmHeld();
    const { show } = await opened();
    await show(ref, { lacksReceipts, shown: touch, gone: (isGone) => { gone = isGone; } });
  }

  const lacksReceipts = ({ receiptsComplete, memberCount }: HeldChannel): boolean => !receiptsComplete && memberCount.value <= SHARED_RECEIPTS;

  /** What could not be read is not asked for again by itself, but for messages: without them there is nothing to look at. */
  function lacks(channel: HeldChannel): boolean {
    return channel.windows.start === Infinity || (error === null && (!channel.membersComplete || lacksReceipts(channel)));
  }

  /** Without a connection what is stored is shown. */
  async function warmHeld(): Promise<void> {
    const channel = find();
    if (channel?.windows.start === Infinity) await warm(channel);
  }

  async function ensureLoaded(): Promise<void> {
    if (users === 0 || loading) return;
    if (!core.line.isCurrent) return warmHeld();
    loading = true;
    error = null;
    touch();
    const before = find();
    const generation = before?.generation;
    try {
      await load();
    } catch (fault) {
      error = asError(fault);
    }
    loading = false;
    const channel = find();
    // A reset, another epoch or a block has dropped what was read, or what was on its way.
    const isOther = channel !== before || channel?.generation !== generation;
    if (isOther && error?.code === 'LOST') error = null;
    touch();
    if (error === null && isOther && channel !== undefined && lacks(channel)) await ensureLoaded();
  }

  async function page(what: 'older' | 'newer' | 'members'): Promise<void> {
    const channel = find();
    if (channel === undefined || busy[what]) return;
    const set = (on: boolean): void => {
      busy[what] = on;
      touch();
    };
    set(true);
    try {
      await (await opened()).load[what](channel);
    } finally {
      set(false);
    }
  }

  function retain(): () => void {
    users += 1;
    // On its way while the connection is made.
    opened().catch(() => {});
    void ensureLoaded();
    let released = false;
    return () => {
      if (released) return;
      released = true;
      users -= 1;
      const held = find();
      if (users === 0 && held !== undefined) release(held);
    };
  }

  async function openAround(messageId: Id): Promise<boolean> {
    const channel = find();
    if (channel === undefined) return false;
    focusId = messageId;
    const there = await (await opened()).load.around(channel, messageId);
    touch();
    return there;
  }

  function backToLive(): void {
    find()?.windows.place({ side: null });
    touch();
  }

  function rowOf(one: Message | OutboxItem): ChatMessage | null {
    const shown = context(find());
    if (shown === null) return null;
    return 'body' in one ? made.pending(one, shown) : made.confirmed(drawing.draw(one), shown);
  }

  function end(): void {
    gone = true;
    touch();
  }

  return {
    touch, end, ensureLoaded, rowOf,
    get held() { return find(); },
    get retained() { return users > 0; },
    get wants() {
      const channel = find();
      return users > 0 && channel !== undefined && lacks(channel);
    },
    shown: {
      ref, info, timeline, members, receipts, retain, openAround, backToLive,
      loadOlder: () => page('older'), loadNewer: () => page('newer'), loadMembers: () => page('members'),
    },
  };
}
