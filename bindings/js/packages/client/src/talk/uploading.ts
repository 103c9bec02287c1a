// Sends files: asks for permission, then to the store (protocol, section 9). Loaded with the first file.

import { asError, CariosanError, isCariosanError } from '../core/error.ts';
import { standardUploader, type Uploader, type UploadSource } from '../environment/upload.ts';
import type { Json, Presigned } from '../wire/types.ts';
import type { Core } from './core.ts';
import type { OutboxItem } from './outbox.ts';
import { factsOf, type AcceptedFiles, type FileFacts } from './files.ts';
import type { UploadOptions } from './uploads.ts';

export interface Uploaded {
  readonly publicUrl: string;
  readonly type: 'image' | 'file';
  readonly attachment: FileFacts;
}

export interface UploadingHost {
  /** The app's own; absent: what this place has. */
  readonly uploader: Uploader | undefined;
  /** What is to be sent, by the key of its message. */
  readonly files: Map<string, UploadSource>;
  accepted(): AcceptedFiles | null;
}

export interface Uploading {
  upload(file: UploadSource, options?: UploadOptions): Promise<Uploaded>;
  /** An item that waits for its file: a new one, one that failed, or one of an earlier run. */
  again(item: OutboxItem): void;
  /** There is a connection: what could not be asked for is. */
  resume(): void;
  /** The item is gone. */
  forget(key: string): void;
  close(): void;
}

const NOT_ANSWERED = new Set<string>(['NETWORK', 'TIMEOUT', 'SIGNED_OUT', 'CLOSED']);
const ATTEMPTS = 3;

/** Resolves with the address under which the file is shown. */
async function sendFile(
  { http, pause }: Core, uploader: Uploader,
  body: UploadSource, { name, size, content_type }: FileFacts, onProgress: (part: number) => void, signal: AbortSignal,
): Promise<string> {
  const ask = (): Promise<Presigned> => http.request('POST', '/v1/attachments/presign', { body: { filename: name, content_type, size_bytes: size } });
  const stopped = (): void => {
    if (signal.aborted) throw new CariosanError({ code: 'ABORTED' });
  };
  let permission = await ask();
  let renewed = false;
  for (let failed = 0; ;) {
    stopped();
    const { upload_url: url, method } = permission;
    // The body says its own length; browsers refuse the header.
    const headers = Object.fromEntries(Object.entries(permission.headers).filter(([header]) => header.toLowerCase() !== 'content-length'));
    const status = await uploader({ url, method, headers, body, onProgress, signal }).then((answer) => answer.status, () => null);
    stopped();
    if (status !== null && status < 300) return permission.public_url;
    if (status === 403 && !renewed) {
      // The permission has run out, as on a phone that slept.
      renewed = true;
      permission = await ask();
    } else if (status !== null && status < 500) {
      throw new CariosanError({ code: 'UPLOAD_REFUSED', status });
    } else if (++failed >= ATTEMPTS) {
      throw new CariosanError({ code: 'UPLOAD_FAILED', status, retryable: true });
    } else {
      await pause(failed, 0);
    }
  }
}

export function uploading(core: Core, { uploader = standardUploader, files, accepted }: UploadingHost): Uploading {
  const { sending: outbox } = core;
  const running = new Map<string, AbortController>();

  async function upload(file: UploadSource, { onProgress = () => {}, signal = new AbortController().signal, filename }: UploadOptions = {}): Promise<Uploaded> {
    const attachment = factsOf(accepted(), file, filename);
    const publicUrl = await sendFile(core, uploader, file, attachment, onProgress, signal);
    return { publicUrl, type: attachment.content_type.startsWith('image/') ? 'image' : 'file', attachment };
  }

  /** Changes an item while it waits for its file. `waiting`: the file is at its place. An error: it will not be. */
  function alter(key: string, change: (item: OutboxItem) => OutboxItem | CariosanError): void {
    const item = outbox.items().find((other) => other.key === key);
    if (item?.state !== 'uploading') return;
    const next = change(item);
    if (isCariosanError(next)) outbox.fail(item, next);
    // How far the file is is not stored.
    else if (next.state === 'uploading') outbox.replace(next);
    else outbox.put(next);
    outbox.changed();
  }

  function start(key: string, file: UploadSource): void {
    const stop = new AbortController();
    running.set(key, stop);
    upload(file, { signal: stop.signal, onProgress: (progress) => alter(key, (item) => ({ ...item, progress })) }).then(({ publicUrl, type, attachment }) => {
      running.delete(key);
      files.delete(key);
      alter(key, ({ awaits: _awaits, progress: _progress, body, ...item }) => {
        const { metadata = {} } = body;
        const given = (metadata['attachment'] ?? {}) as Json;
        const whole = { ...body, type, attachment_url: publicUrl, metadata: { ...metadata, attachment: { ...attachment, ...given } } };
        return { ...item, body: whole, state: 'waiting' };
      });
    }, (fault: unknown) => {
      running.delete(key);
      const error = asError(fault);
      // Without a connection nobody can permit it: the next one tries again.
      if (!stop.signal.aborted && !NOT_ANSWERED.has(error.code)) alter(key, () => error);
    });
  }

  function forget(key: string): void {
    running.get(key)?.abort();
    files.delete(key);
  }

  function again(item: OutboxItem): void {
    // Given up while this part was loaded.
    if (!outbox.items().some(({ key }) => key === item.key)) return;
    const file = files.get(item.key) ?? item.awaits?.file ?? null;
    if (file === null) alter(item.key, () => new CariosanError({ code: 'UPLOAD_FAILED', message: 'the file is not at hand any more' }));
    else start(item.key, file);
  }

  return {
    upload, again, forget,
    resume() {
      for (const item of outbox.items()) if (item.state === 'uploading' && !running.has(item.key)) again(item);
    },
    close() {
      for (const stop of running.values()) stop.abort();
    },
  };
}
