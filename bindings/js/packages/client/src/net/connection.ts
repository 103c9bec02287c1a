// One WebSocket, kept alive: handshake, ping, commands and their answers, and what to do after it closes (protocol, sections 2 and 5).
// It knows nothing about channels.

import { backoff, type BackoffLimits } from '../core/backoff.ts';
import { asError, CariosanError, errorFrom, isCariosanError } from '../core/error.ts';
import { utf8Length } from '../core/utf8.ts';
import { LONGEST_TIMER_MS, waitUntil } from '../core/wait.ts';
import type { Environment } from '../environment/environment.ts';
import { parseFrame, type LooseData, type RawFrame } from '../wire/frames.ts';
import type { ConnectionState } from './connection_state.ts';
import { pace, type Pace, type Priority } from './pace.ts';
import { meansSignedOut, type Tokens } from './token.ts';
import { verdictOf } from './verdict.ts';

export type OpenSocket = (url: string, protocols: string[]) => SocketLike;

/** The part of a socket that is used here. */
export interface SocketLike {
  listen(handlers: { message(text: string): void; close(code: number, reason: string): void }): void;
  send(text: string): void;
  close(): void;
}

export interface ConnectionHost {
  readonly url: string;
  readonly open: OpenSocket;
  readonly tokens: Tokens;
  readonly environment: Environment;
  readonly reconnect: BackoffLimits & { readonly enabled: boolean };
  /** Asks over HTTP why the handshake failed: rejects with the reason if there is one. */
  probe(): Promise<void>;
  /** Brings everything up to date over HTTP, because sockets are blocked. Null: the app does not want that. */
  readonly poll: (() => Promise<void>) | null;
  /** The state is `polling` now. */
  onPolling(): void;
  onState(state: ConnectionState): void;
  onReady(data: LooseData['connection.ready']): void;
  onFrame(frame: RawFrame): void;
  /** Whether to stay disconnected after a close with this code, and why; null: reconnect. */
  restsAfter(code: number): 'hidden' | 'offline' | null;
  /** A ready connection, or polling, has ended. */
  onEnd(): void;
}

export interface Sending {
  readonly id: string;
  /** Resolves with the data of the ack; rejects with the error, or with `LOST` if the connection ended before. */
  readonly answer: Promise<unknown>;
}

export interface Connection {
  readonly state: ConnectionState;
  /** A socket is open and has been greeted. */
  readonly isOpen: boolean;
  /** Requests and messages can be sent, over a socket or by polling. */
  readonly isUp: boolean;
  /** What is held is up to date, as far as the connection can know. */
  readonly isCurrent: boolean;
  start(): void;
  stop(state: Extract<ConnectionState, { name: 'idle' | 'closed' | 'suspended' | 'signed_out' }>): void;
  retryNow(): void;
  /** Checks a link that has been silent for that long: it must answer within the deadline. */
  probe(silentForMs: number, withinMs: number): void;
  /** Ends this connection, backs off and makes a new one. */
  restart(fault: CariosanError): void;
  confirmLive(): void;
  request(type: string, data: unknown, priority: Priority): Sending;
  /** Sends a frame that has no answer. False: it was dropped. */
  tell(type: string, data: unknown): boolean;
}

const FRAME_BYTES = 65_536;
const READY_WITHIN_MS = 15_000;
const ANSWER_WITHIN_MS = 20_000;
const PONG_WITHIN_MS = 10_000;
const STABLE_AFTER_MS = 10_000;
const PROBE_EVERY = 5;
/** After this many handshakes in a row that ended without a single frame, sockets are considered blocked if HTTP works. */
const BLOCKED_AFTER = 3;
const SOCKET_EVERY_MS = 60_000;
interface Waiting {
  resolve(data: unknown): void;
  reject(fault: CariosanError): void;
  cancelTimer(): void;
}

/** What belongs to one socket and ends with it. */
interface Link {
  readonly socket: SocketLike;
  readonly waiting: Map<string, Waiting>;
  readonly pace: Pace;
  heardAnything: boolean;
  readyAt: number | null;
  heardAt: number;
  heartbeatMs: number;
  cancelReady: () => void;
  cancelPing: () => void;
  cancelPong: () => void;
}

const nothing = (): void => {};

export function connection(host: ConnectionHost): Connection {
  const { environment, tokens } = host;
  let state: ConnectionState = { name: 'idle' };
  let link: Link | null = null;
  /** Counts attempts, so that a late callback can see that its attempt is over. */
  let turn = 0;
  let failures = 0;
  /** Handshakes in a row that ended without a single frame. */
  let wordless = 0;
  let frames = 0;
  let hintMs = 0;
  let lastError: CariosanError | null = null;
  let cancelRetry = nothing;

  const isPolling = (): boolean => state.name === 'polling';

  function setState(next: ConnectionState): void {
    if (isPolling()) host.onEnd();
    state = next;
    host.onState(next);
  }

  async function connect(reason: 'first' | 'refused'): Promise<void> {
    const own = ++turn;
    cancelRetry();
    if (!isPolling()) setState({ name: 'connecting', attempt: failures });
    let token: string | null;
    try {
      token = reason === 'refused' ? await tokens.renew('refused') : await tokens.get();
    } catch (fault) {
      if (own !== turn) return;
      if (meansSignedOut(fault)) return setState({ name: 'signed_out' });
      return retryLater(asError(fault));
    }
    if (own !== turn) return undefined;
    if (token === null) return setState({ name: 'signed_out' });
    return open(token);
  }

  function open(token: string): void {
    let socket: SocketLike;
    try {
      socket = host.open(host.url, ['cariosan.v1', `cariosan.jwt.${token}`]);
    } catch (fault) {
      if (isCariosanError(fault, 'CONFIG')) return setState({ name: 'refused', closeCode: 0, reason: fault.message });
      // A text that cannot go into a header is not a token.
      return setState({ name: 'signed_out' });
    }
    const own: Link = {
      socket, waiting: new Map(), pace: pace(environment, (text) => write(own, text)),
      heardAnything: false, readyAt: null, heardAt: environment.now(), heartbeatMs: 30_000,
      cancelReady: environment.setTimer(() => ended(own, 1006, 'no greeting'), READY_WITHIN_MS),
      cancelPing: nothing, cancelPong: nothing,
    };
    link = own;
    hintMs = 0;
    lastError = null;
    socket.listen({
      message: (text) => link === own && heard(own, text),
      close: (code, why) => ended(own, code, why),
    });
    return undefined;
  }

  function heard(own: Link, text: string): void {
    own.heardAnything = true;
    own.heardAt = environment.now();
    own.cancelPong();
    const frame = parseFrame(text);
    if (frame === null) return;
    if (frame.type === 'connection.ready') return greeted(own, frame.data as unknown as LooseData['connection.ready']);
    if (frame.id !== null && (frame.type === 'ack' || frame.type === 'error')) return answered(own, frame);
    if (frame.type === 'error') {
      lastError = errorFrom(frame.data);
      hintMs = lastError.retryAfterMs ?? 0;
    } else if (frame.type === 'server.draining' && typeof frame.data['reconnect_after_ms'] === 'number') {
      hintMs = frame.data['reconnect_after_ms'];
    }
    if (frame.type !== 'pong' && frame.type !== 'error') host.onFrame(frame);
    return undefined;
  }

  function greeted(own: Link, data: LooseData['connection.ready']): void {
    own.cancelReady();
    own.readyAt = environment.now();
    own.heartbeatMs = Math.min(LONGEST_TIMER_MS, Math.max(1, data.heartbeat_seconds) * 1000);
    tokens.serverTime(Date.parse(data.server_time));
    schedulePing(own);
    setState({ name: 'syncing' });
    host.onReady(data);
  }

  function answered(own: Link, { type, id, data }: RawFrame): void {
    const waiting = own.waiting.get(String(id));
    if (waiting === undefined) return;
    own.waiting.delete(String(id));
    waiting.cancelTimer();
    if (type === 'ack') waiting.resolve(data);
    else waiting.reject(errorFrom(data));
  }

  /** The server measures our silence, not its own. Any frame within the deadline answers a ping. */
  function schedulePing(own: Link): void {
    own.cancelPing();
    own.cancelPing = environment.setTimer(() => ping(own, PONG_WITHIN_MS), own.heartbeatMs);
  }

  function ping(own: Link, withinMs: number): void {
    write(own, JSON.stringify({ type: 'ping' }));
    own.cancelPong();
    own.cancelPong = environment.setTimer(() => ended(own, 1006, 'no answer to a ping'), withinMs);
  }

  function write(own: Link, text: string): void {
    own.socket.send(text);
    if (own.readyAt !== null) schedulePing(own);
  }

  function request(type: string, data: unknown, priority: Priority): Sending {
    const id = String(++frames);
    const own = link;
    if (own === null || own.readyAt === null) return { id, answer: Promise.reject(new CariosanError({ code: 'LOST', retryable: true })) };
    const text = JSON.stringify({ type, data, id });
    if (utf8Length(text) > FRAME_BYTES) {
      // It would end the connection, and be sent again over the next one.
      return { id, answer: Promise.reject(new CariosanError({ code: 'PAYLOAD_TOO_LARGE', message: 'too long for one frame' })) };
    }
    const answer = new Promise<unknown>((resolve, reject) => {
      const cancelTimer = environment.setTimer(() => ended(own, 1006, 'no answer to a command'), ANSWER_WITHIN_MS);
      own.waiting.set(id, { resolve, reject, cancelTimer });
    });
    own.pace.enqueue(text, priority);
    return { id, answer };
  }

  function tell(type: string, data: unknown): boolean {
    const own = link;
    return own !== null && own.readyAt !== null && own.pace.offer(JSON.stringify({ type, data }));
  }

  /** Drops the socket at once: browsers report the end of a dead link minutes later. */
  function release(): void {
    const own = link;
    if (own === null) return;
    link = null;
    for (const cancel of [own.cancelReady, own.cancelPing, own.cancelPong, own.pace.stop]) cancel();
    own.socket.close();
    for (const waiting of own.waiting.values()) {
      waiting.cancelTimer();
      waiting.reject(new CariosanError({ code: 'LOST', message: 'the connection ended before the answer', retryable: true }));
    }
    if (own.readyAt !== null) host.onEnd();
  }

  function ended(own: Link, code: number, reason: string): void {
    if (link !== own) return;
    turn += 1;
    const lived = own.readyAt !== null && environment.now() - own.readyAt >= STABLE_AFTER_MS;
    if (lived) failures = 0;
    release();
    wordless = own.heardAnything ? 0 : wordless + 1;
    const verdict = verdictOf(code);
    if (verdict === 'refused') return setState({ name: 'refused', closeCode: code, reason });
    const why = host.restsAfter(code);
    if (why !== null) return setState({ name: 'suspended', why });
    if (verdict === 'token') return failures === 0 ? again('refused') : retryLater(lastError, 'refused');
    const asks = failures % PROBE_EVERY === 0 || (wordless === BLOCKED_AFTER && host.poll !== null);
    if (!own.heardAnything && asks && !isPolling()) return void askWhy();
    return retryLater(lastError);
  }

  /** A browser hides why a handshake failed. HTTP shows it, but is asked rarely: failed authentications are limited. */
  async function askWhy(): Promise<void> {
    const own = turn;
    setState({ name: 'connecting', attempt: failures });
    let error: CariosanError | null = null;
    let polls = false;
    try {
      await host.probe();
      if (wordless >= BLOCKED_AFTER && own === turn && host.poll !== null) {
        await host.poll();
        polls = true;
      }
    } catch (fault) {
      error = asError(fault);
    }
    if (own !== turn) return undefined;
    if (polls) {
      setState({ name: 'polling' });
      host.onPolling();
    }
    // The request has already renewed the token: if the new one is refused too, there is none.
    if (error?.status === 401 || error?.code === 'SIGNED_OUT') return setState({ name: 'signed_out' });
    hintMs = error?.retryAfterMs ?? hintMs;
    return retryLater(error);
  }

  function again(reason: 'first' | 'refused'): void {
    failures += 1;
    void connect(reason);
  }

  function retryLater(error: CariosanError | null, reason: 'first' | 'refused' = 'first'): void {
    if (!host.reconnect.enabled) return setState({ name: 'idle' });
    const delay = isPolling() ? SOCKET_EVERY_MS : hintMs + backoff(failures, environment.random, host.reconnect);
    const own = turn;
    const retryAt = environment.now() + delay;
    cancelRetry = waitUntil(environment, retryAt, () => own === turn && again(reason));
    return isPolling() ? undefined : setState({ name: 'waiting', retryAt, error });
  }

  return {
    get state() { return state; },
    get isOpen() { return state.name === 'syncing' || state.name === 'live'; },
    get isUp() { return isPolling() || state.name === 'syncing' || state.name === 'live'; },
    get isCurrent() { return isPolling() || state.name === 'live'; },
    start() {
      if (!['idle', 'suspended', 'signed_out', 'refused'].includes(state.name)) return;
      failures = 0;
      void connect('first');
    },
    stop(next) {
      turn += 1;
      cancelRetry();
      release();
      setState(next);
    },
    probe(silentForMs, withinMs) {
      if (link?.readyAt != null && environment.now() - link.heardAt >= silentForMs) ping(link, withinMs);
    },
    retryNow() {
      if (state.name === 'waiting') again('first');
    },
    restart(fault) {
      if (link === null && !isPolling()) return;
      turn += 1;
      cancelRetry();
      release();
      if (isPolling()) setState({ name: 'connecting', attempt: failures });
      hintMs = fault.retryAfterMs ?? 0;
      failures += 1;
      retryLater(fault);
    },
    confirmLive() {
      if (state.name === 'syncing') setState({ name: 'live' });
    },
    request, tell,
  };
}
