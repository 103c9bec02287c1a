/// The REST side of a client: its token, and requests with it (protocol, sections 2 and 3).

import { RequestError } from './request_error.js';

export class Rest {
    #origin;
    #provideToken;
    #token = null;
    #aborter = new AbortController();

    /// `provideToken(fresh)` returns a JWT or null; `fresh` means that the last one was refused.
    constructor(origin, provideToken) {
        this.#origin = origin;
        this.#provideToken = provideToken;
    }

    async token(fresh = false) {
        if (fresh || !this.#token) this.#token = await this.#provideToken(fresh);
        return this.#token;
    }

    /// Aborts every request with `OFFLINE`, and refuses new ones until `allow`.
    cut() {
        this.#aborter.abort();
    }

    allow() {
        this.#aborter = new AbortController();
    }

    async isTokenRefused() {
        try {
            return (await this.#fetch('GET', '/v1/me', undefined, this.#token)).status === 401;
        } catch {
            return false;
        }
    }

    get(path, params = {}) {
        return this.#call('GET', `${path}?${new URLSearchParams(params)}`);
    }

    /// The body of an answer that is no JSON.
    blob(path) {
        return this.#call('GET', path, undefined, (response) => response.blob());
    }

    /// POST, PUT, PATCH or DELETE.
    change(method, path, body) {
        return this.#call(method, path, body);
    }

    /// Returns what `read` makes of the body, or null if there is none. Retries once if the token was refused.
    async #call(method, target, content, read = (answer) => answer.json(), fresh = false) {
        const { signal } = this.#aborter;
        let response;
        let body = null;
        try {
            response = await this.#fetch(method, target, content, await this.token(fresh));
            if (!response.ok) body = await response.json();
            else if (response.status !== 204) body = await read(response);
        } catch (error) {
            const code = signal.aborted ? 'OFFLINE' : 'NETWORK';
            throw new RequestError({ code, message: error.message, retryable: !signal.aborted });
        }
        if (response.ok) return body;
        if (response.status === 401 && !fresh) return this.#call(method, target, content, read, true);
        const seconds = Number(response.headers.get('Retry-After'));
        throw new RequestError({ code: 'INTERNAL', ...body.error, retry_after_ms: seconds * 1000 || 0 });
    }

    #fetch(method, target, content, token) {
        const { signal } = this.#aborter;
        const headers = { Authorization: `Bearer ${token}` };
        if (content !== undefined) headers['Content-Type'] = 'application/json';
        const body = content === undefined ? undefined : JSON.stringify(content);
        return fetch(`${this.#origin}${target}`, { method, headers, body, signal });
    }
}
