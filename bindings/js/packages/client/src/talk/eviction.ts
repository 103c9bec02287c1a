// A limited number of channels keep their messages in memory while nobody looks at them. Beyond that, half a minute after it was left,
// the channel left longest ago drops its messages and keeps its revision.

import type { Environment } from '../environment/environment.ts';
import { forgetMessages, type HeldChannel } from '../state/channel.ts';
import type { Replica } from '../state/replica.ts';

export interface EvictionHost {
  readonly environment: Environment;
  readonly replica: Replica;
  /** Channels that hold messages, at most, but for those that are looked at. */
  readonly most: number;
  isWatched(channel: HeldChannel): boolean;
}

const KEPT_MS = 30_000;

export function eviction({ environment, replica, most, isWatched }: EvictionHost) {
  /** When each was left, the longest ago first. */
  const left = new Map<HeldChannel, number>();
  let cancel: (() => void) | null = null;

  function look(): void {
    cancel = null;
    let over = [...replica.channels.values()].filter(({ windows }) => windows.size > 0).length - most;
    const until = environment.now() - KEPT_MS;
    for (const [channel, at] of left) {
      if (at > until) return schedule(at - until);
      left.delete(channel);
      if (over <= 0 || channel.windows.size === 0 || replica.get(channel.id) !== channel || isWatched(channel)) continue;
      over -= 1;
      forgetMessages(channel);
      replica.changed(channel);
    }
  }

  function schedule(ms: number): void {
    cancel ??= environment.setTimer(look, ms);
  }

  return {
    released(channel: HeldChannel): void {
      left.delete(channel);
      left.set(channel, environment.now());
      schedule(KEPT_MS);
    },
    stop: () => cancel?.(),
  };
}
