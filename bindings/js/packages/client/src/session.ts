// Wires the parts of one client: one user's replica, the connection that feeds it, and requests over HTTP.

import { backoff } from './core/backoff.ts';
import { asError } from './core/error.ts';
import { loaded, type Part, type Parts } from './core/part.ts';
import { uuidMint } from './core/uuid.ts';
import { connection } from './net/connection.ts';
import type { Priority } from './net/pace.ts';
import type { Rest } from './net/rest.ts';
import { tokens } from './net/token.ts';
import type { HeldChannel } from './state/channel.ts';
import type { Following } from './following.ts';
import type { SessionEvents, SessionOptions } from './session_host.ts';
import { replica } from './state/replica.ts';
import { users } from './state/users.ts';
import { outbox } from './talk/outbox.ts';
import type { ChannelItem, Id, Member, Message, User, UserRef } from './wire/types.ts';

/** `later`: for what is loaded while the first connection is made. */
export function session(options: SessionOptions, events: SessionEvents, later: Parts) {
  const { environment, reconnect } = options;
  const known = users();
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
  const following: Part<Following> = later.part(async () => {
    const { following: make } = await import('./following.ts');
    const { apiUrl, fetch } = options;
    return make(self, {
      rest: { apiUrl, fetch, tokens: token, environment, reconnect }, events, learn,
      get wasLive() { return wasLive; },
      wentLive() {
        const again = wasLive;
        wasLive = true;
        return again;
      },
    });
  }, (fault) => line.restart(asError(fault)));
  const http: Rest = {
    request: async (...asked) => (await following.get()).http.request(...asked),
    stop: () => following.now?.http.stop(),
  };
  let me: User | null = null;

  function learn(user: UserRef | undefined): void {
    if (user !== undefined && known.put(user)) events.user(user.id);
  }

  const pause = (attempt: number, afterMs: number): Promise<void> => new Promise((resolve) => {
    environment.setTimer(resolve, Math.min(60_000, afterMs + backoff(attempt, environment.random, reconnect)));
  });

  const reading = {
    ask: (channel: HeldChannel): void => following.use((then) => then.reading.ask(channel)),
    isReading: (channel: HeldChannel): boolean => following.now?.reading.isReading(channel) ?? false,
  };
  // Whoever has an answer over HTTP has loaded the part that takes it.
  const lists = {
    catchUp: reading, pageSize: options.pageSize, mostMessages: options.heldMessages,
    otherEpoch: (epoch: string): void => following.now?.otherEpoch(epoch),
    learn: (messages?: readonly Message[], members?: readonly Member[]): void => following.now?.learn(messages, members),
  };
  const takeItem = (item: ChannelItem): void => following.now?.takeItem(item);

  const line = connection({
    url: `${options.apiUrl.replace(/^http/, 'ws')}/v1/ws`,
    open: options.openSocket, tokens: token, environment, reconnect,
    probe: () => http.request('GET', '/v1/me').then(() => {}),
    onState: (state) => events.connection(state),
    onFrame: (frame) => whileLinked((then) => asNews(() => then.hear(frame))),
    poll: options.pollWhenBlocked ? firstPoll : null,
    onPolling() {
      wasLive = true;
      following.now?.sender.pump();
      events.live();
      void goOnPolling?.();
    },
    onReady: (data) => whileLinked((then) => {
      meet(data.user);
      held.enter(data.epoch);
      events.greeted(data);
      then.begin();
    }),
    restsAfter: events.restsAfter,
    onEnd() {
      links += 1;
      stopPolling.abort();
      following.now?.end();
      events.ended();
      for (const channel of held.channels.values()) events.channel(channel);
    },
  });

  let stopPolling = new AbortController();
  let goOnPolling: (() => Promise<void>) | null = null;

  async function firstPoll(): Promise<void> {
    const { startPolling } = await import('./sync/poll.ts');
    stopPolling = new AbortController();
    const then = await following.get();
    goOnPolling = await startPolling({ ...self, ...then, events, meet, asNews, signal: stopPolling.signal });
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

  /** Counts connections, so that what waits can see that its own is over. */
  let links = 0;

  /** Runs in order, once the part that follows is there, unless the connection has ended by then. */
  function whileLinked(run: (then: Following) => void): void {
    const own = links;
    following.use((then) => {
      if (own === links) run(then);
    });
  }

  function withChannel(id: Id, change: (channel: HeldChannel) => void): void {
    const channel = held.get(id);
    if (channel === undefined) return;
    change(channel);
    held.changed(channel);
  }

  const find = (ref: string): HeldChannel | undefined =>
    held.get(ref) ?? [...held.channels.values()].find((channel) => channel.settings?.external_id === ref);

  const lane = (ref: string): Id | null => find(ref)?.id ?? null;
  const sending = outbox({
    owner: options.owner, environment, limit: options.outboxLimit,
    pump: () => following.now?.sender.pump(),
    sent(_item, message) {
      following.now?.acked(message);
      events.outbox();
      events.publishNow();
    },
    failed: events.sendFailed, upload: events.upload, discarded: events.discarded,
    changed: events.outbox,
  });

  /** Sends a command over the socket, or over HTTP while polling. Resolves with the data of the ack. */
  async function ask(type: string, data: unknown, priority: Priority): Promise<unknown> {
    if (line.state.name !== 'polling') return line.request(type, data, priority).answer;
    return (await loaded(async () => (await import('./sync/poll.ts')).commandOverHttp))(http, type, data);
  }

  /** Takes the user and the epoch that an earlier run has stored. */
  function adopt(user: User, epoch: string): void {
    if (me !== null) return;
    meet(user);
    held.enter(epoch);
  }

  function close(): void {
    line.stop({ name: 'closed' });
    token.stop();
    http.stop();
    following.now?.sender.stop();
    sending.close();
  }

  const self = {
    environment, pause, held, known, http, line, lists, reading, sending, find, lane, ask, takeItem, following, withChannel, adopt, close, token,
    publishNow: events.publishNow,
    mint: uuidMint(environment.now, environment.random),
    get me() { return me; },
  };
  return self;
}

export type Session = ReturnType<typeof session>;
