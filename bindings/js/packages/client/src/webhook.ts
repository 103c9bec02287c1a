// For the app's own server: whether a delivery comes from this workspace (protocol, section 8). Needs Node.js.

import { createHmac, timingSafeEqual } from 'node:crypto';
import { CariosanError } from './core/error.ts';

export interface WebhookRequest {
  readonly headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>;
  /** As it came, before anything has parsed it. */
  readonly body: string | Uint8Array;
}

export interface WebhookOptions {
  /** Older and newer deliveries are refused, so that none can be played again. 300 if absent. */
  readonly toleranceSeconds?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** A delivery may be repeated; `event_id` stays the same. */
export interface WebhookEvent {
  readonly event_id: string;
  readonly event: string;
  readonly workspace_id: string;
  readonly created_at: string;
  readonly data: Readonly<Record<string, unknown>>;
}

function refuse(message: string): never {
  throw new CariosanError({ code: 'UNAUTHORIZED', message });
}

function header(headers: WebhookRequest['headers'], name: string): string {
  if (typeof headers.get === 'function') return (headers as Headers).get(name) ?? '';
  const found = Object.entries(headers).find(([other]) => other.toLowerCase() === name)?.[1];
  return (typeof found === 'object' ? found[0] : found) ?? '';
}

function keyOf(secret: string): Buffer {
  if (!/^whsec_[A-Za-z0-9+/]+=*$/.test(secret)) throw new CariosanError({ code: 'CONFIG', message: 'a secret begins with whsec_' });
  return Buffer.from(secret.slice('whsec_'.length), 'base64');
}

/**
 * The event of a delivery. Throws `UNAUTHORIZED` unless it was signed with one of the secrets, of which there are two while one is
 * being replaced, and lately.
 */
export function verifyWebhook({ headers, body }: WebhookRequest, secret: string | readonly string[], options: WebhookOptions = {}): WebhookEvent {
  const { toleranceSeconds = 300, now = Date.now } = options;
  const id = header(headers, 'webhook-id');
  const at = header(headers, 'webhook-timestamp');
  if (!/^\d{1,12}$/.test(at)) refuse('the delivery says no time');
  if (Math.abs(now() / 1000 - Number(at)) > toleranceSeconds) refuse('the delivery is too old, or of the future');
  const given = header(headers, 'webhook-signature').split(' ').filter((one) => one.startsWith('v1,')).map((one) => Buffer.from(one.slice(3), 'base64'));
  const signed = (typeof secret === 'string' ? [secret] : secret).some((one) => {
    const right = createHmac('sha256', keyOf(one)).update(`${id}.${at}.`).update(body).digest();
    return given.some((other) => other.length === right.length && timingSafeEqual(other, right));
  });
  if (!signed) refuse('no signature matches');
  try {
    return JSON.parse(typeof body === 'string' ? body : Buffer.from(body).toString('utf8')) as WebhookEvent;
  } catch {
    throw new CariosanError({ code: 'PROTOCOL', message: 'the delivery is no JSON' });
  }
}
