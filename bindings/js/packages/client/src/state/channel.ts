// What is held of one channel.

import type { ChannelObject, Id, Member, Message, Preferences, Role, UserRef } from '../wire/types.ts';
import { counts, type Counts } from './counts.ts';
import { cursors, type Cursors } from './cursors.ts';
import { windows, type Windows } from './window.ts';

export interface HeldChannel {
  readonly id: Id;
  readonly viewer: Id;
  /** Everything up to this revision is held, of what is held at all. */
  rev: number;
  receiptRev: number;
  /** The highest revision that any frame has named. Above `rev`: something is missing. */
  seen: number;
  /** Changes when messages are forgotten: what was asked before does not fit any more. */
  generation: number;
  /** Something cannot be known from frames alone: the changes are to be read, which count anew. */
  inDoubt: boolean;
  settings: ChannelObject | null;
  role: { readonly value: Role; readonly rev: number } | null;
  preferences: Preferences;
  preferencesRev: number;
  memberCount: { readonly value: number; readonly rev: number };
  lastSeq: number;
  lastMessage: Message | null;
  /** By user, with those who left: an older page must not bring them back. */
  readonly members: Map<Id, Member>;
  membersComplete: boolean;
  receiptsComplete: boolean;
  peer: UserRef | null;
  readonly cursors: Cursors;
  readonly counts: Counts;
  readonly windows: Windows;
  /** New messages that were not announced yet, and the highest `seq` that needs no announcing. */
  arrivals: Message[];
  announced: number | null;
}

const noPreferences: Preferences = { muted: false, archived: false, pinned: false, marked_unread: false };

/** What an answer brings anew, and another history forgets. */
export const blank = () => ({
  rev: 0, receiptRev: 0, settings: null, role: null, memberCount: { value: 0, rev: 0 }, lastSeq: 0, lastMessage: null,
  membersComplete: false, receiptsComplete: false, arrivals: [],
});

export function heldChannel(id: Id, viewer: Id): HeldChannel {
  return {
    id, viewer, ...blank(), seen: 0, generation: 0, inDoubt: false, preferences: noPreferences, preferencesRev: 0,
    members: new Map(), peer: null, cursors: cursors(), counts: counts(), windows: windows(), announced: null,
  };
}

export function ownRead(channel: HeldChannel): number {
  return channel.cursors.of(channel.viewer).read;
}

export function lastActivity(channel: HeldChannel): string {
  return channel.lastMessage?.created_at ?? channel.settings?.created_at ?? '';
}

export function presentMembers(channel: HeldChannel): readonly Member[] {
  return [...channel.members.values()].filter((member) => !member.left);
}
