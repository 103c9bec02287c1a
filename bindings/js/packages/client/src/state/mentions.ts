// Whom a text names, before the server has said so.

import type { Mention, NamedMention } from '../wire/types.ts';
import type { Users } from './users.ts';

/** Those to be mentioned, as the server will tell them; `known` are mentioned already. Somebody unknown is left out. */
export function mentionsOf(given: readonly (string | NamedMention)[], users: Users, known: readonly Mention[] = []): readonly Mention[] {
  return given.flatMap((one) => {
    const { user, spans = [] } = typeof one === 'string' ? { user: one } : one;
    const found = users.find(user);
    const named = found === null
      ? known.find(({ user_id: id, external_id: external }) => user === id || user === external)
      : { user_id: found.id, external_id: found.external_id, name: found.name };
    if (named === undefined) return [];
    const { user_id, external_id, name } = named;
    return { user_id, external_id, name, ...(spans.length === 0 ? {} : { spans }) };
  });
}
