// Sends one file: asks for permission, then to the store (protocol, section 9). Loaded with the first file.

import { backoff, type BackoffLimits } from '../core/backoff.ts';
import { CariosanError } from '../core/error.ts';
import type { Environment } from '../environment/environment.ts';
import { standardUploader, type Uploader, type UploadSource } from '../environment/upload.ts';
import type { Presigned } from '../wire/types.ts';

/** What `metadata.attachment` says of a file. */
export interface FileFacts {
  readonly name: string;
  readonly size: number;
  readonly content_type: string;
}

export interface UploadHost {
  readonly environment: Environment;
  readonly reconnect: BackoffLimits;
  /** The app's own; absent: what this place has. */
  readonly uploader: Uploader | undefined;
  presign(file: { readonly filename: string; readonly content_type: string; readonly size_bytes: number }): Promise<Presigned>;
}

const ATTEMPTS = 3;

/** Resolves with the address under which the file is shown. */
export async function uploadFile(
  { environment, reconnect, uploader = standardUploader, presign }: UploadHost,
  body: UploadSource, { name, size, content_type }: FileFacts, onProgress: (part: number) => void, signal: AbortSignal,
): Promise<string> {
  const ask = (): Promise<Presigned> => presign({ filename: name, content_type, size_bytes: size });
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
      await new Promise<void>((resolve) => environment.setTimer(resolve, backoff(failed, environment.random, reconnect)));
    }
  }
}
