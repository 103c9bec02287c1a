// Which frame is applied, which ignored, and which is a reason to read the channel's changes (protocol, sections 5 and 6).

import type { ChannelItem, Changes } from '../wire/types.ts';
import type { DurableFrame, LooseData } from '../wire/frames.ts';
import { applyChanges, applySummary, saysLeft } from '../state/answers.ts';
import type { HeldChannel } from '../state/channel.ts';
import { applyEvent, endsMembership } from '../state/events.ts';
import type { Replica } from '../state/replica.ts';
import type { CatchUp } from './catch_up.ts';

export interface AdmitHost {
  readonly replica: Replica;
  readonly catchUp: CatchUp;
  otherEpoch(epoch: string): void;
  /** Before a page is applied. */
  before(channel: HeldChannel, body: Changes): void;
  /** Nothing is missing up to here. `live`: by frames alone. */
  settled(channel: HeldChannel, live: boolean): void;
}

export interface Admit {
  durable(frame: DurableFrame): void;
  /** A `channel.sync`, asked for or not. */
  page(data: LooseData['channel.sync']): void;
  /** An item of `GET /v1/me/channels`. */
  summary(item: ChannelItem): void;
}

export function admit(host: AdmitHost): Admit {
  const { replica, catchUp } = host;

  function durable(frame: DurableFrame): void {
    const ending = frame.events?.find((event) => endsMembership(event, replica.viewer));
    const held = replica.get(frame.channelId);
    if (held === undefined && ending !== undefined) return;
    const channel = held ?? replica.ensure(frame.channelId);
    const late = frame.rev < channel.seen;
    channel.seen = Math.max(channel.seen, frame.rev);
    if (frame.rev <= channel.rev) return;
    // The viewer may be back already: the server says.
    if (ending !== undefined && late) return catchUp.ask(channel);
    if (ending !== undefined) return replica.drop(channel, ending.type === 'channel.deleted' ? 'deleted' : 'left');
    if (catchUp.keep(channel, frame)) return;
    if (frame.since > channel.rev) {
      catchUp.ask(channel);
      catchUp.keep(channel, frame);
    } else if (frame.events === null) {
      // An event of a type that is not known here is read as state.
      catchUp.ask(channel);
    } else {
      for (const event of frame.events) applyEvent(channel, event);
      channel.rev = frame.rev;
      replica.changed(channel);
      host.settled(channel, true);
      if (channel.inDoubt) catchUp.ask(channel);
    }
  }

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

  return { durable, page, summary };
}
