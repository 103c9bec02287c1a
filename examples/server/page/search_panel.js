/// Search: a panel over the conversations, with the matches and their channels.

import { coalescedAfter, element } from './dom.js';
import { channelName, userName } from './names.js';
import { highlighted } from './rich_text.js';
import { reasonOf, text } from './texts.js';
import { moment } from './times.js';

/// The server accepts two searches a second from one user.
const WAIT_MS = 400;

export class SearchPanel {
    #root;
    #client;
    #host;
    #panel;
    #input;
    #here;
    #results = [];
    #cursor = null;
    #problem = null;
    /// The query that the results belong to, and the number of the latest request: earlier answers are dropped.
    #asked = '';
    #turn = 0;

    /// `host`: `openId()`, `onFound(channelId, messageId)`, `onClosed()`.
    constructor(root, client, host) {
        this.#root = root;
        this.#client = client;
        this.#host = host;
        this.#panel = root.querySelector('.search');
        this.#input = root.querySelector('.search-input');
        this.#here = root.querySelector('.search-here');
        const later = coalescedAfter(WAIT_MS, () => this.#ask());
        this.#input.addEventListener('input', later);
        this.#here.addEventListener('change', () => this.#ask());
        root.querySelector('.search-form').addEventListener('submit', (event) => event.preventDefault());
        root.querySelector('.search-open').addEventListener('click', () => this.toggle());
        root.querySelector('.search-close').addEventListener('click', () => this.close());
        this.#panel.addEventListener('keydown', (event) => this.#onKey(event));
    }

    get isOpen() {
        return !this.#panel.hidden;
    }

    toggle() {
        if (this.isOpen) return this.close();
        this.#panel.hidden = false;
        this.#root.querySelector('.search-open').setAttribute('aria-expanded', 'true');
        this.render();
        this.#input.focus();
        this.#input.select();
    }

    close() {
        this.#panel.hidden = true;
        this.#root.querySelector('.search-open').setAttribute('aria-expanded', 'false');
        this.#host.onClosed();
    }

    /// Call after the language or the open channel has changed.
    render() {
        const list = this.#panel.querySelector('.results');
        list.replaceChildren(...this.#results.map((hit) => this.#row(hit)));
        this.#panel.querySelector('.search-status').textContent = this.#status();
        this.#panel.querySelector('.search-more').hidden = !this.#cursor;
        this.#panel.querySelector('.search-more').onclick = () => this.#ask(this.#cursor);
    }

    #status() {
        const n = this.#results.length;
        if (this.#problem) return text('failed', { reason: reasonOf(this.#problem) });
        if (!this.#asked) return text('searchHint');
        if (n === 0) return text('searchNone');
        return text(this.#cursor ? 'searchFoundMore' : 'searchFound', { n });
    }

    async #ask(cursor = null) {
        const turn = ++this.#turn;
        const words = this.#input.value.trim();
        const channelId = this.#here.checked ? this.#host.openId() : undefined;
        try {
            const answer = words
                ? await this.#client.actions.search(words, { channelId, cursor })
                : { results: [], next_cursor: null };
            if (turn !== this.#turn) return;
            this.#results = cursor ? [...this.#results, ...answer.results] : answer.results;
            this.#cursor = answer.has_more ? answer.next_cursor : null;
            this.#problem = null;
        } catch (error) {
            if (turn !== this.#turn) return;
            this.#problem = error;
        }
        this.#asked = words;
        this.render();
    }

    #row({ message, channel_id: channelId, snippet, highlights }) {
        const channel = this.#client.channels.get(channelId);
        const where = channel?.settings ? channelName(channel, this.#client.me.id) : '';
        const own = message.user?.id === this.#client.me.id;
        const who = own ? text('you') : userName(message.user);
        return element(
            'li',
            {},
            element(
                'button',
                { class: 'result', type: 'button', onclick: () => this.#host.onFound(channelId, message.id) },
                element(
                    'span',
                    { class: 'result-head' },
                    element('strong', {}, who),
                    element('span', { class: 'result-where' }, where),
                    element('time', { datetime: message.created_at }, moment(message.created_at)),
                ),
                element('span', { class: 'result-text', dir: 'auto' }, ...highlighted(snippet, highlights)),
            ),
        );
    }

    #onKey(event) {
        if (event.key === 'Escape') {
            event.stopPropagation();
            this.close();
            return;
        }
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (!step) return;
        const stops = [this.#input, ...this.#panel.querySelectorAll('.result')];
        const index = stops.indexOf(document.activeElement);
        if (index < 0) return;
        event.preventDefault();
        stops[Math.max(0, Math.min(stops.length - 1, index + step))].focus();
    }
}
