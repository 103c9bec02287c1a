/// Starts the page: who chats, where their tokens come from, and everything around the panes.

import { Backend } from './backend.js';
import { BackendPanel } from './backend_panel.js';
import { Notify } from './notify.js';
import { Pane } from './pane.js';
import { applyTexts, hasText, language, setLanguage, suggestLanguage, text, useTexts } from './texts.js';
import { element } from './dom.js';
import en from './texts_en.js';
import id from './texts_id.js';

useTexts({ en, id });

const DEMO = '/demo.json';
const TRY_AGAIN_MS = 3_000;

const stage = document.querySelector('.stage');
const people = document.querySelector('.people');
const find = (selector) => document.querySelector(selector);

/// `{title}`, the panes and which one a narrow screen shows, and the backend's panel and the button for notifications if there are any.
const page = { title: 'Cariosan', panes: [], shown: 0, notice: null, backend: null, notify: null };

/// The demo's users with new tokens, or null outside the demo mode. Throws if the server does not answer.
async function readDemo() {
    const response = await fetch(DEMO, { cache: 'no-store' });
    if (response.status === 404) return null;
    if (!response.ok) throw new Error(`${DEMO}: ${response.status}`);
    return response.json();
}

/// The tokens of one demo user. If one is refused, the server is asked for a new one.
function demoToken(user) {
    let { token } = user;
    return async (fresh) => {
        if (fresh) {
            const again = await readDemo();
            token = again?.users.find((other) => other.external_id === user.external_id)?.token ?? null;
        }
        return token;
    };
}

function showDemo(demo) {
    suggestLanguage(demo.language);
    find('#language').value = language();
    translate();
    const wanted = new URLSearchParams(location.search).get('as');
    const chosen = demo.users.filter((user) => user.external_id === wanted);
    if (wanted !== null && chosen.length === 0) showNotice('noSuchPerson', { name: wanted });
    const users = chosen.length > 0 ? chosen : demo.users;
    page.title = demo.workspace.name;
    find('.workspace').textContent = demo.workspace.name;
    find('.both').hidden = chosen.length === 0;
    const link = (user) => (users.length > 1 ? `/?as=${encodeURIComponent(user.external_id)}` : null);
    const { attachments } = demo;
    showPanes(users.map((user) => [{ name: user.name, ownWindow: link(user), attachments }, demoToken(user)]));
    showBackend(demo.backend_key);
    const [pane] = page.panes;
    if (page.panes.length === 1) {
        page.notify = new Notify(pane.root.querySelector('.notify'), demo.push_key, pane.devices, { onProblem: (key) => showNotice(key) });
    }
}

/// The server only gives the workspace's key to its own machine.
function showBackend(key) {
    page.backend?.remove();
    page.backend = null;
    if (!key) return;
    const provideKey = async (fresh) => (fresh ? ((await readDemo())?.backend_key ?? null) : key);
    page.backend = new BackendPanel(new Backend('', provideKey), find('.backend-open'));
}

/// `pairs` of a person and the source of their token.
function showPanes(pairs) {
    page.notify?.stop();
    page.notify = null;
    for (const pane of page.panes) pane.stop();
    page.panes = [];
    page.shown = 0;
    const host = { onChanged: updateSurroundings, onNewToken: () => showTokenForm('tokenExpired') };
    for (const [person, token] of pairs) page.panes.push(new Pane(person, token, host));
    stage.className = `stage stage-${page.panes.length}`;
    find('.starting')?.remove();
    stage.replaceChildren(...page.panes.map((pane) => pane.root));
    showPerson(0);
}

/// A narrow screen shows one person.
function showPerson(index) {
    page.shown = index;
    page.panes.forEach((pane, i) => pane.root.classList.toggle('is-shown', i === index));
    for (const pane of page.panes) pane.seen();
    updateSurroundings();
}

/// Shows unread counts in the switch between people and in the window's title.
function updateSurroundings() {
    people.hidden = page.panes.length < 2;
    const facts = page.panes.map((pane, i) => [pane.name, pane.unread, i === page.shown]);
    const look = JSON.stringify([facts, language()]);
    if (people.dataset.look === look) return;
    people.dataset.look = look;
    const focused = [...people.children].indexOf(document.activeElement);
    people.replaceChildren(
        ...facts.map(([name, unread, pressed], i) => personButton(name, unread, pressed, i)),
    );
    people.children[focused]?.focus();
    document.title = titleOf(facts);
}

/// In a window for one person, the title has the person's name and unread count.
function titleOf(facts) {
    if (facts.length !== 1) return page.title;
    const [[name, unread]] = facts;
    return `${unread > 0 ? `(${unread}) ` : ''}${name} · ${page.title}`;
}

function personButton(name, unread, pressed, index) {
    const badge = [
        element('span', { 'aria-hidden': 'true' }, String(Math.min(unread, 99))),
        element('span', { class: 'visually-hidden' }, text('unread', { n: unread })),
    ];
    return element(
        'button',
        { type: 'button', 'aria-pressed': String(pressed), onclick: () => showPerson(index) },
        element('span', {}, name),
        unread > 0 ? element('span', { class: 'badge' }, ...badge) : null,
    );
}

/// A form for the tokens of one or two people. They are only kept in this page's memory.
function showTokenForm(problem) {
    page.notify?.stop();
    page.notify = null;
    for (const pane of page.panes) pane.stop();
    page.panes = [];
    people.hidden = true;
    const form = document.getElementById('token-form').content.firstElementChild.cloneNode(true);
    applyTexts(form);
    const error = form.querySelector('.form-error');
    error.dataset.text = problem ?? '';
    error.textContent = problem ? text(problem) : '';
    form.addEventListener('submit', (event) => {
        event.preventDefault();
        const tokens = [form.elements.first.value, form.elements.second.value]
            .map((value) => value.trim())
            .filter(Boolean);
        if (tokens.every((token) => /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)))
            return showPanes(tokens.map(pasted));
        error.dataset.text = 'tokenInvalid';
        error.textContent = text('tokenInvalid');
    });
    stage.className = 'stage stage-form';
    find('.starting')?.remove();
    stage.replaceChildren(form);
    form.elements.first.focus();
}

/// A pasted token cannot be replaced if the server refuses it.
function pasted(token, index) {
    return [{ name: String(index + 1) }, async (fresh) => (fresh ? null : token)];
}

function showNotice(key, values = {}) {
    page.notice = { key, values };
    find('.notice')?.remove();
    stage.before(element('p', { class: 'notice', role: 'status' }, text(key, values)));
}

function translate() {
    document.documentElement.lang = language();
    applyTexts(document);
    if (find('.notice') && page.notice)
        find('.notice').textContent = text(page.notice.key, page.notice.values);
    for (const pane of page.panes) pane.translate();
    page.backend?.translate();
    updateSurroundings();
}

async function start() {
    try {
        const demo = await readDemo();
        find('.notice')?.remove();
        if (demo) showDemo(demo);
        else showTokenForm();
    } catch {
        showNotice('demoFailed');
        setTimeout(start, TRY_AGAIN_MS);
    }
}

find('#language').value = language();
find('#language').addEventListener('change', (event) => {
    setLanguage(event.target.value);
    translate();
});
document.addEventListener('visibilitychange', () => page.panes.forEach((pane) => pane.seen()));
window.addEventListener('resize', () => page.panes.forEach((pane) => pane.seen()));
window.addEventListener('offline', () => page.panes.forEach((pane) => pane.probe()));
window.addEventListener('online', () => page.panes.forEach((pane) => pane.retryNow()));
translate();
start();
