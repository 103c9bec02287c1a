// A page that is hidden and shown again: a shown page checks its link, a hidden one gives it up after a while.

import { waitUntil } from '../core/wait.ts';
import type { Environment, Signal } from '../environment/environment.ts';
import type { Connection } from './connection.ts';

export interface LifecycleHost {
  readonly environment: Environment;
  readonly line: Pick<Connection, 'state' | 'start' | 'stop' | 'retryNow' | 'probe'>;
  /** Null: never. */
  readonly closeHiddenAfterMs: number | null;
  /** Nothing waits to be sent. */
  isIdle(): boolean;
  /** Stores at once what is not stored yet. */
  store(): void;
}

export interface Lifecycle {
  start(): void;
  stop(): void;
  /** Whether to stay disconnected after a close with this code, and why; null: reconnect. */
  restsAfter(code: number): 'hidden' | 'offline' | null;
}

/** Another connection of this user needed the place. */
const PLACE_TAKEN = 4408;
const RETRY_EVERY_MS = 1_000;
const STILL_HIDDEN_MS = 60_000;
/** After this much silence a link may have died unnoticed. */
const DOUBTED_AFTER_MS = 20_000;
const PROBED_WITHIN_MS = 5_000;
/** A phone that slept has most likely lost its link, so the deadline is short. */
const WOKEN_WITHIN_MS = 3_000;

export function lifecycle(host: LifecycleHost): Lifecycle {
  const { environment, line } = host;
  let unwatch: (() => void) | null = null;
  let cancelHidden = (): void => {};
  let retriedAt = -Infinity;

  const isVisible = (): boolean => environment.isVisible?.() ?? true;
  const isOnline = (): boolean => environment.isOnline?.() ?? true;

  function comeBack(): void {
    cancelHidden();
    const { state } = line;
    if (state.name === 'suspended') return line.start();
    if (state.name !== 'waiting') return environment.sleeps === true ? line.probe(0, WOKEN_WITHIN_MS) : line.probe(DOUBTED_AFTER_MS, PROBED_WITHIN_MS);
    if (environment.now() - retriedAt < RETRY_EVERY_MS) return undefined;
    retriedAt = environment.now();
    return line.retryNow();
  }

  function giveUpAfter(ms: number): void {
    cancelHidden();
    cancelHidden = waitUntil(environment, environment.now() + ms, () => {
      if (isVisible() || !isConnected()) return;
      if (host.isIdle()) line.stop({ name: 'suspended', why: 'hidden' });
      else giveUpAfter(STILL_HIDDEN_MS);
    });
  }

  const isConnected = (): boolean => ['connecting', 'syncing', 'live', 'polling', 'waiting'].includes(line.state.name);

  function heard(signal: Signal): void {
    if (signal === 'visible' || signal === 'online') return comeBack();
    // The system may be wrong, so the link is asked.
    if (signal === 'offline') return line.probe(0, PROBED_WITHIN_MS);
    host.store();
    if (signal === 'leaving') {
      if (isConnected()) line.stop({ name: 'suspended', why: 'hidden' });
    } else if (host.closeHiddenAfterMs !== null) giveUpAfter(host.closeHiddenAfterMs);
    return undefined;
  }

  return {
    start: () => { unwatch ??= environment.watch?.(heard) ?? null; },
    stop() {
      unwatch?.();
      unwatch = null;
      cancelHidden();
    },
    restsAfter(code) {
      if (code === PLACE_TAKEN && !isVisible()) return 'hidden';
      return isOnline() ? null : 'offline';
    },
  };
}
