// Keeps the texts in IndexedDB. The connection to it may die at any time, as in a tab that slept: it is made anew once per call.

import type { Storage } from './storage.ts';

const TABLE = 'texts';

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('IndexedDB failed'));
  });
}

/** Nothing is opened before the first call. */
export function indexedDbStorage({ name = 'cariosan' }: { readonly name?: string } = {}): Storage {
  let opened: Promise<IDBDatabase> | null = null;

  function open(): Promise<IDBDatabase> {
    opened ??= (async () => {
      const request = indexedDB.open(name, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(TABLE);
      const database = await settled(request);
      const gone = (): void => { opened = null; };
      database.onclose = gone;
      database.onversionchange = () => {
        gone();
        database.close();
      };
      return database;
    })();
    return opened;
  }

  async function attempt<T>(use: (database: IDBDatabase) => Promise<T>): Promise<T> {
    try {
      return await use(await open());
    } catch {
      opened = null;
      return use(await open());
    }
  }

  return {
    load: (prefix) => attempt(async (database) => {
      const store = database.transaction(TABLE, 'readonly').objectStore(TABLE);
      const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
      const [keys, texts] = await Promise.all([settled(store.getAllKeys(range)), settled(store.getAll(range) as IDBRequest<string[]>)]);
      return new Map(keys.map((key, at) => [String(key), texts[at] ?? '']));
    }),
    write: (changes) => attempt((database) => new Promise((resolve, reject) => {
      const transaction = database.transaction(TABLE, 'readwrite');
      const store = transaction.objectStore(TABLE);
      for (const [key, text] of changes) {
        if (text === null) store.delete(key);
        else store.put(text, key);
      }
      // Otherwise a page that goes away now takes the writes along: they are committed once it has seen each of them succeed.
      transaction.commit?.();
      // Only now it is kept.
      transaction.oncomplete = () => resolve();
      transaction.onerror = transaction.onabort = () => reject(transaction.error ?? new Error('IndexedDB failed'));
    })),
    async close() {
      const database = await opened?.catch(() => null);
      opened = null;
      database?.close();
    },
  };
}
