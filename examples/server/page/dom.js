/// Small helpers that create elements. Text is only ever set as text.

const SVG = 'http://www.w3.org/2000/svg';
const TONES = 8;

/// `element('p', { class: 'text', dir: 'auto' }, 'words', otherElement)`. Attributes of null or false are omitted.
export function element(name, attributes = {}, ...children) {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
        if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
        else if (value !== null && value !== undefined && value !== false) node.setAttribute(key, value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
    return node;
}

/// Sets text that a screen reader may announce, only if it has changed.
export function setWords(node, words) {
    if (node.textContent !== words) node.textContent = words;
}

/// One of the symbols of index.html.
export function icon(name) {
    const svg = document.createElementNS(SVG, 'svg');
    const use = document.createElementNS(SVG, 'use');
    use.setAttribute('href', `#icon-${name}`);
    svg.setAttribute('class', 'icon');
    svg.setAttribute('aria-hidden', 'true');
    svg.append(use);
    return svg;
}

function initials(name) {
    const words = name.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
    const letters = words.map((word) => word.match(/[\p{L}\p{N}]/u)[0]);
    const chosen = letters.length > 1 ? letters[0] + letters.at(-1) : (letters[0] ?? '?');
    return chosen.toUpperCase();
}

function tone(seed) {
    let sum = 7;
    for (const letter of seed) sum = (sum * 33 + letter.codePointAt(0)) % 65521;
    return sum % TONES;
}

/// Initials on a colour that stays the same for the same name.
export function avatar(name, kind = '') {
    return element(
        'span',
        { class: `avatar tone-${tone(name)} ${kind}`, 'aria-hidden': 'true' },
        initials(name),
    );
}

/// Runs `work` once before the next frame, however often it was requested.
export function coalesced(work) {
    let asked = false;
    return () => {
        if (asked) return;
        asked = true;
        // A hidden page gets no animation frames, but its title and badges still change.
        const schedule = document.hidden ? (task) => setTimeout(task, 100) : requestAnimationFrame;
        schedule(() => {
            asked = false;
            work();
        });
    };
}

/// Runs `work` after a quiet period.
export function coalescedAfter(quietMs, work) {
    let timer = null;
    return () => {
        clearTimeout(timer);
        timer = setTimeout(work, quietMs);
    };
}
