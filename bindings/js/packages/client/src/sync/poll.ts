// Where sockets are blocked: the same pages over HTTP, one request after the other, each waiting on the server until something has
// moved (protocol, section 3.2). Loaded when sockets fail again and again while HTTP works.

import { asError, CariosanError } from '../core/error.ts';
import type { Rest } from '../net/rest.ts';
import type { LooseData } from '../wire/frames.ts';
import type { SyncRequest } from './resume.ts';

export interface SyncAnswer {
  readonly pages: readonly LooseData['channel.sync'][];
  /** Sent back for the rest; null: that was all. */
  readonly next: string | null;
  readonly epoch: string;
  readonly unread_total: number;
}

export interface PollHost {
  readonly http: Rest;
  /** Aborted when there is to be no polling any more. */
  readonly signal: AbortSignal;
  /** Requests of bounded size for the channels that are held. `all`: also for those that are not. */
  requests(all: boolean): readonly SyncRequest[];
  /** Takes the epoch of an answer. True: it differs from the one before. */
  enter(epoch: string): boolean;
  page(page: LooseData['channel.sync']): void;
  /** One round is over. */
  done(unreadTotal: number): void;
  pause(attempt: number, afterMs: number): Promise<void>;
  /** HTTP does not work either. */
  failed(error: CariosanError): void;
}

const WAIT_SECONDS = 25;
const FAILURES = 3;

/** Answers whether the epoch changed, so that everything is to be read anew. */
async function round(host: PollHost, all: boolean, wait: boolean): Promise<boolean> {
  const requests = host.requests(all);
  for (const [at, request] of requests.entries()) {
    const isLast = at === requests.length - 1;
    let body: unknown = { ...request, wait_seconds: wait && isLast ? WAIT_SECONDS : 0 };
    let answer: SyncAnswer;
    do {
      answer = await host.http.request<SyncAnswer>('POST', '/v1/me/sync', { body, signal: host.signal });
      if (host.signal.aborted) return false;
      // Networks that block sockets may answer in the server's name.
      if (!Array.isArray(answer.pages)) throw new CariosanError({ code: 'PROTOCOL', message: 'this is no answer to a sync' });
      if (host.enter(answer.epoch)) return true;
      for (const page of answer.pages) host.page(page);
      body = { next: answer.next };
    } while (answer.next !== null);
    if (isLast) host.done(answer.unread_total);
  }
  return false;
}

/** Everything that is held is up to date, without waiting. Rejects if that fails. */
export async function pollOnce(host: PollHost): Promise<void> {
  while (await round(host, true, false));
}

/** Goes on until it is stopped, or fails three times in a row. */
export async function pollOn(host: PollHost): Promise<void> {
  let all = false;
  for (let failures = 0; !host.signal.aborted;) {
    try {
      all = await round(host, all, !all);
      failures = 0;
      // A channel that never rests does not keep the server busy.
      await host.pause(0, 0);
    } catch (fault) {
      const error = asError(fault);
      if (host.signal.aborted) return;
      failures += 1;
      if (!error.retryable || failures >= FAILURES) return host.failed(error);
      await host.pause(failures, error.retryAfterMs ?? 0);
    }
  }
}

type Data = Readonly<Record<string, unknown>>;
type Call = readonly [method: string, path: string, body?: unknown];

const part = (value: unknown): string => encodeURIComponent(String(value));
const message = ({ channel, message_id: id }: Data, after = ''): string => `/v1/channels/${part(channel)}/messages/${part(id)}${after}`;

const calls: Readonly<Record<string, (data: Data) => Call>> = {
  'message.send': ({ channel, ...body }) => ['POST', `/v1/channels/${part(channel)}/messages`, body],
  'message.edit': (data) => ['PATCH', message(data), { content: data['content'] }],
  'message.delete': (data) => ['DELETE', message(data)],
  'reaction.add': (data) => ['PUT', message(data, `/reactions/${part(data['emoji'])}`)],
  'reaction.remove': (data) => ['DELETE', message(data, `/reactions/${part(data['emoji'])}`)],
  'message.read': ({ channel, ...body }) => ['POST', `/v1/channels/${part(channel)}/read`, body],
  'presence.subscribe': ({ users }) => ['GET', `/v1/presence?users=${(users as readonly string[]).join()}`],
};

/** A command as the request that does the same. Resolves with what the `ack` would have said. */
export async function commandOverHttp(http: Rest, type: string, data: unknown): Promise<unknown> {
  const call = calls[type]?.(data as Data);
  if (call === undefined) return {};
  const [method, path, body] = call;
  try {
    const answer = await http.request<{ readonly presence?: unknown }>(method, path, { body });
    if (type === 'message.read') return answer;
    return type === 'presence.subscribe' ? { users: answer.presence } : { message: answer };
  } catch (fault) {
    const error = asError(fault);
    if (error.code !== 'NETWORK' && error.code !== 'TIMEOUT') throw error;
    throw new CariosanError({ code: 'LOST', message: error.message, retryable: true });
  }
}
