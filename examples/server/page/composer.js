/// The input field: sending, replying, editing, and suggestions of members after an `@`.

import { avatar, element, setWords } from './dom.js';
import { excerpt, userName } from './names.js';
import { reasonOf, text } from './texts.js';

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
    /// The message being edited, the draft from before, and why the server refused the last attempt.
    #edited = null;
    #before = '';
    #refusal = null;
    #options = [];
    #chosen = 0;
    #listId = `suggestions-${++composers}`;
    #channelId = null;

    /// `host`: `members()`, `meId()`, `message(id)` as it is held, `ownNewest()`, `onSend({content, parentId, mentions})`,
    /// `onEdit(message, content)`, which returns a promise, `onTyping(active)`, and `draft(channelId)` and
    /// `keepDraft(channelId, words)` for the draft of each channel.
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
        // Keeps the on-screen keyboard open when the button is pressed.
        this.#send.addEventListener('pointerdown', (event) => event.preventDefault());
        pane.querySelector('.reply-cancel').addEventListener('click', () => {
            this.#leaveBar();
            this.focus();
        });
    }

    focus() {
        this.#input.focus();
    }

    show(channelId) {
        if (this.#edited) this.#stopEditing();
        this.#channelId = channelId;
        this.reply(null);
        this.#set(this.#host.draft(channelId));
    }

    fill(words) {
        this.#write(words);
        this.focus();
    }

    /// Puts a message that was not sent back into the field, before what was written since.
    takeBack({ content, parentId }) {
        if (this.#edited) this.#stopEditing();
        const written = this.#input.value.trim();
        const parent = parentId && this.#host.message(parentId);
        if (parent) this.reply(parent);
        this.fill(written ? `${content}\n${written}` : content);
    }

    reply(message) {
        if (this.#edited) this.#stopEditing();
        this.#replyTo = message;
        this.render();
        if (message) this.focus();
    }

    /// Puts the text of a message into the field. The draft from before is restored afterwards.
    edit(message) {
        if (!this.#edited) this.#before = this.#input.value;
        this.#edited = message;
        this.#replyTo = null;
        this.#refusal = null;
        this.#set(message.content);
        this.render();
        this.focus();
        this.#input.setSelectionRange(message.content.length, message.content.length);
    }

    /// The bar above the field follows the message that it shows.
    render() {
        const held = this.#host.message((this.#edited ?? this.#replyTo)?.id);
        if (this.#edited && held?.deleted_at) this.#stopEditing();
        const message = this.#edited ?? this.#replyTo;
        this.#bar.hidden = !message;
        this.#form.classList.toggle('is-editing', Boolean(this.#edited));
        this.#send.setAttribute('aria-label', text(this.#edited ? 'save' : 'send'));
        this.#send.title = text(this.#edited ? 'save' : 'send');
        if (!message) return;
        const own = message.user?.id === this.#host.meId();
        const name = own ? text('you') : userName(message.user);
        const title = this.#edited ? text('editing') : text('replyingTo', { name });
        setWords(this.#bar.querySelector('.reply-bar-name'), title);
        const refusal = this.#refusal && text('notSaved', { reason: reasonOf(this.#refusal) });
        setWords(this.#bar.querySelector('.reply-bar-excerpt'), refusal ?? excerpt(held ?? message));
        this.#bar.classList.toggle('is-refused', Boolean(refusal));
        const cancel = text(this.#edited ? 'cancelEdit' : 'cancelReply');
        this.#bar.querySelector('.reply-cancel').setAttribute('aria-label', cancel);
        this.#bar.querySelector('.reply-cancel').title = cancel;
    }

    #stopEditing() {
        this.#edited = null;
        this.#refusal = null;
        this.#set(this.#before);
        this.#before = '';
        this.render();
    }

    #leaveBar() {
        if (this.#edited) this.#stopEditing();
        else this.reply(null);
    }

    #write(words) {
        this.#set(words);
        this.#keep();
    }

    #keep() {
        if (!this.#edited && this.#channelId) this.#host.keepDraft(this.#channelId, this.#input.value);
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
        if (this.#edited) {
            this.#saveEdit(content);
            return;
        }
        this.#host.onSend({ content, parentId: this.#replyTo?.id, mentions: this.#mentionedIn(content) });
        this.#write('');
        this.reply(null);
        this.focus();
    }

    /// A refusal is shown beside the text, which stays.
    async #saveEdit(content) {
        const message = this.#edited;
        try {
            if (content !== this.#host.message(message.id)?.content)
                await this.#host.onEdit(message, content);
            if (this.#edited === message) this.#stopEditing();
        } catch (error) {
            if (this.#edited !== message) return;
            this.#refusal = error;
            this.render();
        }
    }

    /// Ids of the members whose `@name` occurs in the text. If a name begins with another one, the longer one wins.
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
        this.#keep();
        if (!this.#edited) this.#host.onTyping(this.#input.value.trim() !== '');
        this.#suggest();
    }

    #onKey(event) {
        if (event.isComposing) return;
        if (!this.#list.hidden && this.#onSuggestionKey(event)) {
            event.preventDefault();
        } else if (event.key === 'Enter' && !event.shiftKey) {
            event.preventDefault();
            this.#form.requestSubmit();
        } else if (event.key === 'Escape' && (this.#edited || this.#replyTo)) {
            this.#leaveBar();
        } else if (event.key === 'ArrowUp' && this.#input.value === '' && this.#host.ownNewest()) {
            event.preventDefault();
            this.edit(this.#host.ownNewest());
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

    /// The word after the `@` at the cursor, if any.
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
        // A press must not take the focus away from the field.
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
        this.#keep();
        this.focus();
    }

    #closeSuggestions() {
        this.#list.hidden = true;
        this.#input.removeAttribute('aria-activedescendant');
    }
}
