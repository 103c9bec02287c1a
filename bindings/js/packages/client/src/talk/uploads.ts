// Files: asking for permission, sending them to the store, and messages that wait for theirs (protocol, section 9).

import { backoff, type BackoffLimits } from '../core/backoff.ts';
import { asError, CariosanError } from '../core/error.ts';
import type { Environment } from '../environment/environment.ts';
import type { UploadSource, Uploader } from '../environment/upload.ts';
import type { Json, Message, Presigned } from '../wire/types.ts';
import type { Outbox, OutboxItem, SendBody } from './outbox.ts';

export interface UploadOptions {
  /** From 0 to 1. */
  readonly onProgress?: (part: number) => void;
  readonly signal?: AbortSignal;
  /** Where the source has none. */
  readonly filename?: string;
}

export interface Uploaded {
  readonly publicUrl: string;
  readonly type: 'image' | 'file';
  /** What `metadata.attachment` says of the file. */
  readonly attachment: { readonly name: string; readonly size: number; readonly content_type: string };
}

export interface UploadHandle {
  /** The row's. */
  readonly key: string;
  readonly sent: Promise<Message>;
  /** Gives the message up, at whatever point. */
  cancel(): void;
}

export interface UploadsHost {
  readonly environment: Environment;
  readonly reconnect: BackoffLimits;
  readonly uploader: Uploader;
  /** Null: not known, or none is taken. */
  accepted(): { readonly types: readonly string[]; readonly maxBytes: number } | null;
  presign(file: { readonly filename: string; readonly content_type: string; readonly size_bytes: number }): Promise<Presigned>;
  outbox(): Outbox;
}

export interface Uploads {
  upload(file: UploadSource, options?: UploadOptions): Promise<Uploaded>;
  /** A message that is sent once its file is there. It keeps its place, and keeps nobody else waiting. */
  send(channel: string, file: UploadSource, body: SendBody, key: string): UploadHandle;
  /** An item that waits for a file: one that failed, or one of an earlier run. */
  again(item: OutboxItem): void;
  /** There is a connection: what could not be asked for is. */
  resume(): void;
  /** The item is gone. */
  forget(key: string): void;
  close(): void;
}

const ATTEMPTS = 3;
const NOT_ANSWERED = new Set<string>(['NETWORK', 'TIMEOUT', 'SIGNED_OUT', 'CLOSED']);

const accepts = (types: readonly string[], type: string): boolean => {
  const plain = (type.split(';')[0] ?? '').trim().toLowerCase();
  return types.some((one) => (one.endsWith('/*') ? plain.startsWith(one.slice(0, -1)) : one.toLowerCase() === plain));
};

export function uploads(host: UploadsHost): Uploads {
  const files = new Map<string, UploadSource>();
  const running = new Map<string, AbortController>();

  function factsOf(file: UploadSource, filename?: string): Uploaded['attachment'] {
    const name = 'name' in file && typeof file.name === 'string' ? file.name : '';
    const facts = { name: filename ?? (name || 'file'), size: file.size, content_type: file.type || 'application/octet-stream' };
    const limits = host.accepted();
    if (limits !== null && !accepts(limits.types, facts.content_type)) throw new CariosanError({ code: 'TYPE_NOT_ACCEPTED', message: facts.content_type });
    if (limits !== null && facts.size > limits.maxBytes) throw new CariosanError({ code: 'TOO_LARGE', details: { limit: limits.maxBytes } });
    return facts;
  }

  async function put(file: UploadSource, permission: Presigned, options: UploadOptions, signal: AbortSignal): Promise<number> {
    // The length is what the body is long; browsers refuse to be told.
    const headers = Object.fromEntries(Object.entries(permission.headers).filter(([name]) => name.toLowerCase() !== 'content-length'));
    const onProgress = (part: number): void => options.onProgress?.(part);
    return (await host.uploader({ url: permission.upload_url, method: permission.method, headers, body: file, onProgress, signal })).status;
  }

  async function upload(file: UploadSource, options: UploadOptions = {}): Promise<Uploaded> {
    const attachment = factsOf(file, options.filename);
    const { signal = new AbortController().signal } = options;
    const ask = (): Promise<Presigned> => host.presign({ filename: attachment.name, content_type: attachment.content_type, size_bytes: attachment.size });
    const stopped = (): void => {
      if (signal.aborted) throw new CariosanError({ code: 'ABORTED' });
    };
    let permission = await ask();
    let renewed = false;
    for (let failed = 0; ;) {
      stopped();
      const status = await put(file, permission, options, signal).catch(() => null);
      stopped();
      if (status !== null && status < 300) {
        return { publicUrl: permission.public_url, type: attachment.content_type.startsWith('image/') ? 'image' : 'file', attachment };
      }
      if (status === 403 && !renewed) {
        // The permission has run out, as on a phone that slept.
        renewed = true;
        permission = await ask();
        continue;
      }
      if (status !== null && status < 500) throw new CariosanError({ code: 'UPLOAD_REFUSED', status });
      if (++failed >= ATTEMPTS) throw new CariosanError({ code: 'UPLOAD_FAILED', status, retryable: true });
      await new Promise<void>((resolve) => host.environment.setTimer(resolve, backoff(failed, host.environment.random, host.reconnect)));
    }
  }

  function start(key: string, file: UploadSource): void {
    const stop = new AbortController();
    const outbox = host.outbox();
    running.set(key, stop);
    upload(file, { signal: stop.signal, onProgress: (part) => outbox.progress(key, part) }).then(({ publicUrl, type, attachment }) => {
      running.delete(key);
      files.delete(key);
      outbox.uploaded(key, ({ metadata = {}, ...body }) => {
        const given = (metadata['attachment'] ?? {}) as Json;
        return { ...body, type, attachment_url: publicUrl, metadata: { ...metadata, attachment: { ...attachment, ...given } } };
      });
    }, (fault: unknown) => {
      running.delete(key);
      const error = asError(fault);
      // Without a connection nobody can permit it: the next one tries again.
      if (!stop.signal.aborted && !NOT_ANSWERED.has(error.code)) outbox.failed(key, error);
    });
  }

  function forget(key: string): void {
    running.get(key)?.abort();
    files.delete(key);
  }

  function again(item: OutboxItem): void {
    const file = files.get(item.key) ?? item.awaits?.file ?? null;
    if (file === null) host.outbox().failed(item.key, new CariosanError({ code: 'UPLOAD_FAILED', message: 'the file is not at hand any more' }));
    else start(item.key, file);
  }

  return {
    upload, forget, again,
    send(channel, file, body, key) {
      factsOf(file);
      const outbox = host.outbox();
      const onPhone = 'uri' in file ? { uri: file.uri, name: file.name, type: file.type, size: file.size } : null;
      const { done } = outbox.add(channel, body, key, { file: onPhone });
      files.set(key, file);
      start(key, file);
      return { key, sent: done, cancel: () => void outbox.discard(key) };
    },
    resume() {
      for (const item of host.outbox().items()) if (item.state === 'uploading' && !running.has(item.key)) again(item);
    },
    close() {
      for (const stop of running.values()) stop.abort();
    },
  };
}
