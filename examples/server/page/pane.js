/// One person: their connection, their conversations, and the one that is open.

import { avatar, coalesced, element, icon } from './dom.js';
import { ChatClient } from './client.js';
import { Composer } from './composer.js';
import { Timeline } from './timeline.js';
import { applyTexts, text } from './texts.js';
import { clock, excerpt, userName } from './message_view.js';

const TOAST_MS = 6_000;

export class Pane {
    #client;
    #root;
    #timeline;
    #composer;
    #openId = null;
    #host;
    #name;
    #wasLive = false;
    #toastTimer = null;
    #countdown = null;
    #shown = {};

    /// `person`: `{name, ownWindow?}` as known before the server greets; `token(fresh)` as in `ChatClient`.
    /// `host`: `onChanged()` when badges may have changed, `onNewToken()` when the user wants to paste
    /// another one.
    constructor(person, token, host) {
        this.#host = host;
        this.#name = person.name;
        const template = document.getElementById('pane');
        this.#root = template.content.firstElementChild.cloneNode(true);
        applyTexts(this.#root);
        this.#client = new ChatClient({ origin: location.origin, token });
        this.#timeline = new Timeline(this.#root, this.#client, {
            onReply: (message) => this.#composer.reply(message),
            onSample: (words) => this.#composer.fill(words),
            onLeave: () => this.#composer.focus(),
            onScroll: () => this.#afterScroll(),
        });
        this.#composer = new Composer(this.#root, {
            members: () => this.#channel()?.presentMembers() ?? [],
            meId: () => this.#client.me?.id,
            onSend: (draft) => this.#onSend(draft),
            onTyping: (active) => this.#client.typing(this.#openId, active),
        });
        const ownWindow = this.#find('.own-window');
        ownWindow.hidden = !person.ownWindow;
        if (person.ownWindow) ownWindow.href = person.ownWindow;
        this.#listen();
        this.render();
        this.#client.start();
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

    stop() {
        clearInterval(this.#countdown);
        this.#client.stop();
    }

    retryNow() {
        this.#client.retryNow();
    }

    /// The language has changed.
    translate() {
        applyTexts(this.#root);
        this.#find('.toast').hidden = true;
        this.#shown = {};
        this.render();
        this.#composer.render();
    }

    /// The pane may have come into sight.
    seen() {
        this.render();
    }

    render() {
        if (!this.#channel()) this.#openFirst();
        this.#renderHead();
        this.#renderBanner();
        this.#renderChannels();
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
        this.#client.addEventListener('resumed', (event) => this.#onResumed(event.detail.messages));
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

    #onResumed(count) {
        const toast = this.#find('.toast');
        toast.textContent = count > 0 ? text('resumed', { n: count }) : text('resumedNone');
        toast.hidden = false;
        clearTimeout(this.#toastTimer);
        this.#toastTimer = setTimeout(() => (toast.hidden = true), TOAST_MS);
    }

    #onSend(draft) {
        // What others write while this person is away stays marked as new, whatever they write themselves.
        if (this.#client.state.name === 'live') this.#timeline.removeLine();
        this.#client.send(this.#openId, draft);
        this.render();
        this.#timeline.toBottom();
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

    /// In sight, in front, and at the newest message.
    #isReading() {
        return !document.hidden && this.#root.getClientRects().length > 0 && this.#timeline.isAtBottom;
    }

    /// What is being read right now is not shown as unread until the server has heard of it.
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

    /// Makes a part of the pane anew only when what it shows has changed: a button that is replaced loses the
    /// focus.
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

    #renderChannels() {
        const channels = this.#client.channelList();
        const facts = channels.map((c) => this.#channelFacts(c));
        if (!this.#changed('channels', facts)) return;
        const focused =
            this.#find('.channels').contains(document.activeElement) && document.activeElement.dataset.id;
        this.#find('.channels').replaceChildren(...facts.map((fact) => this.#channelButton(fact)));
        if (focused) this.#find(`.channels [data-id="${CSS.escape(focused)}"]`)?.focus();
    }

    #channelFacts(channel) {
        const last = channel.lastMessage;
        const typists = this.#typingText(channel);
        return {
            id: channel.id,
            name: this.#channelName(channel),
            group: channel.settings.type === 'group',
            open: channel.id === this.#openId,
            unread: this.#unreadOf(channel),
            mentioned: channel.mentionCount > 0,
            time: last ? clock(last.created_at) : '',
            typing: Boolean(typists),
            line: typists || (last ? this.#lastLine(channel, last) : ''),
        };
    }

    #channelName({ settings, members }) {
        if (settings.type === 'group') return settings.name || settings.external_id;
        const peer = [...members.values()].find(({ user }) => user && user.id !== this.#client.me.id);
        return peer ? userName(peer.user) : (settings.name ?? '…');
    }

    #lastLine(channel, message) {
        if (message.user?.id === this.#client.me.id) return `${text('you')}: ${excerpt(message)}`;
        return channel.settings.type === 'group'
            ? `${userName(message.user)}: ${excerpt(message)}`
            : excerpt(message);
    }

    #channelButton({ id, name, group, open, unread, mentioned, time, typing, line }) {
        const words = [text('unread', { n: unread }), mentioned && text('mentioned')]
            .filter(Boolean)
            .join(', ');
        const badge = [
            element(
                'span',
                { 'aria-hidden': 'true' },
                `${mentioned ? '@ ' : ''}${unread > 99 ? '99+' : unread}`,
            ),
            element('span', { class: 'visually-hidden' }, words),
        ];
        return element(
            'button',
            {
                class: 'channel',
                type: 'button',
                'data-id': id,
                'aria-current': open && 'true',
                onclick: () => this.#choose(id),
            },
            avatar(name, group ? 'avatar-group' : ''),
            element('span', { class: 'channel-name' }, name),
            element('span', { class: 'channel-time' }, time),
            element('span', { class: typing ? 'channel-line is-typing' : 'channel-line', dir: 'auto' }, line),
            unread > 0 ? element('span', { class: 'badge' }, ...badge) : null,
        );
    }

    #choose(channelId) {
        if (channelId !== this.#openId) this.#open(channelId);
        this.render();
        if (matchMedia('(hover: hover)').matches) this.#composer.focus();
    }

    #renderTalk() {
        const channel = this.#channel();
        this.#find('.composer').hidden = !channel;
        this.#timeline.render();
        this.#renderJump();
        const typing = channel ? this.#typingText(channel) : '';
        this.#find('.typing').classList.toggle('is-on', Boolean(typing));
        this.#find('.typing-text').textContent = typing;
        this.#find('.talk-name').textContent = channel ? this.#channelName(channel) : '';
        const count = channel?.membersLoaded
            ? Math.max(channel.presentMembers().length, 0)
            : channel?.memberCount;
        const isGroup = channel?.settings.type === 'group';
        this.#find('.talk-detail').textContent = isGroup ? text('members', { n: count }) : '';
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
