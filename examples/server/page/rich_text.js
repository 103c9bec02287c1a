/// Message text as elements. Everything a user wrote is set as text, never as markup.

import { element } from './dom.js';

const URL_PATTERN = String.raw`https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]}'’]`;

const escaped = (words) => words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/// The text with links and mentions marked up.
export function richText(message, viewerId) {
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

/// Part of a text with search matches marked up; `highlights` are `[start, length]` in code points.
export function highlighted(words, highlights) {
    const points = Array.from(words);
    const parts = [];
    let from = 0;
    for (const [start, length] of highlights) {
        parts.push(points.slice(from, start).join(''));
        parts.push(element('mark', {}, points.slice(start, start + length).join('')));
        from = start + length;
    }
    parts.push(points.slice(from).join(''));
    return parts;
}
