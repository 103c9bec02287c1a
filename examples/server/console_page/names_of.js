/// Who has which id: each user is asked for once, and a few at a time, because a key may only make so many requests in a second.

import { pathOf } from './session.js';

const AT_ONCE = 4;

export class Names {
    #session;
    #known = new Map();
    #waiting = [];
    #running = 0;

    constructor(session) {
        this.#session = session;
    }

    /// The user, or `{deleted: true}` if there is none of this id any more.
    find(id) {
        if (!this.#known.has(id)) this.#known.set(id, new Promise((resolve) => this.#ask(id, resolve)));
        return this.#known.get(id);
    }

    #ask(id, resolve) {
        this.#waiting.push([id, resolve]);
        if (this.#running < AT_ONCE) this.#next();
    }

    async #next() {
        this.#running += 1;
        while (this.#waiting.length > 0) {
            const [id, resolve] = this.#waiting.shift();
            try {
                resolve(await this.#session.get(pathOf('users', id)));
            } catch (error) {
                // Asked for again another time, unless it is certain.
                if (error.code !== 'NOT_FOUND') this.#known.delete(id);
                resolve({ id, deleted: true });
            }
        }
        this.#running -= 1;
    }
}
