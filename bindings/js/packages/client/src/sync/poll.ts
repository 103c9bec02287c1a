// Where sockets are blocked: the same pages over HTTP, one request after the other, each waiting on the server until something has
// moved (protocol, section 3.2). Loaded when sockets fail again and again while HTTP works.

import { asError, CariosanError } from '../core/error.ts';
import type { Environment } from '../environment/environment.ts';
import type { Connection } from '../net/connection.ts';
import type { Rest } from '../net/rest.ts';
import type { Replica } from '../state/replica.ts';
import type { Greeting } from '../wire/frames.ts';
import type { ChannelItem, ChannelPage, Id, SyncAnswer, User, WireSettings } from '../wire/types.ts';
import type { CatchUp } from './catch_up.ts';
import type { Taking } from './taking.ts';
import type { ChannelList } from './channel_list.ts';
import type { Resume } from './resume.ts';

/** What one round has learnt besides its pages. */
export type Round = Pick<SyncAnswer, 'unread_total' | 'blocks_rev' | 'preferences_rev'>;

export interface PollHost {
  readonly http: Rest;
  readonly held: Replica;
  readonly listing: ChannelList;
  readonly resuming: Resume;
  readonly takes: Taking;
  readonly reading: Pick<CatchUp, 'ask'>;
  /** Aborted when there is to be no polling any more. */
  readonly signal: AbortSignal;
  /** Takes the connection's user. */
  meet(user: User): void;
  otherEpoch(epoch: string): void;
  takeItem(item: ChannelItem): void;
  /** Runs as if a frame were handled, as opposed to an answer that the app asked for. */
  asNews(run: () => void): void;
  pause(attempt: number, afterMs: number): Promise<void>;
  readonly environment: Pick<Environment, 'now'>;
  readonly line: Pick<Connection, 'restart'>;
  readonly sender: { pump(): void };
  /** What is reported, as by a connection. */
  readonly events: {
    /** What it begins with. */
    greeted(mine: Greeting): void;
    /** What is held of the user's own lists: other revisions end the wait. */
    revisions(): Pick<Greeting, 'blocks_rev' | 'preferences_rev'>;
    settings(settings: WireSettings): void;
    unreadTotal(count: number): void;
    /** One round is over. */
    polled(round: Round): void;
  };
}

interface Polling extends PollHost {
  /** As text: the same settings are told once. */
  readonly told: { settings: string | undefined };
}

/** The shortest time between two rounds. */
const EVERY_MS = 500;
const WAIT_SECONDS = 25;
const FAILURES = 3;
const LIST_EVERY_MS = 15_000;
/** What a socket is told when it changes. */
const SETTINGS_EVERY_MS = 60_000;

/** Takes the epoch of an answer. True: it differs from the one before, so that everything is to be read anew. */
function isOther(host: PollHost, epoch: string): boolean {
  const before = host.held.epoch;
  host.otherEpoch(epoch);
  return before !== null && before !== epoch;
}

function take(host: PollHost, pages: SyncAnswer['pages']): void {
  host.asNews(() => {
    for (const page of pages) {
      if ('summary' in page) host.takeItem(page);
      else host.takes.page(page);
    }
  });
}

function end(host: Polling, answer: Round): void {
  for (const channel of host.held.channels.values()) if (channel.inDoubt) host.reading.ask(channel);
  host.events.unreadTotal(answer.unread_total);
  host.sender.pump();
  host.events.polled(answer);
}

async function readMe(host: Polling): Promise<Round> {
  const mine = await host.http.request<Round & Greeting>('GET', '/v1/me', { signal: host.signal });
  const text = JSON.stringify(mine.settings);
  if (mine.settings !== undefined && text !== host.told.settings && !host.signal.aborted) host.events.settings(mine.settings);
  host.told.settings = text;
  return mine;
}

/** What one round has brought: null if the epoch changed; else for how many channels a summary. */
async function round(host: Polling, all: boolean, wait: boolean): Promise<number | null> {
  const { http, signal } = host;
  // The last one waits: that with the channels on screen. Of more than one, the first is told of all that it does not list.
  const requests = [...host.resuming.requests(all || host.listing.complete)].reverse();
  let summaries = 0;
  for (const [at, request] of requests.entries()) {
    const isLast = at === requests.length - 1;
    let body: unknown = { ...request, ...host.events.revisions(), wait_seconds: wait && isLast ? WAIT_SECONDS : 0 };
    let answer: SyncAnswer;
    do {
      answer = await http.request<SyncAnswer>('POST', '/v1/me/sync', { body, signal });
      if (signal.aborted) return summaries;
      // Networks that block sockets may answer in the server's name.
      if (!Array.isArray(answer.pages)) throw new CariosanError({ code: 'PROTOCOL', message: 'this is no answer to a sync' });
      if (isOther(host, answer.epoch)) return null;
      take(host, answer.pages);
      summaries += answer.pages.filter((page) => 'summary' in page).length;
      body = { next: answer.next };
    } while (answer.next !== null);
    if (isLast) end(host, answer);
  }
  return summaries;
}

/** The same for a server that has no such route: its lists say what has moved, and that is read. */
async function listRound(host: Polling): Promise<number | null> {
  const { http, signal } = host;
  const listed = new Set<Id>();
  for (const archived of [false, true]) {
    let cursor: string | null | undefined;
    do {
      const query = { limit: 100, cursor: cursor ?? undefined, archived: archived ? 'true' : undefined };
      const page: ChannelPage = await http.request<ChannelPage>('GET', '/v1/me/channels', { query, signal });
      if (signal.aborted) return listed.size;
      if (page.epoch !== undefined && isOther(host, page.epoch)) return null;
      for (const { channel: { id } } of page.channels) listed.add(id);
      take(host, page.channels.map((item) => ({ ...item, summary: true, channel_id: item.channel.id })));
      cursor = page.next_cursor;
    } while (cursor != null);
  }
  for (const channel of host.held.channels.values()) channel.inDoubt ||= !listed.has(channel.id);
  end(host, await readMe(host));
  return listed.size;
}

/**
 * Reads everything anew, without waiting: what is held is up to date then. Rejects if that fails. Resolves with what goes on from
 * there.
 */
export async function startPolling(given: PollHost): Promise<() => Promise<void>> {
  const mine = await given.http.request<User & Greeting>('GET', '/v1/me');
  const host: Polling = { ...given, told: { settings: JSON.stringify(mine.settings) } };
  if (typeof mine.id !== 'string') throw new CariosanError({ code: 'PROTOCOL', message: 'this is no user' });
  host.meet(mine);
  host.resuming.letGo();
  let read: typeof round = round;
  let summaries: number | null = null;
  while (summaries === null) {
    try {
      summaries = await read(host, true, false);
    } catch (fault) {
      if (read === listRound || asError(fault).status !== 404) throw fault;
      read = listRound;
    }
  }
  host.listing.told(summaries);
  host.events.greeted(mine);
  return () => pollOn(host, read);
}

/** Goes on until it is stopped, or fails three times in a row. */
async function pollOn(host: Polling, read: typeof round): Promise<void> {
  let all = false;
  let settingsAt = host.environment.now();
  for (let failures = 0; !host.signal.aborted;) {
    try {
      all = await read(host, all, !all) === null;
      failures = 0;
      if (read === round && host.environment.now() - settingsAt >= SETTINGS_EVERY_MS) {
        settingsAt = host.environment.now();
        await readMe(host);
      }
      // A channel that never rests does not keep the server busy.
      await host.pause(0, read === listRound ? LIST_EVERY_MS : EVERY_MS);
    } catch (fault) {
      const error = asError(fault);
      if (host.signal.aborted) return;
      failures += 1;
      if (!error.retryable || failures >= FAILURES) return host.line.restart(error);
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
  'message.edit': (data) => ['PATCH', message(data), { content: data['content'], mentions: data['mentions'] }],
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
