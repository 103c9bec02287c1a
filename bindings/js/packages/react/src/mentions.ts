// Whom the text of a message names, while it is written or edited.

import type { ChatMessage, Id, NamedMention } from '@cariosan/client';

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

export interface MentionDraft {
  /** The text names this user by `@` and the name. */
  choose(name: string, user: string): void;
  /** As sending and editing take them. Undefined: there is nothing to say. */
  of(text: string): readonly (string | NamedMention)[] | undefined;
}

/** `edited`: whoever is mentioned stays so while the text names them, and if it never did. Null: a new message. */
export function mentionDraft(edited: Pick<ChatMessage, 'content' | 'mentions'> | null): MentionDraft {
  const { content = '', mentions = [] } = edited ?? {};
  const chosen = new Map<string, Id>();
  const unsaid: Id[] = [];
  for (const { user_id: user, name, spans: [span] = [] } of mentions) {
    const word = span === undefined ? `@${name}` : [...content].slice(span[0], span[0] + span[1]).join('');
    if (word.length > 1 && word.startsWith('@') && content.includes(word) && !chosen.has(word.slice(1))) chosen.set(word.slice(1), user);
    else unsaid.push(user);
  }
  return {
    choose: (name, user) => void chosen.set(name, user),
    of(text) {
      const named = [...mentionsIn(text, chosen), ...unsaid];
      return named.length === 0 && mentions.length === 0 ? undefined : named;
    },
  };
}
