// Turns frames into the events of the client and of its channels.

import type { Channel, ChannelEvents } from './channel.ts';
import type { Emitter } from './core/emitter.ts';
import type { ClientEvents } from './options.ts';
import type { HeldChannel } from './state/channel.ts';
import type { Core } from './talk/core.ts';
import type { OwnLists, OwnListsHost } from './talk/own_lists.ts';
import type { DurableEvent, LooseFrame } from './wire/frames.ts';
import type { WireSettings } from './wire/types.ts';

export interface Listener {
  readonly channel: Channel;
  readonly emit: Emitter<ChannelEvents>['emit'];
}

export interface HearingHost extends Omit<OwnListsHost, 'readPreviews'> {
  readonly client: Emitter<ClientEvents>['emit'];
  /** Every handle of the channel. */
  forChannel(channel: HeldChannel, run: (listener: Listener) => void): void;
  /** Brings every snapshot up to date. */
  publishNow(): void;
}

/** `learnSettings` takes those of the workspace. */
export function hearing({ held }: Core, host: HearingHost, lists: OwnLists, learnSettings: (settings: WireSettings) => void) {
  function durable({ type, data }: DurableEvent): void {
    const channel = held.get('channel_id' in data ? data.channel_id : data.channel.id);
    if (channel === undefined) return;
    if (type === 'channel.updated') host.publishNow();
    host.forChannel(channel, ({ emit, channel: { info } }) => {
      const shown = type === 'channel.updated' ? info.get() : null;
      if (shown !== null) emit('updated', shown);
      if (type === 'message.updated') emit(type, data.message);
      if (type === 'message.deleted') emit(type, { id: data.message_id, seq: data.seq, deleted_at: data.deleted_at });
      if (type === 'reaction.added') emit('reaction.add', data);
      if (type === 'reaction.removed') emit('reaction.remove', data);
      if (type === 'member.joined') emit('presence', { type: 'join', members: data.members });
      if (type === 'member.left') emit('presence', { type: 'leave', members: data.members });
    });
    if (type === 'message.created') host.opened.use(({ signs }) => signs.stopped(channel.id, data.message.user.id));
  }

  function inChannel(frame: LooseFrame, channel: HeldChannel): void {
    const { type, data } = frame;
    if (type === 'typing.start') host.opened.use(({ signs }) => signs.started(channel.id, data.user_id));
    if (type === 'typing.stop') host.opened.use(({ signs }) => signs.stopped(channel.id, data.user_id));
    host.forChannel(channel, ({ emit }) => {
      if (type === 'mention') emit(type, data);
      if (type === 'typing.start' || type === 'typing.stop') emit('typing', { user_id: data.user_id, state: type === 'typing.start' ? 'start' : 'stop' });
      if (type === 'receipt.read' || type === 'receipt.delivered') {
        emit('receipt', { kind: type === 'receipt.read' ? 'read' : 'delivered', user_id: data.user_id, seq: data.seq });
      }
    });
  }

  return {
    durable,
    loose(frame: LooseFrame): void {
      const { type, data } = frame;
      if (type === 'block.updated') {
        // Pages that were asked for before now are not taken any more.
        for (const channel of held.channels.values()) channel.generation += 1;
        lists.blocking.use(({ heard }) => heard(data));
      }
      if (type === 'settings.updated') learnSettings(data.settings);
      if (type === 'channel.preferences') lists.prefers(data.preferences_rev);
      if (type === 'presence.update') {
        host.online.now?.heard(data.users);
        host.client(type, data);
      }
      if (type === 'mention') host.client(type, data);
      const channel = 'channel_id' in data ? held.get(data.channel_id) : undefined;
      if (channel !== undefined) inChannel(frame, channel);
    },
  };
}
