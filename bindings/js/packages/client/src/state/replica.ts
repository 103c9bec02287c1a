// What one user's client holds: the channels, by id, and the epoch that their revisions belong to.

import type { Id } from '../wire/types.ts';
import { heldChannel, type HeldChannel } from './channel.ts';

export interface ReplicaEvents {
  added(channel: HeldChannel): void;
  removed(channel: HeldChannel, reason: 'left' | 'deleted' | 'forgotten'): void;
  changed(channel: HeldChannel): void;
}

export interface Replica {
  readonly epoch: string | null;
  readonly viewer: Id;
  readonly channels: ReadonlyMap<Id, HeldChannel>;
  get(id: Id): HeldChannel | undefined;
  /** The channel, made if it is not held. */
  ensure(id: Id): HeldChannel;
  drop(channel: HeldChannel, reason: 'left' | 'deleted' | 'forgotten'): void;
  changed(channel: HeldChannel): void;
  /** Sets the epoch. If it differs from the one before, all revisions are void and the channels are dropped. */
  enter(epoch: string): boolean;
  /** Drops everything and begins for another user. */
  become(viewer: Id): void;
}

export function replica(events: ReplicaEvents): Replica {
  const channels = new Map<Id, HeldChannel>();
  let epoch: string | null = null;
  let viewer: Id = '';

  function drop(channel: HeldChannel, reason: 'left' | 'deleted' | 'forgotten'): void {
    if (channels.get(channel.id) !== channel) return;
    channels.delete(channel.id);
    events.removed(channel, reason);
  }

  function clear(): void {
    for (const channel of [...channels.values()]) drop(channel, 'forgotten');
  }

  return {
    get epoch() { return epoch; },
    get viewer() { return viewer; },
    channels,
    get: (id) => channels.get(id),
    ensure(id) {
      const held = channels.get(id);
      if (held !== undefined) return held;
      const channel = heldChannel(id, viewer);
      channels.set(id, channel);
      events.added(channel);
      return channel;
    },
    drop,
    changed: (channel) => events.changed(channel),
    enter(next) {
      const another = epoch !== null && epoch !== next;
      epoch = next;
      if (another) clear();
      return another;
    },
    become(next) {
      if (viewer === next) return;
      clear();
      viewer = next;
      epoch = null;
    },
  };
}
