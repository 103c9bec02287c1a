// Whether somebody looks at this window.

import { useSyncExternalStore } from 'react';

const events = ['focus', 'blur', 'visibilitychange'] as const;

function subscribe(listener: () => void): () => void {
  for (const event of events) window.addEventListener(event, listener, true);
  return () => {
    for (const event of events) window.removeEventListener(event, listener, true);
  };
}

const looks = (): boolean => document.visibilityState === 'visible' && document.hasFocus();

export function useWindowFocus(): boolean {
  return useSyncExternalStore(subscribe, looks, () => false);
}

const never = (): (() => void) => () => {};

/** False while what a server rendered becomes alive. */
export function useIsAlive(): boolean {
  return useSyncExternalStore(never, () => true, () => false);
}
