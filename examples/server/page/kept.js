/// What a reload must not lose: unsent messages and drafts. Each is its own entry in the browser's storage, so that two
/// windows of one user do not overwrite each other's. If storage is disabled or full, they last as long as the page.

const PREFIX = 'cariosan.kept.';
const DAYS_KEPT = 7;

export class Kept {
    #storage;
    #prefix;
    #entries = new Map();

    /// `storage` is a `Storage` such as `localStorage`, or null; `userId` is unique across all servers.
    constructor(storage, userId) {
        this.#storage = storage;
        this.#prefix = `${PREFIX}${userId}.`;
        this.#attempt(() => this.#readAll());
    }

    /// The `[name, value]` pairs of a kind, sorted by name.
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

    /// Reads this user's entries, and removes those of any user that are too old.
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
            // Disabled, or full.
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
