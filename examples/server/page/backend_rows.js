/// The rows of the backend's panel: a moderation record, a webhook, a delivery.

import { element } from './dom.js';
import { hasText, text } from './texts.js';
import { moment } from './times.js';

function button(key, onclick) {
    return element('button', { class: 'quiet-button', type: 'button', onclick }, text(key));
}

function time(value) {
    return element('time', { datetime: value }, moment(value));
}

/// A word of the protocol in the reader's language, or unchanged if it has no translation.
function word(kind, value) {
    const key = `${kind}_${value}`;
    return hasText(key) ? text(key) : value;
}

export function recordRow({ at, rule, action, excerpt }) {
    return element(
        'li',
        {},
        element('span', { class: 'backend-what' }, `${word('rule', rule)} · ${word('action', action)}`),
        element('q', { dir: 'auto' }, excerpt),
        time(at),
    );
}

export function webhookRow(webhook, { onPing, onEnable, onRemove }) {
    const state = webhook.enabled
        ? text('webhookOn')
        : text('webhookOff', { reason: webhook.disabled_reason ?? '' });
    return element(
        'li',
        {},
        element('code', { class: 'backend-what' }, webhook.url),
        element('span', { class: webhook.enabled ? '' : 'backend-bad' }, state),
        element(
            'span',
            { class: 'backend-buttons' },
            webhook.enabled ? button('webhookPing', onPing) : button('webhookEnable', onEnable),
            button('webhookRemove', onRemove),
        ),
    );
}

export function deliveryRow(delivery, onRetry) {
    const { event, status, attempts, last_status_code: code, last_error: error } = delivery;
    const facts = [word('delivery', status), code, error, attempts > 1 && text('attempts', { n: attempts })];
    return element(
        'li',
        {},
        element('code', { class: 'backend-what' }, event),
        element(
            'span',
            { class: status === 'failed' ? 'backend-bad' : '', title: delivery.webhook.url },
            facts.filter(Boolean).join(' · '),
        ),
        time(delivery.created_at),
        status === 'delivered' ? null : button('deliveryRetry', onRetry),
    );
}
