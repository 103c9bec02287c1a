/// Who is online (protocol, sections 3 and 5). The server reports changes for users with whom the user shares a direct or
/// small channel; the initial state is requested once per connection and user.

const USERS_PER_QUESTION = 100;

export class Presence {
    #read;
    #changed;
    #states = new Map();
    #asked = new Set();
    #turn = 0;

    /// `read(ids)` returns the `presence` list of `GET /v1/presence`; `changed()` is called when something became known.
    constructor({ read, changed }) {
        this.#read = read;
        this.#changed = changed;
    }

    /// `{status, last_seen_at}`, or undefined while unknown.
    of(userId) {
        return this.#states.get(userId);
    }

    /// Requests those of `ids` that were not requested on this connection. Failures leave them unknown: presence is shown
    /// if known, and nothing waits for it.
    async want(ids) {
        const turn = this.#turn;
        const missing = [...new Set(ids)].filter((id) => !this.#asked.has(id));
        for (const id of missing) this.#asked.add(id);
        while (missing.length > 0) {
            const part = missing.splice(0, USERS_PER_QUESTION);
            try {
                const users = await this.#read(part);
                if (turn !== this.#turn) return;
                // A frame that arrived meanwhile is newer than the answer.
                for (const user of users)
                    if (!this.#states.has(user.user_id)) this.#states.set(user.user_id, user);
            } catch {
                return;
            }
        }
        this.#changed();
    }

    received(users) {
        for (const user of users) this.#states.set(user.user_id, user);
        this.#changed();
    }

    /// Forgets a user who is blocked, or was.
    hide(userId) {
        this.#states.delete(userId);
        this.#asked.delete(userId);
    }

    /// Call when the connection has ended.
    forget() {
        this.#turn += 1;
        this.#states.clear();
        this.#asked.clear();
    }
}
