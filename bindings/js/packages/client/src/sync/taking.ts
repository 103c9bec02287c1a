// What was read as state and comes unasked, or with a `sync`: which pages and summaries are taken, and which are a reason to read the
// channel's changes (protocol, section 6).

import type { ChannelItem, Changes } from '../wire/types.ts';
import type { LooseData } from '../wire/frames.ts';
import { applyChanges, applySummary, saysLeft } from '../state/answers.ts';
import type { HeldChannel } from '../state/channel.ts';
import type { Replica } from '../state/replica.ts';
import type { CatchUp } from './catch_up.ts';

export interface TakingHost {
  readonly replica: Replica;
  readonly catchUp: Pick<CatchUp, 'ask' | 'keep' | 'isReading'>;
  otherEpoch(epoch: string): void;
  /** Before a page is applied. */
  before(channel: HeldChannel, body: Changes): void;
  /** Nothing is missing up to here. `live`: by frames alone. */
  settled(channel: HeldChannel, live: boolean): void;
}

export interface Taking {
  /** A `channel.sync`, asked for or not. */
  page(data: LooseData['channel.sync']): void;
  /** An item of `GET /v1/me/channels`. */
  summary(item: ChannelItem): void;
}

export function taking(host: Omit<TakingHost, 'catchUp'> & { readonly catchUp: Omit<TakingHost['catchUp'], 'keep'> }): Taking {
  const { replica, catchUp } = host;

  function changes(body: Changes): void {
    if (body.epoch !== replica.epoch) return host.otherEpoch(body.epoch);
    const channel = replica.ensure(body.channel_id);
    if (!body.reset && saysLeft(channel, body)) return replica.drop(channel, 'left');
    channel.seen = Math.max(channel.seen, body.rev);
    if (!body.reset && body.since > channel.rev) return catchUp.ask(channel);
    host.before(channel, body);
    // Live frames go on from the page, even if an answer over REST had been further.
    applyChanges(channel, body);
    replica.changed(channel);
    if (channel.inDoubt) catchUp.ask(channel);
    if (!body.has_more && !catchUp.isReading(channel)) host.settled(channel, false);
    return undefined;
  }

  function summary(item: ChannelItem): void {
    const channel = replica.ensure(item.channel.id);
    if (applySummary(channel, item)) catchUp.ask(channel);
    replica.changed(channel);
    if (!catchUp.isReading(channel)) host.settled(channel, false);
  }

  function page(data: LooseData['channel.sync']): void {
    if ('summary' in data) return summary(data);
    if (!('left' in data)) return changes(data);
    const channel = replica.get(data.channel_id);
    if (channel !== undefined) replica.drop(channel, 'left');
    return undefined;
  }

  return { page, summary };
}
