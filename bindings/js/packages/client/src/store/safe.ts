// A storage that may fail at any time, as IndexedDB does in a tab that slept. What could not be written goes with the next write.

import type { Storage } from './storage.ts';

export interface SafeStorage {
  /** Never rejects: what cannot be read is as if it were not there. */
  load(prefix: string): Promise<ReadonlyMap<string, string>>;
  /** Never rejects. Writes of one key keep their order. */
  write(changes: ReadonlyMap<string, string | null>): Promise<void>;
  close(): Promise<void>;
}

export function safeStorage(inner: Storage, told: (persistent: boolean) => void): SafeStorage {
  let unwritten = new Map<string, string | null>();
  let turn: Promise<void> = Promise.resolve();
  let persistent = true;

  function tell(now: boolean): void {
    if (now !== persistent) told((persistent = now));
  }

  async function flush(): Promise<void> {
    if (unwritten.size === 0) return;
    const batch = unwritten;
    unwritten = new Map();
    try {
      await inner.write(batch);
      tell(true);
    } catch {
      unwritten = new Map([...batch, ...unwritten]);
      tell(false);
    }
  }

  function write(changes: ReadonlyMap<string, string | null>): Promise<void> {
    for (const [key, text] of changes) {
      unwritten.delete(key);
      unwritten.set(key, text);
    }
    turn = turn.then(flush);
    return turn;
  }

  return {
    write,
    async load(prefix) {
      await turn;
      try {
        return await inner.load(prefix);
      } catch {
        tell(false);
        return new Map();
      }
    },
    async close() {
      await write(new Map());
      await inner.close?.();
    },
  };
}
