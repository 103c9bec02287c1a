/// What moderation found, and a box in which a text is tried.

import { element } from '../page/dom.js';
import { text } from '../page/texts.js';
import { PagedList } from './paged_list.js';
import { field } from './dialogs.js';
import { entry, link, mainHead, section, tag, time, userLink, word } from './parts.js';
import { searchField } from './users.js';

const TONES = { flag: '', mask: 'warn', reject: 'bad', auto_mute: 'bad' };

/// `names` knows who has which id.
export function recordRow(record, names) {
    const author = element('span', {}, link(`users/${record.user_id}`, text('author')));
    names.find(record.user_id).then((user) => author.replaceChildren(userLink(user)));
    return entry({
        title: word('rule', record.rule),
        tags: [tag(word('action', record.action), TONES[record.action])],
        details: [author, link(`channels/${record.channel_id}`, record.channel_external_id ?? text('channel')), time(record.at)],
        more: record.excerpt ? [element('q', { class: 'message-text', dir: 'auto' }, record.excerpt)] : [],
    });
}

function verdict(answer, isOn) {
    if (!isOn) return [element('p', { class: 'warning' }, text('moderationOff'))];
    if (answer.action === null) return [element('p', {}, tag(text('verdictFine'), 'good'))];
    return [
        element('p', {}, tag(word('action', answer.action), TONES[answer.action]), ` ${word('rule', answer.rule)}`),
        answer.content === null
            ? element('p', { class: 'hint' }, text('verdictNothing'))
            : element('p', { class: 'message-text', dir: 'auto' }, answer.content),
        element(
            'ul',
            { class: 'matches' },
            ...answer.matches.map((match) => element('li', {}, `${word('rule', match.rule)} · ${word('action', match.action)}: `, element('q', { dir: 'auto' }, match.excerpt))),
        ),
    ];
}

function tryBox({ session, run }) {
    const words = element('textarea', { rows: '3', dir: 'auto', required: '', class: 'try-text' });
    const result = element('div', { class: 'verdict', role: 'status' });
    const form = element('form', { class: 'form' }, field('tryText', words, 'tryHint'), element('button', { class: 'primary', type: 'submit' }, text('tryIt')), result);
    form.addEventListener('submit', (event) => {
        event.preventDefault();
        run(async () => {
            const [answer, workspace] = await Promise.all([
                session.change('POST', '/v1/moderation/check', { content: words.value }),
                session.get('/v1/workspace'),
            ]);
            result.replaceChildren(...verdict(answer, workspace.moderation.enabled));
        });
    });
    return section('tryTitle', form);
}

export function moderation(desk) {
    const { session, names } = desk;
    const only = { user: '', channel: '' };
    const list = new PagedList({
        read: async (cursor) => {
            try {
                const page = await session.get('/v1/moderation/actions', { ...only, cursor, limit: 50 });
                return [page.actions, page.next_cursor];
            } catch (error) {
                // Nobody, and no channel, is called what has been typed so far.
                if (error.code === 'NOT_FOUND') return [[], null];
                throw error;
            }
        },
        row: (record) => recordRow(record, names),
        none: 'recordsNone',
        label: 'records',
    });
    const filter = (name, key) =>
        searchField(key, (value) => {
            only[name] = value;
            list.reload();
        });
    const filters = element('div', { class: 'filters' }, filter('user', 'filterUser'), filter('channel', 'filterChannel'));
    return { node: element('div', { class: 'screen' }, mainHead('moderation'), tryBox(desk), section('records', filters, list.node)) };
}
