// Files, and messages that wait for theirs (protocol, section 9).

import { asError, CariosanError } from '../core/error.ts';
import type { UploadSource } from '../environment/upload.ts';
import type { Json, Message } from '../wire/types.ts';
import type { Outbox, OutboxItem, SendBody } from './outbox.ts';
import type { FileFacts, UploadHost } from './upload_file.ts';

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
  readonly attachment: FileFacts;
}

export interface UploadHandle {
  /** The row's. */
  readonly key: string;
  readonly sent: Promise<Message>;
  /** Gives the message up, at whatever point. */
  cancel(): void;
}

export interface UploadsHost extends UploadHost {
  /** Null: not known, or none is taken. */
  accepted(): { readonly types: readonly string[]; readonly maxBytes: number } | null;
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

const NOT_ANSWERED = new Set<string>(['NETWORK', 'TIMEOUT', 'SIGNED_OUT', 'CLOSED']);

const accepts = (types: readonly string[], type: string): boolean => {
  const plain = (type.split(';')[0] ?? '').trim().toLowerCase();
  return types.some((one) => (one.endsWith('/*') ? plain.startsWith(one.slice(0, -1)) : one.toLowerCase() === plain));
};

export function uploads(host: UploadsHost): Uploads {
  const files = new Map<string, UploadSource>();
  const running = new Map<string, AbortController>();

  function factsOf(file: UploadSource, filename?: string): FileFacts {
    const name = 'name' in file && typeof file.name === 'string' ? file.name : '';
    const facts = { name: filename ?? (name || 'file'), size: file.size, content_type: file.type || 'application/octet-stream' };
    const limits = host.accepted();
    if (limits !== null && !accepts(limits.types, facts.content_type)) throw new CariosanError({ code: 'TYPE_NOT_ACCEPTED', message: facts.content_type });
    if (limits !== null && facts.size > limits.maxBytes) throw new CariosanError({ code: 'TOO_LARGE', details: { limit: limits.maxBytes } });
    return facts;
  }

  async function upload(file: UploadSource, { onProgress = () => {}, signal = new AbortController().signal, filename }: UploadOptions = {}): Promise<Uploaded> {
    const attachment = factsOf(file, filename);
    // A part that cannot be loaded is a network that fails.
    const { uploadFile } = await import('./upload_file.ts');
    const publicUrl = await uploadFile(host, file, attachment, onProgress, signal);
    return { publicUrl, type: attachment.content_type.startsWith('image/') ? 'image' : 'file', attachment };
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
