// What a list that was read changes in a channel: messages, members, receipts (protocol, section 6). Each says at which revision it was
// read. One older than what is held sets the channel's revision back to its own: objects keep their newest copies, and what changed
// since is asked for again. Loaded with the first timeline.

import type { MemberPage, MessagePage, ReadAt, ReceiptPage } from '../wire/types.ts';
import { mergeChanged } from './answers.ts';
import type { HeldChannel } from './channel.ts';
import { putMember, putReceipt } from './merging.ts';
import { growSide } from './side.ts';

/** A list was read before frames that came meanwhile. Answers whether what changed since must be asked for. */
function stepBack(channel: HeldChannel, page: ReadAt): boolean {
  const behind = page.rev < channel.rev || page.receipt_rev < channel.receiptRev;
  channel.rev = Math.min(channel.rev, page.rev);
  channel.receiptRev = Math.min(channel.receiptRev, page.receipt_rev);
  return behind;
}

/** The newest page, or the one before the live window. */
export function applyPage(channel: HeldChannel, page: MessagePage): boolean {
  // A page without messages is the end, whatever it says: asking again would bring the same.
  channel.windows.growLive(page.messages.map((message) => message.seq), !page.has_more || page.messages.length === 0);
  for (const message of page.messages) mergeChanged(channel, message);
  return stepBack(channel, page);
}

/** A page around a message, which opens the side window, or one that goes on from there. */
export function applySidePage(channel: HeldChannel, page: MessagePage, where: 'around' | 'older' | 'newer'): boolean {
  growSide(channel.windows, page.messages.map((message) => message.seq), where, !page.has_more);
  for (const message of page.messages) mergeChanged(channel, message);
  return stepBack(channel, page);
}

export function applyMembersPage(channel: HeldChannel, page: MemberPage): boolean {
  for (const member of page.members) putMember(channel, member);
  if (!page.has_more) channel.membersComplete = true;
  return stepBack(channel, page);
}

export function applyReceiptsPage(channel: HeldChannel, page: ReceiptPage): boolean {
  for (const receipt of page.receipts) putReceipt(channel, receipt);
  if (!page.has_more) channel.receiptsComplete = true;
  return stepBack(channel, page);
}
