// A key-value store for texts. Each key is replaced whole or not at all; nothing more is required.

export interface Storage {
  load(prefix: string): Promise<ReadonlyMap<string, string>>;
  /** Null removes the key. */
  write(changes: ReadonlyMap<string, string | null>): Promise<void>;
  close?(): Promise<void>;
}

/** Keeps everything for as long as the object lives. */
export function memoryStorage(): Storage {
  const held = new Map<string, string>();
  return {
    load: (prefix) => Promise.resolve(new Map([...held].filter(([key]) => key.startsWith(prefix)))),
    write(changes) {
      for (const [key, text] of changes) {
        if (text === null) held.delete(key);
        else held.set(key, text);
      }
      return Promise.resolve();
    },
  };
}
