// The list of channels. A `sync` brings only the most recent ones; the rest is read page by page (protocol, section 3.2).

import type { Replica } from '../state/replica.ts';
import type { ChannelItem, ChannelPage } from '../wire/types.ts';

export interface ChannelListHost {
  readonly replica: Replica;
  read(cursor: string | undefined): Promise<ChannelPage>;
  otherEpoch(epoch: string): void;
  take(item: ChannelItem): void;
  changed(): void;
}

/** A `sync` brings no more summaries than this. */
const SUMMARIES_PER_SYNC = 200;

export function channelList({ replica, read, otherEpoch, take, changed }: ChannelListHost) {
  /** Where the list goes on; null: all are held. */
  let rest: string | null = null;
  let reading: Promise<boolean> | null = null;

  /** Returns the cursor of the next page; null: that was the last. */
  async function page(cursor: string): Promise<string | null> {
    const { epoch, channels, has_more, next_cursor } = await read(cursor === '' ? undefined : cursor);
    if (epoch !== undefined && epoch !== replica.epoch) {
      otherEpoch(epoch);
      return null;
    }
    for (const item of channels) take(item);
    return has_more ? (next_cursor ?? null) : null;
  }

  async function untilNew(): Promise<boolean> {
    const before = replica.channels.size;
    while (rest !== null && replica.channels.size === before) rest = await page(rest);
    changed();
    return rest !== null;
  }

  return {
    /** Takes the number of summaries that came: if it is the maximum, there may be more. */
    told(summaries: number): void {
      rest = summaries >= SUMMARIES_PER_SYNC ? '' : null;
    },
    /** Resolves with whether there are more. Concurrent calls share one request. */
    more(): Promise<boolean> {
      reading ??= untilNew().finally(() => (reading = null));
      return reading;
    },
    /** Reads everything again, most recent first. */
    async again(): Promise<void> {
      for (let cursor: string | null = ''; cursor !== null;) cursor = await page(cursor);
    },
    get complete() { return rest === null; },
  };
}

export type ChannelList = ReturnType<typeof channelList>;
