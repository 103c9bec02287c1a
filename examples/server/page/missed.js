/// Counts what others did while the connection was away, by comparing what a `sync` brings with what is held, before it is
/// applied. What was not held before cannot be compared and only counts if it is new.

export class Missed {
    #seqs = new Map();
    #found = {
        messages: new Set(),
        edits: new Set(),
        unsent: new Set(),
        reactions: new Set(),
        reads: new Set(),
    };

    /// `channels` as they were when the connection came back.
    begin(channels) {
        this.#seqs = new Map([...channels].map((channel) => [channel.id, channel.lastSeq]));
        for (const set of Object.values(this.#found)) set.clear();
    }

    /// `body` comes from `channel.sync` or `changes` and is not yet applied to `channel`.
    note(channel, body) {
        for (const message of body.messages ?? []) this.#noteMessage(channel, message);
        // If others' positions were never read, every one would seem to have just moved.
        for (const receipt of channel.receiptsLoaded ? (body.receipts ?? []) : []) {
            const further = receipt.last_read_seq > channel.cursor(receipt.user_id).read;
            if (further && receipt.user_id !== channel.viewerId)
                this.#found.reads.add(`${channel.id} ${receipt.user_id}`);
        }
    }

    /// `{messages, edits, unsent, reactions, reads}`
    counts() {
        return Object.fromEntries(Object.entries(this.#found).map(([kind, set]) => [kind, set.size]));
    }

    #noteMessage(channel, message) {
        const own = message.user?.id === channel.viewerId;
        if (message.seq > (this.#seqs.get(channel.id) ?? Infinity)) {
            if (!own) this.#found.messages.add(message.id);
            return;
        }
        const held = channel.messages.get(message.id);
        if (!held || held.rev >= message.rev) return;
        if (message.deleted_at && !held.deleted_at) this.#found.unsent.add(message.id);
        else if (message.edited_at !== held.edited_at) this.#found.edits.add(message.id);
        if (!message.deleted_at && reactionsOf(message) !== reactionsOf(held))
            this.#found.reactions.add(message.id);
    }
}

function reactionsOf(message) {
    return JSON.stringify((message.reactions ?? []).map(({ emoji, count }) => [emoji, count]));
}
