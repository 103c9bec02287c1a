/// Messages that their author has sent and that are not in the channel yet. Each keeps the `idempotency_key` that it got
/// then, so resending it after a lost connection cannot post it twice (protocol, section 6). Only one is in flight at a
/// time, so that a message that must be retried is not overtaken by the next. They survive a reload.

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

    /// `send(body)` resolves once the server has committed; `changed(channelId)` is called when items have changed.
    constructor({ send, changed }) {
        this.#send = send;
        this.#changed = changed;
    }

    /// The items shown below the messages of a channel: `{key, channelId, body, createdAt, error}`.
    of(channelId) {
        return this.#items.filter((item) => item.channelId === channelId);
    }

    get waiting() {
        return this.#items.filter((item) => !item.error).length;
    }

    /// Once the user is known, restores the items of an earlier page (`Kept`).
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

    /// Call when the message came back, in any frame or answer. Returns the item that waited, if there was one.
    settle(key) {
        const index = this.#items.findIndex((item) => item.key === key);
        if (index < 0) return;
        const [item] = this.#items.splice(index, 1);
        this.#kept?.remove(KIND, key);
        this.#changed(item.channelId);
        return item;
    }

    /// Retries with the same key after a refusal.
    retry(key) {
        const item = this.#items.find((other) => other.key === key);
        if (!item?.error) return;
        item.error = null;
        this.#changed(item.channelId);
        this.flush();
    }

    /// The user gives the item up, or takes it back to edit it. Returns it.
    takeBack(key) {
        return this.settle(key);
    }

    /// Sends waiting items, oldest first, until none is left or the connection is lost.
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
