// Several tabs of one user share one storage. One of them, the writer, keeps what all of them hold, and takes over the unsent messages
// of a tab that is gone. Where there are no locks there is one process, which is the writer.

import type { Environment } from '../environment/environment.ts';

export interface TabsHost {
  readonly environment: Environment;
  readonly id: string;
  /** This tab is the writer from now on. */
  lead(): void;
  /** A tab is gone: what it left is this one's now. */
  takeOver(tab: string): Promise<void>;
}

export interface Tabs {
  readonly isWriter: boolean;
  join(prefix: string): void;
  /** Other tabs with stored messages. The writer waits until they close; without locks, they are closed already. */
  seen(tabs: Iterable<string>): Promise<void>;
  leave(): void;
}

export function tabs(host: TabsHost): Tabs {
  const { environment, id } = host;
  const waited = new Set<string>();
  const endings: (() => void)[] = [];
  let prefix: string | null = null;
  let writer = environment.exclusive === undefined;

  /** Holds a lock until this tab leaves. */
  function hold(name: string, held: () => void): void {
    const cancel = environment.exclusive?.(name, () => new Promise((resolve) => {
      endings.push(resolve);
      held();
    }));
    if (cancel !== undefined) endings.push(cancel);
  }

  async function seen(others: Iterable<string>): Promise<void> {
    for (const tab of others) {
      if (tab === id || waited.has(tab)) continue;
      waited.add(tab);
      if (environment.exclusive === undefined) await host.takeOver(tab);
      else if (writer) waitFor(tab);
    }
  }

  /** The lock of a tab is free when the tab is gone. */
  function waitFor(tab: string): void {
    const cancel = environment.exclusive?.(`${prefix}tab:${tab}`, async () => {
      waited.delete(tab);
      await host.takeOver(tab);
    });
    if (cancel !== undefined) endings.push(cancel);
  }

  return {
    seen,
    get isWriter() { return writer; },
    join(own) {
      prefix = own;
      hold(`${own}tab:${id}`, () => {});
      hold(`${own}writer`, () => {
        writer = true;
        for (const tab of waited) waitFor(tab);
        host.lead();
      });
      const shared = environment.broadcast?.(`${own}tabs`, (tab) => void seen([tab]));
      if (shared === undefined) return;
      shared.post(id);
      endings.push(() => shared.close());
    },
    leave() {
      for (const end of endings.splice(0)) end();
      waited.clear();
      prefix = null;
    },
  };
}
