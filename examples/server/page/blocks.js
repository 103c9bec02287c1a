/// Whom the user has blocked (protocol, section 5). The list has a revision; whenever the server sends a different one, the
/// list is read again.

export class Blocks {
    #read;
    #changed;
    #ids = new Set();
    #rev = 0;

    /// `read()` returns `{ids, rev}`; `changed(userId, blocked)` is called for each difference.
    constructor({ read, changed }) {
        this.#read = read;
        this.#changed = changed;
    }

    has(userId) {
        return this.#ids.has(userId);
    }

    /// `rev` comes from `connection.ready`.
    async greeted(rev = 0) {
        if (rev === this.#rev) return;
        try {
            const list = await this.#read();
            this.#rev = list.rev;
            const wanted = new Set(list.ids);
            for (const id of [...this.#ids]) if (!wanted.has(id)) this.#set(id, false);
            for (const id of wanted) this.#set(id, true);
        } catch {
            // The revision stays outdated, so the next connection reads the list.
        }
    }

    /// Handles a frame `block.updated`.
    received({ user_id: userId, blocked, blocks_rev: rev }) {
        if (rev <= this.#rev) return;
        if (rev > this.#rev + 1) {
            this.greeted(rev);
            return;
        }
        this.#rev = rev;
        this.#set(userId, blocked);
    }

    #set(userId, blocked) {
        if (this.#ids.has(userId) === blocked) return;
        if (blocked) this.#ids.add(userId);
        else this.#ids.delete(userId);
        this.#changed(userId, blocked);
    }
}
