// The model of a server: random changes, the frames they make for one viewer, `sync` served page by page, and answers read from the
// present state or from an older one.

import type { Changes, Id, MemberPage, MessagePage, ReceiptPage } from '../../src/wire/types.ts';
import {
  BLOCKED, changes, channelObject, cursorOf, isMember, memberObject, mentionCount, present, presentMember, reactionsOf, receipt, shown, summary,
  unread, VIEWER, visible, type State, type StoredMessage,
} from './truth.ts';

export interface Sent {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly id?: string;
  /** Delivering it once more on the same connection is harmless by the rules of the protocol. */
  readonly repeatable: boolean;
}

interface Job {
  readonly channel: Id | null;
  readonly serve: () => boolean;
}

const AT = '2026-01-01T00:00:00.000Z';
const empty = (id: Id): State => ({
  id, rev: 1, receiptRev: 0, settingsRev: 1, name: 'new', lastSeq: 0, messages: new Map(), cursors: new Map(),
  members: new Map([[VIEWER, { role: 'member', rev: 1, left: false }], ['u1', { role: 'admin', rev: 1, left: false }]]),
});

export function modelServer(tellsCount: boolean) {
  const history = new Map<Id, State[]>();
  let epoch = 'e1';
  let minted = 0;
  let link: Sent[] | null = null;
  let jobs: Job[] = [];
  let withheld = new Set<Id>();
  const owed = new Set<Id>();
  /** The newest revision at which changes of a channel were read for the client. */
  const toldUpTo = new Map<Id, number>();
  const told = (id: Id): number => toldUpTo.get(id) ?? 0;
  for (const id of ['c1', 'c2', 'c3']) history.set(id, [empty(id)]);

  const now = (id: Id): State => {
    const states = history.get(id) ?? [];
    const state = states[states.length - 1];
    if (state === undefined) throw new Error(`no channel ${id}`);
    return state;
  };

  function emit(type: string, data: Record<string, unknown>, repeatable = true): void {
    link?.push({ type, data, repeatable });
  }

  /** Commits a state and sends the viewer's frame: members after it see it, and those whom it removes. */
  function commit(id: Id, change: Partial<State>, tell: (state: State) => [string, Record<string, unknown>] | null): State {
    const before = now(id);
    const state = { ...before, rev: before.rev + 1, ...change };
    history.get(id)?.push(state);
    const told = tell(state);
    const concerned = isMember(state, VIEWER) || isMember(before, VIEWER);
    if (told !== null && concerned && !withheld.has(id)) emit(told[0], { channel_id: id, rev: state.rev, ...told[1] });
    return state;
  }

  const count = (state: State) => (tellsCount ? { member_count: present(state).length } : {});

  function say(id: Id, author: Id, names: readonly Id[], parent: number | null): void {
    const before = now(id);
    if (author !== BLOCKED && !isMember(before, author)) return;
    const all = [...before.messages.values()];
    const message: StoredMessage = {
      id: `m${++minted}`, seq: before.lastSeq + 1, rev: before.rev + 1, author, content: `text ${minted}`, names, edited: false, deleted: false,
      parent: parent === null || all.length === 0 ? null : (all[parent % all.length]?.id ?? null), reactions: new Map(),
    };
    const cursor = { read: message.seq, delivered: message.seq, rev: before.cursors.get(author)?.rev ?? 0 };
    const cursors = author === BLOCKED ? before.cursors : new Map(before.cursors).set(author, cursor);
    commit(id, { lastSeq: message.seq, cursors, messages: new Map(before.messages).set(message.id, message) }, (state) =>
      author === BLOCKED ? ['channel.rev', {}] : ['message.created', { channel_external_id: id, message: shown(state, message, false) }]);
  }

  function alter(id: Id, pick: number, change: (message: StoredMessage) => Partial<StoredMessage>,
    tell: (state: State, message: StoredMessage) => [string, Record<string, unknown>]): void {
    const before = now(id);
    const alive = [...before.messages.values()].filter(({ deleted }) => !deleted);
    const held = alive[pick % Math.max(1, alive.length)];
    if (held === undefined) return;
    const message = { ...held, ...change(held), rev: before.rev + 1 };
    commit(id, { messages: new Map(before.messages).set(held.id, message) }, (state) =>
      held.author === BLOCKED ? ['channel.rev', {}] : tell(state, message));
  }

  const edit = (id: Id, pick: number): void =>
    alter(id, pick, ({ content }) => ({ content: `${content}!`, edited: true }), (state, message) =>
      ['message.updated', { channel_external_id: id, message: shown(state, message, false) }]);

  const unsend = (id: Id, pick: number): void =>
    alter(id, pick, () => ({ content: '', deleted: true, reactions: new Map(), names: [] }), (_, message) =>
      ['message.deleted', { message_id: message.id, seq: message.seq, deleted_at: AT }]);

  function reacted(reactions: ReadonlyMap<Id, string>, who: Id, emoji: string | null): ReadonlyMap<Id, string> {
    const next = new Map(reactions);
    next.delete(who);
    return emoji === null ? next : next.set(who, emoji);
  }

  const reactionData = (message: StoredMessage, who: Id, emoji: string) =>
    ({ message_id: message.id, user_id: who, emoji, reactions: reactionsOf(message, null) });

  function react(id: Id, pick: number, who: Id, emoji: string | null): void {
    alter(id, pick, ({ reactions }) => ({ reactions: reacted(reactions, who, emoji) }), (_, message) =>
      [emoji === null ? 'reaction.removed' : 'reaction.added', reactionData(message, who, emoji ?? '?')]);
  }

  /** Reactions of a large channel, held back and sent together. */
  function batch(id: Id, picks: readonly number[], who: Id, emoji: string): void {
    const since = now(id).rev;
    const outer = link;
    const events: Record<string, unknown>[] = [];
    link = [];
    for (const pick of picks) react(id, pick, who, emoji);
    for (const { type, data } of link) events.push({ type, data });
    link = outer;
    if (events.length > 0) emit('channel.events', { channel_id: id, since, rev: now(id).rev, events });
  }

  function rename(id: Id, name: string, known: boolean): void {
    const settingsRev = now(id).rev + 1;
    commit(id, { name, settingsRev }, (state) => (known ? ['channel.updated', { channel: channelObject(state) }] : ['channel.painted', { colour: name }]));
  }

  function membership(id: Id, who: Id, member: { role: 'admin' | 'member'; left: boolean }): void {
    const before = now(id);
    const was = before.members.get(who);
    if (was === undefined ? member.left : was.left === member.left && was.role === member.role) return;
    const joins = !member.left && (was?.left ?? true);
    const rev = before.rev + 1;
    const receiptRev = joins ? before.receiptRev + 1 : before.receiptRev;
    const cursors = new Map(before.cursors);
    if (joins) cursors.set(who, { read: before.lastSeq, delivered: before.lastSeq, rev: receiptRev });
    const stored = { ...member, rev };
    const type = joins ? 'member.joined' : member.left ? 'member.left' : 'member.updated';
    commit(id, { members: new Map(before.members).set(who, stored), cursors, receiptRev }, (state) =>
      [type, { last_seq: state.lastSeq, ...count(state), members: [memberObject(who, stored)] }]);
  }

  /** Receipts change no `rev`. */
  function read(id: Id, who: Id, upTo: number): void {
    const before = now(id);
    const { read: was, delivered } = cursorOf(before, who);
    const seq = Math.min(before.lastSeq, upTo);
    if (!isMember(before, who) || seq <= was) return;
    const receiptRev = before.receiptRev + 1;
    const cursor = { read: seq, delivered: Math.max(delivered, seq), rev: receiptRev };
    history.get(id)?.push({ ...before, receiptRev, cursors: new Map(before.cursors).set(who, cursor) });
    if (!isMember(before, VIEWER)) return;
    emit('receipt.read', { channel_id: id, receipt_rev: receiptRev, user_id: who, seq, at: AT });
    if (who === VIEWER) tellUnread(id);
  }

  /** These frames are no part of the feed: one may be older than an answer that came before it. So the server owes a later one. */
  function tellUnread(id: Id): void {
    owed.add(id);
    const state = now(id);
    if (!isMember(state, VIEWER)) return;
    emit('unread', { channel_id: id, unread_count: unread(state), mention_count: mentionCount(state), unread_total: 0 }, false);
  }

  function settleUnread(): void {
    for (const id of owed) tellUnread(id);
    owed.clear();
  }

  /** A hole on the server's side: what was written comes not by frames but by a page without counts. */
  function hole(id: Id, write: () => void): void {
    const { rev, receiptRev } = now(id);
    const outer = link;
    link = null;
    write();
    link = outer;
    if (withheld.has(id) || !isMember(now(id), VIEWER)) return;
    const { unread_count: _unread, mention_count: _mentions, ...body } = changes(now(id), epoch, rev, receiptRev, epoch, tellsCount);
    emit('channel.sync', body, false);
  }

  /** The data is replaced by an older copy, as by restoring a backup: every connection ends. */
  function restore(back: number): void {
    epoch = `r${++minted}`;
    toldUpTo.clear();
    for (const states of history.values()) states.splice(Math.max(1, states.length - back));
    cut();
  }

  function connect(): void {
    link = [];
    jobs = [];
    withheld = new Set();
    emit('connection.ready', { epoch }, false);
  }

  function cut(): void {
    link = null;
    jobs = [];
    withheld = new Set();
  }

  function page(id: Id, from: { since: number; receipts: number; epoch: string }): boolean {
    const state = now(id);
    if (!isMember(state, VIEWER)) {
      emit('channel.sync', { channel_id: id, left: true }, false);
      return true;
    }
    const body = changes(state, epoch, from.since, from.receipts, from.epoch, tellsCount);
    toldUpTo.set(id, Math.max(state.rev, told(id)));
    const moved = body.reset || state.rev > from.since || state.receiptRev > from.receipts;
    if (moved) emit('channel.sync', { ...body }, false);
    Object.assign(from, { since: body.rev, receipts: body.receipt_rev, epoch });
    return !body.has_more;
  }

  /** The client's `sync`: taken by the first job, then served one page at a time. */
  function sync(frameId: string, asked: { epoch: string; channels: Readonly<Record<Id, readonly [number, number]>> }): void {
    const listed = Object.entries(asked.channels);
    jobs.push({ channel: null, serve: () => {
      for (const [id] of listed) withheld.add(id);
      return true;
    } });
    for (const [id, [since, receipts]] of listed) {
      const from = { since, receipts, epoch: asked.epoch };
      jobs.push({ channel: id, serve: () => {
        const done = page(id, from);
        if (done) withheld.delete(id);
        return done;
      } });
    }
    for (const id of history.keys()) {
      if (id in asked.channels) continue;
      jobs.push({ channel: null, serve: () => {
        const state = now(id);
        if (isMember(state, VIEWER)) emit('channel.sync', { ...summary(state), channel_id: id, summary: true }, false);
        return true;
      } });
    }
    jobs.push({ channel: null, serve: () => {
      emit('sync.done', { id: frameId, epoch, unread_total: 0 }, false);
      return true;
    } });
  }

  function serve(): void {
    if (jobs[0]?.serve()) jobs.shift();
  }

  const readAt = (state: State) => ({ rev: state.rev, receipt_rev: state.receiptRev, epoch });

  /** The state that an answer shows: the present one or one of the last few, never of another epoch. */
  function stateAt(id: Id, age: number, least = 0): State | null {
    const states = history.get(id) ?? [];
    const first = states.findIndex(({ rev }) => rev >= least);
    const state = states[Math.max(0, first, states.length - 1 - age)];
    return state !== undefined && isMember(state, VIEWER) && isMember(now(id), VIEWER) ? state : null;
  }

  /** `least`: the revision that had been sent when the request was made; the answer must not be older. */
  function readChanges(id: Id, since: number, receipts: number, asked: string, age: number, least: number): Changes | null {
    const state = stateAt(id, age, least);
    // A copy that has not come as far as the client would not answer with a reset; it is asked again.
    const usable = state !== null && (asked !== epoch || (since <= state.rev && receipts <= state.receiptRev)) ? state : stateAt(id, 0);
    if (usable !== null) toldUpTo.set(id, Math.max(usable.rev, told(id)));
    return usable === null ? null : changes(usable, epoch, since, receipts, asked, tellsCount);
  }

  function readMessages(id: Id, age: number, place: { before?: number; after?: number; around?: Id }, limit: number): MessagePage | null {
    const state = stateAt(id, age);
    if (state === null) return null;
    const all = visible(state);
    const middle = place.around === undefined ? -1 : all.findIndex((message) => message.id === place.around);
    if (place.around !== undefined && middle < 0) return null;
    const below = place.before === undefined ? all : all.filter(({ seq }) => seq < (place.before ?? 0));
    const above = all.filter(({ seq }) => seq > (place.after ?? 0));
    const from = middle >= 0 ? Math.max(0, middle - Math.floor(limit / 2)) : Math.max(0, below.length - limit);
    const some = place.after !== undefined ? above.slice(0, limit) : middle >= 0 ? all.slice(from, from + limit) : below.slice(from);
    const more = place.after !== undefined ? above.length > limit : from > 0;
    return { ...readAt(state), messages: [...some].reverse().map((message) => shown(state, message, true)), has_more: more };
  }

  function readMembers(id: Id, age: number, after: string | undefined): MemberPage | null {
    const state = stateAt(id, age);
    if (state === null) return null;
    const all = [...state.members].filter(([, { left }]) => !left).map(([who, member]) => presentMember(who, member))
      .sort((a, b) => (a.user.id < b.user.id ? -1 : 1)).filter(({ user: { id: who } }) => who > (after ?? ''));
    const some = all.slice(0, 2);
    return { ...readAt(state), members: some, has_more: all.length > 2, next_cursor: some[some.length - 1]?.user.id ?? null };
  }

  function readReceipts(id: Id, age: number): ReceiptPage | null {
    const state = stateAt(id, age);
    return state === null ? null : { ...readAt(state), receipts: present(state).map((who) => receipt(state, who)), has_more: false };
  }

  return {
    get epoch() { return epoch; },
    get link() { return link; },
    get jobs() { return jobs.length; },
    ids: () => [...history.keys()],
    told, now, say, edit, unsend, react, batch, rename, membership, read, tellUnread, settleUnread, hole, restore, connect, cut, sync, serve,
    readChanges, readMessages, readMembers, readReceipts,
  };
}

export type ModelServer = ReturnType<typeof modelServer>;
