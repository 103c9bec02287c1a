// Keeps what is held from run to run: what is shown before the first answer, and the revisions that make a resume short. Written a
// second after the last change, by one tab at a time (protocol, section 6).

import { lastActivity, type HeldChannel } from '../state/channel.ts';
import type { Environment } from '../environment/environment.ts';
import type { Replica } from '../state/replica.ts';
import type { Id, User } from '../wire/types.ts';
import { channelText, idOf, restoreChannel, restoreTimeline, timelineText } from './record.ts';
import type { SafeStorage } from './safe.ts';

/** What is known of the user as a whole. */
export interface Meta {
  readonly v: 1;
  readonly user: User;
  readonly epoch: string;
  readonly blocks: { readonly rev: number; readonly users: readonly Id[] };
  readonly preferencesRev: number | null;
  readonly unreadTotal: number;
  /** Read marks that have not been sent: by channel, the message (null: all of them) and its `seq`. */
  readonly reads: Readonly<Record<Id, readonly [Id | null, number]>>;
}

export interface CacheHost {
  readonly environment: Environment;
  readonly storage: SafeStorage;
  readonly replica: Replica;
  readonly channels: number;
  readonly messages: number;
  meta(): Meta | null;
  /** Only one tab writes what all of them hold. */
  isWriter(): boolean;
}

export interface Cache {
  /** Names where this user's state is kept, and reads who it was of. */
  open(prefix: string): Promise<Meta | null>;
  /** Puts the stored channels into the replica, which has the user and the epoch already. */
  restore(): Promise<void>;
  /** The stored messages of a channel, if none are held. Answers whether what changed since must be read. */
  timeline(channel: HeldChannel): Promise<boolean>;
  changed(channel: HeldChannel): void;
  removed(channel: HeldChannel): void;
  metaChanged(): void;
  /** Writes at once. */
  flush(): Promise<void>;
  wipe(): Promise<void>;
  stop(): void;
}

const AFTER_MS = 1_000;
const AT_LATEST_MS = 5_000;
/** Some storages refuse larger values. */
const VALUE_UNITS = 512 * 1024;

function metaOf(text: string | undefined): Meta | null {
  try {
    const meta = JSON.parse(text ?? 'null') as Meta | null;
    return meta?.v === 1 && typeof meta.epoch === 'string' && typeof meta.user.id === 'string' ? meta : null;
  } catch {
    return null;
  }
}

export function cache(host: CacheHost): Cache {
  const { environment, storage, replica } = host;
  const dirty = new Set<HeldChannel>();
  const gone = new Set<Id>();
  const kept = new Set<Id>();
  let prefix: string | null = null;
  let metaDirty = false;
  /** Of what is not written: the first change and the last one. */
  let since = 0;
  let latest = 0;
  let cancelTimer: (() => void) | null = null;
  /** What `open` has asked for, together with who it is of: a browser's store is slow to begin, and quick to go on. */
  let channelTexts: Promise<ReadonlyMap<string, string>> | null = null;

  function schedule(): void {
    if (prefix === null) return;
    latest = environment.now();
    if (cancelTimer !== null) return;
    since = latest;
    wait();
  }

  /** One timer for all changes: hundreds of channels may come in one task. */
  function wait(): void {
    const left = Math.min(latest + AFTER_MS, since + AT_LATEST_MS) - environment.now();
    if (left <= 0) void flush();
    else cancelTimer = environment.setTimer(wait, left);
  }

  function stopWaiting(): void {
    cancelTimer?.();
    cancelTimer = null;
  }

  const blocksRev = (): number => host.meta()?.blocks.rev ?? 0;

  const fits = (text: string | null): string | null => (text !== null && text.length <= VALUE_UNITS ? text : null);

  /** The channels that were active last are kept. */
  function letGo(changes: Map<string, string | null>): void {
    if (kept.size <= host.channels) return;
    const byAge = [...kept].sort((a, b) => (activity(a) < activity(b) ? -1 : 1));
    for (const id of byAge.slice(0, kept.size - host.channels)) remove(changes, id);
  }

  const activity = (id: Id): string => {
    const channel = replica.get(id);
    return channel === undefined ? '' : lastActivity(channel);
  };

  function remove(changes: Map<string, string | null>, id: Id): void {
    kept.delete(id);
    changes.set(`${prefix}i:${id}`, null);
    changes.set(`${prefix}t:${id}`, null);
  }

  function changesToWrite(epoch: string): Map<string, string | null> {
    const changes = new Map<string, string | null>();
    for (const id of gone) remove(changes, id);
    for (const channel of dirty) {
      if (replica.get(channel.id) !== channel) continue;
      const text = fits(channelText(channel, epoch));
      if (text !== null) kept.add(channel.id);
      changes.set(`${prefix}i:${channel.id}`, text);
      // Of a channel whose messages are not held here the stored ones may serve still: they say how old they are.
      const timeline = timelineText(channel, epoch, host.messages, blocksRev());
      if (timeline !== null) changes.set(`${prefix}t:${channel.id}`, fits(timeline));
    }
    letGo(changes);
    const meta = metaDirty ? host.meta() : null;
    if (meta !== null) changes.set(`${prefix}meta`, JSON.stringify(meta));
    return changes;
  }

  async function flush(): Promise<void> {
    stopWaiting();
    const { epoch } = replica;
    if (prefix === null || epoch === null || !host.isWriter()) return;
    const changes = changesToWrite(epoch);
    dirty.clear();
    gone.clear();
    metaDirty = false;
    if (changes.size > 0) await storage.write(changes);
  }

  return {
    flush,
    async open(own) {
      prefix = own;
      channelTexts = storage.load(`${own}i:`);
      return metaOf((await storage.load(`${own}meta`)).get(`${own}meta`));
    },
    async restore() {
      const own = prefix;
      const { epoch, viewer } = replica;
      if (own === null || epoch === null || channelTexts === null) return;
      const texts = await channelTexts;
      channelTexts = null;
      // Answers that came meanwhile are newer.
      if (prefix !== own || replica.epoch !== epoch || replica.viewer !== viewer) return;
      for (const [key, text] of texts) {
        const id = idOf(key, `${own}i:`);
        if (replica.get(id) !== undefined) continue;
        const channel = replica.ensure(id);
        if (restoreChannel(channel, text, epoch)) {
          kept.add(id);
          replica.changed(channel);
          dirty.delete(channel);
        } else replica.drop(channel, 'forgotten');
      }
    },
    async timeline(channel) {
      const { generation } = channel;
      const { epoch } = replica;
      if (prefix === null || epoch === null || channel.windows.start !== Infinity) return false;
      const key = `${prefix}t:${channel.id}`;
      const text = (await storage.load(key)).get(key);
      if (text === undefined || replica.get(channel.id) !== channel || channel.generation !== generation || replica.epoch !== epoch) return false;
      const behind = restoreTimeline(channel, text, epoch, blocksRev());
      // Of another history: nothing has changed. To say so would have it looked for again, and again.
      if (channel.windows.size === 0) return false;
      replica.changed(channel);
      return behind;
    },
    changed(channel) {
      dirty.add(channel);
      gone.delete(channel.id);
      schedule();
    },
    removed(channel) {
      dirty.delete(channel);
      gone.add(channel.id);
      schedule();
    },
    metaChanged() {
      metaDirty = true;
      schedule();
    },
    async wipe() {
      if (prefix === null) return;
      const own = prefix;
      prefix = null;
      stopWaiting();
      const keys = [...(await storage.load(own)).keys()];
      await storage.write(new Map(keys.map((key) => [key, null])));
    },
    stop() {
      prefix = null;
      stopWaiting();
    },
  };
}
