/// A small chat client: resume, channels, messages, receipts, reactions, presence and blocks, as in sections 5 and 6 of the
/// protocol. No DOM; the page listens to its events:
///   state     the state of the connection has changed (`state`)
///   change    `detail.channelId`, or none: the channel list
///   message   `detail.channel`, `detail.message`: a live message from someone else
///   resumed   a connection came back and caught up; `detail`: how much was missed, as counted by `Missed`

import { Actions } from './actions.js';
import { Channel } from './channel.js';
import { Connection } from './connection.js';
import { Kept } from './kept.js';
import { Loader } from './loader.js';
import { Missed } from './missed.js';
import { Outbox } from './outbox.js';
import { People } from './people.js';
import { Receipts } from './receipts.js';
import { Rest } from './rest.js';
import { syncRequests } from './sync_requests.js';
import { Typing } from './typing.js';

/// `sync` summarises at most this many channels; the others are listed over REST.
const SUMMARIES = 200;
const DRAFT = 'draft';

export class ChatClient extends EventTarget {
    me = null;
    epoch = null;
    channels = new Map();

    #rest;
    #loader;
    #connection;
    #outbox;
    #typing;
    #receipts;
    #people;
    #syncsOpen = 0;
    #summaries = 0;
    #missed = new Missed();
    #wasLive = false;
    #storage;
    #kept = null;

    /// `origin` is the server's, such as `http://127.0.0.1:8080`. `token(fresh)` returns a user's JWT or null; `fresh`
    /// means that the last one was refused. `storage`, a `Storage`, keeps unsent messages and drafts.
    constructor({ origin, token, storage = null, WebSocket }) {
        super();
        this.#storage = storage;
        this.#rest = new Rest(origin, token);
        this.#loader = new Loader(this.#rest, this.#host());
        this.#connection = new Connection({
            url: `${origin.replace(/^http/, 'ws')}/v1/ws`,
            token: (fresh) => this.#rest.token(fresh),
            isTokenRefused: () => this.#rest.isTokenRefused(),
            onState: (state) => this.#onState(state),
            onReady: (data) => this.#onReady(data),
            onFrame: (type, data) => this.#onFrame(type, data),
            WebSocket,
        });
        this.#outbox = new Outbox({
            send: (body) => this.#sendMessage(body),
            changed: (channelId) => this.#changed(channelId),
        });
        this.#typing = new Typing({
            send: (type, data) => this.#connection.send(type, data),
            changed: (channelId) => this.#changed(channelId),
        });
        this.#receipts = new Receipts(this.#host());
        this.#people = new People(this.#rest, this.#loader, this.#host());
        /// What the user does to messages, channels and other users.
        this.actions = new Actions(this.#rest, this.#host());
    }

    get state() {
        return this.#connection.state;
    }

    /// How many messages wait for a connection or an answer.
    get waitingCount() {
        return this.#outbox.waiting;
    }

    /// Sorted by latest activity.
    channelList() {
        const order = (channel) => `${channel.lastActivity} ${channel.id}`;
        const known = [...this.channels.values()].filter((channel) => channel.settings);
        return known.sort((a, b) => (order(a) < order(b) ? 1 : -1));
    }

    /// The user's messages in a channel that are not acknowledged yet.
    pending(channelId) {
        return this.#outbox.of(channelId);
    }

    typists(channelId) {
        return this.#typing.in(channelId);
    }

    /// `{status, last_seen_at}` of a user, or undefined if unknown.
    presence(userId) {
        return this.#people.presence(userId);
    }

    hasBlocked(userId) {
        return this.#people.hasBlocked(userId);
    }

    start() {
        this.#rest.allow();
        this.#connection.start();
    }

    /// Closes the connection and aborts every request. State is kept, and `start` resumes from it.
    stop() {
        this.#rest.cut();
        this.#connection.stop();
    }

    retryNow() {
        this.#connection.retryNow();
    }

    probe() {
        this.#connection.probe();
    }

    /// Loads the newest messages and the members of a channel, now or once there is a connection.
    open(channelId) {
        this.#loader.open(channelId);
    }

    loadOlder(channelId) {
        return this.#loader.loadOlder(channelId);
    }

    loadNewer(channelId) {
        return this.#loader.loadNewer(channelId);
    }

    /// Opens the second window of a channel around a message. Returns whether the message exists.
    loadAround(channelId, messageId) {
        return this.#loader.loadAround(channelId, messageId);
    }

    /// `parentId`, `mentions` (internal ids of members) and `attachment` (`{type, url}`) are optional.
    send(channelId, { content, parentId, mentions, attachment }) {
        const body = { type: attachment?.type ?? 'text', content };
        if (attachment) body.attachment_url = attachment.url;
        if (parentId) body.parent_id = parentId;
        if (mentions?.length) body.mentions = mentions;
        this.typing(channelId, false);
        this.#outbox.add(channelId, body);
    }

    retry(key) {
        this.#outbox.retry(key);
    }

    /// Gives up sending a message. Returns its body if it was still waiting.
    takeBack(key) {
        return this.#outbox.takeBack(key)?.body;
    }

    /// The draft of a channel.
    draft(channelId) {
        return this.#kept?.get(DRAFT, channelId) ?? '';
    }

    keepDraft(channelId, words) {
        if (words) this.#kept?.put(DRAFT, channelId, words);
        else this.#kept?.remove(DRAFT, channelId);
    }

    typing(channelId, active) {
        this.#typing.report(channelId, active);
    }

    /// The user has seen the newest message that is held.
    markRead(channelId) {
        this.#receipts.read(channelId);
    }

    async #sendMessage(body) {
        const { message } = await this.#connection.request('message.send', body);
        // An ack never moves `rev`: the event arrives at its place in the feed.
        if (message) this.channels.get(body.channel)?.putMessage(message);
    }

    /// What the parts of the client can see and do.
    #host() {
        const client = this;
        return {
            get me() {
                return client.me;
            },
            get epoch() {
                return client.epoch;
            },
            get isLive() {
                return client.state.name === 'live';
            },
            get isOpen() {
                return client.#connection.isOpen;
            },
            channels: this.channels,
            request: (type, data) => this.#connection.request(type, data),
            isOtherEpoch: (epoch) => this.#isOtherEpoch(epoch),
            applyChanges: (channel, body) => this.#applyChanges(channel, body),
            takeSummary: (item) => this.#takeSummary(item),
            listChannels: () => this.#listAllChannels(),
            settle: (message) => this.#settle(message),
            loaded: () => this.#people.askPresence(),
            drop: (channelId) => this.#drop(channelId),
            changed: (channelId) => this.#changed(channelId),
        };
    }

    #onState(state) {
        if (!this.#connection.isOpen)
            for (const part of [this.#typing, this.#receipts, this.#people]) part.forget();
        this.dispatchEvent(new CustomEvent('state', { detail: state }));
    }

    #onReady({ user, epoch, blocks_rev: blocksRev }) {
        this.me = user;
        if (!this.#kept) this.#outbox.restore((this.#kept = new Kept(this.#storage, user.id)));
        if (this.epoch !== epoch) this.#forgetChannels(epoch);
        // A channel known only from a frame that could not be applied comes back as a summary.
        for (const channel of this.channels.values()) if (channel.rev === 0) this.channels.delete(channel.id);
        this.#sync();
        this.#people.greeted(blocksRev);
        this.#outbox.flush();
    }

    #sync() {
        const requests = syncRequests(this.epoch, this.channels);
        this.#syncsOpen = requests.length;
        this.#summaries = 0;
        this.#missed.begin(this.channels.values());
        for (const data of requests)
            this.#connection.request('sync', data).catch((error) => {
                if (error.code !== 'LOST') this.#connection.restart();
            });
    }

    #onSyncDone({ epoch }) {
        if (this.#isOtherEpoch(epoch)) return;
        this.#syncsOpen -= 1;
        if (this.#syncsOpen > 0) return;
        this.#connection.confirmLive();
        const detail = this.#missed.counts();
        if (this.#wasLive) this.dispatchEvent(new CustomEvent('resumed', { detail }));
        this.#wasLive = true;
        this.#loader.resume();
        for (const channelId of this.channels.keys()) this.#receipts.arrived(channelId);
        this.#people.askPresence();
        this.#changed();
        if (this.#summaries >= SUMMARIES) this.#listAllChannels();
    }

    #onFrame(type, data) {
        switch (type) {
            case 'sync.done':
                return this.#onSyncDone(data);
            case 'channel.sync':
                return this.#onChannelSync(data);
            case 'receipt.read':
            case 'receipt.delivered':
                this.channels.get(data.channel_id)?.putReceiptEvent(type, data);
                return this.#changed(data.channel_id);
            case 'unread':
                return this.#onUnread(data);
            case 'typing.start':
            case 'typing.stop':
                return this.#typing.received(data.channel_id, data.user_id, type === 'typing.start');
            case 'presence.update':
                return this.#people.receivedPresence(data);
            case 'block.updated':
                return this.#people.receivedBlock(data);
            case 'user.updated':
                for (const channel of this.channels.values()) channel.rename(data.user);
                return this.#changed();
            default:
                if (data.rev !== undefined) this.#onDurable(type, data);
        }
    }

    #onDurable(type, data) {
        const channel = this.#hold(data.channel_id ?? data.channel.id);
        const verdict = channel.admit(data.rev, data.since);
        if (verdict === 'known') return;
        const events = type === 'channel.events' ? data.events : [{ type, data }];
        if (events.some((event) => this.#endsMembership(event))) return this.#drop(channel.id);
        // A durable change of an unknown kind is read as state, as if it had been missed.
        if (verdict === 'hole' || !events.every((event) => channel.applyEvent(event.type, event.data)))
            return this.#loader.catchUp(channel, channel.rev);
        channel.rev = data.rev;
        for (const event of events)
            if (event.type === 'message.created') this.#onCreated(channel, event.data.message);
        this.#loader.ensureLoaded(channel.id);
        this.#changed(channel.id);
    }

    #endsMembership({ type, data }) {
        if (type === 'channel.deleted') return true;
        return type === 'member.left' && data.members.some((m) => (m.user?.id ?? m.user_id) === this.me.id);
    }

    #onCreated(channel, message) {
        this.#settle(message);
        const author = message.user?.id;
        if (author === this.me.id) return;
        this.#receipts.arrived(channel.id);
        this.#typing.received(channel.id, author, false);
        this.dispatchEvent(new CustomEvent('message', { detail: { channel, message } }));
    }

    #onChannelSync(data) {
        const id = data.summary ? data.channel.id : data.channel_id;
        if (data.left) return this.#drop(id);
        if (this.#isOtherEpoch(data.epoch)) return;
        const channel = this.#hold(id);
        if (data.summary) {
            this.#summaries += 1;
            this.#takeSummary(data);
        } else if (!data.reset && channel.admit(data.rev, data.since) === 'hole') {
            this.#loader.catchUp(channel, channel.rev);
        } else {
            this.#applyChanges(channel, data);
            // What was read meanwhile may be newer than this page, and its live events come after the page.
            channel.rev = Math.min(channel.rev, data.rev);
        }
        this.#changed(id);
    }

    #takeSummary(item) {
        const channel = this.#hold(item.channel.id);
        if (channel.applySummary(item)) this.#loader.catchUp(channel, channel.rev);
        this.#changed(channel.id);
    }

    #applyChanges(channel, body) {
        if (this.#syncsOpen > 0) this.#missed.note(channel, body);
        channel.applyChanges(body);
        for (const message of body.messages ?? []) this.#settle(message);
        this.#receipts.arrived(channel.id);
        if (channel.members.get(this.me.id)?.left) this.#drop(channel.id);
    }

    async #listAllChannels() {
        try {
            for await (const item of this.#loader.listChannels()) this.#takeSummary(item);
            this.#changed();
        } catch {
            // The 200 most recent channels are loaded; the next connection tries again.
        }
    }

    /// The count is calculated locally. A lower one from the server means that another window of this user
    /// has read further.
    #onUnread({ channel_id: id, unread_count: unread, mention_count: mentions }) {
        const channel = this.channels.get(id);
        if (!channel) return;
        channel.mentionCount = mentions;
        if (unread < channel.unread) this.#loader.catchUp(channel, channel.rev);
        this.#changed(id);
    }

    #settle(message) {
        if (message.idempotency_key) this.#outbox.settle(message.idempotency_key);
    }

    #hold(id) {
        if (!this.channels.has(id)) this.channels.set(id, new Channel(id, this.me.id));
        return this.channels.get(id);
    }

    #drop(id) {
        this.channels.delete(id);
        this.#changed();
    }

    #forgetChannels(epoch) {
        this.epoch = epoch;
        this.channels.clear();
        this.#changed();
    }

    /// Revisions of another epoch are meaningless: everything is read again over a new connection.
    #isOtherEpoch(epoch) {
        if (epoch === undefined || epoch === this.epoch) return false;
        this.#forgetChannels(null);
        this.#connection.restart();
        return true;
    }

    #changed(channelId) {
        this.dispatchEvent(new CustomEvent('change', { detail: { channelId } }));
    }
}
