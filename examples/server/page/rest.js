/// The REST side of a client: its token, and GET requests with it (protocol, sections 2 and 3).

import { RequestError } from './connection.js';

export class Rest {
    #origin;
    #provideToken;
    #token = null;
    #aborter = new AbortController();

    /// `provideToken(fresh)` answers a JWT or null; with `fresh` the last one was refused.
    constructor(origin, provideToken) {
        this.#origin = origin;
        this.#provideToken = provideToken;
    }

    async token(fresh = false) {
        if (fresh || !this.#token) this.#token = await this.#provideToken(fresh);
        return this.#token;
    }

    /// Ends every request under way with `OFFLINE`, and refuses new ones until `allow`.
    cut() {
        this.#aborter.abort();
    }

    allow() {
        this.#aborter = new AbortController();
    }

    async isTokenRefused() {
        try {
            return (await this.#fetch('/v1/me', this.#token)).status === 401;
        } catch {
            return false;
        }
    }

    /// Answers the parsed body. A refused token is replaced once.
    async get(path, params = {}, fresh = false) {
        const { signal } = this.#aborter;
        let response;
        let body;
        try {
            response = await this.#fetch(`${path}?${new URLSearchParams(params)}`, await this.token(fresh));
            body = await response.json();
        } catch (error) {
            const code = signal.aborted ? 'OFFLINE' : 'NETWORK';
            throw new RequestError({ code, message: error.message, retryable: !signal.aborted });
        }
        if (response.ok) return body;
        if (response.status === 401 && !fresh) return this.get(path, params, true);
        const seconds = Number(response.headers.get('Retry-After'));
        throw new RequestError({ code: 'INTERNAL', ...body.error, retry_after_ms: seconds * 1000 || 0 });
    }

    #fetch(path, token) {
        const { signal } = this.#aborter;
        return fetch(`${this.#origin}${path}`, { headers: { Authorization: `Bearer ${token}` }, signal });
    }
}
