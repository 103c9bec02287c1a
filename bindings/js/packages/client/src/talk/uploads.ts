// Files, and messages that wait for theirs (protocol, section 9).

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

export interface UploadsHost {
  /** Throws if the server would not take the file, as far as that is known. */
  check(file: UploadSource): void;
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

export function uploads({ check, outbox, files, uploading }: UploadsHost): Uploads {
  return {
    async upload(file, options) {
      return (await uploading.get()).upload(file, options);
    },
    send(channel, file, body, key) {
      check(file);
      const onPhone = 'uri' in file ? { uri: file.uri, name: file.name, type: file.type, size: file.size } : null;
      const { item, done } = outbox.add(channel, body, key, { file: onPhone });
      files.set(key, file);
      uploading.use(({ again }) => again(item));
      return { key, sent: done, cancel: () => void outbox.discard(key) };
    },
  };
}
