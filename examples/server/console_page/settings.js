/// Everything that `PATCH /v1/workspace` takes, as one form.

import { element } from '../page/dom.js';
import { text } from '../page/texts.js';
import { checkbox, field, select } from './dialogs.js';
import { mainHead, word } from './parts.js';

const ACTIONS = ['flag', 'mask', 'reject', 'auto_mute'];
const SEVERITIES = ['mild', 'strong', 'extreme'];
const RULES = ['profanity', 'link', 'phone', 'flood'];

function numberField(key, value, least, most, hint) {
    const input = element('input', { type: 'number', min: String(least), max: String(most), step: '1', required: '', inputmode: 'numeric' });
    input.value = String(value);
    return { input, node: field(key, input, hint) };
}

/// One term in a line.
function termsField(key, terms) {
    const input = element('textarea', { rows: '4', dir: 'auto', spellcheck: 'false' });
    input.value = terms.join('\n');
    const read = () => input.value.split('\n').map((line) => line.trim()).filter(Boolean);
    return { node: field(key, input, 'oneInALine'), read };
}

/// A rule: whether it applies, what it does, and what else there is to it.
function ruleFields(name, rule) {
    const { box, label } = checkbox('ruleOn', rule.enabled);
    const action = select(ACTIONS.map((each) => [each, word('action', each)]), rule.action);
    const more = [field('actionOfRule', action)];
    let extra = () => ({});
    if (name === 'profanity') {
        const severity = select(SEVERITIES.map((each) => [each, word('severity', each)]), rule.min_severity);
        more.push(field('minSeverity', severity));
        extra = () => ({ min_severity: severity.value });
    } else if (name === 'flood') {
        const repeats = numberField('maxRepeats', rule.max_repeats, 1, 100);
        const window = numberField('windowSeconds', rule.window_seconds, 1, 3600);
        more.push(repeats.node, window.node);
        extra = () => ({ max_repeats: Number(repeats.input.value), window_seconds: Number(window.input.value) });
    }
    const node = element('fieldset', { class: 'rule-fields' }, element('legend', {}, text(`rule_${name}`)), label, element('div', { class: 'field-row' }, ...more));
    return { node, read: () => ({ enabled: box.checked, action: action.value, ...extra() }) };
}

/// How long an author may edit: a number of seconds, or without a limit.
function editWindow(seconds) {
    const limit = numberField('editWindow', seconds ?? 900, 0, 1_000_000_000, 'editWindowHint');
    const { box, label } = checkbox('editForEver', seconds === null);
    const follow = () => {
        limit.input.disabled = box.checked;
    };
    box.addEventListener('change', follow);
    follow();
    return { nodes: [label, limit.node], read: () => (box.checked ? null : Number(limit.input.value)) };
}

function moderationFields(current) {
    const enabled = checkbox('moderationOn', current.enabled);
    const rules = RULES.map((name) => [name, ruleFields(name, current.rules[name])]);
    const blocklist = termsField('blocklist', current.blocklist);
    const allowlist = termsField('allowlist', current.allowlist);
    const muteSeconds = numberField('autoMuteSeconds', current.auto_mute_seconds, 1, 315_360_000);
    return {
        nodes: [enabled.label, ...rules.map(([, rule]) => rule.node), element('div', { class: 'field-row' }, blocklist.node, allowlist.node), muteSeconds.node],
        read: () => ({
            enabled: enabled.box.checked,
            rules: Object.fromEntries(rules.map(([name, rule]) => [name, rule.read()])),
            blocklist: blocklist.read(),
            allowlist: allowlist.read(),
            auto_mute_seconds: Number(muteSeconds.input.value),
        }),
    };
}

export function settings({ session, run, say, renamed }) {
    const node = element('div', { class: 'screen' }, mainHead('settings'));
    function show(workspace) {
        const name = element('input', { type: 'text', required: '', maxlength: '255', dir: 'auto' });
        name.value = workspace.name;
        const receipts = checkbox('readReceipts', workspace.read_receipts_enabled);
        const editing = editWindow(workspace.edit_window_seconds);
        const rules = moderationFields(workspace.moderation);
        const form = element(
            'form',
            { class: 'settings-form' },
            element('section', { class: 'card' }, element('h3', {}, text('workspace')), field('workspaceName', name), receipts.label, ...editing.nodes),
            element('section', { class: 'card' }, element('h3', {}, text('moderationRules')), ...rules.nodes),
            element('button', { class: 'primary', type: 'submit' }, text('save')),
        );
        form.addEventListener('submit', (event) => {
            event.preventDefault();
            run(async () => {
                const changed = await session.change('PATCH', '/v1/workspace', {
                    name: name.value,
                    read_receipts_enabled: receipts.box.checked,
                    edit_window_seconds: editing.read(),
                    moderation: rules.read(),
                });
                renamed(changed.name);
                say(text('saved'));
            });
        });
        node.querySelector('form')?.remove();
        node.append(form);
    }
    run(async () => show(await session.get('/v1/workspace')));
    return { node };
}
