// The words of a message in pieces: links of safe kinds, mentions, and nothing else.

import type { Mention } from '@cariosan/client';

const LINK = /(?:https?:\/\/|mailto:|tel:)[^\s<>"'`]+/gi;
/** What ends a sentence is no part of an address. */
const TRAILING = /[.,;:!?)\]}'"…]+$/;

export interface Piece {
  readonly kind: 'text' | 'link' | 'mention';
  readonly text: string;
  readonly mention?: Mention;
}

interface Span {
  readonly start: number;
  readonly end: number;
  readonly kind: 'link' | 'mention';
  readonly mention?: Mention;
}

function linksIn(text: string): Span[] {
  return [...text.matchAll(LINK)].flatMap((match) => {
    const address = match[0].replace(TRAILING, '');
    return address.includes(':') && address.split(':')[1] !== '' ? [{ kind: 'link' as const, start: match.index, end: match.index + address.length }] : [];
  });
}

function mentionSpans(text: string, mentions: readonly Mention[]): Span[] {
  const places = [0];
  for (const char of text) places.push((places[places.length - 1] ?? 0) + char.length);
  return mentions.flatMap((mention) => {
    if (mention.spans !== undefined) {
      return mention.spans.map(([start, length]) => ({ kind: 'mention' as const, mention, start: places[start] ?? 0, end: places[start + length] ?? text.length }));
    }
    const start = mention.name === '' ? -1 : text.indexOf(`@${mention.name}`);
    return start < 0 ? [] : [{ kind: 'mention' as const, mention, start, end: start + mention.name.length + 1 }];
  });
}

export function piecesOf(text: string, mentions: readonly Mention[] = []): readonly Piece[] {
  const spans = [...linksIn(text), ...mentionSpans(text, mentions)].sort((a, b) => a.start - b.start);
  const pieces: Piece[] = [];
  let at = 0;
  for (const { start, end, ...rest } of spans) {
    if (start < at || end <= start) continue;
    if (start > at) pieces.push({ kind: 'text', text: text.slice(at, start) });
    pieces.push({ ...rest, text: text.slice(start, end) });
    at = end;
  }
  if (at < text.length) pieces.push({ kind: 'text', text: text.slice(at) });
  return pieces;
}
