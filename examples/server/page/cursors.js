/// How far messages were delivered to and read by the users of one channel (protocol, sections 5 and 6). Positions only
/// move forward, whatever order their frames arrive in. The author of a message has read up to it.

export class Cursors {
    #read = new Map();
    #delivered = new Map();
    #wrote = new Map();

    /// Applies an answer, `changes` or `channel.sync`; absent fields change nothing.
    move(userId, { last_read_seq: read = 0, last_delivered_seq: delivered = 0 }) {
        this.#raise(this.#read, userId, read);
        this.#raise(this.#delivered, userId, delivered);
    }

    wrote(userId, seq) {
        this.#raise(this.#wrote, userId, seq);
    }

    /// What was read was delivered.
    of(userId) {
        const read = Math.max(this.#read.get(userId) ?? 0, this.#wrote.get(userId) ?? 0);
        return { read, delivered: Math.max(read, this.#delivered.get(userId) ?? 0) };
    }

    forget() {
        for (const map of [this.#read, this.#delivered, this.#wrote]) map.clear();
    }

    #raise(map, userId, seq) {
        if (seq > (map.get(userId) ?? 0)) map.set(userId, seq);
    }
}
