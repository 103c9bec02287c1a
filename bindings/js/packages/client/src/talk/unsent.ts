// Unsent messages from run to run: one stored text per message, each with the tab that sends it. What a tab leaves when it is gone is
// taken over by the one that writes.

import type { Outbox, OutboxItem } from './outbox.ts';
import type { SafeStorage } from '../store/safe.ts';

export interface Unsent {
  /** Stores this user's messages from now on. */
  open(prefix: string): Promise<void>;
  /** Looks for messages of other tabs. */
  look(): Promise<void>;
  takeOver(owner: string): Promise<void>;
}

export interface UnsentHost {
  readonly storage: SafeStorage;
  readonly outbox: Outbox;
  /** This tab. */
  readonly owner: string;
  /** The tabs whose messages are stored. */
  others(owners: readonly string[]): Promise<void>;
}

function restored(text: string): OutboxItem | null {
  try {
    const item = JSON.parse(text) as OutboxItem;
    if (typeof item.key !== 'string' || typeof item.channel !== 'string') return null;
    const again = item.awaits === undefined ? 'waiting' : 'uploading';
    return { ...item, owner: item.owner ?? '', state: item.state === 'failed' ? 'failed' : again, error: null };
  } catch {
    return null;
  }
}

export function unsent({ storage, outbox, owner, others }: UnsentHost): Unsent {
  let prefix: string | null = null;

  async function stored(): Promise<readonly OutboxItem[]> {
    const own = prefix;
    if (own === null) return [];
    const texts = await storage.load(own);
    const known = new Set(outbox.items().map(({ key }) => key));
    return prefix === own ? [...texts.values()].flatMap((text) => restored(text) ?? []).filter(({ key }) => !known.has(key)) : [];
  }

  const look = async (): Promise<void> => others((await stored()).map((item) => item.owner));

  return {
    look,
    async open(own) {
      prefix = own;
      outbox.keep((key, item) => storage.write(new Map([[own + key, item === null ? null : JSON.stringify({ ...item, error: null })]])));
      await look();
    },
    async takeOver(gone) {
      const left = (await stored()).filter((item) => item.owner === gone).map((item) => ({ ...item, owner }));
      if (left.length > 0) outbox.adopt(left);
    },
  };
}
