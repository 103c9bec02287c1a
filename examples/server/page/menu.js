/// The menu of a pane: shown beside its opener; closed by a choice, by Escape or by a press elsewhere.

import { element, icon } from './dom.js';

const GAP_PX = 4;
const EDGE_PX = 8;
const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

export class Menu {
    #root;
    #node;
    #onClose = () => {};

    constructor(root) {
        this.#root = root;
        this.#node = element('div', { class: 'menu', role: 'menu', popover: 'auto' });
        root.append(this.#node);
        this.#node.addEventListener('keydown', (event) => this.#onKey(event));
        this.#node.addEventListener('toggle', (event) => {
            if (event.newState !== 'closed') return;
            this.#node.replaceChildren();
            this.#onClose();
        });
    }

    /// `parts` are made by `menuItem` and `emojiGroup`, or are plain elements. `onClose` runs after it has closed; the
    /// focus returns to where it was, if that still exists.
    open(anchor, label, parts, onClose = () => {}) {
        this.#onClose = onClose;
        this.#node.setAttribute('aria-label', label);
        this.#node.replaceChildren(...parts.filter(Boolean));
        this.#node.showPopover();
        this.#place(anchor.getBoundingClientRect());
        this.#items()[0]?.focus();
    }

    close() {
        if (this.#node.matches(':popover-open')) this.#node.hidePopover();
    }

    /// Below the opener, or above it if there is no room, and within the pane.
    #place(at) {
        const { width, height } = this.#node.getBoundingClientRect();
        const pane = this.#root.getBoundingClientRect();
        const right = Math.min(pane.right, innerWidth) - EDGE_PX - width;
        const left = Math.max(pane.left + EDGE_PX, Math.min(at.left, right));
        const below = at.bottom + GAP_PX;
        const top = below + height <= innerHeight - EDGE_PX ? below : at.top - GAP_PX - height;
        this.#node.style.left = `${Math.max(EDGE_PX, left)}px`;
        this.#node.style.top = `${Math.max(EDGE_PX, top)}px`;
    }

    #items() {
        return [...this.#node.querySelectorAll('button')];
    }

    #onKey(event) {
        const items = this.#items();
        const index = items.indexOf(document.activeElement);
        let target;
        if (event.key in STEPS) target = (index + STEPS[event.key] + items.length) % items.length;
        else if (event.key === 'Home') target = 0;
        else if (event.key === 'End') target = items.length - 1;
        else if (event.key === 'Tab') this.close();
        else return;
        event.preventDefault();
        items[target]?.focus();
    }
}

/// A menu item. With `sure`, the first press asks for confirmation with this text.
export function menuItem(menu, { name, words, sure, danger }, onChoose) {
    const label = element('span', {}, words);
    const kind = danger ? 'menu-item menu-danger' : 'menu-item';
    let asked = !sure;
    const choose = () => {
        if (!asked) {
            asked = true;
            label.textContent = sure;
            return;
        }
        menu.close();
        onChoose();
    };
    return element(
        'button',
        { class: kind, type: 'button', role: 'menuitem', onclick: choose },
        icon(name),
        label,
    );
}

/// A choice of emoji; those in `mine` are marked.
export function emojiGroup(menu, label, emoji, mine, onChoose) {
    const choose = (one) => {
        menu.close();
        onChoose(one);
    };
    const button = (one) =>
        element(
            'button',
            {
                class: 'menu-emoji',
                type: 'button',
                role: 'menuitemradio',
                'aria-checked': String(mine.includes(one)),
                onclick: () => choose(one),
            },
            one,
        );
    return element('div', { class: 'menu-emojis', role: 'group', 'aria-label': label }, ...emoji.map(button));
}
