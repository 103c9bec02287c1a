/// The API key of a workspace, for as long as somebody is signed in, and requests with it. The key is in memory only: it is in no
/// storage and in no address, and a reload forgets it.

import { Rest } from '../page/rest.js';

/// What may stand in a header; anything else can be no key.
const KEY = /^[\x21-\x7e]+:[\x21-\x7e]+$/;

export class Session {
    #rest;
    #onRefused;

    /// `pair` is "pk_…:sk_…". `onRefused` is called when the server no longer accepts it.
    constructor(pair, { onRefused = () => {} } = {}) {
        this.#rest = new Rest(location.origin, () => pair);
        this.#onRefused = onRefused;
    }

    static isKey(pair) {
        return KEY.test(pair);
    }

    /// Parameters that are empty or undefined are left out.
    get(path, params = {}) {
        const given = Object.entries(params).filter(([, value]) => value !== undefined && value !== '');
        return this.#watched(this.#rest.get(path, Object.fromEntries(given)));
    }

    /// POST, PUT, PATCH or DELETE.
    change(method, path, body) {
        return this.#watched(this.#rest.change(method, path, body));
    }

    /// The body of an answer that is no JSON.
    blob(path) {
        return this.#watched(this.#rest.blob(path));
    }

    /// Ends every request.
    end() {
        this.#onRefused = () => {};
        this.#rest.cut();
    }

    async #watched(answer) {
        try {
            return await answer;
        } catch (error) {
            if (error.code === 'UNAUTHORIZED') this.#onRefused();
            throw error;
        }
    }
}

/// A path with these references in it: `pathOf('users', id, 'mute')`.
export function pathOf(...parts) {
    return `/v1/${parts.map(encodeURIComponent).join('/')}`;
}
