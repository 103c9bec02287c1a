// Which frames tell of changes in a channel, and what is in them (protocol, section 5).

import { isObject, type DurableData, type DurableEvent, type DurableFrame, type RawFrame } from './frames.ts';

const durableTypes: Readonly<Record<keyof DurableData, true>> = {
  'message.created': true, 'message.updated': true, 'message.deleted': true,
  'reaction.added': true, 'reaction.removed': true,
  'channel.created': true, 'channel.updated': true, 'channel.deleted': true,
  'member.joined': true, 'member.left': true, 'member.updated': true, 'channel.rev': true,
};

function isKnown(event: { type: unknown }): event is DurableEvent {
  return typeof event.type === 'string' && Object.hasOwn(durableTypes, event.type);
}

function innerEvents(frame: RawFrame): readonly DurableEvent[] | null {
  const { data, type } = frame;
  const events: unknown = type === 'channel.events' ? data['events'] : [{ type, data }];
  if (!Array.isArray(events)) return null;
  const known: DurableEvent[] = [];
  for (const event of events as unknown[]) {
    if (!isObject(event) || !isObject(event['data'])) return null;
    const candidate = { type: event['type'], data: event['data'] };
    if (!isKnown(candidate)) return null;
    known.push(candidate);
  }
  return known;
}

/** A durable frame is one with a `rev`, whatever its type. Null: this one is not. */
export function asDurable(frame: RawFrame): DurableFrame | null {
  const { data, type } = frame;
  const rev = data['rev'];
  if (typeof rev !== 'number' || type === 'channel.sync') return null;
  const channel = data['channel'];
  const channelId = data['channel_id'] ?? (isObject(channel) ? channel['id'] : undefined);
  if (typeof channelId !== 'string') return null;
  const since = typeof data['since'] === 'number' ? data['since'] : rev - 1;
  return { channelId, rev, since, events: innerEvents(frame) };
}
