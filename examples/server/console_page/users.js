/// The users, searched; and who is muted.

import { coalescedAfter, element, icon } from '../page/dom.js';
import { text } from '../page/texts.js';
import { PagedList } from './paged_list.js';
import { select } from './dialogs.js';
import { button, entry, face, link, mainHead, section, tag, time, userLink, userName } from './parts.js';

const AFTER_TYPING_MS = 300;

export function isSuspended({ suspension }) {
    return suspension !== undefined && (suspension.until === null || new Date(suspension.until) > new Date());
}

function userRow(user) {
    return entry({
        picture: face(user),
        title: userLink(user),
        tags: isSuspended(user) ? [tag(text('isSuspended'), 'bad')] : [],
        details: [element('code', {}, user.external_id), time(user.created_at)],
    });
}

/// Whoever has exactly this `external_id` comes first, however many users there are.
async function findUsers(session, q, cursor) {
    const [page, exact] = await Promise.all([
        session.get('/v1/users', { q, cursor, limit: 50 }),
        q !== '' && cursor === undefined
            ? session.get(`/v1/users/${encodeURIComponent(q)}`).catch((error) => (error.code === 'UNAUTHORIZED' ? Promise.reject(error) : null))
            : null,
    ]);
    const others = page.users.filter((user) => user.id !== exact?.id);
    return [exact ? [exact, ...others] : others, page.next_cursor];
}

/// A field that calls `onChange` with what is typed, after a moment.
export function searchField(key, onChange) {
    const input = element('input', { type: 'search', 'aria-label': text(key), placeholder: text(key), autocomplete: 'off', maxlength: '120' });
    let last = '';
    const changed = () => {
        if (input.value.trim() === last) return;
        last = input.value.trim();
        onChange(last);
    };
    input.addEventListener('input', coalescedAfter(AFTER_TYPING_MS, changed));
    return element('div', { class: 'search-field' }, icon('find'), input);
}

export function users({ session, actions }) {
    let q = '';
    const list = new PagedList({
        read: (cursor) => findUsers(session, q, cursor),
        row: userRow,
        none: 'usersNone',
        label: 'users',
    });
    const muteRow = (mute) => {
        const channel = mute.channel_id && link(`channels/${mute.channel_id}`, mute.channel_external_id ?? text('channel'));
        const lift = async () => (await actions.liftMute(mute.user, mute.channel_id)) && muted.reload();
        return entry({
            picture: face(mute.user),
            title: userLink(mute.user),
            details: [
                channel || text('wholeWorkspace'),
                mute.until ? element('span', {}, `${text('until')} `, time(mute.until)) : text('duration_ever'),
                mute.reason && element('q', { dir: 'auto' }, mute.reason),
            ],
            actions: [button('liftMute', lift, { 'aria-label': text('liftMuteOf', { name: userName(mute.user) }) })],
        });
    };
    const muted = new PagedList({
        read: async (cursor) => {
            const page = await session.get('/v1/mutes', { cursor, limit: 50 });
            return [page.mutes, page.next_cursor];
        },
        row: muteRow,
        none: 'mutesNone',
        label: 'mutes',
    });
    const everybody = element(
        'div',
        { class: 'card' },
        searchField('searchUsers', (value) => {
            q = value;
            list.reload();
        }),
        list.node,
    );
    const silent = section('mutes', muted.node);
    silent.hidden = true;
    const which = select([['all', text('everybody')], ['muted', text('mutes')]], 'all', { 'aria-label': text('show') });
    which.addEventListener('change', () => {
        silent.hidden = which.value === 'all';
        everybody.hidden = !silent.hidden;
        if (!silent.hidden) muted.reload();
    });
    return { node: element('div', { class: 'screen' }, mainHead('users', which), everybody, silent) };
}

