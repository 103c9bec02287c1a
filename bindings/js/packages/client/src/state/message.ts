// How two copies of a message become one (protocol, sections 1, 4 and 5). Pure: each answers the same object if nothing changed, else a
// new one.

import type { Message, Quote, Reaction } from '../wire/types.ts';

const QUOTE_CODE_POINTS = 200;

/** Emoji as the server compares them: the variation selector is no difference. */
export const folded = (emoji: string): string => emoji.normalize('NFC').replace(/\uFE0F/g, '');

export function withOwnMarks(reactions: readonly Reaction[], held: readonly Reaction[]): readonly Reaction[] {
  if (reactions.every((reaction) => reaction.reacted_by_me !== undefined)) return reactions;
  const mine = new Set(held.filter((reaction) => reaction.reacted_by_me).map((reaction) => folded(reaction.emoji)));
  return reactions.map((reaction) => ({ ...reaction, reacted_by_me: reaction.reacted_by_me ?? mine.has(folded(reaction.emoji)) }));
}

/** Two copies of one revision differ only in what is for this viewer alone; absent means: keep what you have. */
function completed(held: Message, other: Message): Message {
  const key = held.idempotency_key ?? other.idempotency_key;
  const told = other.reactions.every((reaction) => reaction.reacted_by_me !== undefined);
  const marks = told && other.reactions.some((reaction, at) => reaction.reacted_by_me !== held.reactions[at]?.reacted_by_me);
  if (!marks && key === held.idempotency_key) return held;
  return { ...held, reactions: marks ? other.reactions : held.reactions, ...(key === undefined ? {} : { idempotency_key: key }) };
}

/** Of two copies the higher `rev` wins. */
export function mergeMessage(held: Message | undefined, incoming: Message): Message {
  if (held === undefined) return incoming;
  if (incoming.rev < held.rev) return held;
  if (incoming.rev === held.rev) return completed(held, incoming);
  const key = incoming.idempotency_key ?? held.idempotency_key;
  const reactions = withOwnMarks(incoming.reactions, held.reactions);
  return { ...incoming, reactions, ...(key === undefined ? {} : { idempotency_key: key }) };
}

/** The quote that shows `parent` as it is now. */
export function quoteOf(parent: Message): Quote {
  return {
    id: parent.id,
    user_id: parent.user.id,
    user_name: parent.user.name,
    content: [...parent.content].slice(0, QUOTE_CODE_POINTS).join(''),
    type: parent.type,
    deleted: parent.deleted_at !== null,
  };
}

/** A reply whose quote shows its parent as `quote` does. Names are left: they are refreshed by other means. */
export function withQuote(reply: Message, quote: Quote): Message {
  const shown = reply.quoted_message;
  if (shown === undefined || shown.hidden || quote.hidden) return reply;
  if (shown.content === quote.content && shown.deleted === quote.deleted) return reply;
  return { ...reply, quoted_message: { ...shown, content: quote.content, deleted: quote.deleted } };
}
