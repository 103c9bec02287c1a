// Sends frames as fast as the server takes them, the urgent ones first.

import { bucket } from '../core/bucket.ts';
import type { Environment } from '../environment/environment.ts';

/** In order of urgency: when there are more frames than the server accepts, earlier ones go first. */
const order = ['auth', 'sync', 'send', 'edit', 'read', 'delivered', 'presence', 'typing'] as const;
export type Priority = (typeof order)[number];

export interface Pace {
  enqueue(text: string, priority: Priority): void;
  /** Sends a frame that may be dropped. False: it was dropped. */
  offer(text: string): boolean;
  stop(): void;
}

/** Below the server's burst of 60 and rate of 20 a second. */
const BURST = 50;
const PER_SECOND = 15;
const KEPT_FROM_TYPING = 20;

export function pace(environment: Environment, write: (text: string) => void): Pace {
  const tokens = bucket(BURST, PER_SECOND, environment.now);
  const queue: { readonly rank: number; readonly text: string }[] = [];
  let cancel = (): void => {};

  function drain(): void {
    cancel();
    while (queue.length > 0 && tokens.take()) {
      const next = queue.shift();
      if (next !== undefined) write(next.text);
    }
    if (queue.length > 0) cancel = environment.setTimer(drain, tokens.waitMs());
  }

  return {
    enqueue(text, priority) {
      const rank = order.indexOf(priority);
      const at = queue.findIndex((other) => other.rank > rank);
      queue.splice(at < 0 ? queue.length : at, 0, { rank, text });
      drain();
    },
    offer(text) {
      if (queue.length > 0 || !tokens.take(KEPT_FROM_TYPING)) return false;
      write(text);
      return true;
    },
    stop: () => cancel(),
  };
}
