// What one more message costs in a channel that holds many. Counted, not timed.

import { expect, test } from 'vitest';
import { users } from '../../src/state/users.ts';
import { windows, type Windows } from '../../src/state/window.ts';
import { rows } from '../../src/talk/rows.ts';
import type { Message } from '../../src/wire/types.ts';
import { alice, budi, message } from '../support/fakes.ts';

const MANY = 10_000;
const one = (seq: number, more: Record<string, unknown> = {}): Message => message(seq, seq + 1, more) as unknown as Message;
const upTo = (count: number): Message[] => Array.from({ length: count }, (_, at) => one(at + 1));

/** A message that counts how often its place is asked for. */
function counting(seq: number, reads: { count: number }): Message {
  return Object.defineProperty(one(seq), 'seq', { get: () => { reads.count += 1; return seq; }, enumerable: true });
}

function filled(messages: readonly Message[]): Windows {
  const window = windows();
  window.growLive([1], true);
  for (const each of messages) window.put(each);
  return window;
}

test.each([['below its bound', 2 * MANY], ['at its bound', MANY]])('a message finds its place in a long list %s without a look at all others', (_, most) => {
  const reads = { count: 0 };
  const window = filled(Array.from({ length: MANY }, (_each, at) => counting(at + 1, reads)));
  expect(window.live()).toHaveLength(MANY);
  reads.count = 0;
  for (let at = 0; at < 1_000; at += 1) {
    window.put(counting(MANY + at + 1, reads));
    window.trim(most);
  }
  expect(reads.count / 1_000).toBeLessThan(40);
  const live = window.live();
  expect(live.length).toBeGreaterThanOrEqual(Math.min(most, MANY + 1_000));
  expect(live.length).toBeLessThanOrEqual(most + most / 256);
  expect(live.map(({ seq }) => seq)).toEqual(live.map((_each, at) => MANY + 1_000 - live.length + at + 1));
  expect(window.size).toBe(live.length);
});

test('only the rows of what has changed are made, wherever in the list that is', () => {
  let drawn = 0;
  const drawing = { version: 0, draw: (each: Message) => { drawn += 1; return { message: each, saving: null }; } };
  const known = users();
  for (const user of [alice, budi]) known.put(user);
  const context = { viewer: alice, users: known, channel: { id: 'c1', external_id: null } };
  const made = rows();
  const first = upTo(MANY);
  const before = made.list(first, drawing, context);
  expect(drawn).toBe(MANY);

  const cost = (next: readonly Message[]): number => {
    drawn = 0;
    const shown = made.list(next, drawing, context);
    expect(shown.map(({ id, content }) => [id, content])).toEqual(next.map(({ id, content }) => [id, content]));
    return drawn;
  };
  expect(cost(first)).toBe(0);
  expect(cost([...first, one(MANY + 1)])).toBe(1);
  expect(cost([...first.slice(3), one(MANY + 1, { content: 'another' })])).toBe(1);
  expect(cost(first)).toBe(3);
  expect(cost(first.map((each, at) => (at === 7 ? { ...each, content: 'edited' } : each)))).toBe(1);

  // A name that changed is a reason to look at all of them, and to keep those it does not touch.
  known.put({ ...budi, name: 'Budi S.' });
  expect(cost(first)).toBe(MANY);
  expect(made.list(first, drawing, context)[0]?.user.name).toBe('Budi S.');
  expect(before[0]?.user.name).toBe(budi.name);
  drawing.version += 1;
  expect(cost(first)).toBe(MANY);
});
