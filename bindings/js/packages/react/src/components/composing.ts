// What the field of a message does with its text. Pure.

import type { NamedMention } from '@cariosan/client';

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

/** As many as the server takes. */
const MOST_SPANS = 100;

/** Those of the chosen whose names still stand in the text, and where. Of two names that fit, the longer one is meant. */
export function mentionsIn(text: string, chosen: ReadonlyMap<string, string>): readonly NamedMention[] {
  const names = [...chosen.keys()].sort((one, other) => other.length - one.length).map((name) => name.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
  if (names.length === 0) return [];
  const found = new Map<string, [number, number][]>();
  [...text.matchAll(new RegExp(`@(?:${names.join('|')})`, 'g'))].forEach(({ 0: word, index }, place) => {
    const user = chosen.get(word.slice(1)) ?? '';
    const span: [number, number] = [[...text.slice(0, index)].length, [...word].length];
    found.set(user, [...(found.get(user) ?? []), ...(place < MOST_SPANS ? [span] : [])]);
  });
  return [...found].map(([user, spans]) => ({ user, spans }));
}
