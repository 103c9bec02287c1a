// What the tabs of one browser share: a storage, locks and a channel between them, as Web Locks and BroadcastChannel are.

import { memoryStorage, type Environment, type Signal, type Storage } from '../../src/index.ts';

interface Waiting {
  readonly run: () => Promise<void>;
  readonly tab: symbol;
}

export interface Browser {
  readonly storage: Storage;
  tab(): Tab;
}

export interface Tab {
  /** To be laid over the environment of a test. */
  readonly environment: Pick<Environment, 'exclusive' | 'broadcast' | 'isVisible' | 'isOnline' | 'watch'>;
  signal(what: Signal): void;
  online: boolean;
  visible: boolean;
  /** As when it is killed: its locks are free. */
  kill(): void;
}

export function fakeBrowser(): Browser {
  const queues = new Map<string, Waiting[]>();
  const heard = new Set<{ readonly name: string; readonly tab: symbol; readonly hear: (text: string) => void }>();
  const dead = new Set<symbol>();

  function grant(name: string): void {
    const [first] = queues.get(name) ?? [];
    if (first !== undefined) void first.run().then(() => drop(name, first));
  }

  function drop(name: string, one: Waiting): void {
    const queue = queues.get(name) ?? [];
    const first = queue[0] === one;
    queues.set(name, queue.filter((other) => other !== one));
    if (first) grant(name);
  }

  return {
    storage: memoryStorage(),
    tab() {
      const tab = Symbol('tab');
      const listeners = new Set<(signal: Signal) => void>();
      const self: Tab = {
        online: true, visible: true,
        environment: {
          isVisible: () => self.visible,
          isOnline: () => self.online,
          watch(listener) {
            listeners.add(listener);
            return () => listeners.delete(listener);
          },
          exclusive(name, run) {
            const one = { run, tab };
            const queue = [...(queues.get(name) ?? []), one];
            queues.set(name, queue);
            if (queue[0] === one) grant(name);
            return () => { if (queues.get(name)?.[0] !== one) drop(name, one); };
          },
          broadcast(name, hear) {
            const one = { name, tab, hear };
            heard.add(one);
            return {
              post: (text) => { for (const other of heard) if (other.name === name && other.tab !== tab && !dead.has(other.tab)) other.hear(text); },
              close: () => heard.delete(one),
            };
          },
        },
        signal(what) {
          if (what === 'visible' || what === 'hidden') self.visible = what === 'visible';
          if (what === 'online' || what === 'offline') self.online = what === 'online';
          for (const listener of [...listeners]) listener(what);
        },
        kill() {
          dead.add(tab);
          for (const [name, queue] of queues) for (const one of queue) if (one.tab === tab) drop(name, one);
        },
      };
      return self;
    },
  };
}
