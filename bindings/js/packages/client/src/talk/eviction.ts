// A limited number of channels keep their messages in memory while nobody looks at them. Beyond that, half a minute after it was left,
// the channel left longest ago drops its messages and keeps its revision.

import type { HeldChannel } from '../state/channel.ts';
import { forgetMessages } from '../state/merging.ts';
import type { Core } from './core.ts';

const KEPT_MS = 30_000;

/** `most`: channels that hold messages, but for those that are looked at. */
export function eviction({ environment, held }: Core, most: number, isWatched: (channel: HeldChannel) => boolean) {
  /** When each was left, the longest ago first. */
  const left = new Map<HeldChannel, number>();
  let cancel: (() => void) | null = null;

  function look(): void {
    cancel = null;
    let over = [...held.channels.values()].filter(({ windows }) => windows.size > 0).length - most;
    const until = environment.now() - KEPT_MS;
    for (const [channel, at] of left) {
      if (at > until) return schedule(at - until);
      left.delete(channel);
      if (over <= 0 || channel.windows.size === 0 || held.get(channel.id) !== channel || isWatched(channel)) continue;
      over -= 1;
      forgetMessages(channel);
      held.changed(channel);
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
