// A server's account of one channel: an immutable state per revision, so that stale answers can be given, and what it shows a viewer.

import type { ChannelItem, ChannelObject, Changes, Id, Member, Mention, Message, PresentMember, Quote, Reaction, Receipt } from '../../src/wire/types.ts';

export const VIEWER = 'viewer';
export const BLOCKED = 'blocked';
const AT = '2026-01-01T00:00:00.000Z';

export interface StoredMessage {
  readonly id: Id;
  readonly seq: number;
  readonly rev: number;
  readonly author: Id;
  readonly content: string;
  readonly parent: Id | null;
  readonly names: readonly Id[];
  readonly reactions: ReadonlyMap<Id, string>;
  readonly edited: boolean;
  readonly deleted: boolean;
}

export interface StoredMember {
  readonly role: 'admin' | 'member';
  readonly rev: number;
  readonly left: boolean;
}

export interface StoredCursor {
  readonly read: number;
  readonly delivered: number;
  readonly rev: number;
}

export interface State {
  readonly id: Id;
  readonly rev: number;
  readonly receiptRev: number;
  readonly settingsRev: number;
  readonly name: string;
  readonly lastSeq: number;
  readonly messages: ReadonlyMap<Id, StoredMessage>;
  readonly members: ReadonlyMap<Id, StoredMember>;
  readonly cursors: ReadonlyMap<Id, StoredCursor>;
}

export const user = (id: Id) => ({ id, external_id: id, name: id, avatar_url: null });

export const isMember = (state: State, who: Id): boolean => state.members.get(who)?.left === false;

export const present = (state: State): Id[] => [...state.members].filter(([, member]) => !member.left).map(([id]) => id);

export function channelObject(state: State): ChannelObject {
  return {
    id: state.id, external_id: state.id, type: 'group', name: state.name, avatar_url: null, metadata: {},
    member_count: present(state).length, rev: state.rev, settings_rev: state.settingsRev, receipt_rev: state.receiptRev,
    last_seq: state.lastSeq, created_at: AT,
  };
}

export function reactionsOf(message: StoredMessage, viewer: Id | null): Reaction[] {
  const sums = new Map<string, { count: number; mine: boolean }>();
  for (const [who, emoji] of message.reactions) {
    const sum = sums.get(emoji) ?? { count: 0, mine: false };
    sums.set(emoji, { count: sum.count + 1, mine: sum.mine || who === viewer });
  }
  return [...sums].map(([emoji, { count, mine }]) => ({ emoji, count, ...(viewer === null ? {} : { reacted_by_me: mine }) }));
}

function quote(parent: StoredMessage): Quote {
  if (parent.author === BLOCKED) return { id: parent.id, hidden: true };
  return { id: parent.id, user_id: parent.author, user_name: parent.author, content: parent.content, type: 'text', deleted: parent.deleted };
}

/** `marks`: an answer says which reactions are the viewer's, a live event does not. */
export function shown(state: State, message: StoredMessage, marks: boolean): Message {
  const parent = message.parent === null || message.deleted ? undefined : state.messages.get(message.parent);
  const names: Mention[] = message.deleted ? [] : message.names.map((id) => ({ user_id: id, external_id: id, name: id }));
  return {
    id: message.id, channel_id: state.id, channel_external_id: state.id, seq: message.seq, rev: message.rev, user: user(message.author),
    type: 'text', content: message.content, attachment_url: null, metadata: {},
    ...(parent === undefined ? {} : { parent_id: parent.id, quoted_message: quote(parent) }),
    ...(names.length === 0 ? {} : { mentions: names }),
    reactions: reactionsOf(message, marks ? VIEWER : null),
    created_at: AT, edited_at: message.edited ? AT : null, deleted_at: message.deleted ? AT : null,
  };
}

export const visible = (state: State): StoredMessage[] =>
  [...state.messages.values()].filter((message) => message.author !== BLOCKED).sort((a, b) => a.seq - b.seq);

export function memberObject(id: Id, member: StoredMember): Member {
  return member.left ? { user_id: id, left: true, rev: member.rev } : presentMember(id, member);
}

export function presentMember(id: Id, { role, rev }: StoredMember): PresentMember {
  return { user: user(id), role, joined_at: AT, rev };
}

/** As the server counts: its own cursor of an author moves with each message. */
export function cursorOf(state: State, who: Id): { read: number; delivered: number } {
  const { read = 0, delivered = 0 } = state.cursors.get(who) ?? {};
  return { read, delivered };
}

export const receipt = (state: State, who: Id): Receipt => {
  const { read, delivered } = cursorOf(state, who);
  return { user_id: who, last_read_seq: read, last_read_at: AT, last_delivered_seq: delivered, last_delivered_at: AT };
};

function unreadOnes(state: State): StoredMessage[] {
  const { read } = cursorOf(state, VIEWER);
  return visible(state).filter((message) => message.seq > read && !message.deleted && message.author !== VIEWER);
}

export const unread = (state: State): number => unreadOnes(state).length;
export const mentionCount = (state: State): number => unreadOnes(state).filter(({ names }) => names.includes(VIEWER)).length;

/** Small, so that paging and resets happen within a few changes. */
export const PAGE = 4;
export const RESET_ABOVE = 8;

interface Changed {
  readonly rev: number;
  readonly message?: StoredMessage;
  readonly member?: Member;
}

function resetBody(state: State, epoch: string, since: number): Changes {
  const own = state.members.get(VIEWER);
  return {
    channel_id: state.id, epoch, since, rev: state.rev, receipt_rev: state.receiptRev, reset: true,
    channel: channelObject(state), member_count: present(state).length,
    messages: visible(state).slice(-PAGE).reverse().map((message) => shown(state, message, true)),
    members: own === undefined ? [] : [memberObject(VIEWER, own)],
    receipts: [receipt(state, VIEWER)],
    unread_count: unread(state), mention_count: mentionCount(state), has_more: false,
  };
}

/** Pages end between revisions, never inside one. */
function pageOf(changed: readonly Changed[]): readonly Changed[] {
  let end = 0;
  while (end < changed.length && (end < PAGE || changed[end]?.rev === changed[end - 1]?.rev)) end += 1;
  return changed.slice(0, end);
}

export function changes(state: State, epoch: string, since: number, receiptsSince: number, asked: string, tellsCount: boolean): Changes {
  const changed: Changed[] = [
    ...visible(state).map((message) => ({ rev: message.rev, message })),
    ...[...state.members].map(([id, member]) => ({ rev: member.rev, member: memberObject(id, member) })),
  ].filter(({ rev }) => rev > since).sort((a, b) => a.rev - b.rev);
  const otherEpoch = asked === '' ? since !== 0 : asked !== epoch;
  if (otherEpoch || since > state.rev || receiptsSince > state.receiptRev || changed.length > RESET_ABOVE) return resetBody(state, epoch, since);
  const page = pageOf(changed);
  const more = page.length < changed.length;
  const moved = more ? [] : [...state.cursors].filter(([, cursor]) => cursor.rev > receiptsSince).map(([id]) => receipt(state, id));
  return {
    channel_id: state.id, epoch, since, reset: false, has_more: more,
    rev: more ? (page[page.length - 1]?.rev ?? state.rev) : state.rev,
    receipt_rev: more ? receiptsSince : state.receiptRev,
    ...(state.settingsRev > since ? { channel: channelObject(state) } : {}),
    ...(tellsCount ? { member_count: present(state).length } : {}),
    messages: page.flatMap(({ message }) => (message === undefined ? [] : [shown(state, message, true)])),
    members: page.flatMap(({ member }) => member ?? []),
    receipts: moved,
    unread_count: unread(state), mention_count: mentionCount(state),
  };
}

export function summary(state: State): ChannelItem {
  const messages = visible(state);
  const newest = messages[messages.length - 1];
  const { read, delivered } = cursorOf(state, VIEWER);
  return {
    channel: channelObject(state), role: state.members.get(VIEWER)?.role ?? 'member', member_count: present(state).length,
    members: [...state.members].filter(([, member]) => !member.left).slice(0, 2).map(([id, member]) => memberObject(id, member)),
    last_message: newest === undefined ? null : shown(state, newest, true),
    unread_count: unread(state), mention_count: mentionCount(state), last_read_seq: read, last_delivered_seq: delivered,
    rev: state.rev, receipt_rev: state.receiptRev, muted: false, last_activity: AT,
  };
}
