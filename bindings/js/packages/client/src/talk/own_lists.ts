// What a user has set for themselves and another device may change: whom they have blocked, and what they prefer for each channel. The
// server counts the changes of each list: who holds another number reads it (protocol, section 5). Loaded with the first connection.

import type { Part, Parts } from '../core/part.ts';
import type { Greeting } from '../wire/frames.ts';
import type { Blocked, Blocks } from './blocks.ts';
import type { Core } from './core.ts';
import type { Opened } from './opened.ts';
import type { PresenceFeed } from './presence.ts';

/** What is known, and stored from run to run. */
export interface Owned extends Blocked {
  /** Null: not known yet. */
  preferencesRev: number | null;
}

export interface OwnListsHost {
  readonly owned: Owned;
  readonly later: Parts;
  readonly opened: Part<Opened>;
  readonly online: Part<PresenceFeed>;
  /** A list, or its number. */
  changed(): void;
  /** Reads the list of channels again. */
  readPreviews(): Promise<void>;
  report(fault: unknown): void;
}

export interface OwnLists {
  readonly blocking: Part<Blocks>;
  /** Reads what has changed elsewhere. What fails is read by the next connection. */
  read(theirs: Greeting): void;
  /** The preferences are known up to a revision. */
  prefers(rev: number): void;
}

export function ownLists(core: Core, host: OwnListsHost): OwnLists {
  const { owned, later, opened, online, changed, readPreviews, report } = host;
  const blocking = later.part(async () => (await import('./blocks.ts')).blocks(core, owned, {
    readPreviews, changed,
    hidden(id) {
      for (const channel of core.held.channels.keys()) opened.now?.signs.stopped(channel, id);
      online.now?.heard([{ user_id: id, external_id: null, status: 'offline', last_seen_at: null }]);
    },
  }));

  async function readPreferences(theirs: number): Promise<void> {
    const since = owned.preferencesRev;
    if (theirs === since) return;
    // The first time, each channel has come with its own.
    owned.preferencesRev = since === null ? theirs : await (await import('./preferences.ts')).readPreferences(core, since, theirs);
    changed();
  }

  return {
    blocking,
    read({ blocks_rev: blocks, preferences_rev: preferences }) {
      if (blocks !== owned.rev) blocking.use(({ list }) => void list().catch(report));
      if (preferences !== undefined) readPreferences(preferences).catch(report);
    },
    prefers(rev) {
      const known = owned.preferencesRev;
      // One that is missing in between is read.
      if (known !== null && rev > known + 1) return void readPreferences(rev).catch(report);
      owned.preferencesRev = Math.max(known ?? 0, rev);
      return changed();
    },
  };
}
