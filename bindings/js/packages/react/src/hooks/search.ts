// Searching while somebody types.

import { useEffect, useState } from 'react';
import type { CariosanError, SearchHit } from '@cariosan/client';
import { useNewest } from '../cells.ts';
import { asError } from '../errors.ts';
import { useCariosan } from '../provider.tsx';

const REST_MS = 250;

export interface SearchView {
  readonly query: string;
  readonly setQuery: (query: string) => void;
  /** Null until something was searched for. */
  readonly results: readonly SearchHit[] | null;
  readonly loading: boolean;
  readonly error: CariosanError | null;
  readonly hasMore: boolean;
  readonly loadMore: () => void;
}

interface Found {
  readonly query: string;
  readonly results: readonly SearchHit[];
  readonly next: string | null;
  readonly error: CariosanError | null;
}

/** Asks when the typing has rested, and forgets what was asked before. */
export function useSearch({ channel }: { readonly channel?: string | undefined } = {}): SearchView {
  const client = useCariosan();
  const [query, setQuery] = useState('');
  const [cursor, setCursor] = useState<string | null>(null);
  const [found, setFound] = useState<Found | null>(null);
  const wanted = query.trim();

  const ask = useNewest((signal: AbortSignal) => {
    const before = cursor === null ? [] : (found?.results ?? []);
    const place = { ...(channel === undefined ? {} : { channel }), ...(cursor === null ? {} : { cursor }) };
    client.search(wanted, { ...place, signal }).then((page) => {
      if (!signal.aborted) setFound({ query: wanted, results: [...before, ...page.results], next: page.has_more ? page.next_cursor : null, error: null });
    }, (fault: unknown) => {
      if (!signal.aborted) setFound({ query: wanted, results: before, next: null, error: asError(fault) });
    });
  });
  useEffect(() => {
    if (wanted === '') return undefined;
    const stop = new AbortController();
    const timer = setTimeout(() => ask(stop.signal), cursor === null ? REST_MS : 0);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [client, channel, wanted, cursor, ask]);

  const change = useNewest((next: string) => {
    setQuery(next);
    setCursor(null);
    if (next.trim() === '') setFound(null);
  });
  const loadMore = useNewest(() => setCursor(found?.next ?? cursor));
  const current = found?.query === wanted ? found : null;
  return {
    query, setQuery: change, results: found?.results ?? null, error: current?.error ?? null,
    loading: wanted !== '' && current === null, hasMore: current?.next != null, loadMore,
  };
}
