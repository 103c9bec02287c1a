/// Messages whose author has pressed send and which are not yet in the channel. Each keeps the
/// `idempotency_key` it was given then, so sending it again after a lost connection can never post it twice
/// (protocol, section 6). One is on its way at a time: a message that must be tried again is not overtaken by
/// the next.

import { backoff } from './connection.js';
import { uuidv7 } from './uuid.js';

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class Outbox {
    #items = [];
    #send;
    #changed;
    #running = false;

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

    add(channelId, body) {
        const key = uuidv7();
        const item = { key, channelId, body, createdAt: new Date().toISOString(), error: null };
        this.#items.push(item);
        this.#changed(channelId);
        this.flush();
        return item;
    }

    /// The message has come back, in whatever frame or answer.
    settle(key) {
        const index = this.#items.findIndex((item) => item.key === key);
        if (index < 0) return;
        const [item] = this.#items.splice(index, 1);
        this.#changed(item.channelId);
    }

    /// After a refusal: try again under the same key.
    retry(key) {
        const item = this.#items.find((other) => other.key === key);
        if (!item?.error) return;
        item.error = null;
        this.#changed(item.channelId);
        this.flush();
    }

    discard(key) {
        this.settle(key);
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
