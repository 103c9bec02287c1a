// What one more message costs in a channel that holds many. Counted, not timed.

import { expect, test } from 'vitest';
import { users } from '../../src/state/users.ts';
import { windows, type Windows } from '../../src/state/window.ts';
import { rows } from '../../src/talk/rows.ts';
import type { Message } from '../../src/wire/types.ts';
import { alice, budi, message } from '../support/fakes.ts';

const MANY = 10_000;
const one = (seq: number, more: Record<string, unknown> = {}): Message => message(seq, seq + 1, more) as unknown as Message;
const textOf = (list: readonly { readonly id: string; readonly content: string }[]): string => list.map(({ id, content }) => `${id} ${content}`).join();
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
  const window = filled(upTo(MANY));
  const shown = () => made.list(window.shown(), drawing, context);
  const before = shown();
  expect(drawn).toBe(MANY);

  const cost = (change: () => void): number => {
    change();
    drawn = 0;
    expect(textOf(shown())).toBe(textOf(window.live()));
    return drawn;
  };
  const edit = (seq: number) => window.put(one(seq, { content: `edited ${drawn}` }));
  expect(cost(() => {})).toBe(0);
  expect(cost(() => window.put(one(MANY + 1)))).toBe(1);
  expect(cost(() => edit(MANY))).toBe(2);
  // What follows is looked up; only what has changed is made.
  const held = shown();
  expect(cost(() => edit(MANY - 99))).toBe(101);
  expect(shown().filter((row, at) => row !== held[at])).toHaveLength(1);
  expect(cost(() => {
    window.put(one(MANY + 2));
    window.trim(MANY - 100);
    edit(MANY + 1);
  })).toBe(2);
  expect(shown()).toHaveLength(MANY - 100);
  // Somebody else who reads the same window is not told of less, and takes nothing away from the first.
  const other = rows();
  const both = (): void => {
    for (const list of [other.list(window.shown(), drawing, context), shown()]) expect(textOf(list)).toBe(textOf(window.live()));
  };
  both();
  edit(MANY - 5);
  both();
  edit(MANY - 9);
  shown();
  edit(MANY - 7);
  both();

  // A name that changed is a reason to look at all of them, and to keep those it does not touch.
  known.put({ ...budi, name: 'Budi S.' });
  const count = window.live().length;
  expect(cost(() => {})).toBe(count);
  expect(shown()[0]?.user.name).toBe('Budi S.');
  expect(before[0]?.user.name).toBe(budi.name);
  drawing.version += 1;
  expect(cost(() => {})).toBe(count);
});
