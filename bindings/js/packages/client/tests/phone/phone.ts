// What a phone has: the globals of React Native 0.76 and later on Hermes, and nothing else. Anything not listed is not there.

import { createContext, runInContext, type Context } from 'node:vm';

/** Of the language, what Node.js has and Hermes lacks. */
const notInHermes = [
  'delete globalThis.FinalizationRegistry', 'delete globalThis.SharedArrayBuffer', 'delete globalThis.Atomics', 'delete globalThis.WebAssembly', 'delete globalThis.Iterator',
  'delete Intl.PluralRules', 'delete Intl.RelativeTimeFormat', 'delete Intl.ListFormat', 'delete Intl.Segmenter', 'delete Intl.DisplayNames', 'delete Intl.Locale', 'delete Intl.DurationFormat',
  'delete Promise.withResolvers', 'delete Promise.try', 'delete Object.groupBy', 'delete Map.groupBy', 'delete Array.fromAsync',
  ...['toSorted', 'toReversed', 'toSpliced', 'with'].map((name) => `delete Array.prototype.${name}`),
  ...['union', 'intersection', 'difference', 'symmetricDifference', 'isSubsetOf', 'isSupersetOf', 'isDisjointFrom'].map((name) => `delete Set.prototype.${name}`),
  ...['isWellFormed', 'toWellFormed'].map((name) => `delete String.prototype.${name}`),
];

/** What React Native puts beside the language, in so far as Node.js has the same. */
const fromReactNative = [
  'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate', 'queueMicrotask', 'console', 'performance',
  'fetch', 'Headers', 'Request', 'Response', 'FormData', 'Blob', 'AbortController', 'AbortSignal', 'URL', 'atob', 'btoa',
] as const;

/** A new world with only that. `with` adds what a test brings. */
export function phone(): Context {
  const globals: Record<string, unknown> = { __DEV__: true, process: { env: { NODE_ENV: 'test' } }, navigator: { product: 'ReactNative' } };
  for (const name of fromReactNative) globals[name] = globalThis[name];
  globals['requestAnimationFrame'] = (run: (at: number) => void) => setTimeout(() => run(performance.now()), 16);
  globals['cancelAnimationFrame'] = (timer: number) => clearTimeout(timer);
  const context = createContext(globals);
  runInContext(notInHermes.join(';'), context);
  // The same world by its three names, as on a phone; `document` is not in it.
  runInContext('globalThis.global = globalThis; globalThis.window = globalThis; globalThis.self = globalThis;', context);
  return context;
}
