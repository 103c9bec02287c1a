// What nobody needs before a conversation is on the screen: it is loaded once it is there, or when it is asked for.

import { useSyncExternalStore } from 'react';

export type Extras = typeof import('./components/extras.ts');

const AGAIN_MS = 3_000;
let extras: Extras | null = null;
let loading: Promise<Extras> | null = null;

/** What could not be loaded is tried again by the next call. */
export function loadExtras(): Promise<Extras> {
  loading ??= import('./components/extras.ts').then((all) => (extras = all), (fault: unknown) => {
    loading = null;
    throw fault;
  });
  return loading;
}

/** Runs at once if they are there, else when they are. `failed`: they could not be loaded. */
export function withExtras(run: (all: Extras) => void, failed: (fault: unknown) => void = () => {}): void {
  if (extras === null) loadExtras().then(run, failed);
  else run(extras);
}

/** Loads them for whoever is mounted, until that succeeds. */
function subscribe(listener: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ended = false;
  const ask = (): void => withExtras(listener, () => {
    if (!ended) timer = setTimeout(ask, AGAIN_MS);
  });
  if (extras === null) ask();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}

/** Null until they are there, and while what a server rendered becomes alive. */
export function useExtras(): Extras | null {
  return useSyncExternalStore(subscribe, () => extras, () => null);
}
