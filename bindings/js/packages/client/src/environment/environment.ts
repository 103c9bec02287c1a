// What the client needs from its surroundings. Tests pass their own clock and randomness; nothing else in this package reads them.

/** `leaving`: the page may be frozen or gone after this. */
export type Signal = 'visible' | 'hidden' | 'online' | 'offline' | 'leaving';

export interface Environment {
  /** Runs once, after at least `ms`, which is a minute at most. Returns a function that cancels it. */
  setTimer(run: () => void, ms: number): () => void;
  /** Runs once, soon. Changes up to then are published together. */
  frame(run: () => void): void;
  /** Milliseconds since 1970. */
  now(): number;
  /** From 0 to below 1. For delays and unique keys, not for secrets. */
  random(): number;
  /** True: the process sleeps while hidden, as on phones, so the link is checked at each return. */
  readonly sleeps?: boolean;
  /** Absent: always. */
  isVisible?(): boolean;
  isOnline?(): boolean;
  /** Returns a function that stops it. */
  watch?(listener: (signal: Signal) => void): () => void;
  /** Runs while no other tab runs under this name. Returns a function that stops waiting. Absent: there are no other tabs. */
  exclusive?(name: string, run: () => Promise<void>): () => void;
  /** Texts to the other tabs. */
  broadcast?(name: string, heard: (text: string) => void): { post(text: string): void; close(): void };
}

const FRAME_MS = 16;
const HIDDEN_FRAME_MS = 250;

interface Page extends EventTarget {
  readonly visibilityState: string;
}
interface Globals {
  readonly document?: Page;
  readonly navigator?: { readonly onLine?: boolean; readonly locks?: LockManager };
  readonly BroadcastChannel?: typeof BroadcastChannel;
  readonly requestAnimationFrame?: (run: () => void) => number;
  readonly addEventListener?: EventTarget['addEventListener'];
  readonly removeEventListener?: EventTarget['removeEventListener'];
}

function watchPage(page: Page, around: Globals, listener: (signal: Signal) => void): () => void {
  const ends: (() => void)[] = [];
  const on = (target: Globals | Page, event: string, signal: () => Signal): void => {
    const heard = (): void => listener(signal());
    target.addEventListener?.(event, heard);
    ends.push(() => target.removeEventListener?.(event, heard));
  };
  on(page, 'visibilitychange', () => (page.visibilityState === 'visible' ? 'visible' : 'hidden'));
  on(page, 'freeze', () => 'leaving');
  on(around, 'pagehide', () => 'leaving');
  on(around, 'pageshow', () => 'visible');
  on(around, 'online', () => 'online');
  on(around, 'offline', () => 'offline');
  return () => ends.forEach((end) => end());
}

function exclusively(locks: LockManager, name: string, run: () => Promise<void>): () => void {
  const stop = new AbortController();
  // Cancelled before its turn: not a failure.
  locks.request(name, { signal: stop.signal }, run).catch(() => {});
  return () => stop.abort();
}

function between(Channel: typeof BroadcastChannel, name: string, heard: (text: string) => void): { post(text: string): void; close(): void } {
  const channel = new Channel(name);
  channel.onmessage = ({ data }: MessageEvent<unknown>) => void (typeof data === 'string' && heard(data));
  return { post: (text) => channel.postMessage(text), close: () => channel.close() };
}

/** The environment of this browser, worker or process. Nothing is created before it is used. */
export function standardEnvironment(): Environment {
  const around = globalThis as unknown as Globals;
  const { document: page, navigator: device } = around;
  const isVisible = (): boolean => page === undefined || page.visibilityState === 'visible';
  const locks = device?.locks;
  // Node.js processes have locks and channels too, but they share no storage.
  const shared = page !== undefined;
  return {
    setTimer(run, ms) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    frame(run) {
      if (around.requestAnimationFrame !== undefined && page !== undefined && isVisible()) around.requestAnimationFrame(() => run());
      else setTimeout(run, isVisible() ? FRAME_MS : HIDDEN_FRAME_MS);
    },
    now: () => Date.now(),
    random: () => Math.random(),
    isVisible,
    isOnline: () => device?.onLine !== false,
    ...(page === undefined ? {} : { watch: (listener) => watchPage(page, around, listener) }),
    ...(shared && locks !== undefined ? { exclusive: (name, run) => exclusively(locks, name, run) } : {}),
    ...(shared && around.BroadcastChannel !== undefined
      ? { broadcast: (name, heard) => between(around.BroadcastChannel as typeof BroadcastChannel, name, heard) } : {}),
  };
}
