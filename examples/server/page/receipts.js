/// The user's own cursors: tells the server what has arrived and what was read (protocol, section 5), each no
/// more often than others need to know.

import { Delivering } from './delivering.js';
import { Reading } from './reading.js';

export class Receipts {
    #host;
    #reading;
    #delivering;

    /// `host`: `me`, `isLive`, `isOpen`, `channels`, `request(type, data)` and `changed(channelId)`.
    constructor(host) {
        this.#host = host;
        this.#reading = new Reading((channelId, messageId) => this.#sendRead(channelId, messageId));
        this.#delivering = new Delivering((channelId) => this.#sendDelivered(channelId));
    }

    /// The user has seen the newest message held.
    read(channelId) {
        const channel = this.#host.channels.get(channelId);
        const newest = channel?.newest();
        if (!newest || newest.seq <= channel.ownRead || !this.#host.isLive) return;
        this.#reading.mark(channelId, newest.id);
    }

    /// Something may have arrived in a channel.
    arrived(channelId) {
        this.#delivering.note(channelId);
    }

    /// The connection has ended: the next one begins anew.
    forget() {
        this.#delivering.forget();
    }

    async #sendRead(channelId, messageId) {
        const { mention_count: mentions } = (await this.#send('message.read', channelId, messageId)) ?? {};
        const channel = this.#host.channels.get(channelId);
        if (channel && mentions !== undefined) channel.mentionCount = mentions;
        this.#host.changed(channelId);
    }

    /// The newest message known has arrived, in an open channel or in the list of channels. Answers whether
    /// there was something to tell.
    #sendDelivered(channelId) {
        const channel = this.#host.channels.get(channelId);
        const newest = channel?.lastMessage;
        if (!newest || !this.#host.isOpen) return false;
        if (newest.seq <= channel.cursor(this.#host.me.id).delivered) return false;
        this.#send('message.delivered', channelId, newest.id);
        return true;
    }

    /// Answers null if it failed: the next change of the channel, or the next connection, tells it again.
    async #send(type, channelId, messageId) {
        try {
            const answer = await this.#host.request(type, { channel: channelId, message_id: messageId });
            this.#host.channels.get(channelId)?.putReceipt({ ...answer.receipt, user_id: this.#host.me.id });
            return answer;
        } catch {
            return null;
        }
    }
}
