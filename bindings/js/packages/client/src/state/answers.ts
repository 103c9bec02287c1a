// What an answer that was read as state changes in a channel: `changes`, the pages of `sync`, and summaries (protocol, section 6).
// Each says at which revision it was read.

import type { ChannelItem, Changes, Message } from '../wire/types.ts';
import type { HeldChannel } from './channel.ts';
import {
  findMessage, forgetAll, memberId, noteArrival, putMember, putMemberCount, putMessage, putPreferences, putReceipt, putRole, putSettings, renewQuotes,
} from './merging.ts';
import { quoteOf } from './message.ts';

/** Merges a copy that was read as state. */
export function mergeChanged(channel: HeldChannel, message: Message): void {
  putMessage(channel, message);
  // A changed parent does not bring its replies again, and may not be held while they are.
  if (findMessage(channel, message.id) === undefined) renewQuotes(channel, message.id, quoteOf(message));
}

/** Whether the body says that the viewer is a member no more. */
export function saysLeft(channel: HeldChannel, body: Changes): boolean {
  return body.members.some((member) => member.left && memberId(member) === channel.viewer && !returned(channel, member.rev));
}

/** A newer copy of the viewer's membership is held. */
function returned(channel: HeldChannel, rev: number): boolean {
  const held = channel.members.get(channel.viewer);
  return held !== undefined && held.rev > rev;
}

function begin(channel: HeldChannel, body: Changes): void {
  forgetAll(channel);
  const seqs = body.messages.map((message) => message.seq);
  channel.windows.growLive(seqs, seqs.length === 0);
}

/** The body of `changes` or of a page of `sync`. It must begin at or before the revision held. */
export function applyChanges(channel: HeldChannel, body: Changes): void {
  if (body.reset) begin(channel, body);
  if (body.channel) putSettings(channel, body.channel);
  putMemberCount(channel, body.member_count, body.rev);
  if (body.preferences) putPreferences(channel, body.preferences, body.preferences.preferences_rev);
  for (const message of body.messages) {
    if (!body.reset && message.deleted_at === null) noteArrival(channel, message);
    mergeChanged(channel, message);
  }
  for (const member of body.members) putMember(channel, member);
  for (const receipt of body.receipts) putReceipt(channel, receipt);
  if (body.unread_count !== undefined) channel.counts.base(body.unread_count, body.mention_count ?? 0, channel.lastSeq, true);
  // The server does not count in a page that repairs a hole.
  channel.inDoubt = body.unread_count === undefined;
  // It may have been read before frames that came meanwhile.
  if (body.reset) channel.announced = Math.max(channel.announced ?? 0, channel.lastSeq);
  channel.rev = body.rev;
  channel.receiptRev = body.reset ? body.receipt_rev : Math.max(channel.receiptRev, body.receipt_rev);
  channel.seen = Math.max(channel.seen, body.rev);
}

/**
 * An item of `GET /v1/me/channels`. Its revisions are taken only while no messages are held: otherwise they are a reason to read the
 * changes up to them, which the answer says.
 */
export function applySummary(channel: HeldChannel, item: ChannelItem): boolean {
  putPreferences(channel, item, item.preferences_rev);
  if (item.rev < channel.rev) return false;
  const ahead = item.rev > channel.rev;
  channel.seen = Math.max(channel.seen, item.rev);
  if (ahead && channel.windows.size > 0) return true;
  const { announced } = channel;
  if (ahead) forgetAll(channel);
  putSettings(channel, item.channel);
  putMemberCount(channel, item.member_count, item.rev);
  putRole(channel, item.role, item.rev);
  for (const member of item.members ?? []) putMember(channel, member);
  channel.peer = item.peer ?? null;
  if (item.last_message) putMessage(channel, item.last_message);
  putReceipt(channel, {
    user_id: channel.viewer, last_read_seq: item.last_read_seq,
    ...(item.last_delivered_seq === undefined ? {} : { last_delivered_seq: item.last_delivered_seq }),
  });
  channel.counts.base(item.unread_count, item.mention_count, channel.lastSeq, true);
  if (ahead) {
    channel.rev = item.rev;
    channel.receiptRev = item.receipt_rev;
    channel.announced = Math.max(announced ?? 0, channel.lastSeq);
  }
  return false;
}

/**
 * The message of an ack. What it quotes is as old as the ack, so it counts only where it is ahead of the frames. An ack never moves
 * the channel's revision.
 */
export function applyAck(channel: HeldChannel, message: Message): void {
  const held = findMessage(channel, message.id);
  if (held === undefined ? message.rev > channel.rev : message.rev >= held.rev) putMessage(channel, message);
}
