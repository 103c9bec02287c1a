/// The list of messages of one channel: grouping, day lines, the line above what is new, scrolling, and the
/// keys that move through it.

import { element } from './dom.js';
import { dayName, messageRow, signature } from './message_view.js';
import { SAMPLES, language, text } from './texts.js';

const GROUP_WITHIN_MS = 5 * 60_000;
const AT_BOTTOM_PX = 48;
const LOAD_OLDER_PX = 320;
const REVEAL_PAGES = 40;

export class Timeline {
    #client;
    #actions;
    #scroller;
    #above;
    #list;
    #empty;
    #channelId = null;
    #rows = new Map();
    #entries = [];
    #activeKey = null;
    #sticks = true;
    #newBelow = 0;
    #newest = 0;
    /// The line "new messages" stands after this `seq`.
    #lineAfter = null;

    /// `actions`: `onReply(message)`, `onSample(words)`, `onLeave()` (Escape) and `onScroll()`.
    constructor(pane, client, actions) {
        this.#client = client;
        this.#actions = {
            ...actions,
            onReveal: (messageId) => this.reveal(messageId),
            onRetry: (key) => client.retry(key),
            onDiscard: (key) => client.discard(key),
        };
        this.#scroller = pane.querySelector('.scroller');
        this.#above = pane.querySelector('.above');
        this.#list = pane.querySelector('.messages');
        this.#empty = pane.querySelector('.empty');
        this.#scroller.addEventListener('scroll', () => this.#onScroll(), { passive: true });
        this.#list.addEventListener('keydown', (event) => this.#onKey(event));
        this.#list.addEventListener('focusin', (event) =>
            this.#activate(event.target.closest('li')?.dataset.key),
        );
        new ResizeObserver(() => this.#sticks && this.toBottom()).observe(this.#scroller);
    }

    get isAtBottom() {
        return this.#sticks;
    }

    /// Messages that came below while the reader was further up.
    get newBelow() {
        return this.#newBelow;
    }

    show(channelId) {
        this.#channelId = channelId;
        this.#activeKey = null;
        this.#sticks = true;
        this.#newBelow = 0;
        this.#newest = 0;
        this.#rows.clear();
        this.#list.replaceChildren();
        const channel = this.#client.channels.get(channelId);
        this.#lineAfter = channel?.unread > 0 ? channel.ownRead : null;
        this.render();
    }

    /// What comes from now on is new to the reader: the pane is out of sight, or its connection has ended.
    drawLine() {
        const channel = this.#client.channels.get(this.#channelId);
        if (channel && channel.unread === 0) this.#lineAfter = channel.lastSeq;
    }

    removeLine() {
        this.#lineAfter = null;
    }

    toBottom() {
        this.#sticks = true;
        this.#newBelow = 0;
        this.#scroller.scrollTop = this.#scroller.scrollHeight;
    }

    render() {
        const channel = this.#client.channels.get(this.#channelId);
        this.#entries = channel ? this.#build(channel) : [];
        const anchor = this.#sticks ? null : this.#anchor();
        this.#place(this.#entries);
        this.#renderAbove(channel);
        this.#renderEmpty(channel);
        this.#countNew(channel);
        if (this.#sticks) this.toBottom();
        else this.#restore(anchor);
        this.#loadOlderIfNear();
    }

    /// Shows a message that may be far up, and marks it for a moment.
    async reveal(messageId) {
        const channel = this.#client.channels.get(this.#channelId);
        for (let page = 0; page < REVEAL_PAGES && !channel.messages.has(messageId); ++page) {
            if (channel.reachedStart || channel.olderFailed) return;
            await this.#client.loadOlder(channel.id);
        }
        if (this.#channelId !== channel.id || !channel.messages.has(messageId)) return;
        this.#sticks = false;
        this.render();
        const row = this.#list.querySelector(`[data-message="${CSS.escape(messageId)}"]`);
        row.scrollIntoView({ block: 'center' });
        row.focus({ preventScroll: true });
        row.classList.add('found');
        row.addEventListener('animationend', () => row.classList.remove('found'), { once: true });
    }

    #build(channel) {
        const seen = new Set();
        const entries = channel.list().map((message) => {
            if (message.idempotency_key) seen.add(message.idempotency_key);
            return { key: message.idempotency_key ?? message.id, message, status: 'sent' };
        });
        for (const item of this.#client.pending(channel.id)) {
            if (seen.has(item.key)) continue;
            const status = item.error ? 'failed' : 'pending';
            entries.push({ key: item.key, message: this.#drafted(channel, item), status, error: item.error });
        }
        return this.#withLines(channel, entries);
    }

    /// A message as it will look once the server has it.
    #drafted(channel, { key, body, createdAt }) {
        const parent = channel.messages.get(body.parent_id);
        const quoted = parent && {
            ...parent,
            user_name: parent.user?.name,
            deleted: Boolean(parent.deleted_at),
        };
        const mentions = (body.mentions ?? []).map((id) => ({
            user_id: id,
            name: channel.members.get(id)?.user?.name,
        }));
        const { content, type } = body;
        return {
            id: key,
            rev: 0,
            user: this.#client.me,
            type,
            content,
            created_at: createdAt,
            quoted_message: quoted,
            mentions,
        };
    }

    #withLines(channel, entries) {
        const lined = [];
        let before = null;
        let lineDrawn = this.#lineAfter === null;
        for (const entry of entries) {
            const { message } = entry;
            const day = new Date(message.created_at).toDateString();
            entry.own = message.user?.id === this.#client.me.id;
            entry.day = day;
            if (before?.day !== day)
                lined.push({ key: `day ${day}`, line: 'day', words: dayName(message.created_at) });
            if (!lineDrawn && message.seq > this.#lineAfter && !entry.own) {
                lined.push({ key: 'unread', line: 'unread', words: text('unreadLine') });
                lineDrawn = true;
            }
            entry.first = lined.at(-1)?.line !== undefined || !sameGroup(before, entry);
            entry.last = true;
            if (before && !entry.first) before.last = false;
            entry.showName = entry.first && !entry.own && channel.settings?.type === 'group';
            lined.push(entry);
            before = entry;
        }
        return lined;
    }

    /// Brings the list to `entries`, keeping every row whose look has not changed.
    #place(entries) {
        this.#rows = new Map(entries.map((entry) => [entry.key, this.#row(entry)]));
        const wanted = new Set([...this.#rows.values()].map(({ node }) => node));
        for (const node of [...this.#list.children]) if (!wanted.has(node)) node.remove();
        let next = this.#list.firstChild;
        for (const node of wanted) {
            if (node === next) next = next.nextSibling;
            else this.#list.insertBefore(node, next);
        }
        if (!this.#rows.has(this.#activeKey)) this.#activeKey = null;
        this.#markActive();
    }

    #row(entry) {
        const look = entry.line ? `${entry.words} ${language()}` : signature(entry);
        const held = this.#rows.get(entry.key);
        if (held?.look === look) return held;
        const node = entry.line
            ? element('li', { class: `line line-${entry.line}` }, element('span', {}, entry.words))
            : messageRow(entry, this.#client.me.id, this.#actions);
        node.dataset.key = entry.key;
        if (!entry.line) node.dataset.message = entry.message.id;
        if (held?.node === document.activeElement) queueMicrotask(() => node.focus({ preventScroll: true }));
        return { node, look };
    }

    #renderAbove(channel) {
        const retry = (open) => element('button', { type: 'button', onclick: open }, text('tryAgain'));
        let content = [];
        if (channel?.failed) content = [text('loadFailed'), retry(() => this.#client.open(channel.id))];
        else if (channel?.olderFailed)
            content = [text('olderFailed'), retry(() => this.#client.loadOlder(channel.id))];
        else if (channel && (!channel.loaded || channel.loadingOlder)) content = [text('loading')];
        else if (channel?.reachedStart && channel.list().length > 0) content = [text('beginning')];
        this.#above.replaceChildren(...content);
    }

    #renderEmpty(channel) {
        const look = channel?.loaded && this.#entries.length === 0 ? language() : '';
        if (this.#empty.dataset.look === look) return;
        this.#empty.dataset.look = look;
        this.#empty.hidden = !look;
        if (!look) return;
        const sample = (words) =>
            element(
                'button',
                { type: 'button', lang: 'id', onclick: () => this.#actions.onSample(words) },
                words,
            );
        const parts = [element('strong', {}, text('emptyTitle')), element('p', {}, text('emptyHint'))];
        this.#empty.replaceChildren(...parts, ...SAMPLES.map(sample));
    }

    #countNew(channel) {
        const newest = channel?.newest()?.seq ?? 0;
        if (this.#newest > 0 && !this.#sticks) {
            const others = (message) => message.seq > this.#newest && message.user?.id !== this.#client.me.id;
            this.#newBelow += channel.list().filter(others).length;
        }
        this.#newest = newest;
    }

    /// The first row in sight and where it ends, so that what is added above does not move what is below. Its
    /// own height may change, when it is no longer the first of its group.
    #anchor() {
        const top = this.#scroller.getBoundingClientRect().top;
        for (const [key, { node }] of this.#rows) {
            const box = node.getBoundingClientRect();
            if (box.bottom > top && !key.startsWith('day ')) return { key, bottom: box.bottom };
        }
        return null;
    }

    #restore(anchor) {
        const row = anchor && this.#rows.get(anchor.key);
        if (row) this.#scroller.scrollTop += row.node.getBoundingClientRect().bottom - anchor.bottom;
    }

    #onScroll() {
        const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
        this.#sticks = scrollHeight - scrollTop - clientHeight < AT_BOTTOM_PX;
        if (this.#sticks) this.#newBelow = 0;
        this.#loadOlderIfNear();
        this.#actions.onScroll();
    }

    #loadOlderIfNear() {
        const channel = this.#client.channels.get(this.#channelId);
        if (!channel?.loaded || channel.olderFailed || this.#scroller.clientHeight === 0) return;
        if (this.#scroller.scrollTop < LOAD_OLDER_PX && this.#client.state.name === 'live') {
            this.#client.loadOlder(channel.id);
        }
    }

    #messageEntries() {
        return this.#entries.filter((entry) => !entry.line);
    }

    /// One row takes part in the tab order: the one last visited, at first the newest.
    #activate(key) {
        if (!key || !this.#rows.has(key)) return;
        this.#activeKey = key;
        this.#markActive();
    }

    #markActive() {
        const active = this.#activeKey ?? this.#messageEntries().at(-1)?.key;
        for (const [key, { node }] of this.#rows) {
            if (node.hasAttribute('tabindex')) node.tabIndex = key === active ? 0 : -1;
        }
    }

    #onKey(event) {
        const row = event.target.closest('li');
        if (event.target !== row || event.ctrlKey || event.metaKey || event.altKey) return;
        const entries = this.#messageEntries();
        const index = entries.findIndex((entry) => entry.key === row.dataset.key);
        const moves = { ArrowUp: index - 1, ArrowDown: index + 1, Home: 0, End: entries.length - 1 };
        if (event.key in moves) {
            const target = entries[Math.max(0, Math.min(entries.length - 1, moves[event.key]))];
            this.#rows.get(target.key).node.focus();
        } else if (event.key === 'Enter' || event.key.toLowerCase() === 'r') {
            row.querySelector('.reply')?.click();
        } else if (event.key === 'Escape') {
            this.#actions.onLeave();
        } else {
            return;
        }
        event.preventDefault();
    }
}

function sameGroup(before, entry) {
    if (!before || before.message.type === 'system' || entry.message.type === 'system') return false;
    if (before.message.user?.id !== entry.message.user?.id) return false;
    return new Date(entry.message.created_at) - new Date(before.message.created_at) < GROUP_WITHIN_MS;
}
