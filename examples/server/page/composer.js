/// The field to write in: sending, replying, and suggestions of people after an `@`.

import { avatar, element } from './dom.js';
import { excerpt, userName } from './message_view.js';
import { text } from './texts.js';

const SUGGESTIONS = 6;
const HEIGHT_MAX_PX = 140;

let composers = 0;

export class Composer {
    #form;
    #input;
    #send;
    #list;
    #bar;
    #host;
    #replyTo = null;
    #options = [];
    #chosen = 0;
    #listId = `suggestions-${++composers}`;
    /// What is written in each channel, kept while another one is shown.
    #drafts = new Map();
    #channelId = null;

    /// `host`: `members()`, `meId()`, `onSend({content, parentId, mentions})`, `onTyping(active)`.
    constructor(pane, host) {
        this.#host = host;
        this.#form = pane.querySelector('.composer');
        this.#input = pane.querySelector('.input');
        this.#send = pane.querySelector('.send');
        this.#list = pane.querySelector('.suggestions');
        this.#bar = pane.querySelector('.reply-bar');
        this.#list.id = this.#listId;
        this.#input.setAttribute('aria-controls', this.#listId);
        this.#form.addEventListener('submit', (event) => this.#onSubmit(event));
        this.#input.addEventListener('input', () => this.#onInput());
        this.#input.addEventListener('keydown', (event) => this.#onKey(event));
        this.#input.addEventListener('blur', () => this.#closeSuggestions());
        // Keeps the on-screen keyboard open when the button takes the press.
        this.#send.addEventListener('pointerdown', (event) => event.preventDefault());
        pane.querySelector('.reply-cancel').addEventListener('click', () => {
            this.reply(null);
            this.focus();
        });
    }

    focus() {
        this.#input.focus();
    }

    show(channelId) {
        if (this.#channelId) this.#drafts.set(this.#channelId, this.#input.value);
        this.#channelId = channelId;
        this.reply(null);
        this.#set(this.#drafts.get(channelId) ?? '');
    }

    fill(words) {
        this.#set(words);
        this.focus();
    }

    reply(message) {
        this.#replyTo = message;
        this.render();
        if (message) this.focus();
    }

    render() {
        const message = this.#replyTo;
        this.#bar.hidden = !message;
        if (!message) return;
        const name = message.user?.id === this.#host.meId() ? text('you') : userName(message.user);
        this.#bar.querySelector('.reply-bar-name').textContent = text('replyingTo', { name });
        this.#bar.querySelector('.reply-bar-excerpt').textContent = excerpt(message);
    }

    #set(words) {
        this.#input.value = words;
        this.#closeSuggestions();
        this.#fit();
    }

    #fit() {
        this.#send.disabled = this.#input.value.trim() === '';
        this.#input.style.height = 'auto';
        const height = this.#input.value ? this.#input.scrollHeight : 0;
        if (height > 0) this.#input.style.height = `${Math.min(height, HEIGHT_MAX_PX)}px`;
    }

    #onSubmit(event) {
        event.preventDefault();
        const content = this.#input.value.trim();
        if (!content || !this.#channelId) return;
        this.#host.onSend({ content, parentId: this.#replyTo?.id, mentions: this.#mentionedIn(content) });
        this.#set('');
        this.reply(null);
        this.focus();
    }

    /// Ids of the members whose `@name` stands in the words; the longer of two names that begin alike wins.
    #mentionedIn(content) {
        const members = this.#host.members().filter(({ user }) => user.name && user.id !== this.#host.meId());
        members.sort((a, b) => b.user.name.length - a.user.name.length);
        let rest = content;
        const found = [];
        for (const { user } of members) {
            const without = rest.split(`@${user.name}`).join(' ');
            if (without === rest) continue;
            found.push(user.id);
            rest = without;
        }
        return found;
    }

    #onInput() {
        this.#fit();
        this.#host.onTyping(this.#input.value.trim() !== '');
        this.#suggest();
    }

    #onKey(event) {
        if (event.isComposing) return;
        if (!this.#list.hidden && this.#onSuggestionKey(event)) {
            event.preventDefault();
        } else if (event.key === 'Enter' && !event.shiftKey) {
            event.preventDefault();
            this.#form.requestSubmit();
        } else if (event.key === 'Escape' && this.#replyTo) {
            this.reply(null);
        }
    }

    #onSuggestionKey({ key }) {
        const count = this.#options.length;
        if (key === 'ArrowDown') this.#choose((this.#chosen + 1) % count);
        else if (key === 'ArrowUp') this.#choose((this.#chosen + count - 1) % count);
        else if (key === 'Enter' || key === 'Tab') this.#take(this.#options[this.#chosen]);
        else if (key === 'Escape') this.#closeSuggestions();
        else return false;
        return true;
    }

    /// The word behind the `@` that the cursor stands in, if any.
    #typedName() {
        const before = this.#input.value.slice(0, this.#input.selectionStart);
        return before.match(/(?:^|\s)@([\p{L}\p{N}._-]{0,32})$/u)?.[1];
    }

    #suggest() {
        const typed = this.#typedName()?.toLocaleLowerCase();
        if (typed === undefined) return this.#closeSuggestions();
        const others = this.#host.members().filter(({ user }) => user.name && user.id !== this.#host.meId());
        const fits = ({ user }) =>
            user.name
                .toLocaleLowerCase()
                .split(/\s+/)
                .some((word) => word.startsWith(typed));
        this.#options = others.filter(fits).slice(0, SUGGESTIONS);
        if (this.#options.length === 0) return this.#closeSuggestions();
        this.#list.replaceChildren(...this.#options.map((member, index) => this.#option(member, index)));
        this.#list.hidden = false;
        this.#choose(0);
    }

    #option(member, index) {
        // A press must not take the focus from the field.
        const attributes = {
            id: `${this.#listId}-${index}`,
            role: 'option',
            onpointerdown: (event) => event.preventDefault(),
        };
        const name = element('span', {}, member.user.name);
        return element(
            'li',
            { ...attributes, onclick: () => this.#take(member) },
            avatar(member.user.name),
            name,
        );
    }

    #choose(index) {
        this.#chosen = index;
        [...this.#list.children].forEach((option, i) =>
            option.setAttribute('aria-selected', String(i === index)),
        );
        this.#input.setAttribute('aria-activedescendant', `${this.#listId}-${index}`);
    }

    #take({ user }) {
        const typed = this.#typedName() ?? '';
        const end = this.#input.selectionStart;
        this.#input.setRangeText(`@${user.name} `, end - typed.length - 1, end, 'end');
        this.#closeSuggestions();
        this.#fit();
        this.focus();
    }

    #closeSuggestions() {
        this.#list.hidden = true;
        this.#input.removeAttribute('aria-activedescendant');
    }
}
