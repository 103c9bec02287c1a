import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Server as SecureServer } from 'node:https';

/** The options of `cariosan_open`, which cariosan.h lists. `storage` is "sqlite:" and a path, or "sqlite::memory:". */
export interface Options {
  storage: string;
  /** Signs the tokens of clients, at least 32 bytes; absent: a random one, so that tokens end with the process. */
  jwt_secret?: string;
  /** The lowest level of the lines that `onLog` gets; absent: none. */
  log?: 'off' | 'debug' | 'info' | 'warning' | 'error';
  [option: string]: unknown;
}

/** A line of the log; never has secrets or the text of a message. */
export interface LogLine {
  level: 'debug' | 'info' | 'warning' | 'error';
  event: string;
  fields: Record<string, string | number>;
  /** Lines that are missing before this one. */
  dropped?: number;
}

/** On whose behalf a command runs: `{}` the program itself, a workspace's backend, or a user, for whom all rules hold. */
export interface Caller {
  workspace?: string;
  user?: string;
}

/** The backend of a workspace, which is trusted. */
export function backend(workspace: string): Caller;
/** A user of a workspace, by id or external_id. */
export function user(workspace: string, name: string): Caller;

/** An event as others than its author get it; "events.lost" if some are missing before the next. */
export interface ChatEvent {
  type: string;
  data: Record<string, unknown>;
}

/** Why a call failed: the envelope of section 3 of the protocol. */
export class ChatError extends Error {
  /** Such as "NOT_FOUND", or "MISUSE" for a call that breaks the rules of the library. */
  readonly code: string;
  readonly details: Record<string, unknown>;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
}

/** Opens the database, making it if need be, and starts the engine. Throws a `ChatError`. The process lives until it is closed. */
export function open(options: Options, more?: { onLog?: (line: LogLine) => void }): Chat;

/** An open engine. */
export class Chat {
  private constructor();

  /** Runs a command of COMMANDS.md, and returns its answer. Rejects with a `ChatError`. */
  call<Answer = unknown>(name: string, fields?: object, caller?: Caller): Promise<Answer>;

  /** Every event of a workspace from now on, per channel in order; a loop that ends ends it. Who is 10,000 behind loses the next ones. */
  events(workspace: string): AsyncIterableIterator<ChatEvent>;

  /** Serves REST and WebSocket below `prefix` ("/chat") of any HTTP server; its own listeners get the rest. Call it after they were added. */
  mount(server: Server | SecureServer, prefix?: string): void;

  /** Serves REST alone, for a router that has cut off its prefix from `request.url`. */
  handler(): (request: IncomingMessage, response: ServerResponse) => void;

  /** Asks every client to come back after this time, and refuses new ones. Before `close`, so that they do not all come at once. */
  drain(milliseconds: number): void;

  /** Commits and answers what was accepted, closes all connections, and lets go of the database. Gives up after `milliseconds`. */
  close(milliseconds?: number): Promise<void>;
}
