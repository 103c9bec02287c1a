// The binding of the virtualiser, which knows the places of all rows and mounts those in sight.

import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import { useCallback, useReducer, useRef, useState, type CSSProperties, type RefObject } from 'react';
import { flushSync } from 'react-dom';
import { useBrowserLayoutEffect } from '../cells.ts';
import { place, type PlacedRow } from './place.ts';

export type Virtual = Virtualizer<HTMLElement, HTMLElement>;

export interface VirtualRows {
  readonly rows: readonly PlacedRow[];
  /** In pixels, until the row is measured. */
  readonly estimate: (index: number) => number;
  readonly scroller: RefObject<HTMLElement | null>;
  /** Stays mounted wherever the list is scrolled to: it has the focus. */
  readonly kept: number;
  /** Heights that were measured, by key, from an earlier mount of the same list. */
  readonly sizes: Map<string, number>;
  /** Opens at its end, and keeps to it. */
  readonly fromEnd: boolean;
  readonly moved: (virtual: Virtual) => void;
}

/** Within so many pixels of the end the list follows what is new. */
export const END_PX = 64;
export const OVERSCAN = 8;

/** Where a row stands. Written into the element, so that it stands there without a style sheet too. */
export const placedAt = (start: number): CSSProperties => ({ position: 'absolute', insetBlockStart: 0, insetInline: 0, transform: `translateY(${start}px)` });

/**
 * The element that scrolls. What is mounted in it asks for it when it is mounted itself, and so may only be rendered once `isThere`;
 * React renders it then before anything is painted.
 */
export function useScroller<Box extends HTMLElement>() {
  const scroller = useRef<Box | null>(null);
  const [isThere, setThere] = useState(false);
  const attach = useCallback((box: Box | null): void => {
    scroller.current = box;
    if (box !== null) setThere(true);
  }, []);
  return { scroller, isThere, attach };
}

export function useVirtual({ rows, estimate, scroller, kept, sizes, fromEnd, moved }: VirtualRows): Virtual {
  const [, render] = useReducer((count: number) => count + 1, 0);
  const [react] = useState(() => ({ isCommitting: false }));
  const [reading] = useState(() => place(rows));
  const options = {
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index: number) => sizes.get(rows[index]?.key ?? '') ?? estimate(index),
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
    anchorTo: fromEnd ? ('end' as const) : ('start' as const), followOnAppend: fromEnd, scrollEndThreshold: END_PX, overscan: OVERSCAN, useScrollendEvent: false,
    onChange: (virtual: Virtual, sync: boolean) => {
      moved(virtual);
      // What was corrected must be painted together with the rows it was corrected for.
      // What is measured while React commits is rendered before the paint in any case.
      if (sync && !react.isCommitting) flushSync(render);
      else render();
    },
  };
  const [virtual] = useState(() => {
    // By itself it may keep its place by a line, and takes no notice of what comes into sight above a row that is read.
    const made = new Virtualizer<HTMLElement, HTMLElement>({
      ...options, initialOffset: () => (fromEnd ? rows.reduce((sum, _, index) => sum + options.estimateSize(index), 0) : 0),
    });
    const rowAt = made.getVirtualItemForOffset;
    made.getVirtualItemForOffset = (offset) => {
      const found = rowAt(offset);
      return found === undefined ? undefined : made.measurementsCache[reading.anchor(found.index)];
    };
    made.shouldAdjustScrollPositionOnItemSizeChange = ({ index, key, start, end }) => reading.movesWith(
      { index, key: String(key), start, end, isMeasured: made.itemSizeCache.has(key) },
      { offset: made.scrollOffset ?? 0, height: made.scrollRect?.height ?? 0, startOf: (at) => made.measurementsCache[at]?.start ?? Infinity },
    );
    return made;
  });
  reading.change(rows);
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
