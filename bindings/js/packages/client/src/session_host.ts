// What a session needs, and what it reports.

import type { Environment } from './environment/environment.ts';
import type { OpenSocket } from './net/connection.ts';
import type { ConnectionState } from './net/connection_state.ts';
import type { TokenProvider } from './net/token.ts';
import type { HeldChannel } from './state/channel.ts';
import type { Missed } from './sync/missed.ts';
import type { OutboxItem } from './talk/outbox.ts';
import type { HearingHost } from './hearing.ts';
import type { Greeting } from './wire/frames.ts';
import type { Id, Message, WireSettings } from './wire/types.ts';

export interface SessionOptions {
  readonly apiUrl: string;
  readonly token: string | TokenProvider;
  /** This tab. */
  readonly owner: string;
  readonly fetch: typeof globalThis.fetch;
  readonly openSocket: OpenSocket;
  readonly environment: Environment;
  readonly reconnect: { readonly enabled: boolean; readonly initialDelayMs: number; readonly maxDelayMs: number };
  readonly pollWhenBlocked: boolean;
  readonly outboxLimit: number;
  readonly pageSize: number;
  /** Of one channel. */
  readonly heldMessages: number;
}

/** What a session reports. */
export interface SessionEvents {
  connection(state: ConnectionState): void;
  greeted(data: Greeting): void;
  channel(channel: HeldChannel): void;
  /** A user's name or picture has changed. */
  user(id: Id): void;
  list(): void;
  removed(channel: HeldChannel, reason: 'left' | 'deleted' | 'forgotten'): void;
  arrived(channel: HeldChannel, message: Message, live: boolean): void;
  /** A channel that the user was not in before. */
  appeared(channel: HeldChannel): void;
  /** A resume is over that was not the first. */
  resumed(missed: Missed): void;
  /** Where frames become events of the app. */
  hearing(): HearingHost;
  settings(settings: WireSettings): void;
  unreadTotal(count: number): void;
  outbox(): void;
  sendFailed(item: OutboxItem): void;
  upload(item: OutboxItem): void;
  discarded(item: OutboxItem): void;
  /** Shown in the same task. */
  publishNow(): void;
  live(): void;
  /** What is held of the user's own lists. */
  revisions(): Pick<Greeting, 'blocks_rev' | 'preferences_rev'>;
  /** A round of polling is over: what could not be sent may be tried again, and lists that differ are read. */
  polled(data: Greeting): void;
  restsAfter(code: number): 'hidden' | 'offline' | null;
  /** The connection that was ready has ended. */
  ended(): void;
  /** The connection belongs to another user than before. */
  otherUser(): void;
  isWatched(channel: HeldChannel): boolean;
}
