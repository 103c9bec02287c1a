/// Who is typing where, and our own notices of it (protocol, section 5). All of it may be lost on the way, so
/// all of it ends by itself.

/// The server ends typing after 6 s unless it is told again.
const TELL_AGAIN_MS = 4_000;
/// A little longer than the server's 6 s: its `stop` may be dropped.
const SHOW_AT_MOST_MS = 7_000;

export class Typing {
    #send;
    #changed;
    #typists = new Map();
    #told = new Map();

    /// `send(type, data)` sends a frame without an answer; `changed(channelId)` tells that someone began or
    /// ended.
    constructor({ send, changed }) {
        this.#send = send;
        this.#changed = changed;
    }

    /// Ids of the users who are typing in a channel.
    in(channelId) {
        return [...(this.#typists.get(channelId)?.keys() ?? [])];
    }

    /// To be called at each key press; frames leave only as often as the others need them.
    tell(channelId, active) {
        const toldAt = this.#told.get(channelId);
        if (active && toldAt && Date.now() - toldAt < TELL_AGAIN_MS) return;
        if (!active && !toldAt) return;
        if (active) this.#told.set(channelId, Date.now());
        else this.#told.delete(channelId);
        this.#send(active ? 'typing.start' : 'typing.stop', { channel: channelId });
    }

    heard(channelId, userId, active) {
        const typists = this.#typists.get(channelId) ?? new Map();
        this.#typists.set(channelId, typists);
        if (!active && !typists.has(userId)) return;
        clearTimeout(typists.get(userId));
        if (active)
            typists.set(
                userId,
                setTimeout(() => this.heard(channelId, userId, false), SHOW_AT_MOST_MS),
            );
        else typists.delete(userId);
        this.#changed(channelId);
    }

    /// The connection has ended.
    forget() {
        for (const typists of this.#typists.values()) typists.forEach((timer) => clearTimeout(timer));
        this.#typists.clear();
        this.#told.clear();
    }
}
