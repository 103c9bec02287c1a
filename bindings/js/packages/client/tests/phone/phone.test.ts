// That the phone is one.

import { runInContext } from 'node:vm';
import { expect, test } from 'vitest';
import { Cariosan } from '../../src/index.ts';
import { phone } from './phone.ts';

test('a phone has no document, no storage, no crypto, and the client that is tested lives there', () => {
  const world = phone();
  const missing = ['document', 'localStorage', 'indexedDB', 'crypto', 'structuredClone', 'TextEncoder', 'TextDecoder', 'URLSearchParams', 'BroadcastChannel', 'DOMException', 'EventTarget', 'require'];
  for (const name of missing) expect(runInContext(`typeof ${name}`, world), name).toBe('undefined');
  expect(runInContext('typeof Intl.PluralRules', world)).toBe('undefined');
  // Another world's function.
  expect(Object.getPrototypeOf(Cariosan)).not.toBe(Function.prototype);
});
