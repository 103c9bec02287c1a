// Whom the viewer has blocked. The server counts the changes of the list: who holds another number reads it (protocol, section 5).
// Loaded with the first block.

import { hideAuthor } from '../state/blocks.ts';
import { forgetMessages } from '../state/merging.ts';
import type { BlockPage, Id, UserRef } from '../wire/types.ts';
import type { Core } from './core.ts';

/** What is known, and stored from run to run. */
export interface Blocked {
  rev: number;
  users: ReadonlySet<Id>;
}

export interface BlocksHost {
  /** Previews are to be read again. */
  readPreviews(): Promise<void>;
  /** The list, or its number. */
  changed(): void;
  /** A user of whom nothing is to be shown. */
  hidden(user: Id): void;
}

export interface Blocks {
  /** Blocks a user, or ends it. */
  put(method: 'PUT' | 'DELETE', ref: string): Promise<void>;
  heard(change: { readonly user_id: Id; readonly blocked: boolean; readonly blocks_rev: number }): void;
  /** Reads the whole list. */
  list(): Promise<readonly UserRef[]>;
}

export function blocks({ held, http }: Core, known: Blocked, host: BlocksHost): Blocks {
  let reading: Promise<readonly UserRef[]> | null = null;

  /** `changes`: of the list, if that is known. */
  function become(next: ReadonlySet<Id>, changes = 0): void {
    const added = [...next].filter((user) => !known.users.has(user));
    const removed = [...known.users].filter((user) => !next.has(user));
    const isOther = added.length + removed.length > 0;
    // Who was blocked for a while wrote messages meanwhile that came as revisions alone.
    const reads = removed.length > 0 || changes > added.length + removed.length;
    if (isOther) known.users = next;
    host.changed();
    if (!isOther && !reads) return;
    let previews = reads;
    for (const channel of held.channels.values()) {
      // Every one of them, also after the first that says yes.
      const gone = added.map((user) => hideAuthor(channel, user)).includes(true);
      // They may have written here and left since, so no list of members says where.
      if (reads) forgetMessages(channel);
      previews ||= gone;
      held.changed(channel);
    }
    for (const user of added) host.hidden(user);
    if (previews) void host.readPreviews().catch(() => {});
  }

  async function readAll(): Promise<readonly UserRef[]> {
    const found: UserRef[] = [];
    let page: BlockPage | undefined;
    do {
      const cursor: string | undefined = page?.next_cursor ?? undefined;
      page = await http.request<BlockPage>('GET', '/v1/me/blocks', { query: { limit: 100, cursor } });
      for (const { user } of page.blocks) found.push(user);
    } while (page.has_more);
    // A frame that came meanwhile knows more.
    if (page.blocks_rev < known.rev) return readAll();
    // At first nothing is held that was told under another list.
    const changes = known.rev === 0 ? 0 : page.blocks_rev - known.rev;
    known.rev = page.blocks_rev;
    become(new Set(found.map(({ id }) => id)), changes);
    return found;
  }

  /** One reading serves all who ask meanwhile. */
  function list(): Promise<readonly UserRef[]> {
    reading ??= readAll().finally(() => (reading = null));
    return reading;
  }

  return {
    list,
    async put(method, ref) {
      await http.request(method, `/v1/me/blocks/${encodeURIComponent(ref)}`);
      await list();
    },
    heard({ user_id: user, blocked, blocks_rev: theirs }) {
      if (theirs <= known.rev) return;
      if (theirs > known.rev + 1) return void list().catch(() => {});
      known.rev = theirs;
      const next = new Set(known.users);
      if (blocked) next.add(user);
      else next.delete(user);
      return become(next);
    },
  };
}
