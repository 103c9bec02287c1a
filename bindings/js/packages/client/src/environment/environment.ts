// What the client asks of the place it runs in. Tests bring their own clock and chance; nothing else in this package reads them.

export interface Environment {
  /** Runs once, after at least `ms`. Answers what cancels it. Never asked for more than a minute. */
  setTimer(run: () => void, ms: number): () => void;
  /** Runs once, soon: changes until then are published together. */
  frame(run: () => void): void;
  /** Milliseconds since 1970. */
  now(): number;
  /** From 0 to below 1. For delays and unique keys, not for secrets. */
  random(): number;
}

const FRAME_MS = 16;

/** Timers, clock and chance that every JavaScript environment has. Makes nothing before it is asked to. */
export function standardEnvironment(): Environment {
  return {
    setTimer(run, ms) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    frame: (run) => void setTimeout(run, FRAME_MS),
    now: () => Date.now(),
    random: () => Math.random(),
  };
}
