/// Loads channels over REST: pages of messages, members and receipts, and changes that no frame has delivered (protocol,
/// section 6). Failures become marks on the channel; nothing is thrown to the caller.

import { backoff } from './connection.js';
import { RequestError } from './request_error.js';

const MESSAGES_PER_PAGE = 50;
const MEMBERS_LOADED = 100;

/// Answers to `changes` which mean that the viewer is no longer in the channel.
const GONE = new Set(['FORBIDDEN', 'NOT_A_MEMBER', 'NOT_FOUND']);

export class Loader {
    #rest;
    #host;
    #opened = new Set();

    /// `host` is the client: `epoch`, `isLive`, `isOpen`, `channels`, and handlers for what was read:
    /// `isOtherEpoch(epoch)`, `applyChanges(channel, body)`, `settle(message)`, `drop(id)`, `changed(id)`, and `loaded()`
    /// when a channel has been read completely.
    constructor(rest, host) {
        this.#rest = rest;
        this.#host = host;
    }

    /// Loads the newest messages and the members of a channel, now or once there is a connection.
    open(channelId) {
        this.#opened.add(channelId);
        this.ensureLoaded(channelId);
    }

    async ensureLoaded(channelId) {
        const channel = this.#host.channels.get(channelId);
        if (!channel?.settings || !this.#opened.has(channelId)) return;
        if (channel.loading || !this.#host.isLive || isComplete(channel)) return;
        channel.loading = true;
        channel.failed = false;
        try {
            if (!channel.loaded) await this.#loadPage(channel, {});
            if (!channel.membersLoaded) await this.#loadMembers(channel);
            if (!channel.receiptsLoaded) await this.#loadReceipts(channel);
            this.#host.loaded();
        } catch (error) {
            channel.failed = error.code !== 'OFFLINE';
        }
        channel.loading = false;
        this.#host.changed(channelId);
    }

    async loadOlder(channelId) {
        const channel = this.#host.channels.get(channelId);
        if (!channel || channel.loadingOlder) return;
        const { side } = channel;
        if (side ? side.reachedStart : !channel.loaded || channel.reachedStart) return;
        channel.loadingOlder = true;
        try {
            if (side) await this.#loadSide(channel, 'older', { before: `seq:${side.start}` });
            else await this.#loadPage(channel, { before: `seq:${channel.windowStart}` });
            channel.olderFailed = false;
        } catch {
            channel.olderFailed = true;
        }
        channel.loadingOlder = false;
        this.#host.changed(channelId);
    }

    /// Loads the next page of the second window towards the first.
    async loadNewer(channelId) {
        const channel = this.#host.channels.get(channelId);
        if (!channel?.side || channel.loadingNewer) return;
        channel.loadingNewer = true;
        try {
            await this.#loadSide(channel, 'newer', { after: `seq:${channel.side.end}` });
        } catch {
            // Scrolling on tries again.
        }
        channel.loadingNewer = false;
        this.#host.changed(channelId);
    }

    /// Opens the second window around a message. Returns whether the message exists.
    async loadAround(channelId, messageId) {
        const channel = this.#host.channels.get(channelId);
        if (!channel) return false;
        try {
            channel.leaveSide();
            await this.#loadSide(channel, 'around', { around: messageId });
        } catch (error) {
            if (error.code !== 'NOT_FOUND') throw error;
        }
        return channel.messages.has(messageId);
    }

    /// Reads the messages of a channel again if it has been opened.
    reload(channel) {
        channel.forgetMessages();
        this.ensureLoaded(channel.id);
    }

    /// Resumes what a lost connection interrupted.
    resume() {
        for (const channel of this.#host.channels.values()) {
            channel.olderFailed = false;
            if (channel.wanted !== undefined) this.catchUp(channel, channel.wanted);
            this.ensureLoaded(channel.id);
        }
    }

    /// Reads the changes since `since`, and repeats until an answer has reached the highest `rev` of any frame. Only one
    /// such loop runs per channel; it also reads what is requested meanwhile.
    async catchUp(channel, since) {
        channel.wanted = Math.min(channel.wanted ?? Infinity, since);
        if (channel.reading) return;
        channel.reading = true;
        let attempt = 0;
        while (channel.wanted !== undefined && this.#host.channels.get(channel.id) === channel) {
            if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, backoff(attempt)));
            const from = channel.wanted;
            try {
                const answer = await this.#readChanges(channel, from);
                attempt = answer.rev > from ? 0 : attempt + 1;
            } catch (error) {
                if (GONE.has(error.code)) this.#host.drop(channel.id);
                // Without a connection, the next `resume` repeats this.
                if (!error.retryable || !this.#host.isOpen) break;
                attempt += 1;
            }
        }
        channel.reading = false;
        this.ensureLoaded(channel.id);
    }

    /// Yields all items of `GET /v1/me/channels`.
    async *listChannels() {
        for (let cursor = null; cursor !== undefined;) {
            const page = await this.#read(
                '/v1/me/channels',
                cursor ? { limit: 100, cursor } : { limit: 100 },
            );
            yield* page.channels;
            cursor = page.has_more ? page.next_cursor : undefined;
        }
    }

    /// `{ids, rev}` of the users that the viewer has blocked.
    async listBlocks() {
        const ids = [];
        let rev = 0;
        for (let cursor = null; cursor !== undefined;) {
            const page = await this.#read('/v1/me/blocks', cursor ? { limit: 100, cursor } : { limit: 100 });
            ids.push(...page.blocks.map(({ user }) => user.id));
            rev = page.blocks_rev;
            cursor = page.has_more ? page.next_cursor : undefined;
        }
        return { ids, rev };
    }

    async #readChanges(channel, since) {
        const params = { since, receipts_since: channel.receiptRev, epoch: this.#host.epoch };
        const answer = await this.#read(`/v1/channels/${channel.id}/changes`, params);
        this.#host.applyChanges(channel, answer);
        if (answer.has_more || answer.rev < channel.rev) channel.wanted = answer.rev;
        else channel.wanted = channel.rev < channel.seenRev ? channel.rev : undefined;
        this.#host.changed(channel.id);
        return answer;
    }

    async #loadPage(channel, place) {
        await this.#loadMessages(channel, place, (page) => channel.applyPage(page));
    }

    /// Dropped if the second window was left meanwhile.
    async #loadSide(channel, where, place) {
        const { side } = channel;
        await this.#loadMessages(channel, place, (page) => {
            if (channel.side === side) channel.applySidePage(page, where);
        });
    }

    async #loadMessages(channel, place, apply) {
        const { generation } = channel;
        const params = { limit: MESSAGES_PER_PAGE, ...place };
        const page = await this.#read(`/v1/channels/${channel.id}/messages`, params);
        if (channel.generation !== generation) return;
        apply(page);
        for (const message of page.messages) this.#host.settle(message);
        this.#afterList(channel, page);
    }

    /// One page of members is enough for names and mentions.
    async #loadMembers(channel) {
        const page = await this.#read(`/v1/channels/${channel.id}/members`, { limit: MEMBERS_LOADED });
        for (const member of page.members) channel.putMember(member);
        channel.membersLoaded = true;
        this.#afterList(channel, page);
    }

    /// Everyone's current positions; later `changes` and frames move them.
    async #loadReceipts(channel) {
        const page = await this.#read(`/v1/channels/${channel.id}/receipts`, { limit: MEMBERS_LOADED });
        for (const receipt of page.receipts) channel.putReceipt(receipt);
        channel.receiptsLoaded = true;
    }

    /// A list that was read before frames arrived lacks what they changed in it.
    #afterList(channel, answer) {
        if (answer.rev < channel.rev) this.catchUp(channel, answer.rev);
        this.#host.changed(channel.id);
    }

    /// An answer from before the epoch changed is useless now.
    async #read(path, params) {
        const { epoch } = this.#host;
        const answer = await this.#rest.get(path, params);
        if (this.#host.epoch !== epoch || this.#host.isOtherEpoch(answer.epoch)) {
            throw new RequestError({ code: 'OFFLINE' });
        }
        return answer;
    }
}

function isComplete(channel) {
    return channel.loaded && channel.membersLoaded && channel.receiptsLoaded;
}
