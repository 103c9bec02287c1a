/// Choosing or pasting a file, and its upload progress. Absent if no bucket is configured.

import { setWords } from './dom.js';
import { reasonOf, text } from './texts.js';
import { isAccepted, Upload } from './upload.js';

const MEBIBYTE = 1024 * 1024;

/// A size in the unit that makes it a short number.
function sizeWords(bytes) {
    const [number, unit] = bytes < MEBIBYTE ? [bytes / 1024, 'KiB'] : [bytes / MEBIBYTE, 'MiB'];
    return `${Math.floor(number * 10) / 10} ${unit}`;
}

export class Attach {
    #button;
    #picker;
    #row;
    #accepted;
    #host;
    #upload = null;

    /// `accepted`: `{types, max_bytes}`, or nothing. `host`: `place()`, where a file chosen now belongs, `permit(file)`,
    /// `onUploaded(place, {type, url})`, `onProblem(words)`.
    constructor(pane, accepted, host) {
        this.#accepted = accepted;
        this.#host = host;
        this.#button = pane.querySelector('.attach');
        this.#picker = pane.querySelector('.attach-file');
        this.#row = pane.querySelector('.upload');
        if (!accepted) return;
        this.#button.hidden = false;
        this.#picker.accept = accepted.types.join(',');
        this.#button.addEventListener('click', () => this.#picker.click());
        this.#picker.addEventListener('change', () => this.#onChosen());
        pane.querySelector('.input').addEventListener('paste', (event) => this.#onPaste(event));
        pane.querySelector('.upload-cancel').addEventListener('click', () => this.#upload?.cancel());
    }

    #onChosen() {
        const [file] = this.#picker.files;
        // Allows the same file to be chosen again after a failure.
        this.#picker.value = '';
        if (file) this.#send(file);
    }

    #onPaste(event) {
        const [file] = event.clipboardData?.files ?? [];
        if (!file) return;
        event.preventDefault();
        this.#send(file);
    }

    #faultOf(file) {
        if (this.#upload) return text('uploadBusy');
        if (!isAccepted(this.#accepted.types, file.type)) return text('fileType');
        if (file.size === 0) return text('fileEmpty');
        if (file.size > this.#accepted.max_bytes)
            return text('fileTooLarge', { size: sizeWords(this.#accepted.max_bytes) });
        return null;
    }

    async #send(file) {
        const fault = this.#faultOf(file);
        const place = this.#host.place();
        if (fault) return this.#host.onProblem(fault);
        if (!place) return undefined;
        this.#upload = new Upload({
            permit: (wish) => this.#host.permit(wish),
            onProgress: (part) => this.#show(file, part),
        });
        this.#show(file, 0);
        try {
            this.#host.onUploaded(place, await this.#upload.send(file));
        } catch (error) {
            if (error.code !== 'CANCELLED') this.#host.onProblem(text('failed', { reason: reasonOf(error) }));
        } finally {
            this.#upload = null;
            this.#hide();
        }
        return undefined;
    }

    #show(file, part) {
        this.#button.disabled = true;
        this.#row.hidden = false;
        setWords(this.#row.querySelector('.upload-name'), text('uploading', { name: file.name }));
        this.#row.querySelector('progress').value = part;
    }

    #hide() {
        const hadFocus = this.#row.contains(document.activeElement);
        this.#row.hidden = true;
        this.#button.disabled = false;
        if (hadFocus) this.#button.focus();
    }
}
