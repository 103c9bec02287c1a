// What the viewer has set for each channel on another device, read up to where the server is. Loaded when something is missing.

import { putPreferences } from '../state/merging.ts';
import type { PreferencesAnswer } from '../wire/types.ts';
import type { Core } from './core.ts';

/** `since`: what is known; `theirs`: what the server has. Resolves with what is known then. */
export async function readPreferences({ http, withChannel }: Core, since: number, theirs: number): Promise<number> {
  // A server that is behind has lost some: all are read.
  let at = since > theirs ? 0 : since;
  for (let more = at < theirs; more;) {
    const page: PreferencesAnswer = await http.request<PreferencesAnswer>('GET', '/v1/me/preferences', { query: { since: at } });
    for (const one of page.preferences) withChannel(one.channel_id, (held) => putPreferences(held, one, one.preferences_rev));
    more = page.has_more === true && page.preferences_rev > at;
    at = page.preferences_rev;
  }
  return at;
}
