// Who is online, of those whom somebody looks at. Looking subscribes, many users in one frame; past what a connection may follow the
// rest is asked for each minute (protocol, section 5).

import type { Cell, Publisher, Source } from '../core/cell.ts';
import type { Environment } from '../environment/environment.ts';
import type { Id, UserPresence } from '../wire/types.ts';

export interface Presence {
  readonly status: 'online' | 'offline';
  readonly lastSeenAt: string | null;
}

export interface PresenceHost {
  readonly environment: Environment;
  readonly publish: Publisher;
  isOpen(): boolean;
  subscribe(users: readonly Id[]): Promise<readonly UserPresence[]>;
  unsubscribe(users: readonly Id[]): Promise<unknown>;
  read(users: readonly Id[]): Promise<readonly UserPresence[]>;
}

export interface PresenceFeed {
  /** Null until it is known. Watching it asks the server. */
  of(user: Id): Cell<Presence | null>;
  heard(users: readonly UserPresence[]): void;
  /** There is a connection. */
  resume(): void;
  /** The connection ended, and with it what was subscribed. */
  forget(): void;
  stop(): void;
}

const COLLECT_MS = 50;
const KEPT_MS = 10_000;
const RENEWED_MS = 60_000;
const FOLLOWED = 200;
const READ_AT_ONCE = 100;

interface Watched {
  readonly source: Source<Presence | null>;
  value: Presence | null;
  followed: boolean;
  cancelRelease: () => void;
}

export function presenceFeed(host: PresenceHost): PresenceFeed {
  const { environment } = host;
  const users = new Map<Id, Watched>();
  const joining = new Set<Id>();
  let cancelCollect: (() => void) | null = null;
  let cancelRenew: (() => void) | null = null;

  const watched = (): (readonly [Id, Watched])[] => [...users].filter(([, { source }]) => source.subscribers > 0);

  function tell(user: Id, value: Presence | null): void {
    const held = users.get(user);
    if (held === undefined || (held.value?.status === value?.status && held.value?.lastSeenAt === value?.lastSeenAt)) return;
    held.value = value;
    held.source.touch();
  }

  function heard(list: readonly UserPresence[]): void {
    for (const { user_id: user, status, last_seen_at: lastSeenAt } of list) tell(user, { status, lastSeenAt });
  }

  function collect(): void {
    cancelCollect = null;
    const room = FOLLOWED - [...users.values()].filter(({ followed }) => followed).length;
    const some = [...joining].filter((user) => !users.get(user)?.followed).slice(0, room);
    joining.clear();
    for (const user of some) {
      const held = users.get(user);
      if (held !== undefined) held.followed = true;
    }
    if (some.length > 0) host.subscribe(some).then(heard, () => {});
    renew();
  }

  /** Those for whom there was no room. */
  function renew(): void {
    cancelRenew?.();
    cancelRenew = null;
    const rest = watched().filter(([, { followed }]) => !followed).map(([user]) => user);
    if (rest.length === 0 || !host.isOpen()) return;
    for (let at = 0; at < rest.length; at += READ_AT_ONCE) host.read(rest.slice(at, at + READ_AT_ONCE)).then(heard, () => {});
    cancelRenew = environment.setTimer(renew, RENEWED_MS);
  }

  function join(user: Id): void {
    joining.add(user);
    if (host.isOpen()) cancelCollect ??= environment.setTimer(collect, COLLECT_MS);
  }

  function release(user: Id, held: Watched): void {
    joining.delete(user);
    if (!held.followed) return;
    held.followed = false;
    tell(user, null);
    if (host.isOpen()) host.unsubscribe([user]).catch(() => {});
  }

  function make(user: Id): Watched {
    const source = host.publish.source<Presence | null>(() => held.value, (on) => {
      held.cancelRelease();
      if (!on) held.cancelRelease = environment.setTimer(() => release(user, held), KEPT_MS);
      else if (!held.followed) join(user);
    });
    const held: Watched = { source, value: null, followed: false, cancelRelease: () => {} };
    users.set(user, held);
    return held;
  }

  return {
    of: (user) => (users.get(user) ?? make(user)).source,
    heard,
    resume: () => watched().forEach(([user]) => join(user)),
    forget() {
      for (const [user, held] of users) {
        held.followed = false;
        tell(user, null);
      }
    },
    stop() {
      cancelCollect?.();
      cancelRenew?.();
      for (const { cancelRelease } of users.values()) cancelRelease();
    },
  };
}
