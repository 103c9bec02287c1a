/// The webhooks, and one of them with its deliveries.

import { element } from '../page/dom.js';
import { text } from '../page/texts.js';
import { PagedList, fill } from './paged_list.js';
import { confirmed, field, showSecret } from './dialogs.js';
import { button, buttons, entry, facts, head, link, mainHead, section, tag, time, word } from './parts.js';
import { pathOf } from './session.js';

const TONES = { delivered: 'good', pending: 'warn', failed: 'bad' };

function stateTag(webhook) {
    return webhook.enabled ? tag(text('on'), 'good') : tag(text('off'), 'bad');
}

function eventWords({ events }) {
    return events.includes('*') ? text('allEvents') : text('eventCount', { n: events.length });
}

function webhookRow(webhook) {
    return entry({
        title: link(`webhooks/${webhook.id}`, webhook.url),
        tags: [stateTag(webhook)],
        details: [webhook.disabled_reason, eventWords(webhook), time(webhook.created_at)],
    });
}

export function webhooks({ session, run }) {
    const list = new PagedList({
        read: async (cursor) => {
            const page = await session.get('/v1/webhooks', { cursor, limit: 50 });
            return [page.webhooks, page.next_cursor];
        },
        row: webhookRow,
        none: 'webhooksNone',
        label: 'webhooks',
    });
    const url = element('input', { type: 'url', required: '', maxlength: '2048', placeholder: 'https://shop.example/hook' });
    const form = element('form', { class: 'form' }, field('webhookUrl', url, 'webhookUrlHint'), element('button', { class: 'primary', type: 'submit' }, text('webhookAdd')));
    form.addEventListener('submit', (event) => {
        event.preventDefault();
        run(async () => {
            const made = await session.change('POST', '/v1/webhooks', { url: url.value.trim(), events: ['*'] });
            url.value = '';
            list.reload();
            await showSecret(made.signing_secret);
        });
    });
    return { node: element('div', { class: 'screen' }, mainHead('webhooks'), section('webhooks', list.node), section('webhookNew', form)) };
}

function deliveryRow(delivery, onRetry) {
    const { event, status, attempts, last_status_code: code, last_error: error } = delivery;
    return entry({
        title: element('code', {}, event),
        tags: [tag(word('delivery', status), TONES[status])],
        details: [code && String(code), error, attempts > 0 && text('attempts', { n: attempts }), time(delivery.created_at)],
        actions: status === 'delivered' ? [] : [button('deliveryRetry', onRetry)],
    });
}

export function webhook({ session, run, say, go }, id) {
    const path = pathOf('webhooks', id);
    const top = element('div', { class: 'top-part' }, head('…', { back: 'webhooks' }));
    const log = element('ul', { class: 'entries', 'aria-label': text('deliveries') });
    const node = element('div', { class: 'screen' }, top, section('deliveries', log));
    let look = '';

    const doing = (work, done) => () =>
        run(async () => {
            await work();
            say(text(done));
            await refresh();
        });
    const change = (enabled, done) => button(done, doing(() => session.change('PATCH', path, { enabled }), `${done}Done`));
    async function rotate() {
        if ((await confirmed({ title: text('rotateTitle'), body: text('rotateBody'), agree: text('rotate'), isDanger: false })) === null) return;
        await run(async () => showSecret((await session.change('POST', `${path}/rotate-secret`)).signing_secret));
    }
    async function remove(which) {
        if ((await confirmed({ title: text('removeWebhookTitle'), body: which.url, agree: text('webhookRemove') })) === null) return;
        await run(async () => {
            await session.change('DELETE', path);
            say(text('webhookRemoved'));
            go('webhooks');
        });
    }
    function show(which) {
        // Unchanged, it keeps the focus.
        if (look === JSON.stringify(which)) return;
        look = JSON.stringify(which);
        top.replaceChildren(
            head(new URL(which.url).host, { back: 'webhooks', tags: [stateTag(which)] }),
            element(
                'section',
                { class: 'card' },
                facts(
                    ['address', element('code', {}, which.url)],
                    ['events', which.events.join(', ')],
                    ['disabledReason', which.disabled_reason],
                    ['disabledAt', which.disabled_at && time(which.disabled_at)],
                    ['createdAt', time(which.created_at)],
                ),
                buttons(
                    which.enabled ? change(false, 'webhookDisable') : change(true, 'webhookEnable'),
                    which.enabled && button('webhookPing', doing(() => session.change('POST', `${path}/ping`), 'webhookPinged')),
                    button('rotate', rotate),
                    button('webhookRemove', () => remove(which), { look: 'danger' }),
                ),
            ),
        );
    }
    async function refresh() {
        const [which, page] = await Promise.all([session.get(path), session.get(`${path}/deliveries`, { limit: 50 })]);
        show(which);
        const retry = (delivery) => doing(() => session.change('POST', `${path}/deliveries/${delivery.event_id}/retry`), 'deliveryRetried');
        fill(log, page.deliveries.map((delivery) => deliveryRow(delivery, retry(delivery))), 'deliveriesNone');
    }
    return { node, refresh };
}
