// What the user sent and the server has not taken yet. Each item keeps the key it got when "send" was pressed, over lost
// connections and restarts, so that it takes effect exactly once (protocol, section 6).

import { backoff, type BackoffLimits } from '../core/backoff.ts';
import { asError, CariosanError, isCariosanError } from '../core/error.ts';
import type { Environment } from '../environment/environment.ts';
import type { FileOnPhone } from '../environment/upload.ts';
import type { Id, Json, Message, NamedMention } from '../wire/types.ts';

export interface SendBody {
  readonly content: string;
  readonly type?: 'text' | 'image' | 'file' | undefined;
  readonly attachment_url?: string | undefined;
  readonly parent_id?: Id | undefined;
  readonly mentions?: readonly (string | NamedMention)[] | undefined;
  readonly metadata?: Json | undefined;
}

export interface OutboxItem {
  readonly key: string;
  /** The channel's id or external id, as the app named it. */
  readonly channel: string;
  readonly body: SendBody;
  readonly createdAt: number;
  readonly state: 'uploading' | 'waiting' | 'sending' | 'failed';
  readonly error: CariosanError | null;
  /** It waits for its file, which can be read again if it lies on a phone. Absent once the file is at its place. */
  readonly awaits?: Awaited;
  /** How much of the file is there, from 0 to 1. */
  readonly progress?: number;
  /** The tab that sends it. */
  readonly owner: string;
}

export interface Awaited {
  readonly file: FileOnPhone | null;
}

export interface OutboxHost {
  readonly environment: Environment;
  readonly limit: number;
  readonly reconnect: BackoffLimits;
  /** This tab. */
  readonly owner: string;
  isOpen(): boolean;
  /** One name for one channel, whichever way the app has named it; null while the channel is not known. */
  lane(channel: string): string | null;
  /** Resolves with the message of the ack. */
  send(item: OutboxItem): Promise<Message>;
  /** The message is there; the item is gone already. */
  sent(item: OutboxItem, message: Message): void;
  failed(item: OutboxItem): void;
  /** The file of an item is to be sent, again. */
  upload(item: OutboxItem): void;
  /** The user has given the item up. */
  discarded(item: OutboxItem): void;
  changed(): void;
}

export type Write = (key: string, item: OutboxItem | null) => Promise<void>;

export interface Outbox {
  /** Stores each item from now on, and what is there already. Null: removes it. */
  keep(write: Write): void;
  /** Takes up items of an earlier run, or of a tab that is gone. */
  adopt(left: readonly OutboxItem[]): void;
  /** Another user signs in: drops all items here; stored ones stay stored. */
  reset(): void;
  /** Throws `OUTBOX_FULL`. `done` ends with the message, or with the reason why there is none. */
  add(channel: string, body: SendBody, key: string, awaits?: Awaited): { readonly item: OutboxItem; readonly done: Promise<Message> };
  /** Sends what can be sent now. */
  pump(): void;
  /** A message came with this key: it was sent, whatever became of the answer. */
  arrived(message: Message): void;
  /** Changes an item while it waits for its file. `waiting`: the file is at its place. An error: it will not be. */
  alter(key: string, change: (item: OutboxItem) => OutboxItem | CariosanError): void;
  retry(key: string): void;
  discard(key: string): Promise<void>;
  items(): readonly OutboxItem[];
  readonly pausedUntil: number | null;
  close(): void;
}

const CHANNELS_AT_ONCE = 4;
/** A refusal for one of these reasons is about the channel, not about one message. */
const ABOUT_THE_CHANNEL = new Set(['NOT_A_MEMBER', 'FORBIDDEN', 'MUTED', 'NOT_FOUND']);
/** The connection's fault: it is no attempt of the message. */
const LINK_FAULTS = new Set(['LOST', 'OFFLINE', 'SIGNED_OUT', 'NETWORK', 'TIMEOUT']);

interface Waiter {
  resolve(message: Message): void;
  reject(fault: CariosanError): void;
}

export function outbox(host: OutboxHost): Outbox {
  const { environment } = host;
  let items: readonly OutboxItem[] = [];
  const waiters = new Map<string, Waiter>();
  let persist: Write = () => Promise.resolve();
  let pausedUntil: number | null = null;
  let pauses = 0;
  let cancelPause = (): void => {};
  let closed = false;

  function replace(item: OutboxItem): void {
    items = items.map((other) => (other.key === item.key ? item : other));
  }

  function take(key: string): OutboxItem | null {
    const item = items.find((other) => other.key === key) ?? null;
    if (item !== null) items = items.filter((other) => other !== item);
    return item;
  }

  function finish(key: string, message: Message): void {
    const item = take(key);
    if (item === null) return;
    void persist(key, null);
    host.sent(item, message);
    waiters.get(key)?.resolve(message);
    waiters.delete(key);
  }

  function fail(item: OutboxItem, error: CariosanError): void {
    const failed: OutboxItem = { ...item, state: 'failed', error };
    replace(failed);
    void persist(item.key, failed);
    host.failed(failed);
    waiters.get(item.key)?.reject(error);
    waiters.delete(item.key);
  }

  /** Limits are per user: one refusal for a while holds for everything that waits. */
  function pause(error: CariosanError): void {
    const delay = Math.min(60_000, (error.retryAfterMs ?? 0) + backoff(pauses++, environment.random, host.reconnect));
    pausedUntil = environment.now() + delay;
    cancelPause();
    cancelPause = environment.setTimer(() => {
      pausedUntil = null;
      pump();
      host.changed();
    }, delay);
  }

  function refused(item: OutboxItem, error: CariosanError): void {
    const held = items.find((other) => other.key === item.key);
    if (held === undefined) return;
    replace({ ...held, state: 'waiting' });
    if (error.code === 'CLOSED') return;
    if (LINK_FAULTS.has(error.code)) {
      // The next connection sends it again, with the same key.
    } else if (error.retryable) {
      pause(error);
    } else if (ABOUT_THE_CHANNEL.has(error.code)) {
      const lane = laneOf(item);
      for (const other of items) if (other.state !== 'failed' && laneOf(other) === lane) fail(other, error);
    } else {
      fail(held, error);
    }
    host.changed();
  }

  function start(item: OutboxItem): void {
    const sending: OutboxItem = { ...item, state: 'sending' };
    replace(sending);
    host.send(sending).then(
      (message) => {
        pauses = 0;
        finish(item.key, message);
        pump();
      },
      (fault: unknown) => {
        refused(item, asError(fault));
        // A lost link is no reason to try at once: `pump` is called when there is another.
        if (!LINK_FAULTS.has(asError(fault).code)) pump();
      },
    );
  }

  const laneOf = ({ channel }: OutboxItem): string => host.lane(channel) ?? channel;

  /** Per channel one at a time, the oldest first. A channel that is not known may be one of the others by its other name. */
  function pump(): void {
    if (closed || pausedUntil !== null || !host.isOpen()) return;
    const busy = new Set(items.filter(({ state }) => state === 'sending').map(laneOf));
    const unsure = items.some(({ state, channel }) => (state === 'waiting' || state === 'sending') && host.lane(channel) === null);
    for (const item of items) {
      const lane = laneOf(item);
      if (item.state !== 'waiting' || busy.has(lane)) continue;
      if (busy.size >= (unsure ? 1 : CHANNELS_AT_ONCE)) return;
      busy.add(lane);
      start(item);
    }
  }

  function keep(write: Write): void {
    persist = write;
    for (const item of items) void persist(item.key, item);
  }

  function adopt(left: readonly OutboxItem[]): void {
    if (closed) return;
    items = [...left, ...items].sort((a, b) => (a.key < b.key ? -1 : 1));
    for (const item of left) {
      void persist(item.key, item);
      if (item.state === 'uploading') host.upload(item);
    }
    host.changed();
    pump();
  }

  function reset(): void {
    persist = () => Promise.resolve();
    items = [];
    for (const waiter of waiters.values()) waiter.reject(new CariosanError({ code: 'SIGNED_OUT' }));
    waiters.clear();
    host.changed();
  }

  function add(channel: string, body: SendBody, key: string, awaits?: Awaited): { item: OutboxItem; done: Promise<Message> } {
    if (closed) throw new CariosanError({ code: 'CLOSED' });
    if (items.length >= host.limit) throw new CariosanError({ code: 'OUTBOX_FULL', message: `${host.limit} messages are waiting already` });
    const item: OutboxItem = {
      key, channel, body, createdAt: environment.now(), error: null, owner: host.owner,
      ...(awaits === undefined ? { state: 'waiting' } : { state: 'uploading', awaits, progress: 0 }),
    };
    items = [...items, item];
    const done = new Promise<Message>((resolve, reject) => waiters.set(key, { resolve, reject }));
    void persist(key, item);
    pump();
    return { item, done };
  }

  async function discard(key: string): Promise<void> {
    const item = items.find((other) => other.key === key);
    // What is on its way is not discarded: it may have taken effect.
    if (item === undefined || item.state === 'sending') return;
    await persist(key, null);
    if (take(key) === null) return;
    host.discarded(item);
    waiters.get(key)?.reject(new CariosanError({ code: 'DISCARDED' }));
    waiters.delete(key);
    host.changed();
  }

  function retry(key: string): void {
    const item = items.find((other) => other.key === key);
    if (item?.state !== 'failed') return;
    const again: OutboxItem = { ...item, state: item.awaits === undefined ? 'waiting' : 'uploading', error: null };
    replace(again);
    void persist(key, again);
    if (again.state === 'uploading') host.upload(again);
    host.changed();
    pump();
  }

  function alter(key: string, change: (item: OutboxItem) => OutboxItem | CariosanError): void {
    const item = items.find((other) => other.key === key);
    if (item?.state !== 'uploading') return;
    const next = change(item);
    if (isCariosanError(next)) {
      fail(item, next);
    } else {
      replace(next);
      // How far the file is is not stored.
      if (next.state !== 'uploading') void persist(key, next);
    }
    host.changed();
    pump();
  }

  function close(): void {
    closed = true;
    cancelPause();
    for (const waiter of waiters.values()) waiter.reject(new CariosanError({ code: 'CLOSED' }));
    waiters.clear();
  }

  return {
    keep, adopt, reset, add, pump, retry, discard, close, alter,
    arrived(message) {
      if (message.idempotency_key !== undefined) finish(message.idempotency_key, message);
    },
    items: () => items,
    get pausedUntil() { return pausedUntil; },
  };
}
