// Wires the parts of one client: one user's replica, the connection that feeds it, and requests over HTTP.

import { backoff } from './core/backoff.ts';
import { asError } from './core/error.ts';
import { loaded } from './core/part.ts';
import { uuidMint } from './core/uuid.ts';
import { connection } from './net/connection.ts';
import type { Priority } from './net/pace.ts';
import { rest } from './net/rest.ts';
import { tokens } from './net/token.ts';
import { applyAck } from './state/answers.ts';
import { putPreferences, takeArrivals, type HeldChannel } from './state/channel.ts';
import { applyReceipt } from './state/events.ts';
import type { SessionEvents, SessionOptions } from './session_host.ts';
import { replica } from './state/replica.ts';
import { users } from './state/users.ts';
import { admit } from './sync/admit.ts';
import { catchUp, type ChangesAnswer, type ChangesQuery } from './sync/catch_up.ts';
import { channelList } from './sync/channel_list.ts';
import { missed } from './sync/missed.ts';
import { resume } from './sync/resume.ts';
import { outbox } from './talk/outbox.ts';
import type { Changes, ChannelItem, ChannelPage, Id, Member, Message, User, UserRef } from './wire/types.ts';
import { asDurable, asLoose, type RawFrame } from './wire/frames.ts';

export function session(options: SessionOptions, events: SessionEvents) {
  const { environment, reconnect } = options;
  const known = users();
  const missing = missed();
  let wasLive = false;
  /** True while a frame is handled, as opposed to an answer that the app asked for. */
  let isNews = false;
  function asNews(run: () => void): void {
    isNews = true;
    run();
    isNews = false;
  }
  const met = new Set<Id>();
  const fresh = new Set<Id>();
  const held = replica({
    added({ id }) {
      if (isNews && wasLive && !met.has(id)) fresh.add(id);
      events.list();
    },
    removed(channel, reason) {
      fresh.delete(channel.id);
      if (reason !== 'forgotten') met.delete(channel.id);
      events.removed(channel, reason);
      events.list();
    },
    changed(channel) {
      channel.windows.trim(options.heldMessages);
      events.channel(channel);
      events.list();
      if (channel.settings === null) return;
      met.add(channel.id);
      if (fresh.delete(channel.id)) events.appeared(channel);
    },
  });
  const token = tokens(options.token, environment);
  const http = rest({ apiUrl: options.apiUrl, fetch: options.fetch, tokens: token, environment, reconnect });
  let me: User | null = null;

  function learn(user: UserRef | undefined): void {
    if (user !== undefined && known.put(user)) events.user(user.id);
  }

  function learnMessage(message: Message): void {
    learn(message.user);
    sending.arrived(message);
  }

  function learnMembers(members: readonly Member[] | undefined): void {
    for (const member of members ?? []) if (!member.left) learn(member.user);
  }

  function otherEpoch(epoch: string): void {
    if (!held.enter(epoch)) return;
    reading.stop();
    if (line.isOpen) resuming.start();
  }

  function settled(channel: HeldChannel, live: boolean): void {
    for (const message of takeArrivals(channel)) events.arrived(channel, message, live);
  }

  function before(channel: HeldChannel, body: Changes): void {
    if (wasLive && resuming.isRunning) missing.count(channel, body);
    lists.learn(body.messages, body.members);
  }

  async function readChanges(query: ChangesQuery): Promise<ChangesAnswer> {
    if (!line.isUp) return { kind: 'stopped' };
    const asked = { since: query.since, receipts_since: query.receiptsSince, epoch: query.epoch };
    try {
      return { kind: 'page', body: await http.request<Changes>('GET', `/v1/channels/${query.channelId}/changes`, { query: asked }) };
    } catch (fault) {
      const error = asError(fault);
      if (error.status === 403 || error.status === 404) return { kind: 'gone' };
      return error.retryable ? { kind: 'retry', afterMs: error.retryAfterMs ?? 0 } : { kind: 'stopped' };
    }
  }

  const pause = (attempt: number, afterMs: number): Promise<void> => new Promise((resolve) => {
    environment.setTimer(resolve, Math.min(60_000, afterMs + backoff(attempt, environment.random, reconnect)));
  });

  const reading = catchUp({
    replica: held, readChanges, otherEpoch, before, settled,
    replay: (frame) => judge.durable(frame),
    pause,
  });
  const judge = admit({ replica: held, catchUp: reading, otherEpoch, before, settled });

  const lists = {
    catchUp: reading, otherEpoch, pageSize: options.pageSize, mostMessages: options.heldMessages,
    learn(messages: readonly Message[] | undefined, members: readonly Member[] | undefined): void {
      for (const message of messages ?? []) learnMessage(message);
      learnMembers(members);
    },
  };
  const resuming = resume({
    replica: held,
    isWatched: events.isWatched,
    ask: (channel) => reading.ask(channel),
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
      if (wasLive) events.resumed(brought);
      wasLive = true;
      events.live();
    },
  });

  function takeItem(item: ChannelItem): void {
    if (item.epoch !== undefined && item.epoch !== held.epoch) return otherEpoch(item.epoch);
    learn(item.peer);
    learnMembers(item.members);
    if (item.last_message) learnMessage(item.last_message);
    return judge.summary(item);
  }

  const listing = channelList({
    replica: held, otherEpoch, take: takeItem,
    read: (cursor) => http.request<ChannelPage>('GET', '/v1/me/channels', { query: { limit: 100, cursor } }),
    changed: () => events.list(),
  });

  const line = connection({
    url: `${options.apiUrl.replace(/^http/, 'ws')}/v1/ws`,
    open: options.openSocket, tokens: token, environment, reconnect,
    probe: () => http.request('GET', '/v1/me').then(() => {}),
    onState: (state) => events.connection(state),
    onFrame: (frame) => asNews(() => hear(frame)),
    poll: options.pollWhenBlocked ? firstPoll : null,
    onPolling() {
      wasLive = true;
      sending.pump();
      events.live();
      void goOnPolling?.();
    },
    onReady(data) {
      meet(data.user);
      held.enter(data.epoch);
      events.greeted(data);
      resuming.start();
      sending.pump();
    },
    restsAfter: events.restsAfter,
    onEnd() {
      stopPolling.abort();
      reading.stop();
      resuming.stop();
      events.ended();
      for (const channel of held.channels.values()) events.channel(channel);
    },
  });

  let stopPolling = new AbortController();
  let goOnPolling: (() => Promise<void>) | null = null;

  async function firstPoll(): Promise<void> {
    const { startPolling } = await import('./sync/poll.ts');
    stopPolling = new AbortController();
    goOnPolling = await startPolling({ ...self, events, resuming, judge, meet, otherEpoch, asNews, signal: stopPolling.signal });
  }

  /** Takes the connection's user. State of another user is dropped. */
  function meet(user: User): void {
    if (me !== null && me.id !== user.id) {
      known.forget();
      sending.reset();
      events.otherUser();
    }
    held.become(user.id);
    learn(user);
    me = user;
  }

  function hear(frame: RawFrame): void {
    const durable = asDurable(frame);
    if (durable === null) return hearLoose(frame);
    for (const event of durable.events ?? []) {
      if (event.type === 'message.created' || event.type === 'message.updated') learnMessage(event.data.message);
      if ('members' in event.data) learnMembers(event.data.members);
    }
    judge.durable(durable);
    for (const event of durable.events ?? []) events.durable(event);
    return undefined;
  }

  function withChannel(id: Id, change: (channel: HeldChannel) => void): void {
    const channel = held.get(id);
    if (channel === undefined) return;
    change(channel);
    held.changed(channel);
  }

  function hearLoose(raw: RawFrame): void {
    const frame = asLoose(raw);
    switch (frame.type) {
      case 'channel.sync':
        if ('summary' in frame.data) {
          resuming.summary();
          return takeItem(frame.data);
        }
        return judge.page(frame.data);
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
        learn(frame.data.user);
        break;
      default:
        break;
    }
    return events.frame(frame);
  }

  const find = (ref: string): HeldChannel | undefined =>
    held.get(ref) ?? [...held.channels.values()].find((channel) => channel.settings?.external_id === ref);

  const sending = outbox({
    owner: options.owner, environment, limit: options.outboxLimit, reconnect,
    isOpen: () => line.isUp,
    lane: (ref) => find(ref)?.id ?? null,
    async send(item) {
      const data = { channel: item.channel, ...item.body, idempotency_key: item.key };
      const answer = (await ask('message.send', data, 'send')) as { readonly message: Message };
      return answer.message;
    },
    sent(_item, message) {
      const channel = held.get(message.channel_id);
      if (channel !== undefined) {
        applyAck(channel, message);
        held.changed(channel);
      }
      events.outbox();
      events.publishNow();
    },
    failed: events.sendFailed, upload: events.upload, discarded: events.discarded,
    changed: () => events.outbox(),
  });

  /** Sends a command over the socket, or over HTTP while polling. Resolves with the data of the ack. */
  async function ask(type: string, data: unknown, priority: Priority): Promise<unknown> {
    if (line.state.name !== 'polling') return line.request(type, data, priority).answer;
    return (await loaded(async () => (await import('./sync/poll.ts')).commandOverHttp))(http, type, data);
  }

  /** Takes the user and the epoch that an earlier run has stored. */
  function adopt(user: User, epoch: string): void {
    if (me !== null) return;
    me = user;
    held.become(user.id);
    held.enter(epoch);
    learn(user);
  }

  function close(): void {
    line.stop({ name: 'closed' });
    token.stop();
    http.stop();
    sending.close();
  }

  const self = {
    environment, pause, held, known, http, line, lists, reading, sending, find, ask, takeItem, listing, withChannel, adopt, close, token,
    publishNow: events.publishNow,
    mint: uuidMint(environment.now, environment.random),
    get me() { return me; },
  };
  return self;
}

export type Session = ReturnType<typeof session>;
