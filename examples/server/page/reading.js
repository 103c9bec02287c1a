/// Tells the server what has been read: the first time at once, then at most once a second and channel, so
/// that a fast conversation costs few commits.

const AT_MOST_EVERY_MS = 1_000;

export class Reading {
    #tell;
    #resting = new Map();

    /// `tell(channelId, messageId)` sends the cursor.
    constructor(tell) {
        this.#tell = tell;
    }

    mark(channelId, messageId) {
        if (this.#resting.has(channelId)) {
            this.#resting.set(channelId, messageId);
            return;
        }
        this.#tell(channelId, messageId);
        this.#resting.set(channelId, null);
        setTimeout(() => this.#rested(channelId), AT_MOST_EVERY_MS);
    }

    #rested(channelId) {
        const messageId = this.#resting.get(channelId);
        this.#resting.delete(channelId);
        if (messageId) this.mark(channelId, messageId);
    }
}
