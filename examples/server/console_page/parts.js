/// Small parts of every screen.

import { avatar, element, icon } from '../page/dom.js';
import { hasText, locale, text } from '../page/texts.js';
import { fullTime, moment } from '../page/times.js';

/// A button with the words of `key`. `look`: 'primary', 'danger' or nothing.
export function button(key, onclick, { look = 'quiet-button', values = {}, ...attributes } = {}) {
    const kind = look === 'danger' ? 'quiet-button danger' : look;
    return element('button', { class: kind, type: 'button', onclick, ...attributes }, text(key, values));
}

export function buttons(...all) {
    return element('div', { class: 'buttons' }, ...all);
}

/// A word on a coloured ground. `tone`: 'good', 'warn', 'bad' or nothing.
export function tag(words, tone = '') {
    return element('span', { class: `tag ${tone && `tag-${tone}`}` }, words);
}

export function time(value) {
    return element('time', { datetime: value, title: fullTime(value) }, moment(value));
}

/// A word of the protocol in the reader's language, or unchanged if it has no translation.
export function word(kind, value) {
    const key = `${kind}_${value}`;
    return hasText(key) ? text(key) : value;
}

/// A number of which only so much was counted has a plus sign.
export function number(value, countedTo = Infinity) {
    const words = new Intl.NumberFormat(locale()).format(value);
    return value >= countedTo ? `${words}+` : words;
}

export function link(path, ...children) {
    return element('a', { href: `#/${path}` }, ...children);
}

export function userName(user) {
    return user?.name || (user?.deleted ? text('deletedUser') : (user?.external_id ?? text('deletedUser')));
}

/// The user's name, which leads to the user's screen.
export function userLink(user) {
    const name = element('bdi', {}, userName(user));
    return user && !user.deleted ? link(`users/${encodeURIComponent(user.id)}`, name) : element('span', {}, name);
}

export function channelName(channel) {
    return channel.name || channel.external_id || text(channel.type === 'direct' ? 'directChannel' : 'channel');
}

export function face(user) {
    return avatar(userName(user));
}

export function channelFace(channel) {
    return avatar(channelName(channel), 'avatar-group');
}

/// A row of a list: a picture, a title with details below it, and what can be done.
export function entry({ picture, title, tags = [], details = [], more = [], actions = [] }) {
    const shown = details.filter(Boolean).flatMap((detail, i) => (i === 0 ? [detail] : [' · ', detail]));
    return element(
        'li',
        { class: 'entry' },
        picture,
        element(
            'div',
            { class: 'entry-main' },
            element('p', { class: 'entry-title' }, title, ...tags),
            shown.length > 0 && element('p', { class: 'entry-details' }, ...shown),
            ...more,
        ),
        actions.length > 0 && buttons(...actions),
    );
}

/// A part of a screen with a heading.
export function section(key, ...children) {
    return element('section', { class: 'card' }, element('h3', {}, text(key)), ...children);
}

/// `[key, value]` pairs; those without a value are left out.
export function facts(...pairs) {
    const rows = pairs.filter(([, value]) => value !== null && value !== undefined && value !== '');
    return element(
        'dl',
        { class: 'facts' },
        ...rows.map(([key, value]) => element('div', {}, element('dt', {}, text(key)), element('dd', {}, value))),
    );
}

/// The head of a screen below another one.
export function head(title, { back, picture = null, tags = [] }) {
    return element(
        'div',
        { class: 'screen-head' },
        element('a', { class: 'icon-button', href: `#/${back}`, 'aria-label': text('back'), title: text('back') }, icon('back')),
        picture,
        element('h2', { tabindex: '-1' }, element('bdi', {}, title)),
        ...tags,
    );
}

/// The head of one of the main screens.
export function mainHead(key, ...children) {
    return element('div', { class: 'screen-head' }, element('h2', { tabindex: '-1' }, text(key)), ...children);
}
