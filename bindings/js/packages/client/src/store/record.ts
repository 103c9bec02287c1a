// What is stored of a channel, as text. A value says at which revision and epoch it is, so that no two of them need to be written
// together (protocol, section 6).

import { applyPage } from '../state/pages.ts';
import { ownRead, presentMembers, type HeldChannel } from '../state/channel.ts';
import { putMember } from '../state/merging.ts';
import type { ChannelObject, Id, Member, Message, Preferences, Receipt, Role, UserRef } from '../wire/types.ts';

const VERSION = 1;
const MEMBERS = 100;

/** A channel without its messages. */
interface ChannelRecord {
  readonly v: number;
  readonly epoch: string;
  readonly rev: number;
  readonly receipt_rev: number;
  readonly settings: ChannelObject;
  readonly role: { readonly value: Role; readonly rev: number } | null;
  readonly preferences: Preferences;
  readonly preferences_rev: number;
  readonly member_count: { readonly value: number; readonly rev: number };
  readonly last_seq: number;
  readonly last_message: Message | null;
  readonly peer: UserRef | null;
  readonly unread: number;
  readonly mentions: number;
  readonly own: Receipt;
  readonly announced: number | null;
  /** The counts were not certain: the changes are to be read, which count anew. */
  readonly in_doubt: boolean;
}

/** The newest messages of a channel, and who is in it. */
interface TimelineRecord {
  readonly v: number;
  readonly epoch: string;
  readonly rev: number;
  readonly receipt_rev: number;
  readonly reached_start: boolean;
  /** Whom the viewer had blocked, by the number of that list: of another one messages are missing, or too many. */
  readonly blocks_rev: number;
  readonly messages: readonly Message[];
  /** Null: not all of them are known. */
  readonly members: readonly Member[] | null;
}

function parsed<T extends { readonly v: number; readonly epoch: string }>(text: string, epoch: string): T | null {
  try {
    const record = JSON.parse(text) as T | null;
    return record?.v === VERSION && record.epoch === epoch ? record : null;
  } catch {
    return null;
  }
}

/** Null: too little is known of it. */
export function channelText(channel: HeldChannel, epoch: string): string | null {
  const { settings, viewer } = channel;
  if (settings === null || channel.rev === 0) return null;
  const read = ownRead(channel);
  const told = channel.cursors.told(viewer);
  const record: ChannelRecord = {
    v: VERSION, epoch, settings, rev: channel.rev, receipt_rev: channel.receiptRev, role: channel.role, preferences: channel.preferences,
    preferences_rev: channel.preferencesRev, member_count: channel.memberCount, last_seq: channel.lastSeq, last_message: channel.lastMessage,
    peer: channel.peer, unread: channel.counts.unread(read), mentions: channel.counts.mentions(read), announced: channel.announced,
    in_doubt: channel.inDoubt,
    own: { user_id: viewer, last_read_seq: read, last_read_at: told.readAt, last_delivered_seq: channel.cursors.of(viewer).delivered },
  };
  return JSON.stringify(record);
}

/** Answers whether the channel is as it was stored now. */
export function restoreChannel(channel: HeldChannel, text: string, epoch: string): boolean {
  const record = parsed<ChannelRecord>(text, epoch);
  if (record === null) return false;
  channel.rev = record.rev;
  channel.seen = record.rev;
  channel.receiptRev = record.receipt_rev;
  channel.settings = record.settings;
  channel.role = record.role;
  channel.preferences = record.preferences;
  channel.preferencesRev = record.preferences_rev;
  channel.memberCount = record.member_count;
  channel.lastSeq = record.last_seq;
  channel.lastMessage = record.last_message;
  channel.peer = record.peer;
  channel.announced = record.announced;
  channel.inDoubt = record.in_doubt;
  channel.cursors.move(record.own);
  channel.counts.base(record.unread, record.mentions, record.last_seq, true);
  return true;
}

/** Null: no messages are held. */
export function timelineText(channel: HeldChannel, epoch: string, limit: number, blocksRev: number): string | null {
  const { windows } = channel;
  if (windows.start === Infinity) return null;
  const messages = windows.live().slice(-limit);
  const members = channel.membersComplete && channel.memberCount.value <= MEMBERS ? presentMembers(channel) : null;
  const record: TimelineRecord = {
    v: VERSION, epoch, rev: channel.rev, receipt_rev: channel.receiptRev, blocks_rev: blocksRev, messages, members,
    reached_start: windows.reachedStart && messages.length === windows.live().length,
  };
  return JSON.stringify(record);
}

/**
 * It is taken as a page that was read when it was stored: at another revision than the channel's, the changes since are read again.
 * Answers whether they must be.
 */
export function restoreTimeline(channel: HeldChannel, text: string, epoch: string, blocksRev: number): boolean {
  const record = parsed<TimelineRecord>(text, epoch);
  // What was read in this run is newer.
  const { start, newestRev } = channel.windows;
  if (record === null || record.blocks_rev !== blocksRev || start !== Infinity || record.rev < newestRev) return false;
  for (const member of record.members ?? []) putMember(channel, member);
  if (record.members !== null) channel.membersComplete = true;
  const page = { messages: record.messages, has_more: !record.reached_start, rev: record.rev, receipt_rev: channel.receiptRev, epoch };
  return applyPage(channel, page);
}

/** Whose channel it is, by its key. */
export const idOf = (key: string, prefix: string): Id => key.slice(prefix.length);
