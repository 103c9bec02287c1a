// A token bucket. It never waits itself: it says how long it takes until the next token.

export interface Bucket {
  /** Takes a token, unless no more than `keep` would be left. */
  take(keep?: number): boolean;
  /** How long until `take(keep)` answers true; 0 if it would now. */
  waitMs(keep?: number): number;
}

export function bucket(capacity: number, perSecond: number, now: () => number): Bucket {
  let tokens = capacity;
  let filledAt = now();
  function fill(): void {
    const present = now();
    // A clock that was set back gives nothing and takes nothing.
    tokens = Math.min(capacity, tokens + (Math.max(0, present - filledAt) / 1000) * perSecond);
    filledAt = present;
  }
  return {
    take(keep = 0) {
      fill();
      if (tokens < keep + 1) return false;
      tokens -= 1;
      return true;
    },
    waitMs(keep = 0) {
      fill();
      return tokens >= keep + 1 ? 0 : Math.ceil(((keep + 1 - tokens) / perSecond) * 1000);
    },
  };
}
