// Hooks about what was read.

import { useEffect, useState } from 'react';
import type { ReceiptsSnapshot } from '@cariosan/client';
import { useCell, useCellValue } from '../cells.ts';
import { useCariosan } from '../provider.tsx';

/** Reads the newest messages for as long as somebody sees them. `visible`: the newest row is in sight, and the window has the focus. */
export function useMarkRead(ref: string, { visible }: { readonly visible: boolean }): void {
  const handle = useCariosan().channel(ref);
  const newest = useCellValue(handle.info, (info) => info?.lastSeq ?? 0);
  const due = useCellValue(handle.timeline, ({ stale, status, window }) => !stale && status === 'ready' && window === 'live');
  useEffect(() => {
    if (visible && due) handle.markRead();
  }, [handle, visible, due, newest]);
}

/** The `seq` after which the line "new messages" stands while the view is open; null: there is none. */
export function useUnreadMarker(ref: string): number | null {
  const handle = useCariosan().channel(ref);
  const info = useCell(handle.info);
  const ready = useCellValue(handle.timeline, ({ status, stale }) => status === 'ready' && !stale);
  const [opened, setOpened] = useState<{ readonly ref: string; readonly after: number | null } | null>(null);
  if (opened?.ref !== ref && info !== null && ready) {
    setOpened({ ref, after: info.unread > 0 ? info.lastReadSeq : null });
  }
  return opened?.ref === ref ? opened.after : null;
}

export type ReceiptMark = 'sent' | 'delivered' | 'read';

export interface SharedMarks {
  readonly read: number;
  readonly delivered: number;
}

export function markOf(seq: number, { read, delivered }: SharedMarks): ReceiptMark {
  if (seq <= read) return 'read';
  return seq <= delivered ? 'delivered' : 'sent';
}

const marksOf = ({ known, readByAll, deliveredToAll }: ReceiptsSnapshot): SharedMarks =>
  (known ? { read: readByAll, delivered: deliveredToAll } : { read: 0, delivered: 0 });

/** How far everyone else has got. A list asks once, and gives each row its mark. */
export function useSharedMarks(ref: string): SharedMarks {
  return useCellValue(useCariosan().channel(ref).receipts, marksOf, (a, b) => a.read === b.read && a.delivered === b.delivered);
}

/** Whether all the others have got, or read, the user's message with this `seq`. */
export function useReceiptMark(ref: string, seq: number): ReceiptMark {
  return useCellValue(useCariosan().channel(ref).receipts, (receipts) => markOf(seq, marksOf(receipts)));
}
