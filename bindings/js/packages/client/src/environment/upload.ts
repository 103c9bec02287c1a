// Sends a file to the address that the server has signed. By XMLHttpRequest where there is one, because only that reports progress.

/** The second is a file on a phone, which is read while it is sent. `size` is signed, so it must be exact. */
export type UploadSource = Blob | FileOnPhone;
export interface FileOnPhone {
  readonly uri: string;
  readonly name: string;
  readonly type: string;
  readonly size: number;
}

export interface UploadRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: UploadSource;
  /** From 0 to 1. */
  onProgress(part: number): void;
  readonly signal: AbortSignal;
}

/** Resolves with the status of the answer, rejects if there was none. */
export type Uploader = (request: UploadRequest) => Promise<{ readonly status: number }>;

function byRequest(Request: new () => XMLHttpRequest, { url, method, headers, body, onProgress, signal }: UploadRequest): Promise<{ status: number }> {
  return new Promise((resolve, reject) => {
    const request = new Request();
    const abort = (): void => request.abort();
    const end = (settle: () => void) => (): void => {
      signal.removeEventListener('abort', abort);
      settle();
    };
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = end(() => resolve({ status: request.status }));
    request.onerror = request.onabort = end(() => reject(new Error('the upload broke off')));
    signal.addEventListener('abort', abort);
    // On a phone the file goes as the body itself, not as a form.
    request.send(body as Blob);
  });
}

export const standardUploader: Uploader = (request) => {
  const { XMLHttpRequest: Request } = globalThis as { XMLHttpRequest?: new () => XMLHttpRequest };
  if (Request !== undefined) return byRequest(Request, request);
  const { url, method, headers, body, signal } = request;
  return globalThis.fetch(url, { method, headers: { ...headers }, body: body as Blob, signal });
};
