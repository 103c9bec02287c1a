// The binding of the virtualiser, which knows the places of all rows and mounts those in sight.

import { defaultRangeExtractor, elementScroll, measureElement, observeElementOffset, observeElementRect, Virtualizer, type Range } from '@tanstack/virtual-core';
import { useCallback, useInsertionEffect, useReducer, useRef, useState, type CSSProperties, type RefObject } from 'react';
import { flushSync } from 'react-dom';
import { useBrowserLayoutEffect } from '../cells.ts';
import { place, type KeyedRow } from './place.ts';

export type Virtual = Virtualizer<HTMLElement, HTMLElement>;

export interface VirtualRows {
  readonly rows: readonly KeyedRow[];
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
/** So many rows out of sight are mounted at least, on either side. */
const SPARE = OVERSCAN / 2;

export function scrollBox(box: HTMLElement, top: number): void {
  box.scrollTop = top;
}

const translated = (start: number): string => `translateY(${start}px)`;
/** Where a row stands. Written into the element, so that it stands there without a style sheet too. */
export const placedAt = (start: number): CSSProperties => ({ position: 'absolute', insetBlockStart: 0, insetInline: 0, transform: translated(start) });

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

/** The rows that are mounted reach far enough: to render would change nothing but their places. */
function covers(virtual: Virtual): boolean {
  const { range, elementsCache, options: { count } } = virtual;
  if (range === null) return false;
  const mounted = new Set([...elementsCache.values()].filter(({ isConnected }) => isConnected).map((row) => virtual.indexFromElement(row)));
  const last = Math.min(count - 1, range.endIndex + SPARE);
  for (let at = Math.max(0, range.startIndex - SPARE); at <= last; at += 1) if (!mounted.has(at)) return false;
  return true;
}

/** Puts the mounted rows where they stand now. What React last wrote may be older, and is written over after each commit. */
function put(virtual: Virtual): void {
  const height = `${virtual.getTotalSize()}px`;
  const { measurementsCache: places, elementsCache } = virtual;
  // While a phone's list coasts, all rows are moved a little instead of the list.
  const [first] = virtual.getVirtualItems();
  const moved = first === undefined ? 0 : first.start - (places[first.index]?.start ?? first.start);
  let box: HTMLElement | null = null;
  for (const row of elementsCache.values()) {
    const start = places[virtual.indexFromElement(row)]?.start;
    if (start !== undefined) row.style.transform = translated(start + moved);
    box = row.parentElement ?? box;
  }
  if (box !== null) box.style.height = height;
}

/** While React attaches rows they are measured one by one: what follows from it is done once, at the end. */
function commitPhase() {
  let isCommitting = false;
  let isDue = false;
  return {
    begin(): void {
      isCommitting = true;
    },
    /** True: it will be done. */
    defers(): boolean {
      isDue ||= isCommitting;
      return isCommitting;
    },
    /** Whether anything is to be done. */
    end(): boolean {
      const was = isDue;
      isCommitting = isDue = false;
      return was;
    },
  };
}

export function useVirtual({ rows, estimate, scroller, kept, sizes, fromEnd, moved }: VirtualRows): Virtual {
  const [, render] = useReducer((count: number) => count + 1, 0);
  const [phase] = useState(commitPhase);
  const [reading] = useState(() => place(rows));
  const options = {
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index: number) => sizes.get(rows[index]?.key ?? '') ?? estimate(index),
    getItemKey: (index: number) => rows[index]?.key ?? index,
    rangeExtractor: (range: Range) => {
      const shown = defaultRangeExtractor(range);
      if (kept < 0 || kept >= rows.length || shown.includes(kept)) return shown;
      return kept < range.startIndex ? [kept, ...shown] : [...shown, kept];
    },
    measureElement: (row: HTMLElement, entry: ResizeObserverEntry | undefined, virtual: Virtual) => {
      const size = measureElement(row, entry, virtual);
      const index = virtual.indexFromElement(row);
      const [key, known] = [options.getItemKey(index), virtual.itemSizeCache];
      // By itself it does not keep a height that was guessed right, and would take the row for one that was never painted.
      if (!known.has(key) && size === options.estimateSize(index)) known.set(key, size);
      return size;
    },
    scrollToFn: elementScroll, observeElementRect,
    observeElementOffset: (virtual: Virtual, heard: (offset: number, isScrolling: boolean) => void) => observeElementOffset(virtual, (offset, isScrolling) => {
      // Of the rows that are mounted, those whose heights are known were painted where they stand.
      if (isScrolling) reading.scrolled(new Set([...virtual.elementsCache.keys()].filter((key) => virtual.itemSizeCache.has(key))));
      heard(offset, isScrolling);
    }),
    anchorTo: fromEnd ? ('end' as const) : ('start' as const), followOnAppend: fromEnd, scrollEndThreshold: END_PX, overscan: OVERSCAN, useScrollendEvent: false,
    onChange: (virtual: Virtual, sync: boolean) => {
      if (phase.defers()) return;
      if (covers(virtual)) {
        put(virtual);
        // A correction that there was no room for is written again when this returns: until then the end seems to be out of sight.
        queueMicrotask(() => moved(virtual));
      } else {
        moved(virtual);
        // What was corrected must be painted together with the rows it was corrected for.
        if (sync) flushSync(render);
        else render();
      }
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
  reading.change(rows, kept);
  virtual.setOptions(options);
  useInsertionEffect(() => phase.begin());
  useBrowserLayoutEffect(() => virtual._didMount(), [virtual]);
  useBrowserLayoutEffect(() => {
    // Before it goes where rows that were just measured have put the end, there must be room for it.
    put(virtual);
    virtual._willUpdate();
    for (const key of virtual.elementsCache.keys()) {
      const size = virtual.itemSizeCache.get(key);
      if (size !== undefined) sizes.set(String(key), size);
    }
    if (phase.end() && !covers(virtual)) render();
    put(virtual);
  });
  return virtual;
}
