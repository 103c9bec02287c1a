// A clock that a test moves by hand, as the environment of a client.

import type { Environment, Signal } from '../environment/environment.ts';

interface Timer {
  readonly at: number;
  readonly ms: number;
  readonly run: () => void;
}

export interface FakeClock {
  /** Chance is always a half; what changes is published in a microtask. */
  readonly environment: Environment;
  /** Timers that are set now, in milliseconds as asked for. */
  readonly timers: readonly number[];
  /** The longest timer that was ever asked for. */
  readonly longest: number;
  /** Listeners to the place that are set now. */
  readonly watchers: number;
  /** Lets time pass, timer by timer, and promises settle between them. */
  advance(ms: number): Promise<void>;
  /** The page is hidden, the network gone, and so on. */
  signal(signal: Signal): void;
}

/** More microtasks than any answer here takes to be heard and published. */
const TURNS = 100;

/** Lets promises settle. No time passes, no timer runs. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn += 1) await Promise.resolve();
}

/** Each a millisecond later than the one before, as processes and tabs are: what they mint differs. */
let clocks = 0;

export function fakeClock({ random = () => 0.5, settle = settled, startsAt = '2026-01-01T00:00:00.000Z' }:
  { random?: () => number; settle?: () => Promise<void>; startsAt?: string } = {}): FakeClock {
  let now = Date.parse(startsAt) + ++clocks;
  let timers: Timer[] = [];
  let longest = 0;
  let isVisible = true;
  let isOnline = true;
  const watchers = new Set<(signal: Signal) => void>();
  const environment: Environment = {
    setTimer(run, ms) {
      const timer = { at: now + ms, ms, run };
      timers.push(timer);
      longest = Math.max(longest, ms);
      return () => { timers = timers.filter((other) => other !== timer); };
    },
    frame: (run) => queueMicrotask(run),
    now: () => now,
    random,
    isVisible: () => isVisible,
    isOnline: () => isOnline,
    watch(listener) {
      const heard = (signal: Signal): void => listener(signal);
      watchers.add(heard);
      return () => void watchers.delete(heard);
    },
  };
  return {
    environment,
    get timers() { return timers.map(({ ms }) => ms); },
    get longest() { return longest; },
    get watchers() { return watchers.size; },
    async advance(ms) {
      const end = now + ms;
      await settle();
      for (;;) {
        const next = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        timers = timers.filter((other) => other !== next);
        now = Math.max(now, next.at);
        next.run();
        await settle();
      }
      now = end;
      await settle();
    },
    signal(given) {
      if (given === 'visible' || given === 'hidden') isVisible = given === 'visible';
      if (given === 'online' || given === 'offline') isOnline = given === 'online';
      for (const heard of [...watchers]) heard(given);
    },
  };
}
