// What the user sent and the server has not taken yet. Each item keeps the key it got when "send" was pressed, over lost
// connections and restarts, so that it takes effect exactly once (protocol, section 6).

import { CariosanError } from '../core/error.ts';
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
  /** This tab. */
  readonly owner: string;
  /** Sends what can be sent now. */
  pump(): void;
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
  /** Puts a changed item in the place of the one with its key. */
  replace(item: OutboxItem): void;
  /** The same, and stores it. */
  put(item: OutboxItem): void;
  /** What was changed is to be shown, and what can be sent now is. */
  changed(): void;
  /** The server has taken it. */
  finish(key: string, message: Message): void;
  /** It will not be sent unless the user tries again. */
  fail(item: OutboxItem, error: CariosanError): void;
  /** A message came with this key: it was sent, whatever became of the answer. */
  arrived(message: Message): void;
  retry(key: string): void;
  discard(key: string): Promise<void>;
  items(): readonly OutboxItem[];
  close(): void;
}

interface Waiter {
  resolve(message: Message): void;
  reject(fault: CariosanError): void;
}

export function outbox(host: OutboxHost): Outbox {
  const { environment } = host;
  let items: readonly OutboxItem[] = [];
  const waiters = new Map<string, Waiter>();
  let persist: Write = () => Promise.resolve();
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

  function put(item: OutboxItem): void {
    replace(item);
    void persist(item.key, item);
  }

  function changed(): void {
    host.changed();
    host.pump();
  }

  function fail(item: OutboxItem, error: CariosanError): void {
    const failed: OutboxItem = { ...item, state: 'failed', error };
    put(failed);
    host.failed(failed);
    waiters.get(item.key)?.reject(error);
    waiters.delete(item.key);
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
    changed();
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
    host.pump();
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
    put(again);
    if (again.state === 'uploading') host.upload(again);
    changed();
  }

  function close(): void {
    closed = true;
    for (const waiter of waiters.values()) waiter.reject(new CariosanError({ code: 'CLOSED' }));
    waiters.clear();
  }

  return {
    keep, adopt, reset, add, retry, discard, close, replace, put, finish, fail, changed,
    arrived(message) {
      if (message.idempotency_key !== undefined) finish(message.idempotency_key, message);
    },
    items: () => items,
  };
}
