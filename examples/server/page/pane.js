/// One person: their connection, their channels, and the open one.

import { Attach } from './attach.js';
import { ChannelList } from './channel_list.js';
import { ChatClient } from './client.js';
import { Composer } from './composer.js';
import { avatar, coalesced, setWords } from './dom.js';
import { Menu } from './menu.js';
import { openMessageMenu } from './message_menu.js';
import { excerpt, userName } from './names.js';
import { PinBar } from './pin_bar.js';
import { SearchPanel } from './search_panel.js';
import { TalkHead } from './talk_head.js';
import { applyTexts, listOf, reasonOf, text } from './texts.js';
import { Timeline } from './timeline.js';

const TOAST_MS = 6_000;

export class Pane {
    #client;
    #root;
    #timeline;
    #composer;
    #channels;
    #head;
    #pinBar;
    #search;
    #menu;
    #openId = null;
    #host;
    #name;
    #attachments;
    #wasLive = false;
    #toastTimer = null;
    #countdown = null;
    #shown = {};

    /// `person`: `{name, ownWindow?, attachments?}` as known before the connection; `token(fresh)` as in `ChatClient`.
    /// `host`: `onChanged()` when badges may have changed, `onNewToken()` when the user wants to paste another token.
    constructor(person, token, host) {
        this.#host = host;
        this.#name = person.name;
        this.#attachments = person.attachments;
        const template = document.getElementById('pane');
        this.#root = template.content.firstElementChild.cloneNode(true);
        applyTexts(this.#root);
        this.#client = new ChatClient({ origin: location.origin, token, storage: browserStorage() });
        this.#menu = new Menu(this.#root);
        this.#makeParts();
        const ownWindow = this.#find('.own-window');
        ownWindow.hidden = !person.ownWindow;
        if (person.ownWindow) ownWindow.href = person.ownWindow;
        this.#listen();
        this.render();
        this.#client.start();
    }

    #makeParts() {
        this.#timeline = new Timeline(this.#root, this.#client, {
            onReply: (message) => this.#composer.reply(message),
            onEdit: (message) => this.#composer.edit(message),
            onMenu: (message, anchor) => this.#openMenu(message, anchor),
            onReact: (message, emoji) => this.#react(message, emoji),
            onProblem: (error) => this.#complain(error),
            onGone: () => this.#say(text('messageGone')),
            onSample: (words) => this.#composer.fill(words),
            onTakeBack: (key) => this.#takeBack(key),
            onLeave: () => this.#composer.focus(),
            onScroll: () => this.#afterScroll(),
        });
        this.#composer = new Composer(this.#root, {
            members: () => this.#channel()?.presentMembers() ?? [],
            meId: () => this.#client.me?.id,
            message: (id) => this.#channel()?.messages.get(id),
            ownNewest: () => this.#ownNewest(),
            onSend: (draft) => this.#onSend(draft),
            onEdit: (message, content) => this.#client.actions.edit(message, content),
            onTyping: (active) => this.#client.typing(this.#openId, active),
            draft: (channelId) => this.#client.draft(channelId),
            keepDraft: (channelId, words) => this.#client.keepDraft(channelId, words),
        });
        new Attach(this.#root, this.#attachments, {
            place: () => this.#openId,
            permit: (file) => this.#client.actions.permitUpload(file),
            onUploaded: (channelId, attachment) => this.#send(channelId, { content: '', attachment }),
            onProblem: (words) => this.#say(words),
        });
        this.#channels = new ChannelList(this.#find('.channels'), this.#client, {
            openId: () => this.#openId,
            unreadOf: (channel) => this.#unreadOf(channel),
            typingText: (channel) => this.#typingText(channel),
            onChoose: (channelId) => this.#choose(channelId),
        });
        this.#head = new TalkHead(this.#root, this.#client, this.#menu, {
            channel: () => this.#channel(),
            onDo: (promise) => this.#attempt(promise),
        });
        this.#pinBar = new PinBar(this.#find('.pin-bar'), this.#client, {
            channel: () => this.#channel(),
            onOpen: (messageId) => this.#timeline.reveal(messageId),
            onChanged: () => this.render(),
        });
        this.#search = new SearchPanel(this.#root, this.#client, {
            openId: () => this.#openId,
            onFound: (channelId, messageId) => this.#onFound(channelId, messageId),
            onClosed: () => this.#find('.search-open').focus(),
        });
    }

    get root() {
        return this.#root;
    }

    get name() {
        return this.#client.me?.name ?? this.#name;
    }

    get unread() {
        const counted = this.#client.channelList().filter((channel) => !channel.muted);
        return counted.reduce((sum, channel) => sum + this.#unreadOf(channel), 0);
    }

    get devices() { return this.#client.actions.devices; }

    stop() {
        clearInterval(this.#countdown);
        this.#client.stop();
    }

    retryNow() {
        this.#client.retryNow();
    }

    probe() {
        this.#client.probe();
    }

    /// Call after the language has changed.
    translate() {
        applyTexts(this.#root);
        this.#find('.toast').hidden = true;
        this.#shown = {};
        this.#menu.close();
        this.render();
        this.#search.render();
    }

    /// Call when the pane may have become visible.
    seen() {
        this.render();
    }

    render() {
        if (!this.#channel()) this.#openFirst();
        this.#renderHead();
        this.#renderBanner();
        this.#channels.render();
        this.#renderTalk();
        if (this.#isReading()) this.#client.markRead(this.#openId);
        this.#host.onChanged();
    }

    #find(selector) {
        return this.#root.querySelector(selector);
    }

    #channel() {
        return this.#client.channels.get(this.#openId);
    }

    #listen() {
        const render = coalesced(() => this.render());
        this.#client.addEventListener('change', render);
        this.#client.addEventListener('state', (event) => this.#onState(event.detail));
        this.#client.addEventListener('message', (event) => this.#onMessage(event.detail));
        this.#client.addEventListener('resumed', (event) => this.#onResumed(event.detail));
        this.#find('.power').addEventListener('click', () => this.#togglePower());
        this.#find('.banner-action').addEventListener('click', () => this.#onBannerAction());
        this.#find('.jump').addEventListener('click', () => {
            this.#timeline.toBottom();
            this.#composer.focus();
        });
    }

    #onState({ name }) {
        clearInterval(this.#countdown);
        if (name === 'waiting') this.#countdown = setInterval(() => this.#renderBanner(), 500);
        if (this.#wasLive && name !== 'live') this.#timeline.drawLine();
        this.#wasLive = name === 'live';
        this.render();
    }

    #onMessage({ channel, message }) {
        if (channel.id === this.#openId && !this.#isReading()) this.#timeline.drawLine();
        const where = channel.settings?.type === 'group' ? `${channel.settings.name}, ` : '';
        this.#find('.spoken').textContent = `${where}${userName(message.user)}: ${excerpt(message)}`;
    }

    #onResumed(counts) {
        const kinds = Object.entries(counts).filter(([, n]) => n > 0);
        const list = listOf(kinds.map(([kind, n]) => text(`missed_${kind}`, { n })));
        this.#say(list ? text('resumed', { list }) : text('resumedNone'));
    }

    #say(words) {
        const toast = this.#find('.toast');
        toast.textContent = words;
        toast.hidden = false;
        clearTimeout(this.#toastTimer);
        this.#toastTimer = setTimeout(() => (toast.hidden = true), TOAST_MS);
    }

    #complain(error) {
        this.#say(text('failed', { reason: reasonOf(error) }));
    }

    /// Runs something the server may refuse, and shows its reason.
    async #attempt(promise) {
        try {
            await promise;
        } catch (error) {
            this.#complain(error);
        }
        this.render();
    }

    #react(message, emoji) {
        this.#attempt(this.#client.actions.react(message, emoji));
    }

    #openMenu(message, anchor) {
        openMessageMenu(this.#menu, anchor, this.#channel(), message, {
            onReact: (one, emoji) => this.#react(one, emoji),
            onReply: (one) => this.#composer.reply(one),
            onCopy: (one) => this.#copy(one.content),
            onEdit: (one) => this.#composer.edit(one),
            onPin: (one) => this.#attempt(this.#client.actions.pin(one, !one.pinned_at)),
            onUnsend: (one) => this.#attempt(this.#client.actions.unsend(one)),
            onReport: (one) => this.#report(one),
            onClose: () => this.#timeline.focusOn(message.id),
        });
    }

    async #report(message) {
        try {
            await this.#client.actions.report(message, 'reported on the demo page');
            this.#say(text('reported'));
        } catch (error) {
            this.#complain(error);
        }
    }

    /// Pages may only use the clipboard in a secure context.
    async #copy(words) {
        try {
            await navigator.clipboard.writeText(words);
            this.#say(text('copied'));
        } catch {
            this.#say(text('notCopied'));
        }
    }

    #ownNewest() {
        const own = (message) => message.user?.id === this.#client.me?.id && !message.deleted_at;
        return this.#channel()?.list().findLast(own);
    }

    /// In a narrow pane, search results cover the conversation, and close to show it.
    #onFound(channelId, messageId) {
        if (channelId !== this.#openId) this.#open(channelId);
        if (this.#find('.search').offsetWidth > this.#root.offsetWidth - 200) this.#search.close();
        this.render();
        this.#timeline.reveal(messageId);
    }

    #onSend(draft) {
        this.#send(this.#openId, draft);
    }

    #send(channelId, draft) {
        // What others write while this person is away stays marked as new, even if this person writes something.
        if (this.#client.state.name === 'live') this.#timeline.removeLine();
        this.#client.send(channelId, draft);
        this.render();
        if (channelId === this.#openId) this.#timeline.toBottom();
    }

    #takeBack(key) {
        const body = this.#client.takeBack(key);
        if (body) this.#composer.takeBack({ content: body.content, parentId: body.parent_id });
    }

    #togglePower() {
        if (this.#isCut()) this.#client.start();
        else this.#client.stop();
    }

    #onBannerAction() {
        const { name } = this.#client.state;
        if (name === 'waiting') this.#client.retryNow();
        else if (name === 'signed_out') this.#host.onNewToken();
        else this.#client.start();
    }

    #isCut() {
        return ['stopped', 'signed_out', 'refused'].includes(this.#client.state.name);
    }

    /// Visible, in front, and scrolled to the newest message.
    #isReading() {
        return !document.hidden && this.#root.getClientRects().length > 0 && this.#timeline.isAtBottom;
    }

    /// What is being read right now is not counted as unread, even before the server knows.
    #unreadOf(channel) {
        return channel.id === this.#openId && this.#isReading() ? 0 : channel.unread;
    }

    #openFirst() {
        const [first] = this.#client.channelList();
        if (first) this.#open(first.id);
    }

    #open(channelId) {
        this.#client.typing(this.#openId, false);
        this.#openId = channelId;
        this.#client.open(channelId);
        this.#composer.show(channelId);
        this.#timeline.show(channelId);
    }

    #afterScroll() {
        this.#renderJump();
        if (this.#isReading()) this.#client.markRead(this.#openId);
    }

    /// Rebuilds a part of the pane only if its content has changed, because a replaced button loses the focus.
    #changed(part, facts) {
        const look = JSON.stringify(facts);
        if (this.#shown[part] === look) return false;
        this.#shown[part] = look;
        return true;
    }

    #renderHead() {
        const { name } = this.#client.state;
        const cut = this.#isCut();
        if (!this.#changed('head', [this.name, name])) return;
        this.#root.setAttribute('aria-label', this.name);
        this.#root.dataset.state = name;
        this.#find('.name').textContent = this.name;
        this.#find('.avatar-slot').replaceChildren(avatar(this.name));
        this.#find('.state-text').textContent = text(`state_${name}`);
        this.#find('.power-text').textContent = text(cut ? 'goOnline' : 'goOffline');
    }

    #renderBanner() {
        const { name, retryAt, code } = this.#client.state;
        const isTrouble = ['stopped', 'waiting', 'signed_out', 'refused'].includes(name);
        const seconds = Math.max(1, Math.ceil((retryAt - Date.now()) / 1000)) || 0;
        const queued = this.#client.waitingCount;
        if (!this.#changed('banner', [name, seconds, code, queued])) return;
        this.#find('.banner').hidden = !isTrouble;
        if (!isTrouble) return;
        const words = [text(`banner_${name}`, { n: seconds, code })];
        if (queued > 0) words.push(text('banner_queued', { n: queued }));
        this.#find('.banner-text').textContent = words.join(' ');
        const action = { waiting: 'retryNow', signed_out: 'newToken' }[name] ?? 'goOnline';
        this.#find('.banner-action').textContent = text(action);
    }

    #choose(channelId) {
        if (channelId !== this.#openId) this.#open(channelId);
        this.render();
        if (matchMedia('(hover: hover)').matches) this.#composer.focus();
    }

    #renderTalk() {
        const channel = this.#channel();
        this.#head.render();
        this.#pinBar.render();
        this.#timeline.render();
        this.#composer.render();
        this.#renderJump();
        const typing = channel ? this.#typingText(channel) : '';
        this.#find('.typing').classList.toggle('is-on', Boolean(typing));
        setWords(this.#find('.typing-text'), typing);
        if (!channel && this.#client.state.name === 'live')
            this.#find('.above').textContent = text('noChannels');
    }

    #renderJump() {
        const below = this.#timeline.newBelow;
        this.#find('.jump').hidden = this.#timeline.isAtBottom;
        this.#find('.jump-text').textContent = below > 0 ? text('jumpNew', { n: below }) : '';
        this.#find('.jump').setAttribute(
            'aria-label',
            below > 0 ? text('jumpNew', { n: below }) : text('jump'),
        );
    }

    #typingText(channel) {
        const names = this.#client.typists(channel.id).map((id) => userName(channel.members.get(id)?.user));
        const [a, b] = names.filter(Boolean);
        if (names.length > 2) return text('typingMany');
        if (b) return text('typingTwo', { a, b });
        return a ? text('typingOne', { a }) : '';
    }
}

/// Null if the browser does not allow it.
function browserStorage() {
    try {
        return localStorage;
    } catch {
        return null;
    }
}
