/// The menu of one message: reactions, and what its reader may do with it.

import { element } from './dom.js';
import { emojiGroup, menuItem } from './menu.js';
import { receiptWords } from './message_view.js';
import { excerpt } from './names.js';
import { emojiFor, ownEmoji } from './reactions.js';
import { text } from './texts.js';

/// `actions`: `onReact(message, emoji)`, `onReply(message)`, `onCopy(message)`, `onEdit(message)`,
/// `onPin(message)`, `onUnsend(message)`, `onReport(message)`, `onClose()`.
export function openMessageMenu(menu, anchor, channel, message, actions) {
    const own = message.user?.id === channel.viewerId;
    const isGroup = channel.settings?.type === 'group';
    const isAdmin = isGroup && channel.role === 'admin';
    const pin = { name: 'pin', words: text(message.pinned_at ? 'unpin' : 'pin') };
    const report = { name: 'flag', words: text('report'), sure: text('reportSure'), danger: true };
    const item = (facts, onChoose) => menuItem(menu, facts, () => onChoose(message));
    const unsend = { name: 'trash', words: text('unsend'), sure: text('unsendSure'), danger: true };
    const parts = [
        emojiGroup(menu, text('reactions'), emojiFor(message), ownEmoji(message), (emoji) =>
            actions.onReact(message, emoji),
        ),
        item({ name: 'reply', words: text('reply') }, actions.onReply),
        message.content && item({ name: 'copy', words: text('copy') }, actions.onCopy),
        own && item({ name: 'edit', words: text('edit') }, actions.onEdit),
        (isAdmin || !isGroup) && item(pin, actions.onPin),
        (own || isAdmin) && item(unsend, actions.onUnsend),
        !own && item(report, actions.onReport),
        own && element('p', { class: 'menu-note' }, receiptWords(channel.receiptsOf(message))),
    ];
    menu.open(anchor, text('moreFor', { text: excerpt(message) }), parts, actions.onClose);
}
