// The words of a message, with their links and mentions. Texts of users are only ever text.

import type { ReactNode } from 'react';
import type { Mention } from '@cariosan/client';
import { piecesOf } from '../pieces.ts';

export interface RichTextProps {
  readonly text: string;
  readonly mentions?: readonly Mention[] | undefined;
  readonly onMention?: ((mention: Mention) => void) | undefined;
  readonly tabIndex?: number;
}

export function RichText({ text, mentions, onMention, tabIndex }: RichTextProps): ReactNode {
  return piecesOf(text, mentions).map((piece, at) => {
    if (piece.kind === 'link') {
      return <a key={at} data-car-part="link" href={piece.text} target="_blank" rel="noopener noreferrer nofollow ugc" tabIndex={tabIndex}>{piece.text}</a>;
    }
    if (piece.kind === 'text') return piece.text;
    const { mention } = piece;
    if (onMention === undefined || mention === undefined) return <span key={at} data-car-part="mention">{piece.text}</span>;
    return <button key={at} type="button" data-car-part="mention" tabIndex={tabIndex} onClick={() => onMention(mention)}>{piece.text}</button>;
  });
}
