// Exponential with full jitter: anything from nothing to a ceiling that doubles.

export interface BackoffLimits {
  readonly initialDelayMs: number;
  readonly maxDelayMs: number;
}

export function backoff(attempt: number, random: () => number, { initialDelayMs, maxDelayMs }: BackoffLimits): number {
  return random() * Math.min(maxDelayMs, initialDelayMs * 2 ** Math.min(attempt, 30));
}
