/// A list that is read page by page.

import { element, setWords } from '../page/dom.js';
import { reasonOf, text } from '../page/texts.js';

/// A page of a search may be empty and not be the last: so many are read in a row before the reader is asked.
const MOST_EMPTY_PAGES = 5;

export class PagedList {
    #read;
    #row;
    #none;
    #rows;
    #status = element('p', { class: 'list-status', role: 'status' });
    #more = element('button', { class: 'quiet-button more', type: 'button', hidden: '' });
    #cursor;
    #count = 0;
    /// Counts readings, so that the answer to an outdated one is dropped.
    #turn = 0;

    /// `read(cursor)` returns `[items, next_cursor]`, `row(item)` a list item; `none` is the key of what an empty list says.
    constructor({ read, row, none, label }) {
        this.#read = read;
        this.#row = row;
        this.#none = none;
        this.#rows = element('ul', { class: 'entries', 'aria-label': text(label), hidden: '' });
        this.#more.textContent = text('showMore');
        this.#more.addEventListener('click', () => this.#next(this.#turn));
        this.node = element('div', { class: 'paged' }, this.#rows, this.#status, this.#more);
        this.reload();
    }

    /// Begins again at the first page; what is shown stays until it arrives.
    reload() {
        this.#turn += 1;
        this.#cursor = undefined;
        return this.#next(this.#turn, true);
    }

    async #next(turn, first = false) {
        setWords(this.#status, text('loading'));
        this.#more.disabled = true;
        try {
            let items = [];
            for (let pages = 0; pages < MOST_EMPTY_PAGES && items.length === 0 && this.#cursor !== null; pages += 1) {
                let cursor;
                [items, cursor] = await this.#read(this.#cursor);
                if (turn !== this.#turn) return;
                this.#cursor = cursor ?? null;
            }
            this.#show(items, first);
        } catch (error) {
            if (turn === this.#turn) this.#stop(text('failed', { reason: reasonOf(error) }), true);
        }
    }

    #show(items, first) {
        const nodes = items.map((item) => this.#row(item));
        const hadFocus = document.activeElement === this.#more;
        if (first) {
            this.#rows.replaceChildren();
            this.#count = 0;
        }
        this.#rows.append(...nodes);
        this.#count += items.length;
        this.#rows.hidden = this.#count === 0;
        const isEnd = this.#cursor === null;
        this.#stop(this.#count === 0 ? text(isEnd ? this.#none : 'nothingYet') : '', !isEnd);
        if (hadFocus) nodes[0]?.querySelector('a, button')?.focus();
    }

    #stop(words, more) {
        setWords(this.#status, words);
        this.#more.disabled = false;
        this.#more.hidden = !more;
    }
}

/// Replaces the rows of a list if they look different, and restores the focus.
export function fill(list, rows, none) {
    const shown = rows.length > 0 ? rows : [element('li', { class: 'entry-none' }, text(none))];
    const look = shown.map((row) => row.textContent).join('\n');
    if (list.dataset.look === look) return;
    list.dataset.look = look;
    const places = () => [...list.querySelectorAll('a, button')];
    const focused = places().indexOf(document.activeElement);
    list.replaceChildren(...shown);
    if (focused >= 0) places()[focused]?.focus();
}
