// Wires what is stored from run to run: the cache, the unsent messages, and which tab writes. Loaded only if the app has a storage.

import type { Environment } from './environment/environment.ts';
import type { ClientLimits } from './options.ts';
import type { Session } from './session.ts';
import type { HeldChannel } from './state/channel.ts';
import { cache } from './store/cache.ts';
import { safeStorage } from './store/safe.ts';
import type { Storage } from './store/storage.ts';
import { tabs } from './store/tabs.ts';
import type { Owned } from './talk/own_lists.ts';
import type { ReadMark } from './talk/reading.ts';
import { unsent } from './talk/unsent.ts';
import type { Id } from './wire/types.ts';

export interface KeepingHost {
  readonly environment: Environment;
  readonly storage: Storage;
  /** The storage has begun to fail, or works again. */
  persistent(now: boolean): void;
  readonly apiUrl: string;
  /** Identifies the user, if the app says so. Otherwise the token does, or the first `connection.ready`. */
  readonly cacheKey: string | undefined;
  readonly tab: string;
  readonly limits: Partial<ClientLimits>;
  readonly core: Session;
  /** What else is stored per user. */
  readonly owned: Owned;
  readonly reads: ReadonlyMap<Id, ReadMark>;
  unread(): number;
  wantRead(channel: Id, mark: ReadMark): void;
  /** It was read again; so much was unread. */
  restored(unread: number): void;
}

export interface Keeping {
  /** Reads what an earlier run has stored. Needs no connection. */
  start(): Promise<void>;
  /** The user is known now, at the latest. */
  greeted(): void;
  changed(channel: HeldChannel): void;
  removed(channel: HeldChannel): void;
  metaChanged(): void;
  /** The stored messages of a channel, if it has none. */
  warm(channel: HeldChannel): Promise<void>;
  /** A connection is up: looks for messages that closed tabs have left. */
  resume(): void;
  flush(): Promise<void>;
  wipe(): Promise<void>;
  close(): Promise<void>;
}

/** FNV-1a: addresses of servers become parts of keys. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return (value >>> 0).toString(36);
}

export function keeping(host: KeepingHost): Keeping {
  const { environment, core, owned } = host;
  const { cachedChannels: channels = 200, cachedMessages: messages = 50 } = host.limits;
  const storage = safeStorage(host.storage, host.persistent);
  let opening: Promise<void> | null = null;

  const others = tabs({
    environment, id: host.tab,
    lead: () => void stored.flush(),
    takeOver: (tab) => items.takeOver(tab),
  });
  const items = unsent({ storage, outbox: core.sending, owner: host.tab, others: others.seen });
  const stored = cache({
    environment, storage, channels, messages, replica: core.held,
    isWriter: () => others.isWriter,
    meta() {
      const { me, held } = core;
      if (me === null || held.epoch === null) return null;
      return {
        v: 1, user: me, epoch: held.epoch, preferencesRev: owned.preferencesRev, unreadTotal: host.unread(),
        blocks: { rev: owned.rev, users: [...owned.users] },
        reads: Object.fromEntries([...host.reads].map(([id, { messageId, seq }]) => [id, [messageId, seq]])),
      };
    },
  });

  async function openAs(key: string): Promise<void> {
    const prefix = `cariosan:1:${hash(host.apiUrl)}:${key}:`;
    others.join(prefix);
    const meta = await stored.open(prefix);
    if (meta !== null) {
      core.adopt(meta.user, meta.epoch);
      Object.assign(owned, { preferencesRev: meta.preferencesRev, rev: meta.blocks.rev, users: new Set(meta.blocks.users) });
      for (const [id, [messageId, seq]] of Object.entries(meta.reads)) host.wantRead(id, { messageId, seq });
      host.restored(meta.unreadTotal);
    }
    await Promise.all([meta !== null && stored.restore(), items.open(`${prefix}o:`)]);
  }

  async function openEarly(): Promise<void> {
    let key = host.cacheKey;
    if (key === undefined) {
      // The connection calls the provider again and reports its failure.
      await core.token.get().catch(() => null);
      key = core.token.claims().subject ?? undefined;
    }
    if (key !== undefined) await openAs(key);
    else opening = null;
  }

  return {
    start: () => (opening ??= openEarly()),
    greeted() {
      stored.metaChanged();
      const { me } = core;
      if (me !== null) opening ??= openAs(me.id);
    },
    changed: stored.changed, removed: stored.removed, metaChanged: stored.metaChanged, flush: stored.flush,
    async warm(channel) {
      if (await stored.timeline(channel) && core.line.isUp) core.reading.ask(channel);
    },
    resume: () => void (others.isWriter && items.look()),
    async wipe() {
      opening = null;
      others.leave();
      await stored.wipe();
    },
    async close() {
      await stored.flush();
      stored.stop();
      others.leave();
      await storage.close();
    },
  };
}
