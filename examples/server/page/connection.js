/// One WebSocket, kept alive: handshake, ping, requests with their answers, and what to do after each close code (protocol,
/// sections 2 and 5). Knows nothing about channels.
///
/// The state, passed to `onState`: `{name}` with
///   connecting   a socket is being opened
///   syncing      open, and `connection.ready` arrived; the owner calls `confirmLive()` once it has caught up
///   live
///   waiting      the next attempt is at `retryAt` (milliseconds since 1970)
///   stopped      by `stop()`
///   signed_out   there is no token that the server accepts
///   refused      the server said not to reconnect (`code`, `reason`)

import { RequestError } from './request_error.js';

const FRAME_BYTES_MAX = 65_536;
const PING_EVERY_MS = 30_000;
const PONG_WITHIN_MS = 10_000;
const PROBED_WITHIN_MS = 5_000;
const READY_WITHIN_MS = 15_000;
const ANSWER_WITHIN_MS = 20_000;
const BACKOFF_FIRST_MS = 1_000;
const BACKOFF_MAX_MS = 30_000;
/// A connection that lived this long resets the back-off.
const STABLE_AFTER_MS = 10_000;

const CLOSE_NORMAL = 1000;
const CLOSE_LOST = 1006;
const CLOSE_NEW_TOKEN = 4401;
const CLOSES_FOR_GOOD = new Set([1002, 1003, 1007, 1009, 4400, 4403]);

/// Exponential back-off with full jitter: up to a ceiling that doubles from 1 s to 30 s.
export function backoff(attempt, random = Math.random) {
    return random() * Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** attempt);
}

export class Connection {
    #options;
    #state = { name: 'stopped' };
    #socket = null;
    /// Counts attempts, so that an outdated one recognises itself when it resumes.
    #turn = 0;
    #attempt = 0;
    #nextId = 1;
    #waiting = new Map();
    #readyAt = 0;
    #retryAfter = 0;
    #retryTimer = null;
    #readyTimer = null;
    #pingTimer = null;
    #pongTimer = null;

    /// `token(fresh)` returns a token or null, a new one if `fresh`; `isTokenRefused()` asks over REST, because browsers do
    /// not say why a handshake failed. `onReady` gets the data of `connection.ready`, `onFrame` every other frame that is
    /// not an answer.
    constructor({ url, token, isTokenRefused, onState, onReady, onFrame, WebSocket = globalThis.WebSocket }) {
        this.#options = { url, token, isTokenRefused, onState, onReady, onFrame, WebSocket };
    }

    get state() {
        return this.#state;
    }

    get isOpen() {
        return this.#state.name === 'syncing' || this.#state.name === 'live';
    }

    start() {
        if (!['stopped', 'signed_out', 'refused'].includes(this.#state.name)) return;
        this.#attempt = 0;
        this.#connect();
    }

    stop() {
        this.#turn += 1;
        this.#release(CLOSE_NORMAL);
        this.#setState({ name: 'stopped' });
    }

    /// Skips the wait for the next attempt.
    retryNow() {
        if (this.#state.name === 'waiting') this.#connect();
    }

    /// Ends this connection and opens a new one. Repeated restarts back off like repeated failures.
    restart() {
        if (this.isOpen) this.#ended(CLOSE_LOST, '', true);
    }

    /// The link may be dead: the browser says that there is no network. It may be wrong, so the server is asked.
    probe() {
        this.#ping(PROBED_WITHIN_MS);
    }

    confirmLive() {
        if (this.#state.name === 'syncing') this.#setState({ name: 'live' });
    }

    /// Sends a frame that has no answer. Returns false if there is no connection: such frames may be lost.
    send(type, data) {
        if (!this.isOpen) return false;
        this.#socket.send(JSON.stringify({ type, data }));
        return true;
    }

    /// Sends a command and returns the data of its `ack`. A command too large for a frame is refused here: it would end the
    /// connection, and then be sent again over the next one.
    request(type, data) {
        if (!this.isOpen) return Promise.reject(new RequestError({ code: 'LOST', retryable: true }));
        const id = String(this.#nextId++);
        const frame = JSON.stringify({ type, data, id });
        if (new TextEncoder().encode(frame).length > FRAME_BYTES_MAX)
            return Promise.reject(new RequestError({ code: 'PAYLOAD_TOO_LARGE', message: 'too long for one frame' }));
        return new Promise((resolve, reject) => {
            const timer = setTimeout(() => this.#ended(CLOSE_LOST, '', true), ANSWER_WITHIN_MS);
            this.#waiting.set(id, { resolve, reject, timer });
            this.#socket.send(frame);
        });
    }

    async #connect(fresh = false) {
        const turn = ++this.#turn;
        clearTimeout(this.#retryTimer);
        this.#setState({ name: 'connecting' });
        let token;
        try {
            token = await this.#options.token(fresh);
        } catch {
            if (turn === this.#turn) this.#retryLater({ fresh });
            return;
        }
        if (turn !== this.#turn) return;
        if (!token) return this.#setState({ name: 'signed_out' });
        try {
            this.#open(
                new this.#options.WebSocket(this.#options.url, ['cariosan.v1', `cariosan.jwt.${token}`]),
            );
        } catch {
            // A text that cannot be part of a header is not a token.
            this.#setState({ name: 'signed_out' });
        }
    }

    #open(socket) {
        let opened = false;
        this.#socket = socket;
        this.#readyAt = 0;
        this.#retryAfter = 0;
        this.#readyTimer = setTimeout(() => this.#ended(CLOSE_LOST, '', opened), READY_WITHIN_MS);
        socket.onopen = () => (opened = true);
        socket.onmessage = (event) => this.#onMessage(event.data);
        socket.onclose = (event) => this.#ended(event.code, event.reason, opened);
        // The error event says nothing useful, and a close event always follows.
        socket.onerror = () => {};
    }

    #onMessage(text) {
        clearTimeout(this.#pongTimer);
        const { type, data = {}, id } = JSON.parse(text);
        if (type === 'connection.ready') return this.#greeted(data);
        if (type === 'ack' || (type === 'error' && id !== undefined)) return this.#answered(type, id, data);
        if (type === 'error') this.#retryAfter = data.retry_after_ms ?? data.details?.retry_after_ms ?? 0;
        if (type === 'server.draining') this.#retryAfter = data.reconnect_after_ms ?? 0;
        if (type !== 'pong') this.#options.onFrame(type, data, id);
    }

    #greeted(data) {
        clearTimeout(this.#readyTimer);
        this.#readyAt = Date.now();
        this.#pingTimer = setInterval(() => this.#ping(), PING_EVERY_MS);
        this.#setState({ name: 'syncing' });
        this.#options.onReady(data);
    }

    #answered(type, id, data) {
        const waiting = this.#waiting.get(id);
        if (!waiting) return;
        this.#waiting.delete(id);
        clearTimeout(waiting.timer);
        if (type === 'ack') waiting.resolve(data);
        else waiting.reject(new RequestError(data));
    }

    /// Detects dead links: if nothing arrives after a ping, the connection is ended.
    #ping(withinMs = PONG_WITHIN_MS) {
        if (!this.send('ping')) return;
        clearTimeout(this.#pongTimer);
        this.#pongTimer = setTimeout(() => this.#ended(CLOSE_LOST, '', true), withinMs);
    }

    async #ended(code, reason, opened) {
        const turn = ++this.#turn;
        if (this.#readyAt && Date.now() - this.#readyAt >= STABLE_AFTER_MS) this.#attempt = 0;
        this.#release(CLOSE_NORMAL);
        if (CLOSES_FOR_GOOD.has(code)) return this.#setState({ name: 'refused', code, reason });
        let newToken = code === CLOSE_NEW_TOKEN;
        if (!opened) {
            this.#setState({ name: 'connecting' });
            newToken = await this.#options.isTokenRefused();
            if (turn !== this.#turn) return;
        }
        if (newToken && this.#attempt === 0) {
            this.#attempt = 1;
            return this.#connect(true);
        }
        this.#retryLater({ fresh: newToken });
    }

    #retryLater({ fresh }) {
        const delay = this.#retryAfter + backoff(this.#attempt++);
        this.#retryTimer = setTimeout(() => this.#connect(fresh), delay);
        this.#setState({ name: 'waiting', retryAt: Date.now() + delay });
    }

    /// Drops the socket at once: on a dead link, the browser may take minutes to report the close.
    #release(code) {
        for (const timer of [this.#retryTimer, this.#readyTimer, this.#pongTimer]) clearTimeout(timer);
        clearInterval(this.#pingTimer);
        const socket = this.#socket;
        this.#socket = null;
        if (socket) {
            socket.onopen = socket.onmessage = socket.onclose = null;
            socket.close(code);
        }
        const lost = [...this.#waiting.values()];
        this.#waiting.clear();
        for (const { reject, timer } of lost) {
            clearTimeout(timer);
            reject(new RequestError({ code: 'LOST', retryable: true }));
        }
    }

    #setState(state) {
        this.#state = state;
        this.#options.onState(state);
    }
}
