/// Uploads a file: the server gives permission, and the file goes where that says (protocol, section 9).

import { RequestError } from './request_error.js';

/// Whether one of `types`, such as "image/png" or "audio/*", matches the type.
export function isAccepted(types, type) {
    const lower = type.toLowerCase();
    const stands = (pattern) =>
        pattern.endsWith('/*') ? lower.startsWith(pattern.slice(0, -1)) : lower === pattern;
    return types.some((pattern) => stands(pattern.toLowerCase()));
}

/// The fields of a message for an uploaded file.
const messageOf = (file, url) => ({
    type: file.type.toLowerCase().startsWith('image/') ? 'image' : 'file',
    url,
});

export class Upload {
    #permit;
    #onProgress;
    #Request;
    #request = null;
    #cancelled = false;

    /// `permit(file)` returns the answer of `POST /v1/attachments/presign`; `onProgress(part)` gets the fraction that was
    /// sent, from 0 to 1. `Request`: a replacement for XMLHttpRequest, which alone reports progress.
    constructor({ permit, onProgress, Request = globalThis.XMLHttpRequest }) {
        this.#permit = permit;
        this.#onProgress = onProgress;
        this.#Request = Request;
    }

    /// Returns `{type, url}` for a message. Fails with the server's error, `UPLOAD_REFUSED`, `UPLOAD_FAILED`,
    /// or `CANCELLED`.
    async send(file) {
        const permission = await this.#permit({
            filename: file.name || 'file',
            content_type: file.type,
            size_bytes: file.size,
        });
        if (this.#cancelled) throw new RequestError({ code: 'CANCELLED', message: 'cancelled' });
        await this.#put(file, permission);
        return messageOf(file, permission.public_url);
    }

    cancel() {
        this.#cancelled = true;
        this.#request?.abort();
    }

    #put(file, { method, upload_url: url, headers }) {
        return new Promise((resolve, reject) => {
            const fail = (code) => () => reject(new RequestError({ code, message: code }));
            const request = new this.#Request();
            this.#request = request;
            request.open(method, url);
            for (const [name, value] of Object.entries(headers)) {
                // The browser sets the length itself.
                if (name.toLowerCase() !== 'content-length') request.setRequestHeader(name, value);
            }
            request.upload.onprogress = ({ loaded, total }) => this.#onProgress(total > 0 ? loaded / total : 0);
            request.onload = () => (request.status < 300 ? resolve() : fail('UPLOAD_REFUSED')());
            request.onerror = fail('UPLOAD_FAILED');
            request.onabort = fail('CANCELLED');
            request.send(file);
        });
    }
}
