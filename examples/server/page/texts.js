/// A page's texts in the chosen language. `{name}` is replaced by a value; of a pair `[one, many]`, `{n}` selects one.

/// By language, `{en, id}`: set by `useTexts`.
let texts = {};

const LOCALES = { en: 'en-GB', id: 'id-ID' };
const KEPT_AS = 'cariosan.language';

function keptLanguage() {
    try {
        return localStorage.getItem(KEPT_AS);
    } catch {
        return null;
    }
}

let current = 'en';

/// Before anything else here: the texts of the page, which begins in the language the reader has chosen before.
export function useTexts(all) {
    texts = all;
    if (Object.hasOwn(texts, keptLanguage() ?? '')) current = keptLanguage();
}

export const language = () => current;
export const locale = () => LOCALES[current];

export function setLanguage(name) {
    current = Object.hasOwn(texts, name) ? name : 'en';
    try {
        localStorage.setItem(KEPT_AS, current);
    } catch {
        // Storage is disabled: the choice lasts as long as the page.
    }
}

/// Suggested first messages, as a shop and a customer would write them.
export const samples = () => texts[current].samples;

/// The language of the demo's conversations, unless the reader has chosen one.
export function suggestLanguage(name) {
    if (keptLanguage() === null && Object.hasOwn(texts, name)) current = name;
}

export function hasText(key) {
    return Object.hasOwn(texts[current], key);
}

export function text(key, values = {}) {
    const entry = texts[current][key];
    const chosen = Array.isArray(entry) ? entry[values.n === 1 ? 0 : 1] : entry;
    return chosen.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
}

/// A list of names: "Alice, Budi and Citra".
export function listOf(names) {
    return new Intl.ListFormat(LOCALES[current], { type: 'conjunction' }).format(names);
}

/// Why a request failed or was refused.
export function reasonOf(error) {
    return hasText(`error_${error.code}`) ? text(`error_${error.code}`) : error.message;
}

/// Fills in `data-text`, `data-label` (accessible name) and `data-placeholder` for everything within `root`.
export function applyTexts(root) {
    for (const node of root.querySelectorAll('[data-text]')) node.textContent = text(node.dataset.text);
    for (const node of root.querySelectorAll('[data-placeholder]'))
        node.placeholder = text(node.dataset.placeholder);
    for (const node of root.querySelectorAll('[data-label]')) {
        node.setAttribute('aria-label', text(node.dataset.label));
        if (node.matches('button, a')) node.title = text(node.dataset.label);
    }
}
