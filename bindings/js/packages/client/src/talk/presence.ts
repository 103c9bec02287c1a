// Who is online, of those whom somebody looks at. Looking subscribes, many users in one frame; past what a connection may follow the
// rest is asked for each minute (protocol, section 5). Loaded with the first look.

import type { Id, UserPresence } from '../wire/types.ts';
import type { Core } from './core.ts';

export interface Presence {
  readonly status: 'online' | 'offline';
  readonly lastSeenAt: string | null;
}

export interface PresenceFeed {
  /** Null until it is known. */
  of(user: Id): Presence | null;
  /** Somebody begins, or ends, to look at a user. */
  watched(user: Id, on: boolean): void;
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
  value: Presence | null;
  isWatched: boolean;
  followed: boolean;
  cancelRelease: () => void;
}

/** `changed`: what is known of a user. */
export function presenceFeed({ environment, line, http, ask }: Core, changed: (user: Id) => void): PresenceFeed {
  const users = new Map<Id, Watched>();
  const joining = new Set<Id>();
  let cancelCollect: (() => void) | null = null;
  let cancelRenew: (() => void) | null = null;

  const looked = (): (readonly [Id, Watched])[] => [...users].filter(([, { isWatched }]) => isWatched);

  function tell(user: Id, value: Presence | null): void {
    const held = users.get(user);
    if (held === undefined || (held.value?.status === value?.status && held.value?.lastSeenAt === value?.lastSeenAt)) return;
    held.value = value;
    changed(user);
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
    if (some.length > 0) {
      ask('presence.subscribe', { users: some }, 'presence').then((answer) => heard((answer as { readonly users: readonly UserPresence[] }).users), () => {});
    }
    renew();
  }

  /** Those for whom there was no room. */
  function renew(): void {
    cancelRenew?.();
    cancelRenew = null;
    const rest = looked().filter(([, { followed }]) => !followed).map(([user]) => user);
    if (rest.length === 0 || !line.isUp) return;
    for (let at = 0; at < rest.length; at += READ_AT_ONCE) {
      const query = { users: rest.slice(at, at + READ_AT_ONCE).join() };
      http.request<{ readonly presence: readonly UserPresence[] }>('GET', '/v1/presence', { query }).then(({ presence }) => heard(presence), () => {});
    }
    cancelRenew = environment.setTimer(renew, RENEWED_MS);
  }

  function join(user: Id): void {
    joining.add(user);
    if (line.isUp) cancelCollect ??= environment.setTimer(collect, COLLECT_MS);
  }

  function release(user: Id, held: Watched): void {
    joining.delete(user);
    if (!held.followed) return;
    held.followed = false;
    tell(user, null);
    if (line.isUp) ask('presence.unsubscribe', { users: [user] }, 'presence').catch(() => {});
  }

  function watched(user: Id, on: boolean): void {
    const held = users.get(user) ?? { value: null, isWatched: on, followed: false, cancelRelease: () => {} };
    users.set(user, held);
    held.isWatched = on;
    held.cancelRelease();
    if (!on) held.cancelRelease = environment.setTimer(() => release(user, held), KEPT_MS);
    else if (!held.followed) join(user);
  }

  return {
    of: (user) => users.get(user)?.value ?? null,
    watched,
    heard,
    resume: () => looked().forEach(([user]) => join(user)),
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
