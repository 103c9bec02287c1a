// A phone as the client's environment: whether the app is looked at, and whether there is a network.

import type { Environment, Signal } from '@cariosan/client';

/** As much as is used of React Native's `AppState`. */
export interface AppStateLike {
  readonly currentState: string | null;
  addEventListener(type: 'change', listener: (state: string) => void): { remove(): void };
}

/** As much as is used of `@react-native-community/netinfo`. */
export interface NetInfoLike {
  addEventListener(listener: (state: { readonly isConnected: boolean | null }) => void): () => void;
}

export interface NativeParts {
  readonly AppState: AppStateLike;
  /** Without it there is always a network, as far as one knows. */
  readonly NetInfo?: NetInfoLike | undefined;
}

export function createNativeEnvironment({ AppState, NetInfo }: NativeParts): Environment {
  let isOnline = true;
  // Before the first word of it the app has just been opened.
  const isVisible = (): boolean => AppState.currentState === null || AppState.currentState === 'active' || AppState.currentState === 'unknown';

  function watchApp(listener: (signal: Signal) => void): () => void {
    let shown = isVisible();
    const watching = AppState.addEventListener('change', (state) => {
      const shows = state === 'active';
      if (shows !== shown) listener(shows ? 'visible' : 'hidden');
      shown = shows;
    });
    return () => watching.remove();
  }

  function watchNetwork(network: NetInfoLike, listener: (signal: Signal) => void): () => void {
    return network.addEventListener(({ isConnected }) => {
      const online = isConnected !== false;
      if (online === isOnline) return;
      isOnline = online;
      listener(online ? 'online' : 'offline');
    });
  }

  return {
    setTimer(run, ms) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    // In the background there are no frames.
    frame(run) {
      if (isVisible()) requestAnimationFrame(() => run());
      else setTimeout(run, 250);
    },
    now: () => Date.now(),
    random: () => Math.random(),
    isVisible,
    isOnline: () => isOnline,
    // A socket that the system has suspended looks as if it lived: it is asked each time somebody looks again.
    sleeps: true,
    watch(listener) {
      const ends = [watchApp(listener), ...(NetInfo === undefined ? [] : [watchNetwork(NetInfo, listener)])];
      return () => ends.forEach((end) => end());
    },
  };
}
