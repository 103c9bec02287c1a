// Sends frames as fast as the server takes them, the urgent ones first.

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
  const queue: { readonly rank: number; readonly text: string }[] = [];
  let tokens = BURST;
  let filledAt = environment.now();
  let cancel = (): void => {};

  /** Takes a token, unless no more than `keep` would be left. */
  function take(keep = 0): boolean {
    const now = environment.now();
    // A clock that was set back gives nothing and takes nothing.
    tokens = Math.min(BURST, tokens + (Math.max(0, now - filledAt) / 1000) * PER_SECOND);
    filledAt = now;
    const isThere = tokens >= keep + 1;
    if (isThere) tokens -= 1;
    return isThere;
  }

  function drain(): void {
    cancel();
    while (queue.length > 0 && take()) {
      const next = queue.shift();
      if (next !== undefined) write(next.text);
    }
    if (queue.length > 0) cancel = environment.setTimer(drain, Math.ceil(((1 - tokens) / PER_SECOND) * 1000));
  }

  return {
    enqueue(text, priority) {
      const rank = order.indexOf(priority);
      const at = queue.findIndex((other) => other.rank > rank);
      queue.splice(at < 0 ? queue.length : at, 0, { rank, text });
      drain();
    },
    offer(text) {
      if (queue.length > 0 || !take(KEPT_FROM_TYPING)) return false;
      write(text);
      return true;
    },
    stop: () => cancel(),
  };
}
