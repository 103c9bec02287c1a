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

/** A text that a user sends, or edits a message to, before it is stored. */
export interface Draft {
  workspace: string;
  channel: string;
  user: string;
  /** The message whose new text it is. */
  edited?: string;
  text: string;
}

export type Verdict =
  | { verdict: 'allow' }
  /** This is stored instead. */
  | { verdict: 'change'; text: string }
  /** Delivered and recorded. */
  | { verdict: 'flag'; reason: string }
  /** Recorded; the author gets MESSAGE_REJECTED. */
  | { verdict: 'refuse'; reason: string };

/** What the program itself does for the engine. */
export interface Parts {
  onLog?: (line: LogLine) => void;
  /** Judges each text. One that it fails at, or does not judge within `moderator_deadline_ms`, is treated as `moderator_late` says. */
  moderator?: (draft: Draft) => Verdict | Promise<Verdict>;
}

/** Opens the database, making it if need be, and starts the engine. Throws a `ChatError`. The process lives until it is closed. */
export function open(options: Options, parts?: Parts): Chat;

/**
 * Replaces the database of this `storage` by the backup at this path, checks it, and gives it a new epoch. Rejects with a `ChatError`,
 * and leaves it as it was: CONFLICT if a chat has it open, NOT_FOUND if there is no backup.
 */
export function restore(backup: string, storage: string): Promise<void>;

/** All commands, events and errors, with JSON Schemas. */
export function describe(): Description;

export interface Description {
  commands: { name: string; summary: string; callers: string[]; changes: boolean; fields: object; answer: object | null; errors: string[] }[];
  events: { type: string; summary: string; frame: object }[];
  errors: { code: string; meaning: string }[];
  components: { schemas: Record<string, object> };
}

export interface ImportOptions {
  workspace: string;
  /** The other system: a second import with the same source adds nothing that the first one stored. */
  source: string;
  /** The path of a file with the lines; absent: they are `lines`. */
  file?: string;
  /** Where `lines` are kept until the import ends; absent: the system's folder for temporary files. */
  folder?: string;
  /** How many bad lines the result names: 20. */
  problems?: number;
}

export interface ImportProgress {
  stage: 'reading' | 'places' | 'replies' | 'messages';
  imported: number;
  replies: number;
  already_there: number;
  bad_lines: number;
  /** Bytes of the lines, of `size`. */
  position: number;
  size: number;
}

export interface ImportResult {
  /** Everything is in the database. */
  complete: boolean;
  imported: number;
  replies: number;
  already_there: number;
  bad_lines: number;
  problems: { line: number; reason: string }[];
  troubles: string[];
}

type Pieces = Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>;

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

  /** Copies the database to a new file while the chat keeps working. CONFLICT if there is one, or another backup runs. */
  backup(path: string): Promise<void>;

  /** Starts a new epoch: every client reads again. For a database that was set back by other means than `restore`. */
  rotateEpoch(): Promise<string>;

  /** What GET /metrics answers, whatever `metrics_token` is. */
  metrics(): Promise<string>;

  /** A workspace, or all that is stored about a user, as lines of JSON with their line ends. A loop that ends ends it. */
  export(workspace: string, user?: string): AsyncGenerator<string, void, void>;

  /**
   * Imports messages of another system, in the lines of section 13 of the protocol: of a file, or `lines` in pieces of any size, such as
   * a stream. A `signal` that is aborted stops it, and so does what `onProgress` throws; what was imported stays. A `ChatError` of an
   * import that had to stop has `imported` in its details.
   */
  import(options: ImportOptions, more?: { lines?: Pieces; onProgress?: (progress: ImportProgress) => void; signal?: AbortSignal }): Promise<ImportResult>;

  /** Asks every client to come back after this time, and refuses new ones. Before `close`, so that they do not all come at once. */
  drain(milliseconds: number): void;

  /** Commits and answers what was accepted, closes all connections, and lets go of the database. Gives up after `milliseconds`. */
  close(milliseconds?: number): Promise<void>;
}
