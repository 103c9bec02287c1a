// The token: asked for once at a time, held in memory, renewed before it expires.

import type { Environment } from '../environment/environment.ts';
import { CariosanError, isCariosanError } from '../core/error.ts';

export type TokenReason = 'first' | 'expiring' | 'refused';
/** Null: the user is signed out. */
export type TokenProvider = (context: { reason: TokenReason; signal: AbortSignal }) => Promise<string | null>;

export interface Tokens {
  /** The present token, a new one if there is none or it has expired. Null: signed out. Rejects if the provider fails. */
  get(): Promise<string | null>;
  /** A new token: the present one was refused, or will expire. Null: there is none. */
  renew(reason: 'expiring' | 'refused'): Promise<string | null>;
  /** What the present token says of itself. */
  claims(): Claims;
  /** A plain text, which cannot be renewed. */
  readonly isFixed: boolean;
  /** By the server's clock, as far as that is known. */
  now(): number;
  /** The server's clock, by `server_time`: expiry is judged by it. */
  serverTime(now: number): void;
  stop(): void;
}

const PROVIDER_WITHIN_MS = 30_000;

export interface Claims {
  readonly issued: number | null;
  readonly expires: number | null;
  /** The workspace and the user. */
  readonly subject: string | null;
}

const nothing: Claims = { issued: null, expires: null, subject: null };

const seconds = (value: unknown): number | null => (typeof value === 'number' ? value * 1000 : null);

/** Only the times and the user are read. An unreadable token simply has none. */
function claimsOf(token: string): Claims {
  try {
    const payload = (token.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/');
    const claims = JSON.parse(atob(payload)) as Readonly<Record<string, unknown>> | null;
    if (typeof claims !== 'object' || claims === null) return nothing;
    const { iat, exp, ws, sub } = claims;
    return { issued: seconds(iat), expires: seconds(exp), subject: typeof sub === 'string' ? `${String(ws)}:${sub}` : null };
  } catch {
    return nothing;
  }
}

export function tokens(source: string | TokenProvider, environment: Environment): Tokens {
  let token: string | null = typeof source === 'string' ? source : null;
  let flight: { readonly result: Promise<string | null>; abort(): void } | null = null;
  let clockOffset = 0;

  /** Calls the provider once at a time: concurrent callers get the same result. */
  function fetchToken(provider: TokenProvider, reason: TokenReason): Promise<string | null> {
    if (flight !== null) return flight.result;
    const abort = new AbortController();
    const late = new Promise<never>((_, reject) => {
      abort.signal.addEventListener('abort', () => reject(new CariosanError({ code: 'TIMEOUT', message: 'no token in time', retryable: true })));
    });
    const cancel = environment.setTimer(() => abort.abort(), PROVIDER_WITHIN_MS);
    const asked = new Promise<string | null>((resolve) => resolve(provider({ reason, signal: abort.signal })));
    const result = Promise.race([asked, late]).then((fresh) => (token = fresh)).finally(() => {
      cancel();
      flight = null;
    });
    flight = { result, abort: () => abort.abort() };
    return result;
  }

  const claims = (): Claims => (token === null ? nothing : claimsOf(token));
  const isFixed = typeof source === 'string';
  const now = (): number => environment.now() + clockOffset;

  async function get(): Promise<string | null> {
    if (typeof source === 'string') return token;
    if (token === null) return fetchToken(source, 'first');
    const { expires } = claims();
    return expires !== null && expires <= now() ? fetchToken(source, 'expiring') : token;
  }

  return {
    get, claims, isFixed, now,
    renew: async (reason) => {
      // A plain text cannot be renewed.
      if (typeof source === 'string') return reason === 'refused' ? (token = null) : token;
      return fetchToken(source, reason);
    },
    serverTime(time) {
      if (Number.isFinite(time)) clockOffset = time - environment.now();
    },
    stop: () => flight?.abort(),
  };
}

/** A provider signals with `null`, or with such an error, that nobody is signed in. */
export function meansSignedOut(fault: unknown): boolean {
  if (isCariosanError(fault, 'SIGNED_OUT')) return true;
  return typeof fault === 'object' && fault !== null && 'signedOut' in fault && fault.signedOut === true;
}
