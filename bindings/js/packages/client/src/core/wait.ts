// Waiting for a time of day by timers of a minute at most: longer ones are not kept everywhere, so the clock is compared instead.

import type { Environment } from '../environment/environment.ts';

export const LONGEST_TIMER_MS = 60_000;

export function waitUntil(environment: Environment, time: number, run: () => void): () => void {
  let cancel = (): void => {};
  const wait = (): void => {
    cancel = environment.setTimer(() => (time > environment.now() ? wait() : run()), Math.min(LONGEST_TIMER_MS, Math.max(0, time - environment.now())));
  };
  wait();
  return () => cancel();
}
