/// The channels of one person: tabs in a narrow pane, a column in a wide one.

import { avatar, element, icon } from './dom.js';
import { channelName, excerpt, peerOf, presenceWords, userName } from './names.js';
import { language, text } from './texts.js';
import { clock } from './times.js';

export class ChannelList {
    #nav;
    #client;
    #host;
    #look = null;

    /// `host`: `openId()`, `unreadOf(channel)`, `typingText(channel)`, `onChoose(channelId)`.
    constructor(nav, client, host) {
        this.#nav = nav;
        this.#client = client;
        this.#host = host;
    }

    /// Rebuilds only if something has changed, because a replaced button loses the focus.
    render() {
        const facts = this.#client.channelList().map((channel) => this.#facts(channel));
        const look = JSON.stringify([facts, language()]);
        if (this.#look === look) return;
        this.#look = look;
        const focused = this.#nav.contains(document.activeElement) && document.activeElement.dataset.id;
        this.#nav.replaceChildren(...facts.map((fact) => this.#button(fact)));
        if (focused) this.#nav.querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus();
    }

    #facts(channel) {
        const last = channel.lastMessage;
        const typing = this.#host.typingText(channel);
        const peer = peerOf(channel, this.#client.me.id);
        const presence = peer && this.#client.presence(peer.id);
        return {
            id: channel.id,
            name: channelName(channel, this.#client.me.id),
            group: channel.settings.type === 'group',
            open: channel.id === this.#host.openId(),
            unread: this.#host.unreadOf(channel),
            mentioned: channel.mentionCount > 0,
            muted: channel.muted,
            presence: presence && { online: presence.status === 'online', words: presenceWords(presence) },
            time: last ? clock(last.created_at) : '',
            typing: Boolean(typing),
            line: typing || (last ? this.#lastLine(channel, last) : ''),
        };
    }

    #lastLine(channel, message) {
        if (message.user?.id === this.#client.me.id) return `${text('you')}: ${excerpt(message)}`;
        return channel.settings.type === 'group'
            ? `${userName(message.user)}: ${excerpt(message)}`
            : excerpt(message);
    }

    #button(fact) {
        const { id, name, open, time, typing, line } = fact;
        return element(
            'button',
            {
                class: 'channel',
                type: 'button',
                'data-id': id,
                'aria-current': open && 'true',
                onclick: () => this.#host.onChoose(id),
            },
            this.#picture(fact),
            element('span', { class: 'channel-name' }, element('span', {}, name), this.#bell(fact)),
            element('span', { class: 'channel-time' }, time),
            element('span', { class: typing ? 'channel-line is-typing' : 'channel-line', dir: 'auto' }, line),
            this.#badge(fact),
        );
    }

    #picture({ name, group, presence }) {
        const dot = presence && [
            element('span', {
                class: presence.online ? 'presence is-online' : 'presence',
                'aria-hidden': 'true',
            }),
            element('span', { class: 'visually-hidden' }, presence.words),
        ];
        return element(
            'span',
            { class: 'picture' },
            avatar(name, group ? 'avatar-group' : ''),
            ...(dot ?? []),
        );
    }

    #bell({ muted }) {
        if (!muted) return null;
        const label = element('span', { class: 'visually-hidden' }, text('muted'));
        return element('span', { class: 'bell', title: text('muted') }, icon('bell-off'), label);
    }

    #badge({ unread, mentioned, muted }) {
        if (unread === 0) return null;
        const words = [text('unread', { n: unread }), mentioned && text('mentioned')]
            .filter(Boolean)
            .join(', ');
        const shown = `${mentioned ? '@ ' : ''}${unread > 99 ? '99+' : unread}`;
        return element(
            'span',
            { class: muted ? 'badge badge-muted' : 'badge' },
            element('span', { 'aria-hidden': 'true' }, shown),
            element('span', { class: 'visually-hidden' }, words),
        );
    }
}
