// The rows of a timeline: confirmed messages in the order of the channel, then what waits to be sent, in the order of sending. A row
// keeps its key from the press of "send" on, and its object until something in it changes.

import type { CariosanError } from '../core/error.ts';
import { mentionsOf } from '../state/mentions.ts';
import type { Users } from '../state/users.ts';
import type { Listing } from '../state/window.ts';
import type { Id, Message, UserRef } from '../wire/types.ts';
import type { OutboxItem } from './outbox.ts';

/** What the user has just asked for. */
export type Saving = 'edit' | 'delete' | 'reaction';

/** A message as it will look once the server has done what the user asked. */
export interface Drawn {
  readonly message: Message;
  /** What is under way, the latest if there are several. */
  readonly saving: Saving | null;
}

export type MessageStatus = 'uploading' | 'pending' | 'failed' | 'sent';

export interface ChatMessage extends Omit<Message, 'seq' | 'rev'> {
  /** The row's identity, from the press of "send" on. The `id` of a pending row is its key. */
  readonly key: string;
  /** Null until the server has taken it. */
  readonly seq: number | null;
  readonly rev: number;
  readonly status: MessageStatus;
  readonly own: boolean;
  readonly error: CariosanError | null;
  /** What the user has just asked for: it is shown, and not confirmed yet. */
  readonly saving: Saving | null;
  /** How much of its file is there, from 0 to 1; null if it has none, or it is there. */
  readonly progress: number | null;
}

/** Draws what the user has just done over a message. */
export interface Drawing {
  draw(message: Message): Drawn;
  /** Another one after each change of what is drawn. */
  readonly version: number;
}

export interface RowContext {
  readonly viewer: UserRef;
  readonly users: Users;
  readonly channel: { readonly id: Id; readonly external_id: string | null };
}

interface Made {
  readonly from: Message | OutboxItem;
  readonly user: UserRef;
  readonly row: ChatMessage;
}

export interface Rows {
  confirmed(drawn: Drawn, context: RowContext): ChatMessage;
  /** The rows of a list. Where it is as it was the last time, so are they: nothing is looked up. */
  list(listing: Listing, drawing: Drawing, context: RowContext): readonly ChatMessage[];
  pending(item: OutboxItem, context: RowContext): ChatMessage;
  /** Forgets all other rows. */
  keep(rows: readonly ChatMessage[]): void;
}

function confirmedRow({ message, saving }: Drawn, user: UserRef, own: boolean): ChatMessage {
  const key = own ? (message.idempotency_key ?? message.id) : message.id;
  return { ...message, user, key, status: 'sent', own, error: null, saving, progress: null };
}

function pendingRow(item: OutboxItem, { viewer, users, channel }: RowContext): ChatMessage {
  const { body } = item;
  return {
    key: item.key, id: item.key, channel_id: channel.id, channel_external_id: channel.external_id, seq: null, rev: 0, user: viewer,
    type: body.type ?? 'text', content: body.content, attachment_url: body.attachment_url ?? null, metadata: body.metadata ?? {},
    ...(body.parent_id === undefined ? {} : { parent_id: body.parent_id }),
    ...(body.mentions === undefined ? {} : { mentions: mentionsOf(body.mentions, users) }),
    reactions: [], idempotency_key: item.key, created_at: new Date(item.createdAt).toISOString(), edited_at: null, deleted_at: null,
    status: item.state === 'failed' || item.state === 'uploading' ? item.state : 'pending', own: true, error: item.error, saving: null,
    progress: item.progress ?? null,
  };
}

export function rows(): Rows {
  const made = new Map<string, Made>();
  function row(name: string, from: Message | OutboxItem, user: UserRef, make: () => ChatMessage): ChatMessage {
    const held = made.get(name);
    if (held !== undefined && held.from === from && held.user === user) return held.row;
    const fresh = make();
    made.set(name, { from, user, row: fresh });
    return fresh;
  }
  function confirmed(drawn: Drawn, context: RowContext): ChatMessage {
    const { message } = drawn;
    const user = context.users.get(message.user.id) ?? message.user;
    return row(message.id, message, user, () => confirmedRow(drawn, user, message.user.id === context.viewer.id));
  }
  /** Those of the last time, and what they depend on. */
  let last: { readonly stamp: readonly unknown[]; readonly mark: object; readonly rows: readonly ChatMessage[] } | null = null;
  return {
    confirmed,
    list({ messages, mark, since, gone, same }, drawing, context) {
      const stamp = [context.users.version, drawing.version, context.viewer];
      const before = sameList(last?.stamp, stamp) ? last : null;
      if (before?.mark === mark) return before.rows;
      const old = before !== null && before.mark === since ? before.rows : [];
      // Most often a list has grown at its end: it is copied once.
      const kept = gone === 0 && same === old.length ? old : old.slice(gone, gone + same);
      const rows = kept.concat(messages.slice(kept.length).map((message) => confirmed(drawing.draw(message), context)));
      last = { stamp, mark, rows };
      return rows;
    },
    pending: (item, context) => row(item.key, item, context.viewer, () => pendingRow(item, context)),
    keep(kept) {
      // Some too many cost less than counting them at each message.
      if (made.size <= 2 * kept.length) return;
      const names = new Set(kept.map((one) => one.id));
      for (const name of made.keys()) if (!names.has(name)) made.delete(name);
    },
  };
}

export const sameList = <T>(a: readonly T[] | undefined, b: readonly T[]): boolean =>
  a === b || (a !== undefined && a.length === b.length && a.every((entry, at) => entry === b[at]));
