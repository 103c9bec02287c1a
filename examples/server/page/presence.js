/// Who is online (protocol, sections 3 and 5). The server tells changes of whom the user shares a direct or
/// small channel with; the state to begin with is asked for once per connection and user.

const USERS_PER_QUESTION = 100;

export class Presence {
    #read;
    #changed;
    #states = new Map();
    #asked = new Set();
    #turn = 0;

    /// `read(ids)` answers the `presence` list of `GET /v1/presence`; `changed()` tells that something is
    /// known now.
    constructor({ read, changed }) {
        this.#read = read;
        this.#changed = changed;
    }

    /// `{status, last_seen_at}`, or undefined while it is not known.
    of(userId) {
        return this.#states.get(userId);
    }

    /// Asks for those of `ids` that were not asked for over this connection. What cannot be answered stays
    /// unknown: presence is shown where it is known, and nothing waits for it.
    async want(ids) {
        const turn = this.#turn;
        const missing = [...new Set(ids)].filter((id) => !this.#asked.has(id));
        for (const id of missing) this.#asked.add(id);
        while (missing.length > 0) {
            const part = missing.splice(0, USERS_PER_QUESTION);
            try {
                const users = await this.#read(part);
                if (turn !== this.#turn) return;
                // A frame that came meanwhile is newer than the answer.
                for (const user of users)
                    if (!this.#states.has(user.user_id)) this.#states.set(user.user_id, user);
            } catch {
                return;
            }
        }
        this.#changed();
    }

    heard(users) {
        for (const user of users) this.#states.set(user.user_id, user);
        this.#changed();
    }

    /// Nothing is known of a user who is blocked, nor any more of one who was.
    hide(userId) {
        this.#states.delete(userId);
        this.#asked.delete(userId);
    }

    /// The connection has ended.
    forget() {
        this.#turn += 1;
        this.#states.clear();
        this.#asked.clear();
    }
}
