// Files, and messages that wait for theirs (protocol, section 9).

import { CariosanError } from '../core/error.ts';
import type { Part } from '../core/part.ts';
import type { UploadSource } from '../environment/upload.ts';
import type { Message } from '../wire/types.ts';
import type { Outbox, SendBody } from './outbox.ts';
import type { Uploaded, Uploading } from './uploading.ts';

export interface UploadOptions {
  /** From 0 to 1. */
  readonly onProgress?: (part: number) => void;
  readonly signal?: AbortSignal;
  /** Where the source has none. */
  readonly filename?: string;
}

export interface UploadHandle {
  /** The row's. */
  readonly key: string;
  readonly sent: Promise<Message>;
  /** Gives the message up, at whatever point. */
  cancel(): void;
}

/** What `metadata.attachment` says of a file. */
export interface FileFacts {
  readonly name: string;
  readonly size: number;
  readonly content_type: string;
}

export interface AcceptedFiles {
  readonly types: readonly string[];
  readonly maxBytes: number;
}

export interface UploadsHost {
  /** Null: not known, or none is taken. */
  accepted(): AcceptedFiles | null;
  readonly outbox: Outbox;
  /** What is to be sent, by the key of its message. */
  readonly files: Map<string, UploadSource>;
  readonly uploading: Part<Uploading>;
}

export interface Uploads {
  upload(file: UploadSource, options?: UploadOptions): Promise<Uploaded>;
  /** A message that is sent once its file is there. It keeps its place, and keeps nobody else waiting. */
  send(channel: string, file: UploadSource, body: SendBody, key: string): UploadHandle;
}

const accepts = (types: readonly string[], type: string): boolean => {
  const plain = (type.split(';')[0] ?? '').trim().toLowerCase();
  return types.some((one) => (one.endsWith('/*') ? plain.startsWith(one.slice(0, -1)) : one.toLowerCase() === plain));
};

/** Throws if the server would not take the file. */
export function factsOf(limits: AcceptedFiles | null, file: UploadSource, filename?: string): FileFacts {
  const name = 'name' in file && typeof file.name === 'string' ? file.name : '';
  const facts = { name: filename ?? (name || 'file'), size: file.size, content_type: file.type || 'application/octet-stream' };
  if (limits !== null && !accepts(limits.types, facts.content_type)) throw new CariosanError({ code: 'TYPE_NOT_ACCEPTED', message: facts.content_type });
  if (limits !== null && facts.size > limits.maxBytes) throw new CariosanError({ code: 'TOO_LARGE', details: { limit: limits.maxBytes } });
  return facts;
}

export function uploads({ accepted, outbox, files, uploading }: UploadsHost): Uploads {
  return {
    async upload(file, options) {
      return (await uploading.get()).upload(file, options);
    },
    send(channel, file, body, key) {
      factsOf(accepted(), file);
      const onPhone = 'uri' in file ? { uri: file.uri, name: file.name, type: file.type, size: file.size } : null;
      const { item, done } = outbox.add(channel, body, key, { file: onPhone });
      files.set(key, file);
      uploading.use(({ again }) => again(item));
      return { key, sent: done, cancel: () => void outbox.discard(key) };
    },
  };
}
