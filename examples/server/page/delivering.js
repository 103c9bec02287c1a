/// Reports delivered positions to the server. One channel at a time and at most one a second, so that the first `sync` of a
/// user with hundreds of channels stays far below the rate limit for writes.

const FIRST_AFTER_MS = 250;
const THEN_EVERY_MS = 1_000;

export class Delivering {
    #report;
    #waiting = new Set();
    #timer = null;

    /// `report(channelId)` sends the position if it still needs to be sent. The first one waits a moment, because reading
    /// implies delivery and may make it unnecessary.
    constructor(report) {
        this.#report = report;
    }

    note(channelId) {
        this.#waiting.add(channelId);
        this.#timer ??= setTimeout(() => this.#next(), FIRST_AFTER_MS);
    }

    /// The connection has ended; the next one starts over.
    forget() {
        this.#waiting.clear();
        clearTimeout(this.#timer);
        this.#timer = null;
    }

    #next() {
        this.#timer = null;
        for (const channelId of this.#waiting) {
            this.#waiting.delete(channelId);
            if (!this.#report(channelId)) continue;
            this.#timer = setTimeout(() => this.#next(), THEN_EVERY_MS);
            return;
        }
    }
}
