/// The bar of pinned messages above a conversation: the one pinned last, then those before it, one with each press.

import { excerpt, userName } from './names.js';
import { Pins } from './pins.js';
import { language, text } from './texts.js';

export class PinBar {
    #root;
    #host;
    #pins;
    #at = 0;
    #newest = null;
    #look = null;

    /// `host`: `channel()`, the open one, `onOpen(messageId)`, and `onChanged()`: it is to be rendered.
    constructor(root, client, host) {
        this.#root = root;
        this.#host = host;
        this.#pins = new Pins(client, () => host.onChanged());
        root.addEventListener('click', () => this.#press());
    }

    render() {
        const pins = this.#pins.of(this.#host.channel());
        const newest = pins[0]?.id ?? null;
        // Another pin comes first.
        if (newest !== this.#newest || this.#at >= pins.length) this.#at = 0;
        this.#newest = newest;
        const message = pins[this.#at];
        const facts = message && {
            at: this.#at + 1, n: pins.length, name: userName(message.user), text: excerpt(message),
        };
        const look = JSON.stringify([message?.id, facts, language()]);
        if (this.#look === look) return;
        this.#look = look;
        this.#root.hidden = !message;
        if (!message) return;
        this.#find('.pin-place').textContent = `${text('pinnedMessage', facts)}, `;
        this.#find('.pin-name').textContent = facts.name;
        this.#find('.pin-text').textContent = facts.text;
        this.#find('.pin-count').textContent = facts.n > 1 ? `${facts.at}/${facts.n}` : '';
    }

    #find(selector) {
        return this.#root.querySelector(selector);
    }

    #press() {
        const pins = this.#pins.of(this.#host.channel());
        const message = pins[this.#at];
        if (!message) return;
        this.#at = (this.#at + 1) % pins.length;
        this.render();
        this.#host.onOpen(message.id);
    }
}
