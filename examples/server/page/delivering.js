/// Tells the server what has arrived here. One channel at a time and at most one a second, so that the first
/// `sync` of somebody with hundreds of channels stays far under the server's rate of writes.

const FIRST_AFTER_MS = 250;
const THEN_EVERY_MS = 1_000;

export class Delivering {
    #tell;
    #waiting = new Set();
    #timer = null;

    /// `tell(channelId)` sends the cursor if there is still something to tell: what was read meanwhile is
    /// delivered, which is why the first one waits a moment.
    constructor(tell) {
        this.#tell = tell;
    }

    note(channelId) {
        this.#waiting.add(channelId);
        this.#timer ??= setTimeout(() => this.#next(), FIRST_AFTER_MS);
    }

    /// The connection has ended: the next one begins anew.
    forget() {
        this.#waiting.clear();
        clearTimeout(this.#timer);
        this.#timer = null;
    }

    #next() {
        this.#timer = null;
        for (const channelId of this.#waiting) {
            this.#waiting.delete(channelId);
            if (!this.#tell(channelId)) continue;
            this.#timer = setTimeout(() => this.#next(), THEN_EVERY_MS);
            return;
        }
    }
}
