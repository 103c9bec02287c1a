// One copy of each user, whichever object it came with: the later `updated_at` wins, and where there is none, the last received.

import type { Id, UserRef } from '../wire/types.ts';

export interface Users {
  /** Another one after each change. */
  readonly version: number;
  get(id: Id): UserRef | null;
  /** By id or external id. */
  find(name: string): UserRef | null;
  /** Answers whether what is shown of the user changed. */
  put(user: UserRef): boolean;
  forget(): void;
}

function older(incoming: UserRef, held: UserRef): boolean {
  if (held.deleted && !incoming.deleted) return true;
  return incoming.updated_at !== undefined && held.updated_at !== undefined && incoming.updated_at < held.updated_at;
}

function same(a: UserRef, b: UserRef): boolean {
  return a.name === b.name && a.avatar_url === b.avatar_url && a.external_id === b.external_id && a.deleted === b.deleted;
}

export function users(): Users {
  const held = new Map<Id, UserRef>();
  let version = 0;
  return {
    get version() { return version; },
    get: (id) => held.get(id) ?? null,
    find: (name) => held.get(name) ?? [...held.values()].find((user) => user.external_id === name) ?? null,
    put(user) {
      const before = held.get(user.id);
      if (before !== undefined && older(user, before)) return false;
      const { id, name = '', external_id: external = null, avatar_url: avatar = null } = user as Partial<UserRef> & { id: Id };
      const updated = user.updated_at ?? before?.updated_at;
      const next: UserRef = {
        id, name, external_id: external, avatar_url: avatar,
        ...(updated === undefined ? {} : { updated_at: updated }),
        ...(user.deleted ? { deleted: true } : {}),
      };
      const known = before !== undefined && same(before, next);
      // The object stays as well, so that the rows which show it do.
      if (!known || before.updated_at !== next.updated_at) {
        held.set(id, next);
        version += 1;
      }
      return !known;
    },
    forget() {
      held.clear();
      version += 1;
    },
  };
}
