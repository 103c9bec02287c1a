// What was written and not sent, per channel: for as long as the client lives, and in the tab's storage if the app wants that.

import { useState } from 'react';
import type { Cariosan } from '@cariosan/client';
import { useNewest } from '../cells.ts';
import { useCariosan } from '../provider.tsx';

const drafts = new WeakMap<Cariosan, Map<string, string>>();

function stored(name: string | undefined): string {
  try {
    return name === undefined || typeof sessionStorage === 'undefined' ? '' : (sessionStorage.getItem(name) ?? '');
  } catch {
    return '';
  }
}

function store(name: string | undefined, text: string): void {
  try {
    if (name === undefined) return;
    if (text === '') sessionStorage.removeItem(name);
    else sessionStorage.setItem(name, text);
  } catch {
    // Storage may be forbidden or full: then the draft lives as long as the client.
  }
}

export function useKeptDraft(channelId: string, draftKey: string | undefined): readonly [string, (text: string) => void] {
  const client = useCariosan();
  const name = draftKey === undefined ? undefined : `cariosan draft ${draftKey} ${channelId}`;
  const [text, setText] = useState(() => drafts.get(client)?.get(channelId) ?? stored(name));
  const change = useNewest((next: string) => {
    setText(next);
    const own = drafts.get(client) ?? new Map<string, string>();
    drafts.set(client, own);
    if (next === '') own.delete(channelId);
    else own.set(channelId, next);
    store(name, next);
  });
  return [text, change];
}
