// What a timeline looks like: messages in groups, lines between days, and the line above what was unread. Pure.

import type { ChatMessage } from '@cariosan/client';

export type Row =
  | { readonly kind: 'message'; readonly key: string; readonly message: ChatMessage; /** Begins a group of one author. */ readonly first: boolean; readonly last: boolean }
  | { readonly kind: 'day'; readonly key: string; readonly at: number }
  | { readonly kind: 'unread' | 'start'; readonly key: string };

export interface RowRules {
  readonly groupWithinMs: number;
  readonly dayLines: boolean;
  /** The `seq` above which messages are new; null: there is no line. */
  readonly unreadAfter: number | null;
  /** There is nothing before the first message. */
  readonly reachedStart: boolean;
}

const dayOf = (at: number): string => {
  const date = new Date(at);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
};

export function rowsOf(messages: readonly ChatMessage[], { groupWithinMs, dayLines, unreadAfter, reachedStart }: RowRules): readonly Row[] {
  const rows: Row[] = reachedStart && messages.length > 0 ? [{ kind: 'start', key: 'start' }] : [];
  let day = '';
  let lined = unreadAfter === null;
  let before: ChatMessage | null = null;
  const together = (a: ChatMessage, b: ChatMessage): boolean =>
    a.user.id === b.user.id && a.type !== 'system' && b.type !== 'system' && Date.parse(b.created_at) - Date.parse(a.created_at) <= groupWithinMs;
  messages.forEach((message, index) => {
    const at = Date.parse(message.created_at);
    let cut = before === null || !together(before, message);
    if (dayLines && dayOf(at) !== day) {
      day = dayOf(at);
      cut = true;
      rows.push({ kind: 'day', key: `day ${day}`, at });
    }
    if (!lined && !message.own && (message.seq ?? 0) > (unreadAfter ?? 0)) {
      lined = true;
      cut = true;
      rows.push({ kind: 'unread', key: 'unread' });
    }
    const next = messages[index + 1];
    const ends = next === undefined || !together(message, next) || (dayLines && dayOf(Date.parse(next.created_at)) !== day);
    rows.push({ kind: 'message', key: message.key, message, first: cut, last: ends });
    before = message;
  });
  return rows;
}

const LINE = 21;
const CHARACTERS = 38;
const LARGEST_PICTURE = 320;

/** How high a row will be, until it is measured. */
export function estimated(row: Row): number {
  if (row.kind !== 'message') return 44;
  const { message, first, last } = row;
  const lines = message.content.split('\n').reduce((sum, line) => sum + 1 + Math.floor(line.length / CHARACTERS), 0);
  const { width, height } = (message.metadata['attachment'] ?? {}) as { readonly width?: number; readonly height?: number };
  const picture = message.type !== 'image' ? 0 : width && height ? Math.min(LARGEST_PICTURE, (height / width) * 260) : 200;
  return 26 + lines * LINE + picture + (message.type === 'file' ? 44 : 0) + (message.quoted_message === undefined ? 0 : 44)
    + (message.reactions.length > 0 ? 30 : 0) + (first && !message.own ? 20 : 0) + (last ? 8 : 0);
}
