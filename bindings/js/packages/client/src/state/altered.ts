// What an event makes of a message (protocol, section 5). Pure, as merging is. Loaded while the first connection is made.

import type { Id, Message } from '../wire/types.ts';
import type { MessageDeleted, ReactionChanged } from '../wire/frames.ts';
import { folded, withOwnMarks } from './message.ts';

export const sameEmoji = (a: string, b: string): boolean => folded(a) === folded(b);

/** What is left of a message that was unsent. */
export function blanked(message: Message, { rev, deleted_at }: Pick<MessageDeleted, 'rev' | 'deleted_at'>): Message {
  const { mentions: _mentions, parent_id: _parent, quoted_message: _quote, pinned_at: _at, pinned_by: _by, ...rest } = message;
  return { ...rest, rev, deleted_at, content: '', attachment_url: null, metadata: {}, reactions: [] };
}

/** A live reaction says what all see. It changes the viewer's own mark only if the viewer acted; then there is one mark at most. */
export function withReactions(message: Message, added: boolean, data: ReactionChanged, viewer: Id): Message {
  const own = data.user_id === viewer;
  const before = withOwnMarks(data.reactions.map(({ emoji, count }) => ({ emoji, count })), message.reactions);
  const reactions = own
    ? before.map((reaction) => ({ ...reaction, reacted_by_me: added && sameEmoji(reaction.emoji, data.emoji) }))
    : before;
  return { ...message, rev: data.rev, reactions };
}
