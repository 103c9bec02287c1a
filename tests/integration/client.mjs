// A well-behaved client: follows the rules of sections 5 and 6, resumes with `sync`, and repeats sends that were
// not acknowledged.

import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import WebSocket from 'ws';
import { CatchUp } from './catch_up.mjs';
import { ChannelState } from './channel_state.mjs';
import { FrameRules } from './frame_rules.mjs';
import { Rest } from './rest.mjs';

const DURABLE = new Set([
  'message.created', 'message.updated', 'message.deleted', 'reaction.added', 'reaction.removed', 'channel.created', 'channel.updated', 'channel.deleted', 'channel.rev', 'channel.events',
  'member.joined', 'member.left', 'member.updated',
]);
const SYNC_CHANNELS = 500;

/// Emits 'frame' (every frame), 'ready', 'synced' (after `sync.done` and repeated sends), 'closed' (code), 'changed' (a
/// channel's state).
export class Client extends EventEmitter {
  epoch = null;
  user = null;
  channels = new Map();
  pending = []; // sends without an answer, oldest first
  violations = []; // broken promises of the server
  resumes = 0;
  resets = 0; // channels that were reset
  synced = false;
  connection = 0; // number of the current connection
  #socket = null;
  #stopped = true;
  #attempt = 0;
  #timer = null;
  #nextId = 1;
  #rules = null; // checks what the server promises about this connection's frames
  #lastHeard = 0;
  #lastSync = null;
  #catchUp = null; // REST requests

  /// `server` has `base()` and `webSocketUrl`; `token` is a text or a function that returns one. With a `heartbeat` (in
  /// milliseconds), a connection is given up after three of them in silence. With `trustAcks`, messages in acks count too,
  /// before the frames that follow. With `deflate`, messages may be compressed.
  constructor(server, token, options = {}) {
    const { random = Math.random, reconnect = true, fastestRetry = 20, heartbeat = 0, trustAcks = false, deflate = false } = options;
    super();
    this.setMaxListeners(0);
    this.server = server;
    this.token = typeof token === 'function' ? token : () => token;
    this.rest = new Rest(server.base, `Bearer ${this.token()}`);
    this.random = random;
    this.reconnect = reconnect;
    this.fastestRetry = fastestRetry;
    this.heartbeat = heartbeat;
    this.trustAcks = trustAcks;
    this.deflate = deflate;
    this.#catchUp = new CatchUp(this, {
      take: (channel, type, data) => this.#take(channel, type, data),
      drop: (id) => this.#dropChannel(id),
      otherEpoch: (epoch) => this.#onOtherEpoch(epoch),
    });
  }

  /// Whether compression was agreed on.
  get compresses() {
    return (this.#socket?.extensions ?? '').includes('permessage-deflate');
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

  /// Ends for good, with a close handshake.
  async close() {
    this.#stopped = true;
    clearTimeout(this.#timer);
    const socket = this.#socket;
    if (socket) {
      const gone = new Promise((resolve) => socket.once('close', resolve));
      socket.close(1000);
      await gone;
    }
    await this.#catchUp.settled();
  }

  /// Drops the connection without a close, like a lost network. It reconnects by itself.
  drop() {
    this.#socket?.terminate();
  }

  /// Stops reading, like a client that cannot keep up, until `resume`.
  pause() {
    this.#socket.pause();
  }
  resume() {
    this.#socket?.resume();
  }

  /// Forgets everything, like a newly installed app, and connects again.
  startAfresh() {
    this.channels.clear();
    this.epoch = null;
    this.drop();
  }

  /// The state of a channel, created on first use.
  channel(id) {
    if (!this.channels.has(id)) this.channels.set(id, new ChannelState(id, this.user?.id));
    return this.channels.get(id);
  }

  /// Sends a frame and returns its id.
  send(type, data, id = String(this.#nextId++)) {
    this.#socket.send(JSON.stringify({ type, id, data }));
    return id;
  }

  /// Sends bytes as a text frame, valid or not.
  sendRaw(bytes) {
    this.#socket.send(bytes, { binary: false });
  }

  /// Sends a frame and returns its `ack` or `error` frame.
  async ask(type, data) {
    const id = String(this.#nextId++);
    const answer = this.nextFrame((frame) => frame.id === id && (frame.type === 'ack' || frame.type === 'error'));
    this.send(type, data, id);
    return answer;
  }

  /// The next matching frame. Rejects if the connection ends first.
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

  /// Resolves once `condition()` is true; checks after each change.
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

  /// Sends a message until it is acknowledged, over as many connections as it takes. Returns the acknowledged message;
  /// rejects if it is refused.
  sendMessage(channel, content, more = {}) {
    return new Promise((resolve, reject) => {
      const data = { channel, content, idempotency_key: randomUUID(), ...more };
      const item = { data, id: null, resent: false, resolve, reject };
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
      perMessageDeflate: this.deflate,
    });
    this.#socket = socket;
    this.connection += 1;
    this.#rules = new FrameRules(this.violations);
    this.#lastSync = null;
    const heart = this.#startHeart(socket);
    socket.on('message', (bytes) => this.#socket === socket && this.#receive(JSON.parse(bytes.toString())));
    socket.on('error', () => {}); // followed by 'close'
    socket.on('close', (code, reason) => {
      clearInterval(heart);
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

  /// Detects a dead connection that nobody closed.
  #startHeart(socket) {
    this.#lastHeard = Date.now();
    if (this.heartbeat === 0) return undefined;
    return setInterval(() => {
      if (Date.now() - this.#lastHeard > 3 * this.heartbeat) return socket.terminate();
      if (socket.readyState === WebSocket.OPEN) this.send('ping', {});
      return undefined;
    }, this.heartbeat);
  }

  #receive(frame) {
    this.#lastHeard = Date.now();
    this.#apply(frame);
    this.emit('frame', frame);
  }

  #apply({ type, id, data }) {
    if (type === 'connection.ready') return this.#onReady(data);
    if (type === 'ack' || type === 'error') return this.#onAnswer(type, id, data);
    if (type === 'channel.sync') return this.#onChannelSync(data);
    if (type === 'sync.done') return this.#onSyncDone(data);
    if (type === 'receipt.read' || type === 'receipt.delivered') {
      return this.channels.get(data.channel_id)?.applyReceiptEvent(type.slice('receipt.'.length), data);
    }
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
      this.#rules.sent(this.#lastSync, channels);
    }
  }

  /// Revisions of another epoch are meaningless, and those within what is held are ignored.
  #forgetRevisions(epoch) {
    this.epoch = epoch;
    for (const channel of this.channels.values()) channel.forget();
  }

  /// The server shows another epoch during a connection: everything is requested again on a new one.
  #onOtherEpoch(epoch) {
    this.#forgetRevisions(epoch);
    this.drop();
  }

  #onAnswer(type, id, data) {
    if (type === 'ack') this.#rules.acknowledged(id);
    if (type === 'ack' && data.message && this.trustAcks) {
      this.channels.get(data.message.channel_id)?.mergeAck(data.message);
    }
    const index = this.pending.findIndex((item) => item.id === id);
    if (index < 0) return;
    const [item] = this.pending.splice(index, 1);
    if (type === 'ack') {
      item.resolve({ ...data.message, duplicate: data.duplicate ?? false, resent: item.resent });
    } else if (data.retryable) {
      // It keeps its key, so it may be sent any number of times.
      item.resent = true;
      this.pending.splice(index, 0, item);
      setTimeout(() => this.synced && this.pending.includes(item) && this.#sendPending(item), this.fastestRetry);
      return;
    } else {
      item.reject(Object.assign(new Error(`${data.code}: ${data.message}`), { answer: data }));
    }
    this.emit('answered');
  }

  #onChannelSync(data) {
    if (data.left) {
      this.#rules.left(data.channel_id);
      return this.#dropChannel(data.channel_id);
    }
    if (data.summary) {
      // A channel that live frames have already created is further ahead by their rule.
      if (this.channels.has(data.channel.id)) return undefined;
      const channel = this.channel(data.channel.id);
      channel.applySummary(data);
      this.emit('changed', channel);
      return undefined;
    }
    if (data.epoch !== this.epoch) return this.#onOtherEpoch(data.epoch);
    this.#rules.page(data);
    const channel = this.channel(data.channel_id);
    if (!data.reset && data.since > channel.rev) return this.#catchUp.ask(channel);
    if (data.reset) this.resets += 1;
    channel.applyChanges(data);
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
    const ends = this.#removesMe(type, data);
    this.#rules.durable(type, id, data, { joins: this.#joinsMe(type, data), ends });
    if (ends) {
      this.#rules.left(id, data.rev);
      return this.#dropChannel(id);
    }
    const channel = this.channel(id);
    if (!this.#catchUp.keep(channel, type, data)) this.#take(channel, type, data);
    return undefined;
  }

  #take(channel, type, data) {
    const verdict = channel.judge(data.rev, data.since);
    if (verdict === 'apply') {
      channel.applyEvent(type, data);
      this.emit('changed', channel);
    }
    if (verdict === 'ask') this.#catchUp.ask(channel);
  }

  #joinsMe(type, data) {
    if (type !== 'member.joined' && type !== 'channel.created') return false;
    return data.members.some((member) => member.user.id === this.user.id);
  }

  #removesMe(type, data) {
    if (type === 'channel.deleted') return true;
    return type === 'member.left' && data.members.some((member) => member.user_id === this.user.id);
  }

  #dropChannel(id) {
    const channel = this.channels.get(id);
    if (channel) this.violations.push(...channel.violations);
    this.channels.delete(id);
    this.emit('changed', null);
  }

  /// Everything broken, in the order of frames or in their content.
  get broken() {
    return [...this.violations, ...[...this.channels.values()].flatMap((channel) => channel.violations)];
  }

  /// No request is open, so the state is as new as the frames.
  get idle() {
    return this.#catchUp.idle;
  }

  /// Reads the page before the oldest message held. Returns whether there is more.
  loadOlder(id, limit = 100) {
    return this.#catchUp.loadOlder(id, limit);
  }

  /// Reads the whole history of a channel, to compare it.
  async loadHistory(id) {
    while (await this.loadOlder(id)) continue;
  }

  /// Reads all members. Returns whether it succeeded.
  loadMembers(id) {
    return this.#catchUp.loadMembers(id);
  }
}
