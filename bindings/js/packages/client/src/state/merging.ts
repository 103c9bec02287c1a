// The rules by which copies of a channel's objects are merged, and by which they are forgotten (protocol, sections 1, 4 and 5). What is only
// shown does not need them: they are loaded with whatever takes what the server says, or what was stored.

import type { ChannelObject, Id, Member, Message, Preferences, Quote, Receipt, Role } from '../wire/types.ts';
import { blank, type HeldChannel } from './channel.ts';
import { mergeMessage, quoteOf, withQuote } from './message.ts';

/** Drops the messages. Revisions, members and cursors stay. */
export function forgetMessages(channel: HeldChannel): void {
  channel.generation += 1;
  channel.windows.forget();
}

/** Drops everything except the viewer's preferences. */
export function forgetAll(channel: HeldChannel): void {
  forgetMessages(channel);
  Object.assign(channel, blank());
  channel.members.clear();
  channel.cursors.forget();
  channel.counts.forget();
}

/** The copy that is held of a message, within a window or as the newest of the channel. */
export function findMessage(channel: HeldChannel, id: Id): Message | undefined {
  return channel.windows.get(id) ?? (channel.lastMessage?.id === id ? channel.lastMessage : undefined);
}

export function store(channel: HeldChannel, message: Message): void {
  channel.windows.put(message);
  const last = channel.lastMessage;
  if (last === null || last.id === message.id || message.seq > last.seq) channel.lastMessage = message;
}

/** A change of a message does not change the `rev` of the replies that quote it. */
export function renewQuotes(channel: HeldChannel, parent: Id, quote: Quote): void {
  for (const reply of channel.windows.repliesTo(parent)) store(channel, withQuote(reply, quote));
  const last = channel.lastMessage;
  if (last?.parent_id === parent) store(channel, withQuote(last, quote));
}

/** Merges a copy, from wherever it came. */
export function putMessage(channel: HeldChannel, incoming: Message): void {
  const held = findMessage(channel, incoming.id);
  let message = mergeMessage(held, incoming);
  const parent = message.parent_id === undefined ? undefined : findMessage(channel, message.parent_id);
  if (parent !== undefined) message = withQuote(message, quoteOf(parent));
  channel.lastSeq = Math.max(channel.lastSeq, message.seq);
  channel.cursors.wrote(message.user.id, message.seq);
  store(channel, message);
  if (message !== held && (message.edited_at !== null || message.deleted_at !== null)) renewQuotes(channel, message.id, quoteOf(message));
}

export function putMemberCount(channel: HeldChannel, value: number | undefined, rev: number): void {
  if (value !== undefined && rev >= channel.memberCount.rev) channel.memberCount = { value, rev };
}

/** The higher `settings_rev` wins; the number of members and the newest `seq` go by the channel's own revision. */
export function putSettings(channel: HeldChannel, settings: ChannelObject): void {
  channel.lastSeq = Math.max(channel.lastSeq, settings.last_seq);
  putMemberCount(channel, settings.member_count, settings.rev);
  if (channel.settings === null || channel.settings.settings_rev <= settings.settings_rev) channel.settings = settings;
}

export function putRole(channel: HeldChannel, value: Role, rev: number): void {
  if (channel.role === null || channel.role.rev <= rev) channel.role = { value, rev };
}

export const memberId = (member: Member): Id => (member.left ? member.user_id : member.user.id);

export function putMember(channel: HeldChannel, member: Member): void {
  const id = memberId(member);
  const held = channel.members.get(id);
  if (held !== undefined && held.rev > member.rev) return;
  channel.members.set(id, member);
  if (id === channel.viewer && !member.left) putRole(channel, member.role, member.rev);
}

export function putPreferences(channel: HeldChannel, incoming: Partial<Preferences>, rev?: number): void {
  if (rev !== undefined && rev < channel.preferencesRev) return;
  channel.preferencesRev = Math.max(channel.preferencesRev, rev ?? 0);
  const { muted, archived, pinned, marked_unread } = { ...channel.preferences, ...incoming };
  channel.preferences = { muted, archived, pinned, marked_unread };
}

export function putReceipt(channel: HeldChannel, receipt: Receipt): void {
  channel.cursors.move(receipt);
}

/** Notes a message to be announced to the app, once. */
export function noteArrival(channel: HeldChannel, message: Message): void {
  if (channel.announced !== null) channel.arrivals.push(message);
}

/** The messages to announce now, in order. Call it when nothing before them can still be missing. */
export function takeArrivals(channel: HeldChannel): readonly Message[] {
  const before = channel.announced ?? channel.lastSeq;
  const fresh = new Map(channel.arrivals.filter(({ seq }) => seq > before).map((message) => [message.id, message]));
  channel.arrivals = [];
  const inOrder = [...fresh.values()].sort((a, b) => a.seq - b.seq);
  channel.announced = inOrder[inOrder.length - 1]?.seq ?? before;
  return inOrder;
}
