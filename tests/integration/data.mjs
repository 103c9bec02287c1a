// Optional test data, and small helpers shared by tests.

import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

/// The path of an optional data file or folder. If it is missing, prints that the test is skipped and returns null.
export function testData(relative) {
  const root = process.env.CARIOSAN_TEST_DATA || resolve(here, '../../../shared/data');
  const path = join(root, relative);
  if (existsSync(path)) return path;
  console.log(`skipped: no test data ${relative}`);
  return null;
}

/// One of the project's own fixtures.
export function fixture(name) {
  return join(here, 'fixtures', name);
}

/// A source of numbers in [0, 1) that is the same in every run (mulberry32).
export function seededRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/// A promise that others resolve.
export function deferred() {
  const parts = {};
  parts.promise = new Promise((resolvePromise, reject) => Object.assign(parts, {resolve: resolvePromise, reject}));
  return parts;
}

/// Fails with `what` unless the promise settles before the (generous) deadline. For what must happen, never to
/// measure speed.
export async function within(promise, what, milliseconds = 60_000) {
  let timer;
  const deadline = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited in vain: ${what}`)), milliseconds);
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

/// Repeats `check` until it returns true; like `within`, for conditions without a notification.
export async function eventually(check, what, milliseconds = 60_000) {
  const end = Date.now() + milliseconds;
  while (!(await check())) {
    if (Date.now() >= end) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/// Runs `work` on all items, `most` at a time.
export async function forEachAtOnce(items, most, work) {
  const waiting = [...items.entries()].reverse();
  const worker = async () => {
    while (waiting.length > 0) {
      const [index, item] = waiting.pop();
      await work(item, index);
    }
  };
  await Promise.all(Array.from({ length: most }, worker));
}

/// A free port.
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
