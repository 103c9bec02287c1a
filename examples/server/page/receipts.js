/// The user's own receipts: reports to the server what was delivered and read (protocol, section 5), no more often than
/// others need to know.

import { Delivering } from './delivering.js';
import { Reading } from './reading.js';

export class Receipts {
    #host;
    #reading;
    #delivering;

    /// `host`: `me`, `isLive`, `isOpen`, `channels`, `request(type, data)` and `changed(channelId)`.
    constructor(host) {
        this.#host = host;
        this.#reading = new Reading((channelId, place) => this.#sendRead(channelId, place));
        this.#delivering = new Delivering((channelId) => this.#sendDelivered(channelId));
    }

    /// The user has seen the newest message that is held. Messages after it are hidden from the user and count as read with
    /// the others, unless the client still has to load them.
    read(channelId) {
        const channel = this.#host.channels.get(channelId);
        if (!channel?.loaded || channel.unread === 0 || !this.#host.isLive) return;
        const newest = channel.newest();
        const endsHidden = (newest?.seq ?? 0) < channel.lastSeq && channel.rev >= channel.seenRev;
        if (endsHidden) this.#reading.mark(channelId, {});
        else if (newest?.seq > channel.ownRead) this.#reading.mark(channelId, { message_id: newest.id });
    }

    /// Something may have arrived in a channel.
    arrived(channelId) {
        this.#delivering.note(channelId);
    }

    /// The connection has ended; the next one starts over.
    forget() {
        this.#delivering.forget();
    }

    async #sendRead(channelId, place) {
        const answer = await this.#send('message.read', channelId, place);
        const channel = this.#host.channels.get(channelId);
        if (!answer || !channel) return;
        channel.mentionCount = answer.mention_count;
        this.#host.changed(channelId);
    }

    /// Reports the newest known message as delivered, whether in an open channel or in the channel list. Returns whether
    /// there was something to report.
    #sendDelivered(channelId) {
        const channel = this.#host.channels.get(channelId);
        const newest = channel?.lastMessage;
        if (!newest || !this.#host.isOpen) return false;
        if (newest.seq <= channel.cursor(this.#host.me.id).delivered) return false;
        this.#send('message.delivered', channelId, { message_id: newest.id });
        return true;
    }

    /// Returns null on failure: the next change of the channel, or the next connection, repeats it.
    async #send(type, channelId, place) {
        try {
            const answer = await this.#host.request(type, { channel: channelId, ...place });
            this.#host.channels.get(channelId)?.putReceipt({ ...answer.receipt, user_id: this.#host.me.id });
            return answer;
        } catch {
            return null;
        }
    }
}
