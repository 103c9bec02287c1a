// What a durable event or a receipt frame changes in a channel (protocol, section 5). Whether it may be applied is judged elsewhere.
// Loaded while the first connection is made.

import type { Id, Message, Quote } from '../wire/types.ts';
import type { DurableEvent, MembersChanged, ReceiptMoved } from '../wire/frames.ts';
import { blanked, withReactions } from './altered.ts';
import { ownRead, type HeldChannel } from './channel.ts';
import {
  findMessage, memberId, noteArrival, putMember, putMemberCount, putMessage, putReceipt, putSettings, renewQuotes, store,
} from './merging.ts';
import { quoteOf } from './message.ts';

function mentions(message: Message, user: Id): boolean {
  return message.mentions?.some((mention) => mention.user_id === user) ?? false;
}

/** Replaces a held copy, unless it is newer than `rev`. */
function alterMessage(channel: HeldChannel, id: Id, rev: number, change: (message: Message) => Message): void {
  const held = findMessage(channel, id);
  if (held !== undefined && held.rev < rev) store(channel, change(held));
}

/** Counts a new message that came by a frame. */
function countNew(channel: HeldChannel, message: Message): void {
  if (message.user.id === channel.viewer || message.deleted_at !== null) return;
  channel.counts.saw(message.id, message.seq, mentions(message, channel.viewer));
}

function countUnsent(channel: HeldChannel, id: Id, seq: number): void {
  const held = findMessage(channel, id);
  // A page that was ahead of the frames may have blanked it already.
  const named = held === undefined || held.deleted_at !== null ? null : mentions(held, channel.viewer);
  if (channel.counts.unsent(id, seq, ownRead(channel), named)) channel.inDoubt = true;
}

/** A new message brings an archived channel back, unless it is muted; who writes or reads has dealt with a channel marked as unread. */
export function endPreferences(channel: HeldChannel, { message, dealt }: { readonly message: boolean; readonly dealt: boolean }): void {
  const { archived, muted, marked_unread: marked } = channel.preferences;
  if (!(message && archived && !muted) && !(dealt && marked)) return;
  channel.preferences = { ...channel.preferences, archived: archived && !(message && !muted), marked_unread: marked && !dealt };
}

const unsentQuote = (id: Id): Quote => ({ id, user_id: null, user_name: '', content: '', type: 'text', deleted: true });

function applyMembers(channel: HeldChannel, type: 'member.joined' | 'member.left' | 'member.updated', data: MembersChanged): void {
  channel.lastSeq = Math.max(channel.lastSeq, data.last_seq);
  putMemberCount(channel, data.member_count, data.rev);
  for (const member of data.members) {
    putMember(channel, member);
    // Who joins has read and got everything there is.
    if (type === 'member.joined') {
      putReceipt(channel, { user_id: memberId(member), last_read_seq: data.last_seq, last_delivered_seq: data.last_seq });
    }
  }
}

export function applyEvent(channel: HeldChannel, event: DurableEvent): void {
  switch (event.type) {
    case 'message.created':
      countNew(channel, event.data.message);
      endPreferences(channel, { message: true, dealt: event.data.message.user.id === channel.viewer });
      noteArrival(channel, event.data.message);
      return putMessage(channel, event.data.message);
    case 'message.updated': {
      const { message } = event.data;
      putMessage(channel, message);
      // The parent may not be held while a reply to it is.
      if (findMessage(channel, message.id) === undefined) renewQuotes(channel, message.id, quoteOf(message));
      return undefined;
    }
    case 'message.deleted':
      countUnsent(channel, event.data.message_id, event.data.seq);
      alterMessage(channel, event.data.message_id, event.data.rev, (message) => blanked(message, event.data));
      return renewQuotes(channel, event.data.message_id, unsentQuote(event.data.message_id));
    case 'reaction.added':
    case 'reaction.removed':
      return alterMessage(channel, event.data.message_id, event.data.rev, (message) =>
        withReactions(message, event.type === 'reaction.added', event.data, channel.viewer));
    case 'channel.created':
    case 'channel.updated':
      putSettings(channel, event.data.channel);
      for (const member of event.data.members ?? []) putMember(channel, member);
      if (event.type === 'channel.created' && event.data.members !== undefined) channel.membersComplete = true;
      return undefined;
    case 'member.joined':
    case 'member.left':
    case 'member.updated':
      return applyMembers(channel, event.type, event.data);
    case 'channel.deleted':
    case 'channel.rev':
      return undefined;
  }
}

/** Whether the event ends the viewer's part in the channel. */
export function endsMembership(event: DurableEvent, viewer: string): boolean {
  if (event.type === 'channel.deleted') return true;
  return event.type === 'member.left' && event.data.members.some((member) => memberId(member) === viewer);
}

/** Cursors have no order and no gaps. What is read is delivered. */
export function applyReceipt(channel: HeldChannel, kind: 'read' | 'delivered', { user_id, seq, at }: ReceiptMoved): void {
  if (kind === 'read' && user_id === channel.viewer) endPreferences(channel, { message: false, dealt: true });
  putReceipt(channel, {
    user_id, last_delivered_seq: seq, last_delivered_at: at,
    ...(kind === 'read' ? { last_read_seq: seq, last_read_at: at } : {}),
  });
}
