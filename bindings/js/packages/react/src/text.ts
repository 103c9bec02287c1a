// @cariosan/react/text: what fields and rows do with texts, without React. React Native builds on this too.

export { mentionAt, suggestionsFor, withMention } from './composing.ts';
export type { Mentionable, MentionQuery } from './composing.ts';
export { mentionDraft } from './mentions.ts';
export type { MentionDraft } from './mentions.ts';
export { piecesOf } from './pieces.ts';
export type { Piece } from './pieces.ts';
