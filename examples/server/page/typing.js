/// Who is typing where, and our own notices about it (protocol, section 5). Any of these may be lost, so each state
/// ends after a time.

/// The server ends typing after 6 s without a new notice.
const REPEAT_AFTER_MS = 4_000;
/// A little longer than the server's 6 s, because its `stop` may be dropped.
const SHOW_AT_MOST_MS = 7_000;

export class Typing {
    #send;
    #changed;
    #typists = new Map();
    #announced = new Map();

    /// `send(type, data)` sends a frame without an answer; `changed(channelId)` is called when somebody starts or stops.
    constructor({ send, changed }) {
        this.#send = send;
        this.#changed = changed;
    }

    /// Ids of the users who are typing in a channel.
    in(channelId) {
        return [...(this.#typists.get(channelId)?.keys() ?? [])];
    }

    /// Call at each key press; frames are only sent as often as others need them.
    report(channelId, active) {
        const announcedAt = this.#announced.get(channelId);
        if (active && announcedAt && Date.now() - announcedAt < REPEAT_AFTER_MS) return;
        if (!active && !announcedAt) return;
        if (active) this.#announced.set(channelId, Date.now());
        else this.#announced.delete(channelId);
        this.#send(active ? 'typing.start' : 'typing.stop', { channel: channelId });
    }

    received(channelId, userId, active) {
        const typists = this.#typists.get(channelId) ?? new Map();
        this.#typists.set(channelId, typists);
        if (!active && !typists.has(userId)) return;
        clearTimeout(typists.get(userId));
        if (active)
            typists.set(
                userId,
                setTimeout(() => this.received(channelId, userId, false), SHOW_AT_MOST_MS),
            );
        else typists.delete(userId);
        this.#changed(channelId);
    }

    /// Call when the connection has ended.
    forget() {
        for (const typists of this.#typists.values()) typists.forEach((timer) => clearTimeout(timer));
        this.#typists.clear();
        this.#announced.clear();
    }
}
