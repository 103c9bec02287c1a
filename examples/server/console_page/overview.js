/// The figures of the workspace, what users report, and webhooks that need somebody.

import { element, setWords } from '../page/dom.js';
import { text } from '../page/texts.js';
import { entry, face, link, mainHead, number, section, tag, time, userLink } from './parts.js';
import { fill } from './paged_list.js';

const SHOWN = 5;

/// What each tile leads to.
const TILES = [
    ['users', 'users'],
    ['channels', 'channels'],
    ['messages', 'channels'],
    ['open_reports', 'reports'],
    ['webhooks_disabled', 'webhooks'],
    ['pending_deliveries', 'webhooks'],
];
const CONCERNS = new Set(['open_reports', 'webhooks_disabled']);

function tile(name, path) {
    const value = element('strong', { class: 'figure-value' }, '–');
    const node = element('a', { class: 'figure', href: `#/${path}`, 'data-figure': name }, value, element('span', {}, text(`figure_${name}`)));
    return { node, value };
}

/// A number that depends on another one that was only counted so far is itself only so far.
function shown(figures, name) {
    const counted = { messages: figures.channels, pending_deliveries: figures.webhooks }[name] ?? figures[name];
    return number(figures[name]) + (counted >= figures.counted_to ? '+' : '');
}

function reportRow(report) {
    return entry({
        picture: face(report.user),
        title: userLink(report.user),
        details: [element('q', { dir: 'auto' }, report.reason), time(report.at)],
        actions: [link('reports', text('look'))],
    });
}

function webhookRow(webhook) {
    return entry({
        title: link(`webhooks/${webhook.id}`, webhook.url),
        tags: [tag(text('off'), 'bad')],
        details: [webhook.disabled_reason, webhook.disabled_at && time(webhook.disabled_at)],
    });
}

export function overview({ session, workspace }) {
    const tiles = new Map(TILES.map(([name, path]) => [name, tile(name, path)]));
    const reports = element('ul', { class: 'entries' });
    const webhooks = element('ul', { class: 'entries' });
    const node = element(
        'div',
        { class: 'screen' },
        mainHead('overview', workspace.test && tag(text('testWorkspace'))),
        element('div', { class: 'figures' }, ...[...tiles.values()].map((each) => each.node)),
        element('div', { class: 'halves' }, section('openReports', reports), section('webhooksDown', webhooks)),
    );
    async function refresh() {
        const [figures, open, hooks] = await Promise.all([
            session.get('/v1/workspace/figures'),
            session.get('/v1/reports', { status: 'open', limit: SHOWN }),
            session.get('/v1/webhooks', { limit: 100 }),
        ]);
        for (const [name, { node: place, value }] of tiles) {
            setWords(value, shown(figures, name));
            place.classList.toggle('figure-concern', CONCERNS.has(name) && figures[name] > 0);
        }
        fill(reports, open.reports.map(reportRow), 'reportsNone');
        const down = hooks.webhooks.filter((webhook) => !webhook.enabled);
        fill(webhooks, down.slice(0, SHOWN).map(webhookRow), 'webhooksDownNone');
    }
    return { node, refresh };
}
