// What a timeline looks like: messages in groups, lines between days, and the line above what was unread. Pure.

import type { ChatMessage } from '@cariosan/client';

export type Row =
  | { readonly kind: 'message'; readonly key: string; readonly message: ChatMessage; /** Begins a group of one author. */ readonly first: boolean; readonly last: boolean; /** Among the messages, from 1 on. */ readonly position: number }
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

interface Moment {
  readonly at: number;
  readonly day: string;
}

const moments = new WeakMap<ChatMessage, Moment>();
/** Calendars are slow, and a message is asked for its day each time the one beside it changes. */
function momentOf(message: ChatMessage): Moment {
  const known = moments.get(message);
  if (known !== undefined) return known;
  const at = Date.parse(message.created_at);
  const date = new Date(at);
  const moment = { at, day: `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}` };
  moments.set(message, moment);
  return moment;
}

interface Made {
  readonly messages: readonly ChatMessage[];
  readonly rules: RowRules;
  readonly rows: Row[];
  /** How many rows stand before a message and the lines above it. */
  readonly places: number[];
  /** Which message stands below the line of the unread; Infinity: none does. */
  readonly lined: number;
}

/** The first message whose row may differ: whether one ends its group depends on the next. */
function firstOther({ messages: before }: Made, messages: readonly ChatMessage[]): number {
  let same = 0;
  while (same < before.length && before[same] === messages[same]) same += 1;
  return Math.max(0, same - 1);
}

function make(messages: readonly ChatMessage[], rules: RowRules, before: Made | null): Made {
  const { groupWithinMs, dayLines, unreadAfter, reachedStart } = rules;
  const from = before === null ? 0 : firstOther(before, messages);
  const rows: Row[] = before !== null && from > 0 ? before.rows.slice(0, before.places[from]) : reachedStart && messages.length > 0 ? [{ kind: 'start', key: 'start' }] : [];
  const places = before?.places.slice(0, from) ?? [];
  let lined = before !== null && before.lined < from ? before.lined : Infinity;
  const together = (a: ChatMessage, b: ChatMessage): boolean =>
    a.user.id === b.user.id && a.type !== 'system' && b.type !== 'system' && momentOf(b).at - momentOf(a).at <= groupWithinMs;
  for (let index = from; index < messages.length; index += 1) {
    const [last, message, next] = [messages[index - 1], messages[index] as ChatMessage, messages[index + 1]];
    const { at, day } = momentOf(message);
    places.push(rows.length);
    let cut = last === undefined || !together(last, message);
    if (dayLines && (last === undefined || momentOf(last).day !== day)) {
      cut = true;
      rows.push({ kind: 'day', key: `day ${day}`, at });
    }
    if (unreadAfter !== null && lined === Infinity && !message.own && (message.seq ?? 0) > unreadAfter) {
      lined = index;
      cut = true;
      rows.push({ kind: 'unread', key: 'unread' });
    }
    const ends = next === undefined || !together(message, next) || (dayLines && momentOf(next).day !== day);
    rows.push({ kind: 'message', key: message.key, message, first: cut, last: ends, position: index + 1 });
  }
  return { messages, rules, rows, places, lined };
}

/** Makes the rows of one list. Under the same rules, those before the first message that has changed are those of the last time. */
export function rowMaker(): (messages: readonly ChatMessage[], rules: RowRules) => readonly Row[] {
  let last: Made | null = null;
  return (messages, rules) => {
    last = make(messages, rules, last?.rules === rules ? last : null);
    return last.rows;
  };
}

export const rowsOf = (messages: readonly ChatMessage[], rules: RowRules): readonly Row[] => make(messages, rules, null).rows;

// As in the style sheet. A text takes at least so many lines in the widest bubble.
const LINE = 21;
const CHARACTERS = 80;
const WIDEST_PICTURE = 260;
const HIGHEST_PICTURE = 320;

const guesses = new WeakMap<Row, number>();
/** How high a row will be at least, until it is measured: at the very top a list can give way to rows that are higher, and not to lower ones. */
export function estimated(row: Row): number {
  const known = guesses.get(row) ?? guessed(row);
  guesses.set(row, known);
  return known;
}

function guessed(row: Row): number {
  if (row.kind !== 'message') return 32;
  const { message, last } = row;
  if (message.type === 'system') return 30;
  const lines = message.content === '' ? 0 : message.content.split('\n').reduce((sum, line) => sum + 1 + Math.floor(line.length / CHARACTERS), 0);
  const { width, height } = (message.metadata['attachment'] ?? {}) as { readonly width?: number; readonly height?: number };
  const picture = message.type !== 'image' ? 0 : width && height ? Math.min(HIGHEST_PICTURE, height * Math.min(1, WIDEST_PICTURE / width)) : 200;
  return 18 + lines * LINE + picture + (message.type === 'file' ? 40 : 0) + (message.quoted_message === undefined ? 0 : 44)
    + (message.reactions.length > 0 ? 28 : 0) + (last ? 6 : 0);
}
