// A value that changes and can be watched. `get` and `subscribe` are what `useSyncExternalStore` asks for.

import { tellAll } from './emitter.ts';

export interface Cell<T> {
  /** The same object until something in it has changed. */
  get(): T;
  subscribe(listener: () => void): () => void;
}

/** A cell with its working side. */
export interface Source<T> extends Cell<T> {
  /** The state behind it has changed: the snapshot is to be built anew. */
  touch(): void;
  readonly subscribers: number;
}

/** Collects the sources that were touched, builds their snapshots together, and only then calls listeners. */
export interface Publisher {
  source<T>(build: (last: T | undefined) => T, onWatched?: (watched: boolean) => void): Source<T>;
  /** A source for each id that is asked for. */
  byId<T>(build: (id: string) => T, onWatched?: (id: string, watched: boolean) => void): { of(id: string): Source<T>; touch(id: string): void };
  /** Publishes at once. What the user does is shown in the same task. */
  flush(): void;
}

interface Publishable {
  rebuild(): boolean;
  tell(): void;
}

/** `frame` runs its argument once, soon. `onFault` receives what a listener threw; the other listeners are called all the same. */
export function publisher(frame: (run: () => void) => void, onFault: (fault: unknown) => void): Publisher {
  const touched = new Set<Publishable>();
  let scheduled = false;

  function flush(): void {
    if (touched.size === 0) return;
    const batch = [...touched];
    touched.clear();
    const changed = batch.filter((entry) => entry.rebuild());
    for (const entry of changed) entry.tell();
  }

  function schedule(entry: Publishable): void {
    touched.add(entry);
    if (scheduled) return;
    scheduled = true;
    frame(() => {
      scheduled = false;
      flush();
    });
  }

  function source<T>(build: (last: T | undefined) => T, onWatched?: (watched: boolean) => void): Source<T> {
    const listeners = new Map<symbol, () => void>();
    let value: T | undefined;
    let fresh = false;

    function rebuild(): boolean {
      if (fresh) return false;
      const before = value;
      value = build(before);
      fresh = true;
      return value !== before;
    }

    const entry = { rebuild, tell: () => tellAll(listeners.values(), undefined, onFault) };
    return {
      get() {
        // Watched snapshots change only when all of them do.
        if (listeners.size === 0 || value === undefined) rebuild();
        return value as T;
      },
      subscribe(listener) {
        const key = Symbol('listener');
        if (listeners.size === 0) rebuild();
        listeners.set(key, listener);
        if (listeners.size === 1) onWatched?.(true);
        return () => {
          if (listeners.delete(key) && listeners.size === 0) onWatched?.(false);
        };
      },
      touch() {
        fresh = false;
        if (listeners.size > 0) schedule(entry);
      },
      get subscribers() {
        return listeners.size;
      },
    };
  }

  const byId: Publisher['byId'] = <T>(build: (id: string) => T, onWatched?: (id: string, watched: boolean) => void) => {
    const made = new Map<string, Source<T>>();
    return {
      of(id) {
        const known = made.get(id);
        if (known !== undefined) return known;
        const fresh = source<T>(() => build(id), onWatched && ((on) => onWatched(id, on)));
        made.set(id, fresh);
        return fresh;
      },
      touch: (id) => made.get(id)?.touch(),
    };
  };

  return { source, flush, byId };
}

/** A part of a cell's value. It changes, and its listeners are called, only when `same` says that the part differs. */
export function select<T, S>(cell: Cell<T>, pick: (value: T) => S, same: (a: S, b: S) => boolean = Object.is): Cell<S> {
  let last: { readonly of: T; readonly part: S } | null = null;
  function get(): S {
    const value = cell.get();
    if (last !== null && Object.is(last.of, value)) return last.part;
    const part = pick(value);
    last = { of: value, part: last !== null && same(last.part, part) ? last.part : part };
    return last.part;
  }
  function subscribe(listener: () => void): () => void {
    let told = get();
    return cell.subscribe(() => {
      const part = get();
      if (Object.is(part, told)) return;
      told = part;
      listener();
    });
  }
  return { get, subscribe };
}
