/// One channel: its settings, its history as its backend sees it, and its members.

import { element } from '../page/dom.js';
import { text } from '../page/texts.js';
import { PagedList } from './paged_list.js';
import { field, select } from './dialogs.js';
import { button, buttons, channelFace, channelName, entry, face, facts, head, section, tag, time, userLink } from './parts.js';
import { messageRow } from './message.js';
import { pathOf } from './session.js';
import { searchField } from './users.js';

const SLOW_MODES = [0, 5, 10, 30, 60, 300, 900, 3600, 21_600];

function slowModes(current) {
    const all = SLOW_MODES.includes(current) ? SLOW_MODES : [...SLOW_MODES, current].sort((a, b) => a - b);
    return all.map((seconds) => [String(seconds), seconds === 0 ? text('off') : text('everySeconds', { n: seconds })]);
}

function memberList(session, id) {
    let q = '';
    const list = new PagedList({
        read: async (cursor) => {
            const page = await session.get(pathOf('channels', id, 'members'), { q, cursor, limit: 50 });
            return [page.members, page.next_cursor];
        },
        row: (member) =>
            entry({
                picture: face(member.user),
                title: userLink(member.user),
                tags: member.role === 'admin' ? [tag(text('role_admin'), 'good')] : [],
                details: [element('code', {}, member.user.external_id ?? ''), time(member.joined_at)],
            }),
        none: 'membersNone',
        label: 'members',
    });
    const search = searchField('searchMembers', (value) => {
        q = value;
        list.reload();
    });
    return element('div', { class: 'paged' }, search, list.node);
}

function history(session, actions, id) {
    const list = new PagedList({
        read: async (cursor) => {
            const page = await session.get(pathOf('channels', id, 'messages'), { cursor, limit: 50 });
            return [page.messages, page.next_cursor];
        },
        row: (message) =>
            messageRow(message, {
                onDelete: async () => (await actions.deleteMessage(message)) && list.reload(),
                onMute: () => actions.mute(message.user, id),
            }),
        none: 'messagesNone',
        label: 'messages',
    });
    return list;
}

export function channel({ session, actions, go, run, say }, id) {
    const top = element('div', { class: 'top-part' });
    const messages = history(session, actions, id);
    const reload = button('reload', () => messages.reload());
    const node = element('div', { class: 'screen' }, top, section('messages', reload, messages.node), section('members', memberList(session, id)));

    function settings(which, change) {
        const slow = select(slowModes(which.slow_mode_seconds), String(which.slow_mode_seconds));
        slow.addEventListener('change', () => change({ slow_mode_seconds: Number(slow.value) }, 'slowModeSet'));
        return [
            field('slowMode', slow),
            buttons(
                which.frozen
                    ? button('thaw', () => change({ frozen: false }, 'thawed'))
                    : button('freeze', () => change({ frozen: true }, 'frozen')),
                button('deleteChannel', async () => (await actions.deleteChannel(which, channelName(which))) && go('channels'), { look: 'danger' }),
            ),
        ];
    }
    function show(which) {
        const change = (patch, done) =>
            run(async () => {
                show(await session.change('PATCH', pathOf('channels', id), patch));
                say(text(done));
            });
        top.replaceChildren(
            head(channelName(which), {
                back: 'channels',
                picture: channelFace(which),
                tags: [
                    ...(which.frozen ? [tag(text('isFrozen'), 'warn')] : []),
                    ...(which.slow_mode_seconds > 0 ? [tag(text('isSlow'), 'warn')] : []),
                ],
            }),
            element(
                'section',
                { class: 'card' },
                facts(
                    ['externalId', which.external_id && element('code', {}, which.external_id)],
                    ['internalId', element('code', {}, which.id)],
                    ['type', text(`type_${which.type}`)],
                    ['members', text('memberCount', { n: which.member_count })],
                    ['messages', text('messageCount', { n: which.last_seq })],
                    ['createdAt', time(which.created_at)],
                ),
                ...settings(which, change),
            ),
        );
    }
    top.append(head('…', { back: 'channels' }));
    run(async () => show(await session.get(pathOf('channels', id))));
    return { node };
}
