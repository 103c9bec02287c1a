// The two hooks on which all others stand, and cells made of several cells.

import { useCallback, useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { Cell } from '@cariosan/client';

/** Layout effects do nothing on a server, and React 18 says so each time one is met there. */
export const useBrowserLayoutEffect = typeof document === 'undefined' ? useEffect : useLayoutEffect;

/** The value of a cell, and a render for each new one. */
export function useCell<T>(cell: Cell<T>): T {
  return useSyncExternalStore(cell.subscribe, cell.get, cell.get);
}

/** Reads a part of a cell, and gives the same one for as long as `same` says so. */
function reader<T, S>(): (cell: Cell<T>, pick: (value: T) => S, same: (a: S, b: S) => boolean) => () => S {
  let shown: { readonly part: S } | null = null;
  return (cell, pick, same) => {
    let last: { readonly value: T; readonly part: S } | null = null;
    return () => {
      const value = cell.get();
      if (last !== null && Object.is(last.value, value)) return last.part;
      const part = pick(value);
      const before = last ?? shown;
      last = { value, part: before !== null && same(before.part, part) ? before.part : part };
      shown = last;
      return last.part;
    };
  };
}

/** A part of a cell's value, and a render only when `same` says that the part differs. `pick` may be written in place. */
export function useCellValue<T, S>(cell: Cell<T>, pick: (value: T) => S, same: (a: S, b: S) => boolean = Object.is): S {
  const [readerOf] = useState(() => reader<T, S>());
  const read = readerOf(cell, pick, same);
  return useSyncExternalStore(cell.subscribe, read, read);
}

export const sameList = <T>(a: readonly T[], b: readonly T[]): boolean => a.length === b.length && a.every((entry, at) => entry === b[at]);

const nothing = (): void => {};

/** A cell for the time that there is none. */
export function constant<T>(value: T): Cell<T> {
  return { get: () => value, subscribe: () => nothing };
}

/** The values of the cells that a first cell names. Which ones it names may change at any time. */
export function listed<K, T>(names: Cell<readonly K[]>, cellOf: (name: K) => Cell<T | null>): Cell<readonly T[]> {
  let last: readonly T[] = [];
  function get(): readonly T[] {
    const next = names.get().flatMap((name) => cellOf(name).get() ?? []);
    if (!sameList(last, next)) last = next;
    return last;
  }
  function subscribe(listener: () => void): () => void {
    let stops: readonly (() => void)[] = [];
    function watch(): void {
      const before = stops;
      stops = names.get().map((name) => cellOf(name).subscribe(listener));
      for (const stop of before) stop();
    }
    watch();
    const stop = names.subscribe(() => {
      watch();
      listener();
    });
    return () => {
      stop();
      for (const end of stops) end();
    };
  }
  return { get, subscribe };
}

/** Always calls the newest of the functions it was given, and is always the same one. For handlers, not for use while rendering. */
export function useNewest<Args extends readonly unknown[], Result>(run: (...args: Args) => Result): (...args: Args) => Result {
  const newest = useRef(run);
  useBrowserLayoutEffect(() => {
    newest.current = run;
  });
  return useCallback((...args: Args) => newest.current(...args), []);
}
