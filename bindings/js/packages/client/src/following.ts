// What follows the first answers: frames that tell of changes, the reading of what is missing, requests, and sending what waits. It is
// loaded while the first connection is made: what is stored, and what the first `sync` brings, is shown without it. A client is `live`
// only with it.

import { backoff } from './core/backoff.ts';
import { asError } from './core/error.ts';
import type { UploadSource } from './environment/upload.ts';
import { hearing } from './hearing.ts';
import { renewing, type Renewing } from './net/renewing.ts';
import { rest, type Rest, type RestHost } from './net/rest.ts';
import type { Session } from './session.ts';
import type { SessionEvents } from './session_host.ts';
import { putPreferences, type HeldChannel } from './state/channel.ts';
import { applyReceipt } from './state/events.ts';
import { admit } from './sync/admit.ts';
import { catchUp, type CatchUp, type ChangesAnswer, type ChangesQuery } from './sync/catch_up.ts';
import { channelList, type ChannelList } from './sync/channel_list.ts';
import { missed } from './sync/missed.ts';
import type { Resume } from './sync/resume.ts';
import { factsOf, type AcceptedFiles } from './talk/files.ts';
import { ownLists, type OwnLists } from './talk/own_lists.ts';
import { sender, type Sender } from './talk/sender.ts';
import { asDurable } from './wire/durable.ts';
import { asLoose, type RawFrame } from './wire/frames.ts';
import type { Changes, ChannelPage, Message, UserRef } from './wire/types.ts';

export interface FollowingHost {
  readonly rest: RestHost;
  readonly events: SessionEvents;
  readonly resuming: Resume;
  otherEpoch(epoch: string): void;
  before(channel: HeldChannel, body: Changes): void;
  settled(channel: HeldChannel, live: boolean): void;
  learn(user: UserRef): void;
  /** Answers whether it had been live before. */
  wentLive(): boolean;
}

export interface Following {
  readonly http: Rest;
  readonly reading: CatchUp;
  readonly listing: ChannelList;
  readonly lists: OwnLists;
  readonly sender: Sender;
  readonly renewal: Renewing;
  /** Throws if the server would not take a file. */
  check(limits: AcceptedFiles | null, file: UploadSource): void;
  /** What a resume brings is counted before it is applied. */
  count(channel: HeldChannel, body: Changes): void;
  /** Takes any frame but a `channel.sync`. */
  hear(frame: RawFrame): void;
  /** All answers to a `sync` are in. */
  upToDate(unreadTotal: number, summaries: number): void;
}

async function readChanges(http: Rest, { channelId, since, receiptsSince, epoch }: ChangesQuery): Promise<ChangesAnswer> {
  try {
    const query = { since, receipts_since: receiptsSince, epoch };
    return { kind: 'page', body: await http.request<Changes>('GET', `/v1/channels/${channelId}/changes`, { query }) };
  } catch (fault) {
    const error = asError(fault);
    if (error.status === 403 || error.status === 404) return { kind: 'gone' };
    return error.retryable ? { kind: 'retry', afterMs: error.retryAfterMs ?? 0 } : { kind: 'stopped' };
  }
}

export function following(core: Session, host: FollowingHost): Following {
  const { held, line, lists, withChannel } = core;
  const { events, otherEpoch, before, settled } = host;
  const { environment, reconnect, tokens } = host.rest;
  const delay = (attempt: number): number => backoff(attempt, environment.random, reconnect);
  const http = rest(host.rest);
  const missing = missed();
  const reading = catchUp({
    replica: held, otherEpoch, before, settled, pause: core.pause,
    readChanges: async (query) => (line.isUp ? readChanges(http, query) : { kind: 'stopped' }),
    replay: (frame) => judge.durable(frame),
  });
  const judge = admit({ replica: held, catchUp: reading, settled });
  const listing = channelList({
    replica: held, otherEpoch, take: core.takeItem, changed: events.list,
    read: (cursor) => http.request<ChannelPage>('GET', '/v1/me/channels', { query: { limit: 100, cursor } }),
  });
  const app = events.hearing();
  const own = ownLists(core, { ...app, readPreviews: listing.again });
  const hears = hearing(core, app, own, events.settings);
  const sending = sender({
    outbox: core.sending, environment, lane: core.lane, isOpen: () => line.isUp, changed: events.outbox,
    delay,
    async send({ channel, body, key }) {
      const answer = (await core.ask('message.send', { channel, ...body, idempotency_key: key }, 'send')) as { readonly message: Message };
      return answer.message;
    },
  });

  function hear(frame: RawFrame): void {
    const durable = asDurable(frame);
    if (durable === null) return hearLoose(frame);
    const known = durable.events ?? [];
    for (const { data } of known) lists.learn('message' in data ? [data.message] : [], 'members' in data ? data.members : []);
    judge.durable(durable);
    for (const event of known) hears.durable(event);
    return undefined;
  }

  function hearLoose(raw: RawFrame): void {
    const frame = asLoose(raw);
    switch (frame.type) {
      case 'sync.done':
        if (held.epoch !== frame.data.epoch) return otherEpoch(frame.data.epoch);
        return host.resuming.finished(String(frame.data.id), frame.data.unread_total);
      case 'receipt.read':
      case 'receipt.delivered':
        withChannel(frame.data.channel_id, (channel) => applyReceipt(channel, frame.type === 'receipt.read' ? 'read' : 'delivered', frame.data));
        break;
      case 'unread':
        withChannel(frame.data.channel_id, (channel) =>
          channel.counts.base(frame.data.unread_count, frame.data.mention_count, channel.lastSeq, false));
        events.unreadTotal(frame.data.unread_total);
        break;
      case 'channel.preferences':
        withChannel(frame.data.channel_id, (channel) => putPreferences(channel, frame.data, frame.data.preferences_rev));
        if (frame.data.unread_total !== undefined) events.unreadTotal(frame.data.unread_total);
        break;
      case 'user.updated':
        host.learn(frame.data.user);
        break;
      default:
        break;
    }
    return hears.loose(frame);
  }

  return {
    http, reading, listing, lists: own, hear, sender: sending, renewal: renewing({ environment, tokens, line, delay: () => delay(3) }), count: missing.count, check: factsOf,
    upToDate(unreadTotal, summaries) {
      listing.told(summaries);
      events.unreadTotal(unreadTotal);
      line.confirmLive();
      const brought = missing.take();
      if (host.wentLive()) events.resumed(brought);
      events.live();
    },
  };
}
