// Which frame is applied, which ignored, and which is a reason to read the channel's changes (protocol, sections 5 and 6).
// Loaded while the first connection is made.

import type { DurableFrame } from '../wire/frames.ts';
import { applyEvent, endsMembership } from '../state/events.ts';
import type { TakingHost } from './taking.ts';

export type AdmitHost = Omit<TakingHost, 'otherEpoch' | 'before'>;

export interface Admit {
  durable(frame: DurableFrame): void;
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

  return { durable };
}
