/// What a workspace's backend does with its API key: moderation and webhooks (protocol, sections 3.1, 7 and 8).

import { Rest } from './rest.js';

const EVENTS = [
    'message.created',
    'message.updated',
    'message.deleted',
    'message.reaction.added',
    'message.reaction.removed',
    'message.mentioned',
    'message.moderated',
    'member.joined',
    'member.left',
    'channel.created',
    'channel.updated',
    'user.updated',
];
const SHOWN = 20;

export class Backend {
    #rest;

    /// `provideKey(fresh)` returns the API key pair, "pk_…:sk_…"; `fresh` means that the last one was refused.
    constructor(origin, provideKey) {
        this.#rest = new Rest(origin, provideKey);
    }

    /// The workspace's moderation settings.
    async moderation() {
        return (await this.#rest.get('/v1/workspace')).moderation;
    }

    /// Changes the settings in `change` and returns all of them.
    async setModeration(change) {
        return (await this.#rest.change('PATCH', '/v1/workspace', { moderation: change })).moderation;
    }

    /// The latest moderation records, newest first.
    async actions() {
        return (await this.#rest.get('/v1/moderation/actions', { limit: SHOWN })).actions;
    }

    async webhooks() {
        return (await this.#rest.get('/v1/webhooks')).webhooks;
    }

    /// Only this answer contains the `signing_secret`.
    addWebhook(url) {
        return this.#rest.change('POST', '/v1/webhooks', { url, events: EVENTS });
    }

    changeWebhook(id, change) {
        return this.#rest.change('PATCH', `/v1/webhooks/${id}`, change);
    }

    removeWebhook(id) {
        return this.#rest.change('DELETE', `/v1/webhooks/${id}`);
    }

    ping(id) {
        return this.#rest.change('POST', `/v1/webhooks/${id}/ping`);
    }

    /// The latest deliveries, newest first, each with its `webhook`.
    async deliveries(webhooks) {
        const lists = await Promise.all(
            webhooks.map(async (webhook) => {
                const answer = await this.#rest.get(`/v1/webhooks/${webhook.id}/deliveries`, { limit: SHOWN });
                return answer.deliveries.map((delivery) => ({ ...delivery, webhook }));
            }),
        );
        const all = lists.flat().sort((a, b) => (a.created_at < b.created_at ? 1 : -1));
        return all.slice(0, SHOWN);
    }

    retry(webhookId, eventId) {
        return this.#rest.change('POST', `/v1/webhooks/${webhookId}/deliveries/${eventId}/retry`);
    }
}
