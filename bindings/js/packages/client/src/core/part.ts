// Parts of this package that are loaded when they are first needed, so that an app which never needs one does not wait for it.

import { asError, CariosanError } from './error.ts';

export interface Part<T> {
  /** Undefined until it is loaded. */
  readonly now: T | undefined;
  /** What could not be loaded is tried again by the next call. Rejects with `CLOSED` if nothing is wanted any more. */
  get(): Promise<T>;
  /** Runs at once if the part is there, else when it is. */
  use(run: (part: T) => void): void;
}

export interface Parts {
  /** `failed`: in place of what is done with other parts that are to be used and could not be loaded. */
  part<T>(load: () => Promise<T>, failed?: (fault: unknown) => void): Part<T>;
  /** What is still being loaded is not used any more. */
  close(): void;
}

/** What cannot be loaded is a network that fails. */
export async function loaded<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (fault) {
    throw asError(fault);
  }
}

/** `report` receives why a part that was to be used could not be loaded. */
export function parts(report: (fault: unknown) => void): Parts {
  let closed = false;

  function part<T>(load: () => Promise<T>, failed = report): Part<T> {
    let loading: Promise<T> | null = null;
    let now: T | undefined;

    async function start(): Promise<T> {
      try {
        const fresh = await loaded(load);
        if (closed) throw new CariosanError({ code: 'CLOSED' });
        return (now = fresh);
      } finally {
        loading = null;
      }
    }

    const get = async (): Promise<T> => now ?? (loading ??= start());
    return {
      get now() { return now; },
      get,
      use(run) {
        if (now === undefined) get().then(run).catch(failed);
        else run(now);
      },
    };
  }

  return { part, close: () => { closed = true; } };
}
