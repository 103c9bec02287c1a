// One window of messages: which of its rows are mounted, where they stand, and what keeps them in place.

import { useEffect, useMemo, useRef, type RefObject } from 'react';
import type { Id } from '@cariosan/client';
import { useBrowserLayoutEffect, useNewest } from '../cells.ts';
import { useExtras } from '../later.ts';
import type { BottomKept } from './bottom.ts';
import { usePlainAnchor } from './plain.ts';
import { estimated, type Row } from './rows.ts';
import { END_PX, scrollBox, useVirtual } from './virtual.ts';

export interface Place {
  readonly atEnd: boolean;
  /** In pixels: what is above the part in sight, and below it. */
  readonly above: number;
  readonly below: number;
  readonly height: number;
}

export interface PlacedRow {
  readonly row: Row;
  /** Among all rows, mounted or not. */
  readonly index: number;
  /** In pixels from the upper edge of the rows; null: it stands after the row before it. */
  readonly start: number | null;
}

export interface WindowHandle {
  toEnd(): void;
  /** False: it is not among the rows. */
  toMessage(id: Id): boolean;
}

export interface WindowProps {
  readonly rows: readonly Row[];
  readonly scroller: RefObject<HTMLElement | null>;
  readonly sizes: Map<string, number>;
  /** Where the window opens, if not at what is unread or at the end. */
  readonly focusId: Id | null;
  readonly virtualize: boolean;
  readonly onPlace: (place: Place) => void;
  /** The row of this key has the focus, and stays mounted. */
  readonly kept?: string | null;
  readonly onFound?: (key: string) => void;
}

export interface ListWindow extends WindowHandle {
  readonly mounted: readonly PlacedRow[];
  /** Of all rows together, in pixels; null: it follows from them. */
  readonly height: number | null;
  /** The `ref` of each mounted row. */
  readonly measure: ((element: HTMLElement | null) => void) | undefined;
  toIndex(index: number, align: 'start' | 'center' | 'auto'): void;
}

/** What the user sends is seen, wherever they were. */
function useSendsSeen(rows: readonly Row[], toEnd: () => void): void {
  // What waits to be sent stands last.
  const last = rows[rows.length - 1];
  const newest = last?.kind === 'message' && last.message.own && last.message.seq === null ? last.key : null;
  useEffect(() => {
    if (newest !== null) toEnd();
  }, [newest, toEnd]);
}

export function useListWindow({ rows, scroller, sizes, focusId, virtualize, onPlace, kept = null, onFound }: WindowProps): ListWindow {
  const extras = useExtras();
  const placed = useRef(false);
  const indexOf = (key: string): number => rows.findIndex((row) => row.key === key);

  const look = useNewest(() => {
    const box = scroller.current;
    if (box === null) return;
    const below = box.scrollHeight - box.scrollTop - box.clientHeight;
    onPlace({ atEnd: below <= END_PX, above: box.scrollTop, below, height: box.clientHeight });
  });
  const estimate = (index: number): number => {
    const row = rows[index];
    return row === undefined ? 0 : estimated(row);
  };
  // Without the virtualiser it has no rows, and does nothing.
  const virtual = useVirtual({ rows: virtualize ? rows : [], estimate, scroller, kept: kept === null ? -1 : indexOf(kept), sizes, fromEnd: true, moved: look });
  usePlainAnchor(scroller, rows, virtualize);

  const toIndex: ListWindow['toIndex'] = (index, align) => {
    if (virtualize) virtual.scrollToIndex(index, { align });
    else scroller.current?.querySelector(`[data-index="${index}"]`)?.scrollIntoView({ block: align === 'auto' ? 'nearest' : align });
  };
  const toEnd = useNewest((): void => {
    if (virtualize) virtual.scrollToEnd();
    else if (scroller.current !== null) scrollBox(scroller.current, scroller.current.scrollHeight);
  });
  const toMessage = (id: Id): boolean => {
    const at = rows.findIndex((row) => row.kind === 'message' && row.message.id === id);
    const row = rows[at];
    if (row === undefined) return false;
    toIndex(at, 'center');
    onFound?.(row.key);
    return true;
  };

  // StrictMode mounts twice, and the virtualiser begins again at the top.
  useBrowserLayoutEffect(() => () => { placed.current = false; }, []);
  // Where the view opens: at what was looked for, else at the line above the unread, else at the end.
  const unreadAt = useMemo(() => rows.findIndex(({ kind }) => kind === 'unread'), [rows]);
  useBrowserLayoutEffect(() => {
    if (placed.current && unreadAt < 0) return;
    if (placed.current && focusId === null && scroller.current?.dataset['touched'] !== undefined) return;
    if (focusId !== null) toMessage(focusId);
    else if (unreadAt >= 0) toIndex(unreadAt, 'start');
    else toEnd();
    placed.current = true;
  }, [focusId, unreadAt >= 0]);
  useBrowserLayoutEffect(look);
  const bottom = useRef<BottomKept | null>(null);
  useEffect(() => {
    const kept = extras?.keepBottom(scroller) ?? null;
    bottom.current = kept;
    return kept?.stop;
  }, [extras, scroller]);
  useBrowserLayoutEffect(() => bottom.current?.note());
  useSendsSeen(rows, toEnd);

  const mounted = virtualize
    ? virtual.getVirtualItems().flatMap(({ index, start }) => {
      const row = rows[index];
      return row === undefined ? [] : { row, index, start };
    })
    : rows.map((row, index) => ({ row, index, start: null }));
  return { mounted, height: virtualize ? virtual.getTotalSize() : null, measure: virtualize ? virtual.measureElement : undefined, toIndex, toEnd, toMessage };
}
