// The users of a server that is played, and what the tests may say of them.

import type { Id, User, UserRef } from '../wire/types.ts';

export interface FakeUser {
  name?: string;
  avatar_url?: string | null;
  metadata?: Readonly<Record<string, unknown>>;
}

export interface People {
  /** Found or made. By the app's own name, or by the id. */
  get(ref: string): User;
  put(ref: string, fields: FakeUser): User;
  find(ref: string): User | undefined;
}

export const refOf = ({ id, external_id, name, avatar_url, updated_at, deleted }: User): UserRef => ({
  id, external_id, name, avatar_url: avatar_url ?? null, updated_at, ...(deleted ? { deleted } : {}),
});

const titled = (ref: string): string => ref.slice(0, 1).toUpperCase() + ref.slice(1);

/** `at`: the time by the server's clock. */
export function people(at: () => string): People {
  const byId = new Map<Id, User>();

  const find = (ref: string): User | undefined => byId.get(ref) ?? byId.get(`u-${ref}`);

  function put(ref: string, fields: FakeUser): User {
    const known = find(ref);
    const now = at();
    const user: User = {
      id: `u-${ref}`, external_id: ref, name: titled(ref), avatar_url: null, metadata: {}, created_at: now, ...known, ...fields, updated_at: now,
    };
    byId.set(user.id, user);
    return user;
  }

  return { find, put, get: (ref) => find(ref) ?? put(ref, {}) };
}
