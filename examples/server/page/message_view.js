/// How one message looks.

import { avatar, element, icon } from './dom.js';
import { excerpt, userName } from './names.js';
import { chips } from './reactions.js';
import { richText } from './rich_text.js';
import { language, listOf, reasonOf, text } from './texts.js';
import { clock, fullTime } from './times.js';

/// The file name in a URL, for display.
function fileName(url) {
    try {
        return decodeURIComponent(new URL(url).pathname.split('/').at(-1));
    } catch {
        return text('attachment');
    }
}

function attachmentLink(message) {
    if (!/^https?:\/\//.test(message.attachment_url ?? '')) return null;
    const link = {
        class: 'attachment',
        href: message.attachment_url,
        target: '_blank',
        rel: 'noopener noreferrer',
    };
    const name = fileName(message.attachment_url);
    if (message.type !== 'image') return element('a', link, text('attachmentNamed', { name }));
    // The box has its size before the picture is loaded, so that nothing moves afterwards.
    const picture = { src: message.attachment_url, alt: text('picture', { name }), loading: 'lazy', decoding: 'async' };
    return element('a', { ...link, class: 'attached' }, element('img', picture));
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

/// A symbol with a text alternative.
function mark(name, words, kind) {
    const label = element('span', { class: 'visually-hidden' }, words);
    return element('span', { class: `mark ${kind}`, title: words }, icon(name), label);
}

const namesOf = (users) => listOf(users.map(userName));

/// How far one of the viewer's own messages has come, in words. With several members, it names them.
export function receiptWords({ mark: reached, readBy, deliveredTo }) {
    if (readBy.length > 0) return text('readBy', { names: namesOf(readBy) });
    if (deliveredTo.length > 0) return text('deliveredTo', { names: namesOf(deliveredTo) });
    return text(reached);
}

/// One's own message is pending, refused, stored, delivered or read.
function statusMark({ message, own, status, receipts }) {
    if (!own || message.deleted_at) return null;
    if (status === 'failed') return mark('alert', text('notSent', { reason: '' }), 'mark-failed');
    if (status === 'pending') return mark('clock', text('sending'), 'mark-pending');
    const words = receipts.mark === 'sent' ? receiptWords(receipts) : text(receipts.mark);
    return mark(receipts.mark === 'sent' ? 'sent' : 'double', words, `mark-${receipts.mark}`);
}

function pinMark({ pinned_at: at, pinned_by: by }) {
    return at ? mark('pin', text('pinnedBy', { name: userName(by) }), 'mark-pin') : null;
}

/// A message that is only a few emoji is shown large.
const isEmojiAlone = (content) => /^(?:\p{RGI_Emoji}\s*){1,3}$/v.test(content.trim());

function bubble(entry, viewerId, actions) {
    const { message } = entry;
    const deleted = Boolean(message.deleted_at);
    const words = deleted ? [text('deleted')] : richText(message, viewerId);
    const full = fullTime(message.created_at);
    return element(
        'div',
        { class: deleted ? 'bubble bubble-deleted' : 'bubble' },
        deleted ? null : quoteView(message, actions.onReveal),
        element('p', { class: isEmojiAlone(message.content) ? 'text text-emoji' : 'text', dir: 'auto' }, ...words),
        attachmentLink(message),
        element(
            'span',
            { class: 'meta' },
            pinMark(message),
            message.edited_at && !deleted
                ? element('span', { title: fullTime(message.edited_at) }, text('edited'))
                : null,
            element('time', { datetime: message.created_at, title: full }, clock(message.created_at)),
            statusMark(entry),
        ),
    );
}

function failureBar({ error, key, message }, actions) {
    const reason = reasonOf(error);
    const takeBack = () => actions.onTakeBack(key);
    return element(
        'p',
        { class: 'failure', role: 'alert' },
        element('span', {}, text('notSent', { reason })),
        element('button', { type: 'button', onclick: () => actions.onRetry(key) }, text('tryAgain')),
        message.content && element('button', { type: 'button', onclick: takeBack }, text('edit')),
        element('button', { type: 'button', onclick: () => actions.onDiscard(key) }, text('discard')),
    );
}

/// The buttons of a message; the menu has more.
function rowButtons(message, name, actions) {
    const button = (kind, label, words, onclick) =>
        element(
            'button',
            {
                class: `${kind} icon-button`,
                type: 'button',
                tabindex: -1,
                title: label,
                'aria-label': words,
                onclick,
            },
            icon(kind),
        );
    const more = button('more', text('more'), text('moreFor', { text: excerpt(message) }), (event) =>
        actions.onMenu(message, event.currentTarget),
    );
    more.setAttribute('aria-haspopup', 'menu');
    const replyWords = text('replyTo', { name, text: excerpt(message) });
    return element(
        'span',
        { class: 'row-buttons' },
        button('reply', text('reply'), replyWords, () => actions.onReply(message)),
        more,
    );
}

/// `entry`: `{message, own, first, last, status, receipts, error, key, showName}`; first and last refer to a group of
/// messages by one author. `actions`: `onReply(message)`, `onMenu(message, anchor)`, `onReact(message, emoji)`,
/// `onReveal(messageId)`, `onRetry(key)`, `onTakeBack(key)`, `onDiscard(key)`.
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
    const shownName = own ? text('you') : name;
    const classes = ['row', own ? 'own' : 'other', first && 'first', last && 'last', `is-${status}`];
    return element(
        'li',
        { class: classes.filter(Boolean).join(' '), tabindex: -1 },
        own ? null : last ? avatar(name) : element('span', { class: 'avatar-gap' }),
        element(
            'div',
            { class: 'stack' },
            element('span', { class: entry.showName ? 'author' : 'visually-hidden' }, shownName),
            bubble(entry, viewerId, actions),
            chips(message, actions.onReact),
            status === 'failed' ? failureBar(entry, actions) : null,
        ),
        status === 'sent' && !message.deleted_at ? rowButtons(message, shownName, actions) : null,
    );
}

/// Everything that the look of a row depends on: if it has not changed, the row is not rebuilt.
export function signature({ message, first, last, status, receipts, error, showName }) {
    const { quoted_message: quote, reactions = [] } = message;
    const quoted = quote ? [quote.content, quote.deleted, quote.hidden, quote.user_name] : [];
    const facts = [
        message.rev,
        first,
        last,
        status,
        receipts?.mark,
        receipts?.mark === 'sent' && receiptWords(receipts),
        error?.code,
        showName,
        message.user?.name,
        ...quoted,
        ...reactions.map((r) => [r.emoji, r.count, r.reacted_by_me]),
        language(),
    ];
    return JSON.stringify(facts);
}
