/// Messages whose author has pressed send and which are not yet in the channel. Each keeps the
/// `idempotency_key` it was given then, so sending it again after a lost connection can never post it twice
/// (protocol, section 6). One is on its way at a time: a message that must be tried again is not overtaken by
/// the next. They are kept over a reload.

import { backoff } from './connection.js';
import { uuidv7 } from './uuid.js';

const KIND = 'message';

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class Outbox {
    #items = [];
    #send;
    #changed;
    #running = false;
    #kept = null;

    /// `send(body)` answers when the server has committed; `changed(channelId)` tells that items have
    /// changed.
    constructor({ send, changed }) {
        this.#send = send;
        this.#changed = changed;
    }

    /// What is shown below the messages of a channel: `{key, channelId, body, createdAt, error}`.
    of(channelId) {
        return this.#items.filter((item) => item.channelId === channelId);
    }

    get waiting() {
        return this.#items.filter((item) => !item.error).length;
    }

    /// The user is known, and with them what a page before this one has left (`Kept`).
    restore(kept) {
        this.#kept = kept;
        const held = new Set(this.#items.map(({ key }) => key));
        const left = kept.all(KIND).filter(([key]) => !held.has(key));
        this.#items.unshift(...left.map(([key, item]) => ({ key, ...item, error: null })));
        for (const channelId of new Set(left.map(([, item]) => item.channelId))) this.#changed(channelId);
    }

    add(channelId, body) {
        const key = uuidv7();
        const item = { channelId, body, createdAt: new Date().toISOString() };
        this.#kept?.put(KIND, key, item);
        this.#items.push({ key, ...item, error: null });
        this.#changed(channelId);
        this.flush();
    }

    /// The message has come back, in whatever frame or answer. Answers what waited, if it did.
    settle(key) {
        const index = this.#items.findIndex((item) => item.key === key);
        if (index < 0) return;
        const [item] = this.#items.splice(index, 1);
        this.#kept?.remove(KIND, key);
        this.#changed(item.channelId);
        return item;
    }

    /// After a refusal: try again under the same key.
    retry(key) {
        const item = this.#items.find((other) => other.key === key);
        if (!item?.error) return;
        item.error = null;
        this.#changed(item.channelId);
        this.flush();
    }

    /// The user gives it up, or takes it back to write it anew. Answers it.
    takeBack(key) {
        return this.settle(key);
    }

    /// Sends what waits, oldest first, until nothing waits or the connection is lost.
    async flush() {
        if (this.#running) return;
        this.#running = true;
        let attempt = 0;
        for (;;) {
            const item = this.#items.find((other) => !other.error);
            if (!item) break;
            try {
                await this.#send({ channel: item.channelId, ...item.body, idempotency_key: item.key });
                this.settle(item.key);
                attempt = 0;
            } catch (error) {
                if (error.code === 'LOST') break;
                if (error.retryable) {
                    await wait(error.retryAfter || 500 + backoff(attempt++));
                } else {
                    item.error = error;
                    this.#changed(item.channelId);
                }
            }
        }
        this.#running = false;
    }
}
