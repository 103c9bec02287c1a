/// What a reload of the page must not lose: messages that were not sent yet, and drafts. Each is an entry of
/// its own in the browser's storage, so that two windows of one user do not overwrite each other's. Where
/// storage is switched off or full, they last as long as the page.

const PREFIX = 'cariosan.kept.';
const DAYS_KEPT = 7;

export class Kept {
    #storage;
    #prefix;
    #entries = new Map();

    /// `storage` is a `Storage` such as `localStorage`, or null; `userId` is unique among all servers.
    constructor(storage, userId) {
        this.#storage = storage;
        this.#prefix = `${PREFIX}${userId}.`;
        this.#attempt(() => this.#readAll());
    }

    /// `[name, value]` of a kind, ordered by name.
    all(kind) {
        const prefix = `${kind}.`;
        const found = [...this.#entries].filter(([key]) => key.startsWith(prefix));
        return found
            .map(([key, value]) => [key.slice(prefix.length), value])
            .sort(([a], [b]) => (a < b ? -1 : 1));
    }

    get(kind, name) {
        return this.#entries.get(`${kind}.${name}`);
    }

    put(kind, name, value) {
        const key = `${kind}.${name}`;
        this.#entries.set(key, value);
        this.#attempt(() => this.#storage?.setItem(this.#prefix + key, JSON.stringify({ at: Date.now(), value })));
    }

    remove(kind, name) {
        const key = `${kind}.${name}`;
        this.#entries.delete(key);
        this.#attempt(() => this.#storage?.removeItem(this.#prefix + key));
    }

    /// Reads what this user has, and removes what is too old of any user.
    #readAll() {
        const oldest = Date.now() - DAYS_KEPT * 86_400_000;
        const names = Array.from({ length: this.#storage?.length ?? 0 }, (_, i) => this.#storage.key(i));
        for (const name of names.filter((one) => one.startsWith(PREFIX))) {
            const { at, value } = parsed(this.#storage.getItem(name));
            if (!(at > oldest)) this.#storage.removeItem(name);
            else if (name.startsWith(this.#prefix)) this.#entries.set(name.slice(this.#prefix.length), value);
        }
    }

    #attempt(work) {
        try {
            work();
        } catch {
            // Switched off, or full.
        }
    }
}

function parsed(words) {
    try {
        return JSON.parse(words) ?? {};
    } catch {
        return {};
    }
}
