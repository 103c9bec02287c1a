// The one kind of failure this package gives out.

import type { ErrorBody } from '../wire/types.ts';

export type ServerCode =
  | 'VALIDATION_ERROR' | 'UNAUTHORIZED' | 'FORBIDDEN' | 'NOT_A_MEMBER' | 'NOT_AUTHOR' | 'NOT_ADMIN' | 'MUTED' | 'SUSPENDED' | 'FROZEN'
  | 'SLOW_MODE' | 'NOT_FOUND' | 'METHOD_NOT_ALLOWED' | 'CONFLICT' | 'PAYLOAD_TOO_LARGE' | 'UNSUPPORTED_MEDIA_TYPE' | 'HEADERS_TOO_LARGE'
  | 'MESSAGE_REJECTED' | 'EDIT_WINDOW_EXPIRED' | 'RATE_LIMITED' | 'INTERNAL' | 'UNAVAILABLE';

/** The client's own codes: what happened before, or instead of, an answer. */
export type ClientCode =
  | 'NETWORK' | 'TIMEOUT' | 'ABORTED' | 'LOST' | 'OFFLINE' | 'SIGNED_OUT' | 'REFUSED' | 'CLOSED' | 'OUTBOX_FULL' | 'DISCARDED'
  | 'UPLOAD_REFUSED' | 'UPLOAD_FAILED' | 'TOO_LARGE' | 'TYPE_NOT_ACCEPTED'
  | 'CONFIG' | 'PROTOCOL';

/** A server that is newer than this client may answer a code that is not listed here. */
export type ErrorCode = ServerCode | ClientCode | (string & Record<never, never>);

export interface ErrorFields {
  readonly code: ErrorCode;
  readonly message?: string;
  readonly retryable?: boolean;
  readonly status?: number | null;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly requestId?: string | null;
  readonly retryAfterMs?: number | null;
}

// Found on the object, not by `instanceof`: an app may hold two copies of this package, as ESM and as CommonJS.
const mark = Symbol.for('cariosan.error');

export class CariosanError extends Error {
  readonly code!: ErrorCode;
  /** The same call may succeed later, unchanged. */
  readonly retryable!: boolean;
  /** The HTTP status, if the answer came over HTTP. */
  readonly status!: number | null;
  readonly details!: Readonly<Record<string, unknown>>;
  readonly requestId!: string | null;
  readonly retryAfterMs!: number | null;

  constructor({ code, message = code, retryable = false, status = null, details = {}, requestId = null, retryAfterMs = null }: ErrorFields) {
    super(message);
    const hint = details['retry_after_ms'];
    Object.assign(this, {
      name: 'CariosanError', code, retryable, status, details, requestId, retryAfterMs: typeof hint === 'number' ? hint : retryAfterMs,
    });
    Object.defineProperty(this, mark, { value: true });
  }
}

export function isCariosanError(value: unknown, code?: ErrorCode): value is CariosanError {
  if (typeof value !== 'object' || value === null || !(mark in value)) return false;
  return code === undefined || ('code' in value && value.code === code);
}

/** Whether the server says of a channel that the user has it no more. A suspension is about the user, who is a member still. */
export const isGone = ({ status, code }: CariosanError): boolean => status === 404 || (status === 403 && code !== 'SUSPENDED');

/** The error that a frame or an HTTP answer names. */
export function errorFrom(body: Partial<ErrorBody>, status: number | null = null, retryAfterMs: number | null = null): CariosanError {
  const code = typeof body.code === 'string' ? body.code : 'PROTOCOL';
  return new CariosanError({
    code, status, retryAfterMs,
    message: body.message ?? code,
    retryable: body.retryable ?? (status !== null && status >= 500),
    details: body.details ?? {},
    requestId: body.request_id ?? null,
  });
}

export function asError(value: unknown): CariosanError {
  if (isCariosanError(value)) return value;
  return new CariosanError({ code: 'NETWORK', message: value instanceof Error ? value.message : String(value), retryable: true });
}
