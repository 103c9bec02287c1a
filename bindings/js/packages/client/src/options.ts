// What an app gives a client, and what a client as a whole shows.

import type { CariosanError } from './core/error.ts';
import type { Environment } from './environment/environment.ts';
import type { Uploader } from './environment/upload.ts';
import type { Channel } from './channel.ts';
import type { ConnectionState } from './net/connection_state.ts';
import type { WebSocketConstructor } from './net/socket.ts';
import type { TokenProvider } from './net/token.ts';
import type { Storage } from './store/storage.ts';
import type { Missed } from './sync/missed.ts';
import type { ChatMessage } from './talk/rows.ts';
import type { Id, UserPresence } from './wire/types.ts';

export interface CariosanOptions {
  /** http or https; the socket's address follows from it. */
  readonly apiUrl: string;
  /** A function is asked again when the token expires or is refused; a text cannot be renewed. */
  readonly token: string | TokenProvider;
  /** Keeps unsent messages, and what was shown, from run to run. Without one they live as long as this object. */
  readonly storage?: Storage;
  /** Your own id of the user. With it the cache can be shown before there is a token. */
  readonly cacheKey?: string;
  /** How long a hidden page keeps its connection; null: for ever. Default: ten minutes, on phones 20 s. */
  readonly closeHiddenAfterMs?: number | null;
  readonly reconnect?: { readonly enabled?: boolean; readonly initialDelayMs?: number; readonly maxDelayMs?: number };
  /** Whether to poll over HTTP where WebSockets keep failing while HTTP works. Default: true. */
  readonly pollWhenBlocked?: boolean;
  /** Needed where there is none, as in Node.js before 22: pass the one of the package `ws`. */
  readonly webSocket?: WebSocketConstructor;
  readonly fetch?: typeof globalThis.fetch;
  /** Replaces the way files are sent. */
  readonly upload?: Uploader;
  readonly environment?: Environment;
  /** Receives what happens inside, without message texts and tokens. */
  readonly onLog?: (entry: LogEntry) => void;
  readonly limits?: Partial<ClientLimits>;
}

export interface LogEntry {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly what: string;
  readonly detail?: unknown;
}

export interface ClientLimits {
  /** Unsent messages. 500 */
  readonly outbox: number;
  /** Messages asked for at a time. 50 */
  readonly pageSize: number;
  /** Stored channels, the most recently active. 200 */
  readonly cachedChannels: number;
  /** Stored messages per channel. 50 */
  readonly cachedMessages: number;
  /** Channels that keep their messages in memory while nobody looks at them. 50 */
  readonly heldTimelines: number;
  /** Messages in memory per channel. 20,000 */
  readonly heldMessages: number;
}

export interface OutboxSnapshot {
  readonly waiting: number;
  readonly failed: number;
  readonly pausedUntil: number | null;
}

export interface ChannelListSnapshot {
  /** The newest activity first, without the archived ones. */
  readonly ids: readonly Id[];
  /** False: there are more, which `loadMoreChannels` reads. */
  readonly complete: boolean;
  readonly stale: boolean;
}

export interface WorkspaceSettings {
  readonly readReceipts: boolean;
  /** Null: a message may be edited for ever. */
  readonly editWindowSeconds: number | null;
  readonly maxMessageBytes: number;
  /** Null: the server takes no files. */
  readonly attachments: { readonly types: readonly string[]; readonly maxBytes: number } | null;
}

export interface ClientEvents {
  connection: ConnectionState;
  /** False: the storage fails for now. */
  storage: { readonly persistent: boolean };
  /** The client is up to date again after a lost connection: what came meanwhile. */
  resumed: Missed;
  /** Something failed in the background. */
  error: CariosanError;
  /** Each new message once, in the order of its channel. `resume`: it came by catching up. */
  message: { readonly channel: Channel; readonly message: ChatMessage; readonly source: 'live' | 'resume' };
  mention: { readonly channel_id: Id; readonly message_id: Id; readonly by_user_id: Id };
  'presence.update': { readonly users: readonly UserPresence[] };
  /** A channel that the user was not in before. */
  'channel.added': { readonly channel: Channel };
  'channel.removed': { readonly id: Id; readonly reason: 'left' | 'deleted' };
  'send.failed': { readonly channel: Channel; readonly message: ChatMessage };
}
