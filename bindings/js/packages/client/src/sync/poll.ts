// Where sockets are blocked: the same pages over HTTP, one request after the other, each waiting on the server until something has
// moved (protocol, section 3.2). Loaded when sockets fail again and again while HTTP works.

import { asError, CariosanError } from '../core/error.ts';
import type { Rest } from '../net/rest.ts';
import type { Replica } from '../state/replica.ts';
import type { Greeting, LooseData } from '../wire/frames.ts';
import type { ChannelItem, User } from '../wire/types.ts';
import type { Admit } from './admit.ts';
import type { CatchUp } from './catch_up.ts';
import type { ChannelList } from './channel_list.ts';
import type { Resume } from './resume.ts';

export interface SyncAnswer {
  readonly pages: readonly LooseData['channel.sync'][];
  /** Sent back for the rest; null: that was all. */
  readonly next: string | null;
  readonly epoch: string;
  readonly unread_total: number;
}

export interface PollHost {
  readonly http: Rest;
  readonly held: Replica;
  readonly listing: ChannelList;
  readonly resuming: Resume;
  readonly judge: Admit;
  readonly reading: CatchUp;
  /** Aborted when there is to be no polling any more. */
  readonly signal: AbortSignal;
  /** The connection's user, and what it begins with. */
  meet(user: User): void;
  greeted(mine: Greeting): void;
  otherEpoch(epoch: string): void;
  takeItem(item: ChannelItem): void;
  /** Runs as if a frame were handled, as opposed to an answer that the app asked for. */
  asNews(run: () => void): void;
  /** One round is over. */
  done(unreadTotal: number): void;
  pause(attempt: number, afterMs: number): Promise<void>;
  /** HTTP does not work either. */
  failed(error: CariosanError): void;
}

/** The shortest time between two rounds. */
const EVERY_MS = 500;
const WAIT_SECONDS = 25;
const FAILURES = 3;

/** What one round has brought: null if the epoch changed, so that everything is to be read anew; else for how many channels a summary. */
async function round(host: PollHost, all: boolean, wait: boolean): Promise<number | null> {
  const { http, held, judge, signal } = host;
  const requests = host.resuming.requests(all || host.listing.complete);
  let summaries = 0;

  function take(page: LooseData['channel.sync']): void {
    if ('summary' in page) {
      summaries += 1;
      host.takeItem(page);
    } else judge.page(page);
  }

  for (const [at, request] of requests.entries()) {
    const isLast = at === requests.length - 1;
    let body: unknown = { ...request, wait_seconds: wait && isLast ? WAIT_SECONDS : 0 };
    let answer: SyncAnswer;
    do {
      answer = await http.request<SyncAnswer>('POST', '/v1/me/sync', { body, signal });
      if (signal.aborted) return summaries;
      // Networks that block sockets may answer in the server's name.
      if (!Array.isArray(answer.pages)) throw new CariosanError({ code: 'PROTOCOL', message: 'this is no answer to a sync' });
      const before = held.epoch;
      host.otherEpoch(answer.epoch);
      if (before !== null && before !== answer.epoch) return null;
      host.asNews(() => answer.pages.forEach(take));
      body = { next: answer.next };
    } while (answer.next !== null);
    if (!isLast) continue;
    for (const channel of held.channels.values()) if (channel.inDoubt) host.reading.ask(channel);
    host.done(answer.unread_total);
  }
  return summaries;
}

/**
 * Reads everything anew, without waiting: what is held is up to date then. Rejects if that fails. Resolves with what goes on from
 * there.
 */
export async function startPolling(host: PollHost): Promise<() => Promise<void>> {
  const mine = await host.http.request<User & Greeting>('GET', '/v1/me');
  if (typeof mine.id !== 'string') throw new CariosanError({ code: 'PROTOCOL', message: 'this is no user' });
  host.meet(mine);
  host.resuming.letGo();
  let summaries: number | null = null;
  while (summaries === null) summaries = await round(host, true, false);
  host.listing.told(summaries);
  host.greeted(mine);
  return () => pollOn(host);
}

/** Goes on until it is stopped, or fails three times in a row. */
async function pollOn(host: PollHost): Promise<void> {
  let all = false;
  for (let failures = 0; !host.signal.aborted;) {
    try {
      all = await round(host, all, !all) === null;
      failures = 0;
      // A channel that never rests does not keep the server busy.
      await host.pause(0, EVERY_MS);
    } catch (fault) {
      const error = asError(fault);
      if (host.signal.aborted) return;
      failures += 1;
      if (!error.retryable || failures >= FAILURES) return host.failed(error);
      await host.pause(failures, Math.max(EVERY_MS, error.retryAfterMs ?? 0));
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
