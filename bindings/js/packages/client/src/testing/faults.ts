// How a server that is played refuses, in the words of the protocol.

import type { ErrorBody } from '../wire/types.ts';

export interface Refusal {
  readonly code: string;
  readonly message?: string;
  readonly retryable?: boolean;
  readonly details?: Readonly<Record<string, unknown>>;
  /** Over HTTP. By the code, unless it is given. */
  readonly status?: number;
}

const statuses: Readonly<Record<string, number>> = {
  VALIDATION_ERROR: 400, UNAUTHORIZED: 401, NOT_FOUND: 404, METHOD_NOT_ALLOWED: 405, CONFLICT: 409, PAYLOAD_TOO_LARGE: 413, MESSAGE_REJECTED: 422,
  RATE_LIMITED: 429, INTERNAL: 500, UNAVAILABLE: 503,
};

export const bodyOf = ({ code, message = code, retryable = false, details = {} }: Refusal): ErrorBody => ({ code, message, retryable, details });

/** What an answer over HTTP says. */
export const answerOf = (refusal: Refusal): { status: number; body: unknown } =>
  ({ status: refusal.status ?? statuses[refusal.code] ?? 403, body: { error: bodyOf(refusal) } });

const mark = Symbol('refusal');

/** Thrown by what cannot be done, and answered to the client. */
export function refuse(refusal: Refusal): never {
  throw Object.assign(new Error(refusal.code), { [mark]: refusal });
}

export function refusalOf(fault: unknown): Refusal {
  const given = typeof fault === 'object' && fault !== null && mark in fault ? (fault as { [mark]: Refusal })[mark] : null;
  if (given === null) throw fault;
  return given;
}
