/// The channels, narrowed by type and member.

import { element } from '../page/dom.js';
import { text } from '../page/texts.js';
import { channelRow } from './channel_row.js';
import { PagedList } from './paged_list.js';
import { select } from './dialogs.js';
import { mainHead } from './parts.js';
import { searchField } from './users.js';

export function channels({ session }) {
    let member = '';
    const type = select([['', text('anyType')], ['group', text('type_group')], ['direct', text('type_direct')]], '', { 'aria-label': text('type') });
    const list = new PagedList({
        read: async (cursor) => {
            try {
                const page = await session.get('/v1/channels', { type: type.value, member, cursor, limit: 50 });
                return [page.channels, page.next_cursor];
            } catch (error) {
                // Nobody is called what has been typed so far.
                if (member !== '' && error.code === 'NOT_FOUND') return [[], null];
                throw error;
            }
        },
        row: channelRow,
        none: 'channelsNone',
        label: 'channels',
    });
    type.addEventListener('change', () => list.reload());
    const search = searchField('memberFilter', (value) => {
        member = value;
        list.reload();
    });
    return { node: element('div', { class: 'screen' }, mainHead('channels', type), element('div', { class: 'card' }, search, list.node)) };
}
