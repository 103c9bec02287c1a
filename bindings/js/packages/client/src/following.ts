// What takes what the server says: frames, the reading of what is missing, requests, and sending what waits. It is loaded while the first
// connection is made: what is stored is shown without it, and what comes earlier waits for it.

import { backoff } from './core/backoff.ts';
import { asError, isGone } from './core/error.ts';
import type { UploadSource } from './environment/upload.ts';
import { hearing } from './hearing.ts';
import { renewing } from './net/renewing.ts';
import { rest, type Rest, type RestHost } from './net/rest.ts';
import type { Session } from './session.ts';
import type { SessionEvents } from './session_host.ts';
import type { HeldChannel } from './state/channel.ts';
import { applyAck } from './state/answers.ts';
import { applyReceipt } from './state/events.ts';
import { putPreferences, takeArrivals } from './state/merging.ts';
import { admit } from './sync/admit.ts';
import { catchUp, type CatchUp, type ChangesAnswer, type ChangesQuery } from './sync/catch_up.ts';
import { channelList, type ChannelList } from './sync/channel_list.ts';
import { missed } from './sync/missed.ts';
import { resume, type Resume } from './sync/resume.ts';
import { taking, type Taking } from './sync/taking.ts';
import { factsOf, type AcceptedFiles } from './talk/files.ts';
import { ownLists, type OwnLists } from './talk/own_lists.ts';
import { sender, type Sender } from './talk/sender.ts';
import { asDurable } from './wire/durable.ts';
import { asLoose, type RawFrame } from './wire/frames.ts';
import type { ChannelItem, Changes, ChannelPage, Member, Message, UserRef } from './wire/types.ts';

export interface FollowingHost {
  readonly rest: RestHost;
  readonly events: SessionEvents;
  learn(user: UserRef | undefined): void;
  readonly wasLive: boolean;
  /** Answers whether it had been live before. */
  wentLive(): boolean;
}

export interface Following {
  readonly http: Rest;
  readonly reading: CatchUp;
  readonly listing: ChannelList;
  readonly lists: OwnLists;
  readonly resuming: Resume;
  readonly takes: Taking;
  readonly sender: Sender;
  /** Throws if the server would not take a file. */
  check(limits: AcceptedFiles | null, file: UploadSource): void;
  /** The server has greeted, and what it said then is known. */
  begin(): void;
  /** The connection has ended. */
  end(): void;
  hear(frame: RawFrame): void;
  /** Takes the viewer's item of a channel. */
  takeItem(item: ChannelItem): void;
  /** Takes the users whom a page names, and what it says of messages that were sent. */
  learn(messages?: readonly Message[], members?: readonly Member[]): void;
  otherEpoch(epoch: string): void;
  /** The server has taken a message. */
  acked(message: Message): void;
}

async function readChanges(http: Rest, { channelId, since, receiptsSince, epoch }: ChangesQuery): Promise<ChangesAnswer> {
  try {
    const query = { since, receipts_since: receiptsSince, epoch };
    return { kind: 'page', body: await http.request<Changes>('GET', `/v1/channels/${channelId}/changes`, { query }) };
  } catch (fault) {
    const error = asError(fault);
    if (isGone(error)) return { kind: 'gone' };
    return error.retryable ? { kind: 'retry', afterMs: error.retryAfterMs ?? 0 } : { kind: 'stopped' };
  }
}

export function following(core: Session, host: FollowingHost): Following {
  const { held, line, withChannel } = core;
  const { events } = host;
  const { environment, reconnect, tokens } = host.rest;
  const delay = (attempt: number): number => backoff(attempt, environment.random, reconnect);
  const http = rest(host.rest);
  const missing = missed();

  function otherEpoch(epoch: string): void {
    if (!held.enter(epoch)) return;
    reading.stop();
    if (line.isOpen) resuming.start();
  }

  function settled(channel: HeldChannel, live: boolean): void {
    for (const message of takeArrivals(channel)) events.arrived(channel, message, live);
  }

  function learn(messages: readonly Message[] = [], members: readonly Member[] = []): void {
    for (const message of messages) {
      host.learn(message.user);
      core.sending.arrived(message);
    }
    for (const member of members) if (!member.left) host.learn(member.user);
  }

  /** What a resume brings is counted before it is applied. */
  function before(channel: HeldChannel, body: Changes): void {
    if (host.wasLive && resuming.isRunning) missing.count(channel, body);
    learn(body.messages, body.members);
  }

  const reading = catchUp({
    replica: held, otherEpoch, before, settled, pause: core.pause,
    readChanges: async (query) => (line.isUp ? readChanges(http, query) : { kind: 'stopped' }),
    replay: (frame) => judge.durable(frame),
  });
  const judge = admit({ replica: held, catchUp: reading, settled });
  const takes = taking({ replica: held, catchUp: reading, otherEpoch, before, settled });
  const resuming = resume({
    replica: held,
    isWatched: events.isWatched,
    ask: reading.ask,
    sync(data) {
      const { id, answer } = line.request('sync', data, 'sync');
      return { id, taken: answer };
    },
    failed(fault) {
      const error = asError(fault);
      if (error.code !== 'LOST') line.restart(error);
    },
    done(unreadTotal, summaries) {
      listing.told(summaries);
      events.unreadTotal(unreadTotal);
      line.confirmLive();
      const brought = missing.take();
      if (host.wentLive()) events.resumed(brought);
      events.live();
    },
  });

  function takeItem(item: ChannelItem): void {
    if (item.epoch !== undefined && item.epoch !== held.epoch) return otherEpoch(item.epoch);
    host.learn(item.peer);
    learn(item.last_message ? [item.last_message] : [], item.members);
    return takes.summary(item);
  }

  const listing = channelList({
    replica: held, otherEpoch, take: takeItem, changed: events.list,
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
    for (const { data } of known) learn('message' in data ? [data.message] : [], 'members' in data ? data.members : []);
    judge.durable(durable);
    for (const event of known) hears.durable(event);
    return undefined;
  }

  function hearLoose(raw: RawFrame): void {
    const frame = asLoose(raw);
    switch (frame.type) {
      case 'channel.sync':
        if (!('summary' in frame.data)) return takes.page(frame.data);
        resuming.summary();
        return takeItem(frame.data);
      case 'sync.done':
        if (held.epoch !== frame.data.epoch) return otherEpoch(frame.data.epoch);
        return resuming.finished(String(frame.data.id), frame.data.unread_total);
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

  const renewal = renewing({ environment, tokens, line, delay: () => delay(3) });

  return {
    http, reading, listing, lists: own, resuming, takes, takeItem, learn, otherEpoch, hear, sender: sending, check: factsOf,
    begin() {
      resuming.start();
      renewal.start();
      sending.pump();
    },
    end() {
      renewal.stop();
      reading.stop();
      resuming.stop();
    },
    acked: (message) => withChannel(message.channel_id, (channel) => applyAck(channel, message)),
  };
}
