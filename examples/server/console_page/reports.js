/// What users have reported: the message with its context, what becomes of it, and what is done about it.

import { element } from '../page/dom.js';
import { text } from '../page/texts.js';
import { PagedList } from './paged_list.js';
import { field } from './dialogs.js';
import { button, buttons, face, link, mainHead, tag, time, userLink, userName } from './parts.js';
import { messageRow } from './message.js';
import { pathOf } from './session.js';

const STATUSES = ['open', 'resolved', 'dismissed', ''];
const TONES = { open: 'warn', resolved: 'good', dismissed: '' };
const AROUND = 7;

/// The reported message between those around it, the oldest first.
async function readContext(session, report) {
    const path = pathOf('channels', report.channel_id, 'messages');
    const page = await session.get(path, { around: report.message_id, limit: AROUND });
    const rows = page.messages.toReversed().map((each) => messageRow(each, { isReported: each.id === report.message_id }));
    return element('ul', { class: 'entries context', 'aria-label': text('context') }, ...rows);
}

function said(report) {
    if (!report.message_id) return null;
    const { message } = report;
    if (!message || message.deleted_at) return element('p', { class: 'message-text message-gone' }, text('deleted'));
    const words = message.content || message.attachment_url || '';
    return element('blockquote', { class: 'message-text', dir: 'auto' }, words);
}

/// The card of one report, which renews itself when something was done.
function reportCard(report, desk) {
    const { session, actions, run, say } = desk;
    const card = element('li', { class: 'card report' });
    const note = element('textarea', { rows: '2', maxlength: '2000', dir: 'auto' });
    // The list's `note` is the reporter's own until a moderator has written one.
    note.value = report.note === report.reporter_note ? '' : (report.note ?? '');
    const decide = (status) =>
        run(async () => {
            const words = note.value.trim();
            const changed = await session.change('PATCH', pathOf('reports', report.id), { status, ...(words && { note: words }) });
            say(text(`report_${status}`, { name: userName(report.user) }));
            card.replaceWith(reportCard(changed, desk));
        });
    const renew = async () => {
        const page = await session.get(pathOf('channels', report.channel_id, 'messages', report.message_id));
        card.replaceWith(reportCard({ ...report, message: page }, desk));
    };
    const context = element('div', { class: 'context-place', 'aria-live': 'polite' });
    const showContext = button('showContext', () => run(async () => {
        context.replaceChildren(await readContext(session, report));
        showContext.hidden = true;
    }));
    const isThere = report.message && !report.message.deleted_at;
    card.append(
        element(
            'div',
            { class: 'report-head' },
            face(report.user),
            element(
                'div',
                { class: 'entry-main' },
                element('p', { class: 'entry-title' }, userLink(report.user), tag(text(`status_${report.status}`), TONES[report.status])),
                element(
                    'p',
                    { class: 'entry-details' },
                    `${text('reportedBy')} `, userLink(report.reporter), ' · ', time(report.at),
                    ...(report.channel_id ? [' · ', link(`channels/${report.channel_id}`, report.channel_external_id ?? text('channel'))] : []),
                ),
            ),
        ),
        element('p', {}, element('strong', {}, element('bdi', {}, report.reason)), report.reporter_note && ` – ${report.reporter_note}`),
        said(report) ?? element('p', { class: 'hint' }, text('userReported')),
        context,
        buttons(
            report.message_id && showContext,
            isThere && button('deleteMessage', async () => (await actions.deleteMessage(report.message)) && run(renew)),
            !report.user.deleted && button('mute', () => actions.mute(report.user)),
            !report.user.deleted && button('suspend', () => actions.suspend(report.user)),
        ),
        field('moderatorNote', note),
        buttons(
            button('resolve', () => decide('resolved'), { look: 'primary' }),
            report.status !== 'dismissed' && button('dismiss', () => decide('dismissed')),
            report.status !== 'open' && button('reopen', () => decide('open')),
        ),
    );
    return card;
}

export function reports(desk) {
    let status = 'open';
    const list = new PagedList({
        read: async (cursor) => {
            const page = await desk.session.get('/v1/reports', { status, cursor, limit: 20 });
            return [page.reports, page.next_cursor];
        },
        row: (report) => reportCard(report, desk),
        none: 'reportsNone',
        label: 'reports',
    });
    list.node.classList.add('cards');
    const choices = STATUSES.map((each) => {
        const choice = button(each ? `status_${each}` : 'anyStatus', () => {
            status = each;
            for (const other of choices) other.setAttribute('aria-pressed', String(other === choice));
            list.reload();
        }, { look: 'choice', 'aria-pressed': String(each === status) });
        return choice;
    });
    const tabs = element('div', { class: 'choices', role: 'group', 'aria-label': text('show') }, ...choices);
    return { node: element('div', { class: 'screen' }, mainHead('reports'), tabs, list.node) };
}
