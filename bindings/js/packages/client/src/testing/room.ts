// One channel of a server that is played: what happens in it, and how the server shows it to the one user whose client is tested.

import type {
  Changes, ChannelItem, ChannelObject, Id, Json, Member, Mention, Message, NamedMention, Preferences, PresentMember, Quote, Reaction, Receipt, Role, User,
} from '../wire/types.ts';
import { refOf, type People } from './people.ts';

export interface FakeMessage {
  readonly text?: string;
  readonly parentId?: Id;
  /** Users, by the app's own names. */
  readonly mentions?: readonly (string | NamedMention)[];
  readonly attachmentUrl?: string;
  readonly type?: Message['type'];
  readonly metadata?: Json;
  readonly idempotencyKey?: string;
}

export interface FakeChannelOptions {
  readonly name?: string;
  readonly type?: 'direct' | 'group';
  readonly avatar_url?: string | null;
  readonly metadata?: Json;
  readonly frozen?: boolean;
  readonly slow_mode_seconds?: number;
  /** By the app's own names. The user whose client is tested, unless others are named. */
  readonly members?: readonly string[];
  /** Of the user whose client is tested. */
  readonly role?: Role;
  readonly preferences?: Partial<Preferences>;
}

export interface RoomHost {
  readonly viewer: User;
  readonly people: People;
  readonly epoch: string;
  /** The next moment, by the server's clock. */
  at(): string;
  mint(): Id;
  isBlocked(user: Id): boolean;
  /** To every connection of the user. */
  tell(type: string, data: object): void;
  unreadTotal(): number;
}

interface Stored {
  readonly id: Id;
  readonly seq: number;
  readonly author: Id;
  readonly type: Message['type'];
  readonly parent: Id | null;
  readonly key: string | null;
  readonly created: string;
  rev: number;
  content: string;
  attachment: string | null;
  metadata: Json;
  mentions: readonly Mention[];
  edited: string | null;
  deleted: string | null;
  pinned: { readonly at: string; readonly by: Id } | null;
  readonly reactions: Map<Id, string>;
}

interface Cursor {
  read: number;
  delivered: number;
  readAt: string | null;
  rev: number;
}

/** Someone's id in place of the app's own name. */
type Who = string;

export function room(host: RoomHost, externalId: string, options: FakeChannelOptions = {}) {
  const { viewer, people } = host;
  const id = `c-${externalId}`;
  const messages = new Map<Id, Stored>();
  const members = new Map<Id, Member>();
  const cursors = new Map<Id, Cursor>();
  const created = host.at();
  const settings = {
    type: options.type ?? ('group' as const), name: options.name ?? externalId, avatar_url: options.avatar_url ?? null,
    metadata: options.metadata ?? {}, frozen: options.frozen ?? false, slow_mode_seconds: options.slow_mode_seconds ?? 0,
  };
  let preferences: Preferences = { muted: false, archived: false, pinned: false, marked_unread: false, ...options.preferences };
  let preferencesRev = 0;
  let rev = 1;
  let receiptRev = 0;
  let settingsRev = 1;
  let lastSeq = 0;

  const who = (ref: Who): Id => people.get(ref).id;
  const present = (): PresentMember[] => [...members.values()].flatMap((member) => (member.left ? [] : member));
  const isMember = (user: Id): boolean => members.get(user)?.left === undefined && members.has(user);
  const visible = (): Stored[] => [...messages.values()].filter(({ author }) => !host.isBlocked(author));

  const member = (user: Id, role: Role): PresentMember => ({ user: refOf(people.get(user)), role, joined_at: host.at(), rev });
  for (const ref of options.members ?? [viewer.id]) {
    const user = who(ref);
    members.set(user, member(user, user === viewer.id ? (options.role ?? 'member') : 'member'));
    cursors.set(user, { read: 0, delivered: 0, readAt: null, rev: 0 });
  }

  const channel = (): ChannelObject => ({
    id, external_id: externalId, ...settings, member_count: present().length, rev, settings_rev: settingsRev,
    receipt_rev: receiptRev, last_seq: lastSeq, created_at: created,
  });

  function quote(parent: Id): Quote {
    const stored = messages.get(parent);
    if (stored === undefined || host.isBlocked(stored.author)) return { id: parent, hidden: true };
    return {
      id: parent, user_id: stored.author, user_name: people.get(stored.author).name, content: stored.content, type: stored.type,
      deleted: stored.deleted !== null,
    };
  }

  /** `mine`: answers say which reactions are the viewer's, live events do not. */
  function reactionsOf(stored: Stored, mine: boolean): Reaction[] {
    const all = [...stored.reactions];
    return [...new Set(all.map(([, emoji]) => emoji))].map((emoji) => ({
      emoji, count: all.filter(([, one]) => one === emoji).length, ...(mine ? { reacted_by_me: stored.reactions.get(viewer.id) === emoji } : {}),
    }));
  }

  function shown(stored: Stored, mine: boolean): Message {
    const gone = stored.deleted !== null;
    return {
      id: stored.id, channel_id: id, channel_external_id: externalId, seq: stored.seq, rev: stored.rev, user: refOf(people.get(stored.author)),
      type: stored.type, content: stored.content, attachment_url: stored.attachment, metadata: stored.metadata,
      ...(stored.parent === null || gone ? {} : { parent_id: stored.parent, quoted_message: quote(stored.parent) }),
      ...(stored.mentions.length === 0 ? {} : { mentions: stored.mentions }),
      reactions: reactionsOf(stored, mine),
      ...(stored.pinned === null ? {} : { pinned_at: stored.pinned.at, pinned_by: refOf(people.get(stored.pinned.by)) }),
      ...(stored.key === null || stored.author !== viewer.id ? {} : { idempotency_key: stored.key }),
      created_at: stored.created, edited_at: stored.edited, deleted_at: stored.deleted,
    };
  }

  function unreadOnes(): Stored[] {
    const read = cursors.get(viewer.id)?.read ?? 0;
    return visible().filter(({ seq, deleted, author }) => seq > read && deleted === null && author !== viewer.id);
  }
  const unread = (): number => unreadOnes().length;
  const mentionCount = (): number => unreadOnes().filter(({ mentions }) => mentions.some(({ user_id }) => user_id === viewer.id)).length;
  const counts = () => ({ unread_count: unread(), mention_count: mentionCount() });

  const receipt = (user: Id): Receipt => {
    const { read = 0, delivered = 0, readAt = null } = cursors.get(user) ?? {};
    return { user_id: user, last_read_seq: read, last_read_at: readAt, last_delivered_seq: delivered, last_delivered_at: readAt };
  };

  /** One revision, one frame. What somebody does whom the viewer has blocked is told without saying what it was. */
  function commit(by: Id, type: string, data: () => object): void {
    rev += 1;
    const body = data();
    if (isMember(viewer.id)) host.tell(host.isBlocked(by) ? 'channel.rev' : type, { channel_id: id, rev, ...(host.isBlocked(by) ? {} : body) });
  }

  function tellUnread(): void {
    if (isMember(viewer.id)) host.tell('unread', { channel_id: id, ...counts(), unread_total: host.unreadTotal() });
  }

  function stored(messageId: Id): Stored {
    const found = messages.get(messageId);
    if (found === undefined) throw new Error(`there is no message ${messageId} in ${externalId}`);
    return found;
  }

  const named = (mentions: readonly (string | NamedMention)[]): Mention[] => mentions.map((one) => {
    const { user, spans = [] } = typeof one === 'string' ? { user: one } : one;
    const { id: user_id, external_id, name } = people.get(user);
    return { user_id, external_id, name, ...(spans.length === 0 ? {} : { spans }) };
  });

  function says(ref: Who, given: string | FakeMessage): Message {
    const input = typeof given === 'string' ? { text: given } : given;
    const author = who(ref);
    const repeated = input.idempotencyKey === undefined ? undefined : [...messages.values()].find(({ key }) => key === input.idempotencyKey);
    if (repeated !== undefined) return shown(repeated, true);
    lastSeq += 1;
    const one: Stored = {
      id: host.mint(), seq: lastSeq, rev: rev + 1, author, type: input.type ?? 'text', parent: input.parentId ?? null, key: input.idempotencyKey ?? null,
      created: host.at(), content: input.text ?? '', attachment: input.attachmentUrl ?? null, metadata: input.metadata ?? {},
      mentions: named(input.mentions ?? []), edited: null, deleted: null, pinned: null, reactions: new Map(),
    };
    messages.set(one.id, one);
    const before = cursors.get(author);
    cursors.set(author, { readAt: null, rev: 0, ...before, read: lastSeq, delivered: lastSeq });
    commit(author, 'message.created', () => ({ channel_external_id: externalId, message: shown(one, false) }));
    if (author !== viewer.id) tellUnread();
    if (one.mentions.some(({ user_id }) => user_id === viewer.id) && author !== viewer.id && isMember(viewer.id)) {
      host.tell('mention', { channel_id: id, message_id: one.id, by_user_id: author });
    }
    return shown(one, true);
  }

  function updates(messageId: Id, by: Id, change: (one: Stored) => void): Message {
    const one = stored(messageId);
    change(one);
    one.rev = rev + 1;
    commit(by, 'message.updated', () => ({ channel_external_id: externalId, message: shown(one, false) }));
    return shown(one, true);
  }

  const edits = (messageId: Id, text: string, mentions?: readonly (string | NamedMention)[]): Message => updates(messageId, stored(messageId).author, (one) => {
    if (mentions !== undefined) one.mentions = named(mentions);
    else if (text !== one.content) one.mentions = one.mentions.map(({ spans: _spans, ...mention }) => mention);
    one.content = text;
    one.edited = host.at();
  });

  const pins = (messageId: Id, by: Who | null): Message => updates(messageId, by === null ? '' : who(by), (one) => {
    one.pinned = by === null ? null : { at: host.at(), by: who(by) };
  });

  function unsends(messageId: Id): Message {
    const one = stored(messageId);
    if (one.deleted !== null) return shown(one, true);
    const at = host.at();
    Object.assign(one, { content: '', attachment: null, metadata: {}, mentions: [], deleted: at, pinned: null, rev: rev + 1 });
    one.reactions.clear();
    commit(one.author, 'message.deleted', () => ({ message_id: one.id, seq: one.seq, deleted_at: at }));
    if (one.author !== viewer.id) tellUnread();
    return shown(one, true);
  }

  /** Null takes the reaction back. */
  function reacts(ref: Who, messageId: Id, emoji: string | null): Message {
    const one = stored(messageId);
    const user = who(ref);
    const before = one.reactions.get(user) ?? null;
    if (before === emoji) return shown(one, true);
    if (emoji === null) one.reactions.delete(user);
    else one.reactions.set(user, emoji);
    one.rev = rev + 1;
    commit(one.author, emoji === null ? 'reaction.removed' : 'reaction.added', () => ({
      message_id: one.id, user_id: host.isBlocked(user) ? null : user, emoji: emoji ?? before, reactions: reactionsOf(one, false),
    }));
    return shown(one, true);
  }

  /** How far someone has got: to the newest, unless a message is named. */
  function moves(kind: 'read' | 'delivered', ref: Who, upTo: Id | undefined): Receipt {
    const user = who(ref);
    const seq = upTo === undefined ? lastSeq : stored(upTo).seq;
    const cursor = cursors.get(user) ?? { read: 0, delivered: 0, readAt: null, rev: 0 };
    if (seq <= cursor[kind]) return receipt(user);
    receiptRev += 1;
    const at = host.at();
    cursors.set(user, {
      read: kind === 'read' ? seq : cursor.read, delivered: Math.max(cursor.delivered, seq), readAt: kind === 'read' ? at : cursor.readAt, rev: receiptRev,
    });
    if (isMember(viewer.id)) host.tell(`receipt.${kind}`, { channel_id: id, receipt_rev: receiptRev, user_id: user, seq, at });
    if (kind === 'read' && user === viewer.id) tellUnread();
    return receipt(user);
  }

  function joins(ref: Who, role: Role = 'member'): Member {
    const user = who(ref);
    const known = members.get(user);
    const fresh = known === undefined || known.left === true;
    const made: PresentMember = { ...(fresh ? member(user, role) : known), role, rev: rev + 1 };
    members.set(user, made);
    if (fresh) {
      receiptRev += 1;
      cursors.set(user, { read: lastSeq, delivered: lastSeq, readAt: null, rev: receiptRev });
    }
    commit('', fresh ? 'member.joined' : 'member.updated', () => ({ last_seq: lastSeq, member_count: present().length, members: [made] }));
    return made;
  }

  function leaves(ref: Who): Member {
    const user = who(ref);
    const was = isMember(viewer.id);
    const left: Member = { user_id: user, left: true, rev: rev + 1 };
    members.set(user, left);
    rev += 1;
    if (was) host.tell('member.left', { channel_id: id, rev, last_seq: lastSeq, member_count: present().length, members: [left] });
    return left;
  }

  function becomes(patch: Partial<typeof settings>): ChannelObject {
    Object.assign(settings, patch);
    settingsRev = rev + 1;
    commit('', 'channel.updated', () => ({ channel: channel() }));
    return channel();
  }

  function prefers(patch: Partial<Preferences>, nextRev: number): void {
    preferences = { ...preferences, ...patch };
    preferencesRev = nextRev;
    host.tell('channel.preferences', { channel_id: id, ...preferences, unread_total: host.unreadTotal(), preferences_rev: nextRev });
  }

  const newest = (): Stored | undefined => visible().pop();

  function item(): ChannelItem {
    const last = newest();
    const own = cursors.get(viewer.id);
    const role = present().find(({ user }) => user.id === viewer.id)?.role ?? 'member';
    const peer = settings.type === 'direct' ? present().find(({ user }) => user.id !== viewer.id)?.user : undefined;
    return {
      channel: channel(), role, ...(peer === undefined ? {} : { peer }), members: present().slice(0, 5), member_count: present().length,
      last_message: last === undefined ? null : shown(last, true), ...counts(), last_read_seq: own?.read ?? 0, last_delivered_seq: own?.delivered ?? 0,
      rev, receipt_rev: receiptRev, ...preferences, last_activity: last?.created ?? created, epoch: host.epoch,
    };
  }

  /** All of it in one page: what changed since a revision, or everything after a history that was another. */
  function changes(since: number, receiptsSince: number, epoch: string): Changes {
    const reset = epoch === '' ? since !== 0 : epoch !== host.epoch || since > rev || receiptsSince > receiptRev;
    const own = members.get(viewer.id);
    const some = visible().filter((one) => reset || one.rev > since).sort((a, b) => a.rev - b.rev);
    const moved = [...cursors].filter(([user, cursor]) => (reset ? user === viewer.id : cursor.rev > receiptsSince));
    return {
      channel_id: id, epoch: host.epoch, since, rev, receipt_rev: receiptRev, reset, has_more: false, member_count: present().length, preferences,
      ...(reset || settingsRev > since ? { channel: channel() } : {}),
      messages: (reset ? some.sort((a, b) => b.seq - a.seq).slice(0, 50) : some).map((one) => shown(one, true)),
      members: reset ? (own === undefined ? [] : [own]) : [...members.values()].filter((one) => one.rev > since),
      receipts: moved.map(([user]) => receipt(user)), ...counts(),
    };
  }

  return {
    id, externalId, channel, item, changes, counts, isMember, who, unread, mentionCount,
    says, edits, unsends, reacts, pins, moves, joins, leaves, becomes, prefers,
    pinned: () => visible().filter(({ pinned: one }) => one !== null).sort((a, b) => (a.pinned?.at ?? '') < (b.pinned?.at ?? '') ? 1 : -1).map((one) => shown(one, true)),
    visible: () => visible().map((one) => shown(one, true)),
    find: (messageId: Id): Message | undefined => {
      const one = messages.get(messageId);
      return one === undefined ? undefined : shown(one, true);
    },
    members: present,
    receipts: () => present().map(({ user }) => receipt(user.id)),
    get rev() { return rev; },
    get receiptRev() { return receiptRev; },
    get preferences() { return preferences; },
    get preferencesRev() { return preferencesRev; },
  };
}

export type Room = ReturnType<typeof room>;
