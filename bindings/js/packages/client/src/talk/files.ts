// What is known of a file before it is sent, and whether the server takes it (protocol, section 9). Loaded while the first connection is
// made, as is what the server takes.

import { CariosanError } from '../core/error.ts';
import type { UploadSource } from '../environment/upload.ts';

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
