/// The form for the API key.

import { element } from '../page/dom.js';
import { reasonOf, text } from '../page/texts.js';
import { field } from './dialogs.js';
import { Session } from './session.js';

function reason(error) {
    if (error.code === 'UNAUTHORIZED') return text('signInRefused');
    return text('failed', { reason: reasonOf(error) });
}

/// `onSignedIn(pair, workspace)`; `words` say why the reader is here again.
export function signIn(onSignedIn, words = '') {
    const common = { autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false', required: '' };
    const key = element('input', { type: 'text', name: 'key', placeholder: 'pk_live_…', ...common });
    const secret = element('input', { type: 'password', name: 'secret', placeholder: 'sk_…', ...common, autocomplete: 'new-password' });
    const problem = element('p', { class: 'form-error', role: 'alert' }, words);
    const submit = element('button', { class: 'primary', type: 'submit' }, text('signIn'));
    const form = element(
        'form',
        { class: 'sign-in card' },
        element('h2', { tabindex: '-1' }, text('signInTitle')),
        element('p', { class: 'hint' }, text('signInHint')),
        field('apiKey', key),
        field('apiSecret', secret),
        !window.isSecureContext && element('p', { class: 'warning' }, text('notEncrypted')),
        problem,
        submit,
    );
    form.addEventListener('submit', async (event) => {
        event.preventDefault();
        const pair = `${key.value.trim()}:${secret.value.trim()}`;
        submit.disabled = true;
        problem.textContent = '';
        try {
            if (!Session.isKey(pair)) throw Object.assign(new Error(), { code: 'UNAUTHORIZED' });
            const workspace = await new Session(pair).get('/v1/workspace');
            secret.value = '';
            onSignedIn(pair, workspace);
        } catch (error) {
            problem.textContent = reason(error);
            secret.focus();
        } finally {
            submit.disabled = false;
        }
    });
    return { node: form };
}
