/// How far the users of one channel have been delivered to and have read (protocol, sections 5 and 6).
/// Cursors move forward only, whatever order their frames come in; who wrote a message has read up to it.

export class Cursors {
    #read = new Map();
    #delivered = new Map();
    #wrote = new Map();

    /// From an answer, `changes` or `channel.sync`; a field that is absent moves nothing.
    move(userId, { last_read_seq: read = 0, last_delivered_seq: delivered = 0 }) {
        this.#raise(this.#read, userId, read);
        this.#raise(this.#delivered, userId, delivered);
    }

    wrote(userId, seq) {
        this.#raise(this.#wrote, userId, seq);
    }

    /// What is read is delivered.
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
