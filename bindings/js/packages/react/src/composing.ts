// What the field of a message does with its text. Pure.

export interface Mentionable {
  readonly external_id: string | null;
  readonly name: string;
}

export interface MentionQuery {
  /** Where the `@` stands. */
  readonly at: number;
  readonly query: string;
}

/** The `@` word that ends at the caret. */
export function mentionAt(text: string, caret: number): MentionQuery | null {
  const found = /(?:^|[\s(])@([^\s@]{0,40})$/.exec(text.slice(0, caret));
  if (found === null) return null;
  const query = found[1] ?? '';
  return { at: caret - query.length - 1, query };
}

/** Without case and accents, so that "@re" finds René. */
const folded = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

export function suggestionsFor<User extends Mentionable>(users: readonly User[], query: string, limit = 6): readonly User[] {
  const wanted = ` ${folded(query)}`;
  return users.filter(({ name, external_id: external }) => external !== null && ` ${folded(name)}`.replace(/\s+/g, ' ').includes(wanted)).slice(0, limit);
}

/** The text with the chosen name, and where the caret goes. */
export function withMention(text: string, { at, query }: MentionQuery, name: string): { readonly text: string; readonly caret: number } {
  const before = `${text.slice(0, at)}@${name} `;
  return { text: before + text.slice(at + 1 + query.length).replace(/^ /, ''), caret: before.length };
}
