// The binding of the virtualiser, which knows the places of all rows and mounts those in sight.

import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import { useReducer, useState, type RefObject } from 'react';
import { flushSync } from 'react-dom';
import { useBrowserLayoutEffect } from '../cells.ts';
import { estimated, type Row } from './rows.ts';

export type Virtual = Virtualizer<HTMLDivElement, HTMLDivElement>;

export interface VirtualRows {
  readonly rows: readonly Row[];
  readonly scroller: RefObject<HTMLDivElement | null>;
  /** Stays mounted wherever the list is scrolled to: it has the focus. */
  readonly kept: number;
  /** Heights that were measured, by key, from an earlier mount of the same channel. */
  readonly sizes: Map<string, number>;
  readonly moved: (virtual: Virtual) => void;
}

/** Within so many pixels of the end the list follows what is new. */
export const END_PX = 64;
const OVERSCAN = 8;

export function useVirtual({ rows, scroller, kept, sizes, moved }: VirtualRows): Virtual {
  const [, render] = useReducer((count: number) => count + 1, 0);
  const [react] = useState(() => ({ isCommitting: false }));
  const options = {
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index: number) => {
      const row = rows[index];
      return row === undefined ? 0 : (sizes.get(row.key) ?? estimated(row));
    },
    getItemKey: (index: number) => rows[index]?.key ?? index,
    rangeExtractor: ({ startIndex, endIndex }: { startIndex: number; endIndex: number }) => {
      const from = Math.max(0, startIndex - OVERSCAN);
      const to = Math.min(rows.length - 1, endIndex + OVERSCAN);
      const shown = Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at);
      if (kept >= 0 && kept < from) shown.unshift(kept);
      if (kept > to && kept < rows.length) shown.push(kept);
      return shown;
    },
    scrollToFn: elementScroll, observeElementRect, observeElementOffset,
    anchorTo: 'end' as const, followOnAppend: true, scrollEndThreshold: END_PX, overscan: OVERSCAN, useScrollendEvent: false,
    onChange: (virtual: Virtual, sync: boolean) => {
      moved(virtual);
      // What was corrected must be painted together with the rows it was corrected for.
      // What is measured while React commits is rendered before the paint in any case.
      if (sync && !react.isCommitting) flushSync(render);
      else render();
    },
  };
  const [virtual] = useState(() => new Virtualizer<HTMLDivElement, HTMLDivElement>({
    ...options, initialOffset: () => rows.reduce((sum, _, index) => sum + options.estimateSize(index), 0),
  }));
  virtual.setOptions(options);
  react.isCommitting = true;
  useBrowserLayoutEffect(() => virtual._didMount(), [virtual]);
  useBrowserLayoutEffect(() => {
    virtual._willUpdate();
    for (const [key, size] of virtual.itemSizeCache) sizes.set(String(key), size);
    react.isCommitting = false;
  });
  return virtual;
}
