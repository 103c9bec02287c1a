/// The reactions below a message, and the emoji to choose from.

import { element } from './dom.js';
import { text } from './texts.js';

const OFFERED = ['👍', '❤️', '😂', '😮', '😢', '🙏', '🎉', '🔥', '👏', '✅', '👀', '💯'];

/// The emoji offered, preceded by any others that users have chosen.
export function emojiFor(message) {
    const used = (message.reactions ?? []).map(({ emoji }) => emoji);
    return [...used.filter((emoji) => !OFFERED.includes(emoji)), ...OFFERED];
}

export function ownEmoji(message) {
    return (message.reactions ?? []).filter((r) => r.reacted_by_me).map(({ emoji }) => emoji);
}

/// One button per emoji: a press adds or removes the viewer's reaction. With the keyboard, the same is available in the
/// message's menu.
export function chips(message, onReact) {
    const reactions = message.reactions ?? [];
    if (reactions.length === 0) return null;
    const chip = ({ emoji, count, reacted_by_me: mine }) => {
        const words = text(mine ? 'reactionMine' : 'reactionOther', { emoji, n: count });
        const attributes = {
            class: 'chip',
            type: 'button',
            tabindex: -1,
            'aria-pressed': String(Boolean(mine)),
            'aria-label': words,
            title: words,
            onclick: () => onReact(message, emoji),
        };
        return element(
            'button',
            attributes,
            element('span', { class: 'chip-emoji' }, emoji),
            element('span', { class: 'chip-count' }, String(count)),
        );
    };
    return element(
        'div',
        { class: 'chips', role: 'group', 'aria-label': text('reactions') },
        ...reactions.map(chip),
    );
}
