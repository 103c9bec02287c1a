/// What a moderator does with users and messages, with the question before it and the words after it. Each returns whether it was done.

import { element } from '../page/dom.js';
import { text } from '../page/texts.js';
import { askDeletion, askDuration, confirmed } from './dialogs.js';
import { userName } from './parts.js';
import { pathOf } from './session.js';

export class Actions {
    #desk;

    constructor(desk) {
        this.#desk = desk;
    }

    async suspend(user) {
        const name = userName(user);
        const how = await askDuration({ title: text('suspendTitle', { name }), body: text('suspendBody'), agree: text('suspend') });
        return how !== null && this.#do('PUT', pathOf('users', user.id, 'suspension'), how, 'suspended', { name });
    }

    restore(user) {
        return this.#do('DELETE', pathOf('users', user.id, 'suspension'), undefined, 'restored', { name: userName(user) });
    }

    /// In `channel` (its id), or in the whole workspace.
    async mute(user, channel) {
        const name = userName(user);
        const body = text(channel === undefined ? 'muteBody' : 'muteHereBody');
        const how = await askDuration({ title: text('muteTitle', { name }), body, agree: text('mute') });
        return how !== null && this.#do('PUT', pathOf('users', user.id, 'mute'), { ...how, channel }, 'muted', { name });
    }

    liftMute(user, channel) {
        const path = pathOf('users', user.id, 'mute') + (channel ? `?channel=${encodeURIComponent(channel)}` : '');
        return this.#do('DELETE', path, undefined, 'muteLifted', { name: userName(user) });
    }

    async deleteUser(user) {
        const name = userName(user);
        const how = await askDeletion(name);
        const path = pathOf('users', user.id) + (how?.erase ? '?messages=erase' : '');
        return how !== null && this.#do('DELETE', path, undefined, 'userDeleted', { name });
    }

    /// Everything stored about the user, as a file.
    exportUser(user) {
        return this.#desk.run(async () => {
            const lines = await this.#desk.session.blob(`${pathOf('users', user.id, 'export')}`);
            const address = URL.createObjectURL(lines);
            const anchor = element('a', { href: address, download: `${user.external_id ?? user.id}.jsonl`, hidden: '' });
            document.body.append(anchor);
            anchor.click();
            anchor.remove();
            URL.revokeObjectURL(address);
            this.#desk.say(text('exported', { name: userName(user) }));
        });
    }

    async deleteMessage(message) {
        const name = userName(message.user);
        const agreed = await confirmed({ title: text('deleteMessageTitle', { name }), body: message.content, agree: text('deleteMessage') });
        return agreed !== null && this.#do('DELETE', pathOf('channels', message.channel_id, 'messages', message.id), undefined, 'messageDeleted');
    }

    async deleteChannel(channel, name) {
        const agreed = await confirmed({ title: text('deleteChannelTitle', { name }), body: text('deleteChannelBody'), agree: text('deleteChannel') });
        return agreed !== null && this.#do('DELETE', pathOf('channels', channel.id), undefined, 'channelDeleted', { name });
    }

    #do(method, path, body, done, values = {}) {
        return this.#desk.run(async () => {
            await this.#desk.session.change(method, path, body);
            this.#desk.say(text(done, values));
        });
    }
}
