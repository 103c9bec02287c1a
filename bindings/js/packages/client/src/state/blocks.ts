// What blocking and unblocking change in a channel (protocol, section 5). The server leaves out what a blocked author writes; earlier
// messages are dropped here.

import type { Id } from '../wire/types.ts';
import type { HeldChannel } from './channel.ts';

/** Answers whether the newest message is gone, and another is to be read in its place. */
export function hideAuthor(channel: HeldChannel, author: Id): boolean {
  const { windows } = channel;
  // Pages that were read before the block are not taken any more.
  channel.generation += 1;
  for (const message of [...windows.all()]) {
    if (message.user.id === author) windows.remove(message.id);
    else if (message.quoted_message?.hidden !== true && message.quoted_message?.user_id === author) {
      windows.put({ ...message, quoted_message: { id: message.quoted_message.id, hidden: true } });
    }
  }
  if (channel.lastMessage?.user.id !== author) return false;
  const live = windows.live();
  channel.lastMessage = live[live.length - 1] ?? null;
  return channel.lastMessage === null;
}
