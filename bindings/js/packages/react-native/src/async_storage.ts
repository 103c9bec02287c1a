// AsyncStorage, of either generation, as the client's storage. Android keeps no value above its row limit and, unless told otherwise,
// 6 MB in all: of what can be read again from the server the oldest goes first.

import type { Storage } from '@cariosan/client';

/** `@react-native-async-storage/async-storage` 1 and 2. */
export interface AsyncStorageOfPairs {
  getAllKeys(): Promise<readonly string[]>;
  multiGet(keys: readonly string[]): Promise<readonly (readonly [string, string | null])[]>;
  multiSet(pairs: [string, string][]): Promise<unknown>;
  multiRemove(keys: readonly string[]): Promise<unknown>;
}

/** And 3. */
export interface AsyncStorageOfMany {
  getAllKeys(): Promise<readonly string[]>;
  getMany(keys: string[]): Promise<Readonly<Record<string, string | null>>>;
  setMany(entries: Record<string, string>): Promise<unknown>;
  removeMany(keys: string[]): Promise<unknown>;
}

export type AsyncStorageLike = AsyncStorageOfPairs | AsyncStorageOfMany;

const VALUE_BYTES = 512 * 1024;
const ALL_BYTES = 5 * 1024 * 1024;
const PREFIX = 'cariosan:';
/** Messages and channels. What was not sent, and whose it is, is never let go. */
const READ_AGAIN = [':t:', ':i:'];

interface Pairs {
  keys(): Promise<readonly string[]>;
  get(keys: readonly string[]): Promise<ReadonlyMap<string, string>>;
  set(pairs: ReadonlyMap<string, string>): Promise<unknown>;
  remove(keys: readonly string[]): Promise<unknown>;
}

function filled(pairs: Iterable<readonly [string, string | null]>): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [key, text] of pairs) if (text !== null) found.set(key, text);
  return found;
}

function asPairs(given: AsyncStorageLike): Pairs {
  const keys = async (): Promise<readonly string[]> => (await given.getAllKeys()).filter((key) => key.startsWith(PREFIX));
  if ('getMany' in given) {
    return {
      keys, get: async (some) => filled(Object.entries(await given.getMany([...some]))), set: (pairs) => given.setMany(Object.fromEntries(pairs)),
      remove: (some) => given.removeMany([...some]),
    };
  }
  return { keys, get: async (some) => filled(await given.multiGet([...some])), set: (pairs) => given.multiSet([...pairs]), remove: (some) => given.multiRemove([...some]) };
}

/** On the disk, at most: a code unit of a text is three bytes of UTF-8. */
function bytesOf(text: string): number {
  let bytes = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    bytes += unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
  }
  return bytes;
}

export function asyncStorage(given: AsyncStorageLike): Storage {
  const pairs = asPairs(given);
  /** In the order of writing. Null until it was looked what there is. */
  let sizes: ReadonlyMap<string, number> | null = null;

  async function known(): Promise<ReadonlyMap<string, number>> {
    if (sizes !== null) return sizes;
    const texts = await pairs.get(await pairs.keys());
    return (sizes = new Map([...texts].map(([key, text]) => [key, key.length + bytesOf(text)])));
  }

  /** What must go so that all of it fits. */
  function tooMuch(all: ReadonlyMap<string, number>, fresh: ReadonlyMap<string, string>): readonly string[] {
    let total = 0;
    for (const size of all.values()) total += size;
    const gone: string[] = [];
    for (const kind of READ_AGAIN) {
      for (const [key, size] of all) {
        if (total <= ALL_BYTES) return gone;
        if (!key.includes(kind) || fresh.has(key)) continue;
        total -= size;
        gone.push(key);
      }
    }
    return gone;
  }

  return {
    async load(prefix) {
      const all = await known();
      return pairs.get([...all.keys()].filter((key) => key.startsWith(prefix)));
    },
    async write(changes) {
      const all = new Map(await known());
      const set = new Map<string, string>();
      const removed = new Set<string>();
      for (const [key, text] of changes) {
        all.delete(key);
        const size = text === null ? 0 : key.length + bytesOf(text);
        const fits = size <= VALUE_BYTES;
        if (!fits && !READ_AGAIN.some((kind) => key.includes(kind))) throw new Error(`${key} is too large to be stored: ${size} bytes`);
        if (text === null || !fits) {
          removed.add(key);
        } else {
          set.set(key, text);
          all.set(key, size);
        }
      }
      for (const key of tooMuch(all, set)) {
        removed.add(key);
        all.delete(key);
      }
      // What makes room goes first.
      if (removed.size > 0) await pairs.remove([...removed]);
      if (set.size > 0) await pairs.set(set);
      sizes = all;
    },
  };
}
