/// The message list of one channel: grouping, day separators, the "new messages" separator, scrolling, and
/// keyboard navigation.

import { element } from './dom.js';
import { buildEntries } from './entries.js';
import { messageRow, signature } from './message_view.js';
import { language, samples, text } from './texts.js';

const AT_BOTTOM_PX = 48;
const LOAD_MORE_PX = 320;

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
    /// The "new messages" separator comes after this `seq`.
    #lineAfter = null;

    /// `actions`: `onReply(message)`, `onEdit(message)`, `onMenu(message, anchor)`, `onReact(message, emoji)`,
    /// `onProblem(error)`, `onGone()` (a message to be shown does not exist), `onSample(words)`, `onTakeBack(key)`,
    /// `onLeave()` (Escape) and `onScroll()`.
    constructor(pane, client, actions) {
        this.#client = client;
        this.#actions = {
            ...actions,
            onReveal: (messageId) => this.reveal(messageId),
            onRetry: (key) => client.retry(key),
            onDiscard: (key) => client.takeBack(key),
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
        new ResizeObserver(() => this.isAtBottom && this.#scrollDown()).observe(this.#scroller);
    }

    /// Scrolled to the newest message. A second window, far up, ends before the newest message.
    get isAtBottom() {
        return this.#sticks && !this.#channel()?.side;
    }

    /// Messages that arrived below while the reader was further up.
    get newBelow() {
        return this.#newBelow;
    }

    show(channelId) {
        this.#channel()?.leaveSide();
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

    /// Everything from now on is new to the reader: the pane is hidden, or its connection has ended.
    drawLine() {
        const channel = this.#channel();
        if (channel && channel.unread === 0) this.#lineAfter = channel.lastSeq;
    }

    removeLine() {
        this.#lineAfter = null;
    }

    toBottom() {
        this.#sticks = true;
        this.#newBelow = 0;
        if (this.#channel()?.side) {
            this.#channel().leaveSide();
            this.render();
        }
        this.#scrollDown();
    }

    render() {
        this.#draw();
        this.#loadMoreIfNear();
    }

    #draw() {
        const channel = this.#channel();
        this.#entries = channel
            ? buildEntries(channel, this.#client.pending(channel.id), this.#client.me, this.#lineAfter)
            : [];
        const anchor = this.isAtBottom ? null : this.#anchor();
        this.#place(this.#entries);
        this.#renderAbove(channel);
        this.#renderEmpty(channel);
        this.#countNew(channel);
        if (this.isAtBottom) this.#scrollDown();
        else this.#restore(anchor);
    }

    /// Shows a message that may be far up, and highlights it for a moment.
    async reveal(messageId) {
        const channel = this.#channel();
        if (!channel) return;
        this.#sticks = false;
        try {
            await this.#bringIn(channel, messageId);
        } catch (error) {
            this.#actions.onProblem(error);
            return;
        }
        if (this.#channelId !== channel.id) return;
        const isThere = channel.viewed().some(({ id }) => id === messageId);
        if (!isThere && !channel.side) this.#actions.onGone();
        // Loads nothing until the message is visible, because the reader's previous place may have been near an end.
        this.#draw();
        const row = this.#list.querySelector(`[data-message="${CSS.escape(messageId)}"]`);
        if (!row) return;
        row.scrollIntoView({ block: 'center' });
        row.focus({ preventScroll: true });
        row.classList.add('found');
        row.addEventListener('animationend', () => row.classList.remove('found'), { once: true });
        this.#actions.onScroll();
    }

    /// Focuses the row of a message, if nothing else has the focus.
    focusOn(messageId) {
        const row = this.#list.querySelector(`[data-message="${CSS.escape(messageId)}"]`);
        if (document.activeElement === document.body) row?.focus({ preventScroll: true });
    }

    #scrollDown() {
        this.#scroller.scrollTop = this.#scroller.scrollHeight;
    }

    #channel() {
        return this.#client.channels.get(this.#channelId);
    }

    /// Brings the message into the window being shown: it is there, in the first window, or at the centre of a second one.
    async #bringIn(channel, messageId) {
        const has = (messages) => messages.some(({ id }) => id === messageId);
        if (has(channel.viewed())) return;
        if (has(channel.list())) channel.leaveSide();
        else await this.#client.loadAround(channel.id, messageId);
    }

    /// Updates the list to `entries`, keeping every row whose look has not changed.
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
        if (held?.node.contains(document.activeElement))
            queueMicrotask(() => node.focus({ preventScroll: true }));
        return { node, look };
    }

    #renderAbove(channel) {
        const retry = (open) => element('button', { type: 'button', onclick: open }, text('tryAgain'));
        let content = [];
        if (channel?.failed) content = [text('loadFailed'), retry(() => this.#client.open(channel.id))];
        else if (channel?.olderFailed)
            content = [text('olderFailed'), retry(() => this.#client.loadOlder(channel.id))];
        else if (channel && ((!channel.loaded && !channel.side) || channel.loadingOlder))
            content = [text('loading')];
        else if (channel && this.#entries.length > 0) {
            const { reachedStart } = channel.side ?? channel;
            if (reachedStart) content = [text('beginning')];
        }
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
                { type: 'button', onclick: () => this.#actions.onSample(words) },
                words,
            );
        const parts = [element('strong', {}, text('emptyTitle')), element('p', {}, text('emptyHint'))];
        this.#empty.replaceChildren(...parts, ...samples().map(sample));
    }

    #countNew(channel) {
        const newest = channel?.newest()?.seq ?? 0;
        if (this.#newest > 0 && !this.#sticks) {
            const others = (message) => message.seq > this.#newest && message.user?.id !== this.#client.me.id;
            this.#newBelow += channel.list().filter(others).length;
        }
        this.#newest = newest;
    }

    /// The first visible row and where it ends, so that additions above do not move what is below. Its own height may
    /// change if it is no longer the first of its group.
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
        const toEnd = scrollHeight - scrollTop - clientHeight;
        this.#sticks = toEnd < AT_BOTTOM_PX && !this.#channel()?.side;
        if (this.#sticks) this.#newBelow = 0;
        this.#loadMoreIfNear();
        this.#actions.onScroll();
    }

    #loadMoreIfNear() {
        const channel = this.#channel();
        const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
        if (!channel || clientHeight === 0 || this.#client.state.name !== 'live') return;
        if (channel.side && scrollHeight - scrollTop - clientHeight < LOAD_MORE_PX)
            this.#client.loadNewer(channel.id);
        if (!(channel.loaded || channel.side) || channel.olderFailed) return;
        if (scrollTop < LOAD_MORE_PX) this.#client.loadOlder(channel.id);
    }

    #messageEntries() {
        return this.#entries.filter((entry) => !entry.line);
    }

    /// Only one row is in the tab order: the one last focused, initially the newest.
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
        } else if (!this.#onActionKey(event.key, row, entries[index])) {
            return;
        }
        event.preventDefault();
    }

    #onActionKey(key, row, entry) {
        if (key === 'Enter' || key.toLowerCase() === 'r') row.querySelector('.reply')?.click();
        else if (key.toLowerCase() === 'm' || key === 'ContextMenu') row.querySelector('.more')?.click();
        else if (key.toLowerCase() === 'e' && entry?.own && row.querySelector('.more'))
            this.#actions.onEdit(entry.message);
        else if (key === 'Escape') this.#actions.onLeave();
        else return false;
        return true;
    }
}
