/// One user: who it is, and what can be done.

import { element } from '../page/dom.js';
import { text } from '../page/texts.js';
import { PagedList } from './paged_list.js';
import { channelRow } from './channel_row.js';
import { button, buttons, face, facts, head, section, tag, time, userName } from './parts.js';
import { recordRow } from './moderation.js';
import { pathOf } from './session.js';
import { isSuspended } from './users.js';

function suspensionWords({ suspension }) {
    return element(
        'span',
        {},
        suspension.until === null ? text('duration_ever') : time(suspension.until),
        suspension.reason && ` – ${suspension.reason}`,
    );
}

export function user({ session, actions, go, run, names }, id) {
    const node = element('div', { class: 'screen' });
    const top = element('div', { class: 'top-part' });
    const channels = new PagedList({
        read: async (cursor) => {
            const page = await session.get('/v1/channels', { member: id, cursor, limit: 20 });
            return [page.channels, page.next_cursor];
        },
        row: channelRow,
        none: 'channelsNone',
        label: 'channels',
    });
    const found = new PagedList({
        read: async (cursor) => {
            const page = await session.get('/v1/moderation/actions', { user: id, cursor, limit: 20 });
            return [page.actions, page.next_cursor];
        },
        row: (record) => recordRow(record, names),
        none: 'recordsNone',
        label: 'records',
    });
    node.append(top, section('channels', channels.node), section('records', found.node));

    function show(who) {
        const name = userName(who);
        const again = async (done) => (await done) && refresh();
        const out = isSuspended(who);
        top.replaceChildren(
            head(name, { back: 'users', picture: face(who), tags: out ? [tag(text('isSuspended'), 'bad')] : [] }),
            element(
                'section',
                { class: 'card' },
                facts(
                    ['externalId', element('code', {}, who.external_id)],
                    ['internalId', element('code', {}, who.id)],
                    ['createdAt', time(who.created_at)],
                    ['changedAt', time(who.updated_at)],
                    ['suspendedUntil', out ? suspensionWords(who) : null],
                ),
                buttons(
                    out ? button('restore', () => again(actions.restore(who))) : button('suspend', () => again(actions.suspend(who))),
                    button('mute', () => actions.mute(who)),
                    button('liftMute', () => actions.liftMute(who)),
                    button('exportUser', () => actions.exportUser(who)),
                    button('deleteUser', async () => (await actions.deleteUser(who)) && go('users'), { look: 'danger' }),
                ),
            ),
        );
    }
    async function refresh() {
        show(await session.get(pathOf('users', id)));
    }
    top.append(head('…', { back: 'users' }));
    run(refresh);
    return { node };
}
