// A storage in a folder, one file a key, for processes that are killed: each file is replaced whole or not at all.

import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Storage } from '../../src/index.ts';

const nameOf = (key: string): string => encodeURIComponent(key);

/** `kept` is called with each key once it is on the disk, `removed` before it is gone from there. */
export function fileStorage(folder: string, kept: (key: string, text: string) => void, removed: (key: string) => void = () => {}): Storage {
  mkdirSync(folder, { recursive: true });

  function replace(key: string, text: string): void {
    const path = join(folder, nameOf(key));
    const file = openSync(`${path}.new`, 'w');
    writeSync(file, text);
    fsyncSync(file);
    closeSync(file);
    renameSync(`${path}.new`, path);
    kept(key, text);
  }

  return {
    load(prefix) {
      const names = readdirSync(folder).filter((name) => !name.endsWith('.new') && decodeURIComponent(name).startsWith(prefix));
      return Promise.resolve(new Map(names.map((name) => [decodeURIComponent(name), readFileSync(join(folder, name), 'utf8')])));
    },
    async write(changes) {
      for (const [key, text] of changes) {
        // Others may come between, as in a browser.
        await new Promise((resolve) => setImmediate(resolve));
        if (text === null) {
          removed(key);
          rmSync(join(folder, nameOf(key)), { force: true });
        } else replace(key, text);
      }
    },
  };
}
