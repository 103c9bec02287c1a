/// Reports read positions to the server: the first time at once, then at most once a second per channel, so that a fast
/// conversation causes few commits.

const AT_MOST_EVERY_MS = 1_000;

export class Reading {
    #report;
    #resting = new Map();

    /// `report(channelId, place)` sends the position; `place` is an object.
    constructor(report) {
        this.#report = report;
    }

    mark(channelId, place) {
        if (this.#resting.has(channelId)) {
            this.#resting.set(channelId, place);
            return;
        }
        this.#report(channelId, place);
        this.#resting.set(channelId, null);
        setTimeout(() => this.#rested(channelId), AT_MOST_EVERY_MS);
    }

    #rested(channelId) {
        const place = this.#resting.get(channelId);
        this.#resting.delete(channelId);
        if (place) this.mark(channelId, place);
    }
}
