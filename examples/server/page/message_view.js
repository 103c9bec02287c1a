/// How one message looks. Everything a user wrote is set as text, never as markup.

import { avatar, element, icon } from './dom.js';
import { hasText, language, locale, text } from './texts.js';

const EXCERPT_CODE_POINTS = 90;
const URL_PATTERN = String.raw`https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]}'’]`;

export function userName(user) {
    return user?.name || (user ? text('deletedUser') : '');
}

/// One line of a message, for lists and quotes.
export function excerpt(message) {
    if (message.deleted_at || message.deleted) return text('deleted');
    const points = Array.from(message.content.replace(/\s+/g, ' ').trim());
    if (points.length === 0) return text('attachment');
    return points.slice(0, EXCERPT_CODE_POINTS).join('') + (points.length > EXCERPT_CODE_POINTS ? '…' : '');
}

export function clock(time) {
    return new Intl.DateTimeFormat(locale(), { hour: '2-digit', minute: '2-digit' }).format(new Date(time));
}

export function dayName(time) {
    const day = new Date(time);
    const today = new Date();
    const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
    if (day.toDateString() === today.toDateString()) return text('today');
    if (day.toDateString() === yesterday.toDateString()) return text('yesterday');
    const options = { weekday: 'long', day: 'numeric', month: 'long' };
    if (day.getFullYear() !== today.getFullYear()) options.year = 'numeric';
    return new Intl.DateTimeFormat(locale(), options).format(day);
}

const escaped = (words) => words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/// The content with links and the names of those who are mentioned set apart.
function richText(message, viewerId) {
    const byName = new Map((message.mentions ?? []).map((mention) => [mention.name, mention.user_id]));
    const names = [...byName.keys()].filter(Boolean).sort((a, b) => b.length - a.length);
    const patterns = names.map((name) => `@${escaped(name)}(?![\\p{L}\\p{N}])`);
    const finder = new RegExp([URL_PATTERN, ...patterns].join('|'), 'gu');
    const parts = [];
    let from = 0;
    for (const match of message.content.matchAll(finder)) {
        const [found] = match;
        parts.push(message.content.slice(from, match.index));
        from = match.index + found.length;
        if (found.startsWith('@')) {
            const mine = byName.get(found.slice(1)) === viewerId;
            parts.push(element('span', { class: mine ? 'mention mention-me' : 'mention' }, found));
        } else {
            parts.push(element('a', { href: found, target: '_blank', rel: 'noopener noreferrer' }, found));
        }
    }
    parts.push(message.content.slice(from));
    return parts;
}

function attachmentLink(message) {
    if (!/^https?:\/\//.test(message.attachment_url ?? '')) return null;
    const link = {
        class: 'attachment',
        href: message.attachment_url,
        target: '_blank',
        rel: 'noopener noreferrer',
    };
    return element('a', link, text('attachment'));
}

function quoteView(message, onReveal) {
    const quote = message.quoted_message;
    if (!quote) return null;
    if (quote.hidden) return element('p', { class: 'quote' }, text('hiddenQuote'));
    return element(
        'button',
        { class: 'quote', type: 'button', tabindex: -1, onclick: () => onReveal(quote.id) },
        element('strong', {}, quote.user_name || text('deletedUser')),
        element('span', { dir: 'auto' }, excerpt(quote)),
    );
}

/// A mark with the words it stands for.
function mark(name, words, kind) {
    const label = element('span', { class: 'visually-hidden' }, words);
    return element('span', { class: `mark ${kind}`, title: words }, icon(name), label);
}

/// Where delivered and read will be shown: for now a message of one's own is on its way, stored or refused.
function statusMark({ message, own, status }) {
    if (!own || message.deleted_at) return null;
    if (status === 'failed') return mark('alert', text('notSent', { reason: '' }), 'mark-failed');
    return status === 'pending'
        ? mark('clock', text('sending'), 'mark-pending')
        : mark('sent', text('sent'), 'mark-sent');
}

function bubble(entry, viewerId, actions) {
    const { message } = entry;
    const deleted = Boolean(message.deleted_at);
    const words = deleted ? [text('deleted')] : richText(message, viewerId);
    const full = new Date(message.created_at).toLocaleString(locale());
    return element(
        'div',
        { class: deleted ? 'bubble bubble-deleted' : 'bubble' },
        deleted ? null : quoteView(message, actions.onReveal),
        element('p', { class: 'text', dir: 'auto' }, ...words),
        attachmentLink(message),
        element(
            'span',
            { class: 'meta' },
            message.edited_at && !deleted ? element('span', {}, text('edited')) : null,
            element('time', { datetime: message.created_at, title: full }, clock(message.created_at)),
            statusMark(entry),
        ),
    );
}

function failureBar({ error, key }, actions) {
    const known = `error_${error.code}`;
    const reason = hasText(known) ? text(known) : error.message;
    return element(
        'p',
        { class: 'failure', role: 'alert' },
        element('span', {}, text('notSent', { reason })),
        element('button', { type: 'button', onclick: () => actions.onRetry(key) }, text('tryAgain')),
        element('button', { type: 'button', onclick: () => actions.onDiscard(key) }, text('discard')),
    );
}

/// `entry`: `{message, own, first, last, status, error, key, showName}`, where first and last are of a group
/// of one author. `actions`: `onReply(message)`, `onReveal(messageId)`, `onRetry(key)`, `onDiscard(key)`.
export function messageRow(entry, viewerId, actions) {
    const { message, own, first, last, status } = entry;
    if (message.type === 'system') {
        return element(
            'li',
            { class: 'system', tabindex: -1 },
            element('p', { dir: 'auto' }, message.content),
        );
    }
    const name = userName(message.user);
    const classes = ['row', own ? 'own' : 'other', first && 'first', last && 'last', `is-${status}`];
    const canReply = status === 'sent' && !message.deleted_at;
    const label = text('replyTo', { name: own ? text('you') : name, text: excerpt(message) });
    const reply = {
        class: 'reply icon-button',
        type: 'button',
        tabindex: -1,
        title: text('reply'),
        'aria-label': label,
    };
    return element(
        'li',
        { class: classes.filter(Boolean).join(' '), tabindex: -1 },
        own ? null : last ? avatar(name) : element('span', { class: 'avatar-gap' }),
        element(
            'div',
            { class: 'stack' },
            element(
                'span',
                { class: entry.showName ? 'author' : 'visually-hidden' },
                own ? text('you') : name,
            ),
            bubble(entry, viewerId, actions),
            status === 'failed' ? failureBar(entry, actions) : null,
        ),
        canReply
            ? element('button', { ...reply, onclick: () => actions.onReply(message) }, icon('reply'))
            : null,
    );
}

/// What the look of a row depends on: rows of equal signature need not be made again.
export function signature({ message, first, last, status, error, showName }) {
    const quote = message.quoted_message;
    const quoted = quote ? [quote.content, quote.deleted, quote.hidden, quote.user_name] : [];
    const facts = [
        message.rev,
        first,
        last,
        status,
        error?.code,
        showName,
        message.user?.name,
        ...quoted,
        language(),
    ];
    return JSON.stringify(facts);
}
