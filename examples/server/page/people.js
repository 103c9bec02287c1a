/// What the user knows about others: who is online, and whom the user has blocked. Blocking somebody changes what every
/// channel shows.

import { Blocks } from './blocks.js';
import { Presence } from './presence.js';

export class People {
    #host;
    #loader;
    #presence;
    #blocks;

    /// `host`: `me`, `channels`, `changed()` and `listChannels()`, which reads the list of channels again.
    constructor(rest, loader, host) {
        this.#host = host;
        this.#loader = loader;
        this.#presence = new Presence({
            read: async (ids) => (await rest.get('/v1/presence', { users: ids.join(',') })).presence,
            changed: () => host.changed(),
        });
        this.#blocks = new Blocks({
            read: () => loader.listBlocks(),
            changed: (userId, blocked) => this.#onBlocked(userId, blocked),
        });
    }

    presence(userId) {
        return this.#presence.of(userId);
    }

    hasBlocked(userId) {
        return this.#blocks.has(userId);
    }

    /// `blocksRev` comes from `connection.ready`.
    greeted(blocksRev) {
        this.#blocks.greeted(blocksRev);
    }

    receivedPresence({ users }) {
        this.#presence.received(users);
    }

    receivedBlock(data) {
        this.#blocks.received(data);
    }

    /// Call when the connection has ended.
    forget() {
        this.#presence.forget();
    }

    /// Asks for the presence of users in direct channels and in opened groups.
    askPresence() {
        const others = [...this.#host.channels.values()]
            .filter((channel) => channel.settings?.type === 'direct' || channel.membersLoaded)
            .flatMap((channel) => channel.presentMembers().map(({ user }) => user?.id));
        this.#presence.want(others.filter((id) => id && id !== this.#host.me.id));
    }

    /// Hides the messages of a blocked user; those of an unblocked one are read again. The channel list says which message
    /// is newest now.
    #onBlocked(userId, blocked) {
        this.#presence.hide(userId);
        for (const channel of this.#host.channels.values()) {
            if (blocked) channel.hideAuthor(userId);
            else if (channel.members.has(userId)) this.#loader.reload(channel);
        }
        if (!blocked) this.askPresence();
        this.#host.changed();
        this.#host.listChannels();
    }
}
