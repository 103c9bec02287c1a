/// What is shown above a conversation: its name, who is online, and a menu to mute it or block the other user.

import { menuItem } from './menu.js';
import { channelName, peerOf, presenceWords, userName } from './names.js';
import { language, text } from './texts.js';

export class TalkHead {
    #root;
    #client;
    #menu;
    #host;
    #look = null;

    /// `host`: `channel()`, the open one, and `onDo(promise)` for requests that the server may refuse.
    constructor(root, client, menu, host) {
        this.#root = root;
        this.#client = client;
        this.#menu = menu;
        this.#host = host;
        this.#find('.talk-menu').addEventListener('click', (event) => this.#openMenu(event.currentTarget));
        this.#find('.unblock').addEventListener('click', () => this.#setBlocked(this.#peer(), false));
    }

    render() {
        const channel = this.#host.channel();
        const peer = this.#peer();
        const blocked = Boolean(peer && this.#client.hasBlocked(peer.id));
        const name = channel ? channelName(channel, this.#client.me.id) : '';
        const detail = channel ? this.#detail(channel, peer) : '';
        const frozen = Boolean(channel?.settings?.frozen) && channel.role !== 'admin';
        const look = JSON.stringify([channel?.id, name, detail, blocked, frozen, language()]);
        if (this.#look === look) return;
        this.#look = look;
        this.#find('.talk-head').hidden = !channel;
        this.#find('.talk-name').textContent = name;
        this.#find('.talk-detail').textContent = detail;
        this.#find('.talk-detail').classList.toggle('is-online', this.#isOnline(peer));
        this.#find('.composer').hidden = !channel || blocked || frozen;
        this.#find('.blocked-note').hidden = !blocked && !frozen;
        this.#find('.unblock').hidden = !blocked;
        if (!blocked) {
            this.#find('.blocked-text').textContent = text('frozenNote');
            return;
        }
        this.#find('.blocked-text').textContent = text('blockedNote', { name: userName(peer) });
        this.#find('.unblock').textContent = text('unblock', { name: userName(peer) });
    }

    #find(selector) {
        return this.#root.querySelector(selector);
    }

    #peer() {
        const channel = this.#host.channel();
        return channel ? peerOf(channel, this.#client.me.id) : null;
    }

    #isOnline(user) {
        return Boolean(user) && this.#client.presence(user.id)?.status === 'online';
    }

    #detail(channel, peer) {
        if (peer) return presenceWords(this.#client.presence(peer.id));
        if (channel.settings.type !== 'group') return '';
        const present = channel.presentMembers();
        const members = text('members', { n: channel.membersLoaded ? present.length : channel.memberCount });
        const online = present.filter(
            ({ user }) => user?.id === this.#client.me.id || this.#isOnline(user),
        ).length;
        const isKnown = present.some(({ user }) => user && this.#client.presence(user.id));
        return isKnown ? text('membersOnline', { members, n: online }) : members;
    }

    #openMenu(anchor) {
        const channel = this.#host.channel();
        if (!channel) return;
        const mute = channel.muted
            ? { name: 'bell', words: text('unmute') }
            : { name: 'bell-off', words: text('mute') };
        const parts = [menuItem(this.#menu, mute, () => this.#setMuted(channel))];
        const peer = this.#peer();
        if (peer) {
            const blocked = this.#client.hasBlocked(peer.id);
            const words = text(blocked ? 'unblock' : 'block', { name: userName(peer) });
            parts.push(
                menuItem(this.#menu, { name: 'block', words, danger: !blocked }, () =>
                    this.#setBlocked(peer, !blocked),
                ),
            );
        }
        this.#menu.open(anchor, text('conversationMenu'), parts);
    }

    #setMuted(channel) {
        this.#host.onDo(this.#client.actions.setMuted(channel.id, !channel.muted));
    }

    #setBlocked(peer, blocked) {
        if (peer) this.#host.onDo(this.#client.actions.setBlocked(peer.id, blocked));
    }
}
