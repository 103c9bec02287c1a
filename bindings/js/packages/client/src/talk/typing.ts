// Who is typing, channel by channel. A sign goes with its `stop`, with a message of that user, after a while without another, and
// with the connection.

import type { Environment } from '../environment/environment.ts';
import type { Id } from '../wire/types.ts';

export interface Typing {
  of(channel: Id): readonly Id[];
  started(channel: Id, user: Id): void;
  stopped(channel: Id, user: Id): void;
  forget(): void;
}

const GONE_AFTER_MS = 7_000;
const nobody: readonly Id[] = [];

export function typing(environment: Environment, changed: (channel: Id) => void): Typing {
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

  return { of: (channel) => shown.get(channel) ?? nobody, started, stopped, forget };
}
