// What the close of a connection means (protocol, section 5). One verdict per code.

export type Verdict =
  /** Come back and catch up. */
  | 'resume'
  /** Come back with a new token. */
  | 'token'
  /** Come back later. */
  | 'backoff'
  /** Do not come back. */
  | 'refused';

const table: Readonly<Record<number, Verdict>> = {
  1000: 'resume', 1001: 'resume', 1006: 'resume', 4008: 'resume', 4408: 'resume',
  4401: 'token',
  1013: 'backoff', 4429: 'backoff',
  1002: 'refused', 1003: 'refused', 1007: 'refused', 1009: 'refused', 4400: 'refused', 4403: 'refused',
};

/** An unlisted code in the protocol's own range is not retried; any other counts as a lost connection. */
export function verdictOf(code: number): Verdict {
  return table[code] ?? (code >= 4000 && code < 5000 ? 'refused' : 'resume');
}
