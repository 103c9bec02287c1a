// Search. The server counts in code points; JavaScript's texts are cut in UTF-16 units.

import type { RequestOptions } from '../net/rest.ts';
import type { Message, SearchAnswer } from '../wire/types.ts';

export interface SearchOptions {
  /** In one channel, by id or by the app's own name. */
  readonly channel?: string;
  readonly cursor?: string;
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

export interface SearchHit {
  readonly message: Message;
  readonly channel_id: string;
  readonly snippet: string;
  /** `[start, end]`, to be cut out of `snippet` by `slice`. */
  readonly highlights: readonly (readonly [number, number])[];
  readonly score: number;
}

export interface SearchPage {
  readonly results: readonly SearchHit[];
  /** The search has used up its work: the next page goes on with older messages. */
  readonly partial: boolean;
  readonly has_more: boolean;
  readonly next_cursor: string | null;
}

/** `[start, length]` in code points becomes `[start, end]` in UTF-16 units. */
export function inUnits(text: string, spans: readonly (readonly [number, number])[]): readonly (readonly [number, number])[] {
  const places = [0];
  for (const char of text) places.push((places[places.length - 1] ?? 0) + char.length);
  const at = (point: number): number => places[Math.min(point, places.length - 1)] ?? 0;
  return spans.map(([start, length]) => [at(start), at(start + length)]);
}

export async function searchMessages(
  get: (path: string, options: RequestOptions) => Promise<SearchAnswer>, query: string, { signal, ...place }: SearchOptions,
): Promise<SearchPage> {
  const answer = await get('/v1/search', { query: { q: query, ...place }, ...(signal === undefined ? {} : { signal }) });
  return {
    results: answer.results.map((hit) => ({ ...hit, highlights: inUnits(hit.snippet, hit.highlights) })),
    partial: answer.partial ?? false, has_more: answer.has_more, next_cursor: answer.next_cursor ?? null,
  };
}
