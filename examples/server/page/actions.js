/// What a user does to messages, channels and other users, and search. Each method resolves when the server has done it,
/// or throws a `RequestError`. Nothing is queued while offline, because it would change something that others may have
/// changed meanwhile.

const RESULTS_PER_PAGE = 20;

export class Actions {
    #rest;
    #host;

    /// `host`: `channels`, `request(type, data)`, and `takeSummary(item)` for an item of `GET
    /// /v1/me/channels`.
    constructor(rest, host) {
        this.#rest = rest;
        this.#host = host;
    }

    edit(message, content) {
        return this.#change('message.edit', message, { content });
    }

    unsend(message) {
        return this.#change('message.delete', message, {});
    }

    /// Pins the message to its channel, or unpins it.
    async pin(message, pinned) {
        const { channel_id: channelId, id } = message;
        const path = `/v1/channels/${channelId}/messages/${id}/pin`;
        const answer = await this.#rest.change(pinned ? 'PUT' : 'DELETE', path, pinned ? {} : undefined);
        this.#host.channels.get(channelId)?.putMessage(answer);
    }

    /// The pinned messages, those pinned last first.
    async pins(channelId) {
        return (await this.#rest.get(`/v1/channels/${channelId}/pins`)).messages;
    }

    /// Tells the workspace's moderators of the message.
    report({ channel_id: channelId, id }, reason) {
        return this.#rest.change('POST', `/v1/channels/${channelId}/messages/${id}/report`, { reason });
    }

    /// Adds the user's reaction, replaces it, or removes it if it is the same one.
    react(message, emoji) {
        const mine = (message.reactions ?? []).some((r) => r.emoji === emoji && r.reacted_by_me);
        return this.#change(mine ? 'reaction.remove' : 'reaction.add', message, { emoji });
    }

    async setMuted(channelId, muted) {
        this.#host.takeSummary(await this.#rest.change('PATCH', `/v1/me/channels/${channelId}`, { muted }));
    }

    /// The block list changes with the frame `block.updated`, which every connection of the user gets.
    async setBlocked(userId, blocked) {
        await this.#rest.change(
            blocked ? 'PUT' : 'DELETE',
            `/v1/me/blocks/${userId}`,
            blocked ? {} : undefined,
        );
    }

    /// `channelId` and `cursor` are optional. Returns `{results, has_more, next_cursor}`.
    search(words, { channelId, cursor } = {}) {
        const params = { q: words, limit: RESULTS_PER_PAGE };
        if (channelId) params.channel = channelId;
        if (cursor) params.cursor = cursor;
        return this.#rest.get('/v1/search', params);
    }

    /// Requests permission to upload `{filename, content_type, size_bytes}`; see upload.js.
    permitUpload(file) {
        return this.#rest.change('POST', '/v1/attachments/presign', file);
    }

    /// The user's devices that get pushes; a browser's token is its subscription as JSON.
    get devices() {
        return {
            list: async () => (await this.#rest.get('/v1/me/devices')).devices,
            add: (token) => this.#rest.change('POST', '/v1/me/devices', { token, platform: 'web' }),
            remove: (token) => this.#rest.change('DELETE', `/v1/me/devices/${encodeURIComponent(token)}`),
        };
    }

    /// The ack carries the message as it is now but never moves `rev`: the event arrives at its place in the feed.
    async #change(type, message, data) {
        const channelId = message.channel_id;
        const answer = await this.#host.request(type, {
            channel: channelId,
            message_id: message.id,
            ...data,
        });
        if (answer.message) this.#host.channels.get(channelId)?.putMessage(answer.message);
    }
}
