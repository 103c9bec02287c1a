// A well-behaved client: applies the rules of sections 5 and 6, resumes by `sync`, sends again what was not
// acknowledged.

import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import WebSocket from 'ws';
import { ChannelState } from './channel_state.mjs';
import { Rest } from './rest.mjs';

const DURABLE = new Set([
  'message.created', 'message.updated', 'message.deleted', 'reaction.added', 'reaction.removed', 'channel.created', 'channel.updated', 'channel.deleted', 'channel.rev', 'channel.events',
  'member.joined', 'member.left', 'member.updated',
]);
const SYNC_CHANNELS = 500;

/// Emits 'frame' (every frame), 'ready', 'synced' (after `sync.done` and what was sent again), 'closed' (code),
/// 'changed' (a channel's state).
export class Client extends EventEmitter {
  epoch = null;
  user = null;
  channels = new Map();
  pending = []; // sends without an answer, oldest first
  violations = []; // promises of the server that were broken
  resumes = 0;
  synced = false;
  #socket = null;
  #stopped = true;
  #attempt = 0;
  #timer = null;
  #nextId = 1;
  #seen = new Map(); // per connection: the last `rev` delivered of each channel
  #lastSync = null;
  #asking = new Map(); // channel id → a request for changes is under way
  #work = new Set(); // requests under way

  /// `server` has `base()` and `webSocketUrl`; `token` is a text or a function that gives one.
  constructor(server, token, { random = Math.random, reconnect = true, fastestRetry = 20 } = {}) {
    super();
    this.setMaxListeners(0);
    this.server = server;
    this.token = typeof token === 'function' ? token : () => token;
    this.rest = new Rest(server.base, `Bearer ${this.token()}`);
    this.random = random;
    this.reconnect = reconnect;
    this.fastestRetry = fastestRetry;
  }

  get connected() {
    return this.#socket !== null && this.#socket.readyState === WebSocket.OPEN;
  }

  /// Connects, and stays connected until `close`.
  open() {
    this.#stopped = false;
    this.#connect();
    return this;
  }

  /// Ends for good, politely.
  async close() {
    this.#stopped = true;
    clearTimeout(this.#timer);
    const socket = this.#socket;
    if (socket) {
      const gone = new Promise((resolve) => socket.once('close', resolve));
      socket.close(1000);
      await gone;
    }
    await Promise.allSettled([...this.#work]);
  }

  /// Drops the connection without a word, as a lost network does. It comes back by itself.
  drop() {
    this.#socket?.terminate();
  }

  /// Stops reading, as a client does that cannot keep up; `resume` goes on.
  pause() {
    this.#socket.pause();
  }
  resume() {
    this.#socket?.resume();
  }

  /// The state of a channel, made when it is first heard of.
  channel(id) {
    if (!this.channels.has(id)) this.channels.set(id, new ChannelState(id, this.user?.id));
    return this.channels.get(id);
  }

  /// Sends a frame; answers its id.
  send(type, data, id = String(this.#nextId++)) {
    this.#socket.send(JSON.stringify({ type, id, data }));
    return id;
  }

  /// Sends bytes as a text frame, whatever they are.
  sendRaw(bytes) {
    this.#socket.send(bytes, { binary: false });
  }

  /// Sends a frame and gives its `ack` or `error` frame.
  async ask(type, data) {
    const id = String(this.#nextId++);
    const answer = this.nextFrame((frame) => frame.id === id && (frame.type === 'ack' || frame.type === 'error'));
    this.send(type, data, id);
    return answer;
  }

  /// The next frame that fits. Rejects when the connection ends before.
  nextFrame(fits) {
    return new Promise((resolve, reject) => {
      const done = (settle, value) => {
        this.off('frame', onFrame);
        this.off('closed', onClosed);
        settle(value);
      };
      const onFrame = (frame) => fits(frame) && done(resolve, frame);
      const onClosed = (code) => done(reject, new Error(`the connection was closed with ${code}`));
      this.on('frame', onFrame);
      this.on('closed', onClosed);
    });
  }

  /// Resolves once `condition()` holds; looked at after each change.
  until(condition) {
    return new Promise((resolve) => {
      const look = () => {
        if (!condition()) return;
        for (const name of ['changed', 'synced', 'closed', 'answered']) this.off(name, look);
        resolve();
      };
      for (const name of ['changed', 'synced', 'closed', 'answered']) this.on(name, look);
      look();
    });
  }

  /// Sends a message until it is acknowledged, over as many connections as it takes. Gives the acknowledged
  /// message; rejects on an answer that says no.
  sendMessage(channel, content, more = {}) {
    return new Promise((resolve, reject) => {
      const data = { channel, content, idempotency_key: randomUUID(), ...more };
      const item = { data, id: null, resolve, reject };
      this.pending.push(item);
      if (this.synced) this.#sendPending(item);
    });
  }

  #sendPending(item) {
    item.id = `m${this.#nextId++}`;
    if (this.connected) this.send('message.send', item.data, item.id);
  }

  #connect() {
    const socket = new WebSocket(this.server.webSocketUrl, ['cariosan.v1', `cariosan.jwt.${this.token()}`], {
      perMessageDeflate: false,
    });
    this.#socket = socket;
    this.#seen = new Map();
    this.#lastSync = null;
    socket.on('message', (bytes) => this.#receive(JSON.parse(bytes.toString())));
    socket.on('error', () => {}); // followed by 'close'
    socket.on('close', (code, reason) => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.synced = false;
      this.emit('closed', code, reason.toString());
      const forGood = [1002, 1003, 1007, 1009, 4400, 4401, 4403].includes(code);
      if (this.#stopped || !this.reconnect || forGood) return;
      // Exponential back-off with full jitter, faster than a real client's.
      const delay = this.random() * Math.min(1000, this.fastestRetry * 2 ** this.#attempt++);
      this.#timer = setTimeout(() => this.#connect(), delay);
    });
  }

  #receive(frame) {
    this.#apply(frame);
    this.emit('frame', frame);
  }

  #apply({ type, id, data }) {
    if (type === 'connection.ready') return this.#onReady(data);
    if (type === 'ack' || type === 'error') return this.#onAnswer(type, id, data);
    if (type === 'channel.sync') return this.#onChannelSync(data);
    if (type === 'sync.done') return this.#onSyncDone(data);
    if (DURABLE.has(type)) return this.#onDurable(type, data);
    return undefined;
  }

  #onReady(data) {
    this.user = data.user;
    if (this.epoch !== data.epoch) this.#forgetRevisions(data.epoch);
    this.#attempt = 0;
    this.emit('ready', data);
    const all = [...this.channels.values()];
    if (all.length > 0) this.resumes += 1;
    for (let start = 0; start === 0 || start < all.length; start += SYNC_CHANNELS) {
      const part = all.slice(start, start + SYNC_CHANNELS);
      const channels = Object.fromEntries(part.map((channel) => [channel.id, [channel.rev, channel.receiptRev]]));
      const complete = start + SYNC_CHANNELS >= all.length;
      this.#lastSync = this.send('sync', { epoch: this.epoch, channels, complete });
    }
  }

  #forgetRevisions(epoch) {
    this.epoch = epoch;
    for (const channel of this.channels.values()) {
      channel.rev = 0;
      channel.receiptRev = 0;
      channel.receipts.clear();
    }
  }

  #onAnswer(type, id, data) {
    const index = this.pending.findIndex((item) => item.id === id);
    if (index < 0) return;
    const [item] = this.pending.splice(index, 1);
    if (type === 'ack') {
      item.resolve({ ...data.message, duplicate: data.duplicate ?? false });
    } else if (data.retryable) {
      // It keeps its key, so it may be sent as often as it takes.
      this.pending.splice(index, 0, item);
      setTimeout(() => this.synced && this.pending.includes(item) && this.#sendPending(item), this.fastestRetry);
      return;
    } else {
      item.reject(Object.assign(new Error(`${data.code}: ${data.message}`), { answer: data }));
    }
    this.emit('answered');
  }

  #onChannelSync(data) {
    if (data.left) return this.#dropChannel(data.channel_id);
    if (data.summary) {
      // A channel that live frames have brought already is further on by their rule.
      if (this.channels.has(data.channel.id)) return undefined;
      const channel = this.channel(data.channel.id);
      channel.rev = data.channel.rev;
      channel.receiptRev = data.channel.receipt_rev;
      channel.mergeSettings(data.channel);
      this.emit('changed', channel);
      return undefined;
    }
    const channel = this.channel(data.channel_id);
    if (!data.reset && data.since > channel.rev) return this.#askChanges(channel);
    channel.applyChanges(data);
    this.#seen.set(channel.id, Math.max(this.#seen.get(channel.id) ?? 0, data.rev));
    this.emit('changed', channel);
    return undefined;
  }

  #onSyncDone(data) {
    if (data.id !== this.#lastSync) return;
    this.synced = true;
    for (const item of [...this.pending]) this.#sendPending(item);
    this.emit('synced', data);
  }

  #onDurable(type, data) {
    const id = data.channel_id ?? data.channel.id;
    this.#checkOrder(type, id, data);
    if (this.#removesMe(type, data)) return this.#dropChannel(id);
    const channel = this.channel(id);
    const verdict = channel.judge(data.rev, data.since);
    if (verdict === 'apply') {
      channel.applyEvent(type, data);
      this.emit('changed', channel);
    }
    if (verdict === 'ask') this.#askChanges(channel);
    return undefined;
  }

  #removesMe(type, data) {
    if (type === 'channel.deleted') return true;
    return type === 'member.left' && data.members.some((member) => member.user_id === this.user.id);
  }

  /// One `rev` makes exactly one durable frame per viewer, and frames leave in the order of `rev`.
  #checkOrder(type, id, data) {
    const last = this.#seen.get(id);
    if (last !== undefined && data.rev <= last) {
      this.violations.push(`${type} with rev ${data.rev} of ${id} after ${last}`);
    }
    const since = data.since ?? data.rev - 1;
    if (last !== undefined && since > last) this.violations.push(`${type} of ${id}: hole from ${last} to ${since}`);
    this.#seen.set(id, data.rev);
  }

  #dropChannel(id) {
    this.channels.delete(id);
    this.#seen.delete(id);
    this.emit('changed', null);
  }

  /// Reads changes until the channel holds everything the server had.
  #askChanges(channel) {
    if (this.#asking.has(channel.id)) return;
    const work = this.#readChanges(channel).finally(() => {
      this.#asking.delete(channel.id);
      this.#work.delete(work);
    });
    this.#asking.set(channel.id, work);
    this.#work.add(work);
  }

  async #readChanges(channel) {
    let more = true;
    while (more && this.channels.get(channel.id) === channel) {
      const query =
          `since=${channel.rev}&receipts_since=${channel.receiptRev}&epoch=${encodeURIComponent(this.epoch)}`;
      let answer;
      try {
        answer = await this.rest.get(`/v1/channels/${channel.id}/changes?${query}`);
      } catch {
        return; // The server is gone: the next `sync` asks again.
      }
      if (answer.status === 403 || answer.status === 404) return this.#dropChannel(channel.id);
      if (answer.status !== 200) return undefined;
      channel.applyChanges(answer.body);
      this.emit('changed', channel);
      more = answer.body.has_more;
    }
    return undefined;
  }

  /// Reads the whole history of a channel, for comparing it.
  async loadHistory(id) {
    const channel = this.channel(id);
    let before = '';
    while (!channel.complete) {
      const answer = await this.rest.expect(200, 'GET', `/v1/channels/${id}/messages?limit=100${before}`);
      for (const message of answer.messages) channel.mergeMessage(message);
      channel.complete = !answer.has_more;
      if (answer.messages.length > 0) before = `&before=${answer.messages.at(-1).id}`;
    }
    this.emit('changed', channel);
  }
}
