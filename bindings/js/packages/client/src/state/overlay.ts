// What a message will look like once the server has done what the user asked. Drawn over the confirmed message, never stored.
// Loaded with the first timeline.

import type { Mention, Message, Reaction } from '../wire/types.ts';
import { blanked, sameEmoji } from './altered.ts';

/** Where another text names those who are mentioned is not known, unless it is said: `mentions`. */
export function withText(message: Message, content: string, mentions?: readonly Mention[]): Message {
  if (mentions !== undefined) return { ...message, content, mentions };
  if (message.mentions === undefined || content === message.content) return { ...message, content };
  return { ...message, content, mentions: message.mentions.map(({ spans: _spans, ...mention }) => mention) };
}

export const withoutContent = (message: Message, at: string): Message => blanked(message, { rev: message.rev, deleted_at: at });

/** There is one reaction per user and message: a new one takes the place of the one before. Null takes it back. */
export function withReaction(message: Message, emoji: string | null): Message {
  const others = message.reactions.flatMap((reaction): readonly Reaction[] => {
    if (!reaction.reacted_by_me) return [reaction];
    return reaction.count > 1 ? [{ ...reaction, count: reaction.count - 1, reacted_by_me: false }] : [];
  });
  if (emoji === null) return { ...message, reactions: others };
  const known = others.some((reaction) => sameEmoji(reaction.emoji, emoji));
  const reactions = known
    ? others.map((reaction) => (sameEmoji(reaction.emoji, emoji) ? { ...reaction, count: reaction.count + 1, reacted_by_me: true } : reaction))
    : [...others, { emoji, count: 1, reacted_by_me: true }];
  return { ...message, reactions };
}
