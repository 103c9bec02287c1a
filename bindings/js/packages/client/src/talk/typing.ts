// Who is typing, channel by channel. A sign goes with its `stop`, with a message of that user, after a while without another, and
// with the connection.

import type { Id } from '../wire/types.ts';
import type { Core } from './core.ts';

export interface Typing {
  of(channel: Id): readonly Id[];
  started(channel: Id, user: Id): void;
  stopped(channel: Id, user: Id): void;
  forget(): void;
  /** The user presses keys. */
  typed(channel: string): void;
  /** The user has stopped. */
  ended(channel: string): void;
  /** What the user wrote is sent, which says as much. */
  sent(channel: string): void;
}

const GONE_AFTER_MS = 7_000;
const TOLD_EVERY_MS = 4_000;
const nobody: readonly Id[] = [];

export function typing({ environment, line }: Core, changed: (channel: Id) => void): Typing {
  const channels = new Map<Id, Map<Id, () => void>>();
  const shown = new Map<Id, readonly Id[]>();

  function renew(channel: Id): void {
    const users = [...(channels.get(channel)?.keys() ?? [])];
    if (users.length === 0) shown.delete(channel);
    else shown.set(channel, users);
    changed(channel);
  }

  function stopped(channel: Id, user: Id): void {
    const cancel = channels.get(channel)?.get(user);
    if (cancel === undefined) return;
    cancel();
    channels.get(channel)?.delete(user);
    renew(channel);
  }

  function started(channel: Id, user: Id): void {
    const users = channels.get(channel) ?? new Map<Id, () => void>();
    channels.set(channel, users);
    const before = users.get(user);
    before?.();
    users.set(user, environment.setTimer(() => stopped(channel, user), GONE_AFTER_MS));
    if (before === undefined) renew(channel);
  }

  function forget(): void {
    for (const [channel, users] of channels) {
      if (users.size === 0) continue;
      for (const cancel of users.values()) cancel();
      users.clear();
      renew(channel);
    }
  }

  /** When the user's own signs were told. */
  const told = new Map<string, number>();

  return {
    typed(channel) {
      const now = environment.now();
      if (now - (told.get(channel) ?? -Infinity) >= TOLD_EVERY_MS && line.tell('typing.start', { channel })) told.set(channel, now);
    },
    ended(channel) {
      if (told.delete(channel)) line.tell('typing.stop', { channel });
    },
    sent: (channel) => void told.delete(channel),
    of: (channel) => shown.get(channel) ?? nobody,
    started, stopped, forget,
  };
}
