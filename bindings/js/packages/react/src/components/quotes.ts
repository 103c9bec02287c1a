// What a reply quotes while the server has not said it.

import type { ChatMessage, Quote } from '@cariosan/client';
import type { Row } from '../list/rows.ts';

export const messagesOf = (rows: readonly Row[]): readonly ChatMessage[] => rows.flatMap((row) => (row.kind === 'message' ? row.message : []));

/** Of those that are quoted, and for those that quote what is not at hand. */
const [quotes, hidden] = [new WeakMap<ChatMessage, Quote>(), new WeakMap<ChatMessage, Quote>()];
/**
 * A reply that waits to be sent has no quote of the server's yet: what it quotes is at hand. The same object for as long as it says the
 * same, so that a row is not rendered for it.
 */
export function quoteFor(message: ChatMessage, rows: readonly Row[]): Quote | null {
  const { parent_id: id } = message;
  if (id === undefined) return null;
  const parent = messagesOf(rows).find((one) => one.id === id);
  const [made, source] = parent === undefined ? [hidden, message] : [quotes, parent];
  const quote = made.get(source) ?? (parent === undefined ? { id, hidden: true }
    : { id, user_id: parent.user.id, user_name: parent.user.name, content: parent.content, type: parent.type, deleted: parent.deleted_at !== null });
  made.set(source, quote);
  return quote;
}
