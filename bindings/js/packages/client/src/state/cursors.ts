// How far the users of one channel have read and been delivered to (protocol, sections 5 and 6). Cursors only move forward, in
// whatever order their frames come. Who wrote a message has read up to it; what is read is delivered.

import type { Id, Receipt } from '../wire/types.ts';

export interface Cursor {
  readonly read: number;
  readonly delivered: number;
  readonly readAt: string | null;
}

export interface Cursors {
  of(user: Id): Cursor;
  /** The same, without what follows from the user's own messages: what the server's list of receipts says. */
  told(user: Id): Cursor;
  /** A field that is absent moves nothing. Answers whether anything moved. */
  move(receipt: Receipt): boolean;
  wrote(user: Id, seq: number): boolean;
  forget(): void;
}

const nowhere: Cursor = { read: 0, delivered: 0, readAt: null };

export function cursors(): Cursors {
  const told = new Map<Id, Cursor>();
  const written = new Map<Id, number>();

  function of(user: Id): Cursor {
    const cursor = told.get(user) ?? nowhere;
    const read = Math.max(cursor.read, written.get(user) ?? 0);
    return { read, delivered: Math.max(read, cursor.delivered), readAt: cursor.readAt };
  }

  function move(receipt: Receipt): boolean {
    const held = told.get(receipt.user_id) ?? nowhere;
    const read = Math.max(held.read, receipt.last_read_seq ?? 0);
    const delivered = Math.max(held.delivered, receipt.last_delivered_seq ?? 0);
    if (read === held.read && delivered === held.delivered) return false;
    const readAt = read > held.read ? (receipt.last_read_at ?? null) : held.readAt;
    told.set(receipt.user_id, { read, delivered, readAt });
    return true;
  }

  function wrote(user: Id, seq: number): boolean {
    if (seq <= (written.get(user) ?? 0)) return false;
    written.set(user, seq);
    return true;
  }

  function forget(): void {
    told.clear();
    written.clear();
  }

  return { of, told: (user) => told.get(user) ?? nowhere, move, wrote, forget };
}
