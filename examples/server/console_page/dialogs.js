/// Questions before something happens.

import { element } from '../page/dom.js';
import { text } from '../page/texts.js';
import { button, buttons } from './parts.js';

let count = 0;

/// Asks in a dialog and returns what `answer()` does if the reader agrees, null if not. `fields` are shown above the buttons.
function ask({ title, body, agree, isDanger = false, fields = [], answer = () => true }) {
    return new Promise((resolve) => {
        count += 1;
        const id = `dialog-${count}`;
        const form = element('form', { method: 'dialog', class: 'dialog-form' });
        const dialog = element('dialog', { class: 'dialog', 'aria-labelledby': id }, form);
        let result = null;
        form.append(
            element('h2', { id }, title),
            ...(body ? [element('p', {}, body)] : []),
            ...fields,
            buttons(
                button('cancel', () => dialog.close()),
                element('button', { class: isDanger ? 'primary primary-danger' : 'primary', type: 'submit' }, agree),
            ),
        );
        form.addEventListener('submit', (event) => {
            event.preventDefault();
            result = answer();
            dialog.close();
        });
        dialog.addEventListener('close', () => {
            dialog.remove();
            resolve(result);
        });
        document.body.append(dialog);
        dialog.showModal();
    });
}

/// Whether the reader agrees.
export function confirmed({ title, body, agree, isDanger = true }) {
    return ask({ title, body, agree, isDanger });
}

/// A labelled field.
export function field(key, control, hint) {
    return element(
        'label',
        { class: 'field' },
        element('span', { class: 'field-label' }, text(key)),
        control,
        hint && element('span', { class: 'field-hint' }, text(hint)),
    );
}

/// `options`: `[value, words]` pairs.
export function select(options, chosen, attributes = {}) {
    const node = element('select', attributes);
    for (const [value, words] of options) {
        node.append(element('option', { value, selected: value === chosen ? '' : null }, words));
    }
    return node;
}

export function checkbox(key, checked, attributes = {}) {
    const box = element('input', { type: 'checkbox', ...attributes });
    box.checked = checked;
    return { box, label: element('label', { class: 'check' }, box, element('span', {}, text(key))) };
}

const DURATIONS = ['600', '3600', '86400', '604800', ''];

/// How long, and why: `{seconds?, reason?}`, or null.
export function askDuration({ title, body, agree }) {
    const seconds = select(DURATIONS.map((value) => [value, text(`duration_${value || 'ever'}`)]), '3600');
    const reason = element('input', { type: 'text', maxlength: '255', autocomplete: 'off' });
    return ask({
        title,
        body,
        agree,
        isDanger: true,
        fields: [field('duration', seconds), field('reason', reason, 'reasonHint')],
        answer: () => ({
            ...(seconds.value && { seconds: Number(seconds.value) }),
            ...(reason.value.trim() && { reason: reason.value.trim() }),
        }),
    });
}

/// Whether to delete the user, and the messages too: `{erase}`, or null.
export function askDeletion(name) {
    const { box, label } = checkbox('eraseToo', false);
    return ask({
        title: text('deleteUserTitle', { name }),
        body: text('deleteUserBody', { name }),
        agree: text('deleteUserAgree', { name }),
        isDanger: true,
        fields: [label],
        answer: () => ({ erase: box.checked }),
    });
}

/// Shows a secret that no later answer contains.
export function showSecret(secret) {
    const code = element('code', { class: 'secret', tabindex: '0' }, secret);
    return ask({ title: text('secretTitle'), body: text('secretBody'), agree: text('secretSeen'), fields: [code] });
}
