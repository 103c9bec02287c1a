/// The operator's console: who is signed in, which screen is shown, and what every screen may use (the "desk").

import { element, icon } from '../page/dom.js';
import { applyTexts, language, reasonOf, setLanguage, suggestLanguage, text, useTexts } from '../page/texts.js';
import { Actions } from './actions.js';
import { channel } from './channel.js';
import { channels } from './channels.js';
import { moderation } from './moderation.js';
import { Names } from './names_of.js';
import { overview } from './overview.js';
import { reports } from './reports.js';
import { Session } from './session.js';
import { settings } from './settings.js';
import { signIn } from './sign_in.js';
import { user } from './user.js';
import { users } from './users.js';
import { webhook, webhooks } from './webhooks.js';
import en from './words_en.js';
import id from './words_id.js';

const REFRESH_MS = 5_000;
const SAID_MS = 6_000;

/// The main screens, and those of a single thing below them.
const SCREENS = { overview, reports, users, channels, moderation, webhooks, settings };
const SINGLE = { users: user, channels: channel, webhooks: webhook };

useTexts({ en, id });
suggestLanguage(navigator.language.slice(0, 2));

const find = (selector) => document.querySelector(selector);
const main = find('main');

/// Null until somebody has signed in.
let desk = null;
let screen = null;
let saidTimer = null;

function say(words, isProblem = false) {
    const place = find(isProblem ? '.problem' : '.said');
    clearTimeout(saidTimer);
    for (const each of document.querySelectorAll('.problem, .said')) each.textContent = '';
    place.textContent = words;
    saidTimer = setTimeout(() => {
        place.textContent = '';
    }, SAID_MS);
}

/// Runs `work` and says why it failed. Returns whether it was done.
async function run(work) {
    try {
        await work();
        return true;
    } catch (error) {
        // Whoever was signed out has other worries.
        if (error.code !== 'UNAUTHORIZED' && error.code !== 'OFFLINE') say(text('failed', { reason: reasonOf(error) }), true);
        return false;
    }
}

function go(path) {
    location.hash = `#/${path}`;
}

function place() {
    const [name, single] = location.hash.replace(/^#\//, '').split('/');
    return { name: Object.hasOwn(SCREENS, name) ? name : 'overview', single: single && decodeURIComponent(single) };
}

function show(next) {
    screen = next;
    main.replaceChildren(next.node);
    if (next.refresh) run(next.refresh);
}

function showPlace({ focus = true } = {}) {
    if (desk === null) return;
    const { name, single } = place();
    const one = single !== undefined && SINGLE[name];
    show(one ? one(desk, single) : SCREENS[name](desk));
    for (const each of document.querySelectorAll('.tabs a')) {
        each.toggleAttribute('aria-current', false);
        if (each.dataset.screen === name) {
            each.setAttribute('aria-current', 'page');
            each.scrollIntoView({ block: 'nearest', inline: 'nearest' });
        }
    }
    document.title = `${text(name)} · ${find('.workspace').textContent}`;
    scrollTo(0, 0);
    if (focus) main.querySelector('h2')?.focus({ preventScroll: true });
}

function signedIn(pair, workspace) {
    const session = new Session(pair, { onRefused: () => signOut(text('signedOutByServer')) });
    desk = { session, workspace, go, run, say, names: new Names(session), renamed };
    desk.actions = new Actions(desk);
    find('.tabs').hidden = false;
    find('.sign-out').hidden = false;
    renamed(workspace.name);
    showPlace();
}

function renamed(name) {
    find('.workspace').textContent = name;
}

function signOut(words = '') {
    desk?.session.end();
    desk = null;
    for (const dialog of document.querySelectorAll('dialog')) dialog.close();
    find('.tabs').hidden = true;
    find('.sign-out').hidden = true;
    renamed('Cariosan');
    document.title = text('consoleTitle');
    show(signIn(signedIn, words));
    main.querySelector('input').focus();
}

function translate() {
    document.documentElement.lang = language();
    applyTexts(document.body);
    find('.tabs').replaceChildren(
        ...Object.keys(SCREENS).map((name) => element('a', { href: `#/${name}`, 'data-screen': name }, icon(name), element('span', {}, text(name)))),
    );
    if (desk === null) signOut();
    else showPlace({ focus: false });
}

const languages = find('#language');
languages.value = language();
languages.addEventListener('change', () => {
    setLanguage(languages.value);
    translate();
});
find('.sign-out').addEventListener('click', () => signOut());
addEventListener('hashchange', () => showPlace());
setInterval(() => {
    if (!document.hidden && desk !== null && screen.refresh) run(screen.refresh);
}, REFRESH_MS);
translate();
document.querySelector('.starting')?.remove();
