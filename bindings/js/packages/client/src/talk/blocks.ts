// Whom the viewer has blocked. The server counts the changes of the list: who holds another number reads it (protocol, section 5).

import type { Publisher, Source } from '../core/cell.ts';
import { hideAuthor } from '../state/blocks.ts';
import { forgetMessages } from '../state/channel.ts';
import type { Replica } from '../state/replica.ts';
import type { BlockPage, Id, UserRef } from '../wire/types.ts';

export interface BlocksHost {
  readonly replica: Replica;
  readonly publish: Publisher;
  read(cursor: string | null): Promise<BlockPage>;
  /** Previews are to be read again. */
  readPreviews(): Promise<void>;
  /** The list, or its number. */
  changed(): void;
  /** A user of whom nothing is to be shown. */
  hidden(user: Id): void;
}

export interface Blocks {
  readonly blocked: Source<ReadonlySet<Id>>;
  /** The number that a connection begins with; undefined: it does not say. */
  greeted(rev: number | undefined): Promise<void>;
  heard(change: { readonly user_id: Id; readonly blocked: boolean; readonly blocks_rev: number }): void;
  /** Reads the whole list. */
  list(): Promise<readonly UserRef[]>;
  /** What is stored from run to run. */
  readonly stored: { readonly rev: number; readonly users: readonly Id[] };
  restore(stored: { readonly rev: number; readonly users: readonly Id[] }): void;
}

export function blocks(host: BlocksHost): Blocks {
  const { replica, publish } = host;
  let rev = 0;
  let users: ReadonlySet<Id> = new Set();
  let reading: Promise<readonly UserRef[]> | null = null;
  const blocked = publish.source<ReadonlySet<Id>>(() => users);

  function become(next: ReadonlySet<Id>): void {
    const added = [...next].filter((user) => !users.has(user));
    const removed = [...users].filter((user) => !next.has(user));
    if (added.length + removed.length === 0) return;
    users = next;
    blocked.touch();
    let previews = removed.length > 0;
    for (const channel of replica.channels.values()) {
      // Every one of them, also after the first that says yes.
      const gone = added.map((user) => hideAuthor(channel, user)).includes(true);
      // They may have written here and left since, so no list of members says where.
      if (removed.length > 0) forgetMessages(channel);
      previews ||= gone;
      replica.changed(channel);
    }
    for (const user of added) host.hidden(user);
    if (previews) void host.readPreviews().catch(() => {});
  }

  async function readAll(): Promise<readonly UserRef[]> {
    const found: UserRef[] = [];
    let page: BlockPage | null = null;
    do {
      page = await host.read(page?.next_cursor ?? null);
      for (const { user } of page.blocks) found.push(user);
    } while (page.has_more);
    // A frame that came meanwhile knows more.
    if (page.blocks_rev < rev) return readAll();
    rev = page.blocks_rev;
    host.changed();
    become(new Set(found.map(({ id }) => id)));
    return found;
  }

  /** One reading serves all who ask meanwhile. */
  function list(): Promise<readonly UserRef[]> {
    reading ??= readAll().finally(() => (reading = null));
    return reading;
  }

  return {
    blocked, list,
    async greeted(theirs) {
      if (theirs !== rev) await list();
    },
    heard({ user_id: user, blocked: on, blocks_rev: theirs }) {
      if (theirs <= rev) return;
      if (theirs > rev + 1) return void list().catch(() => {});
      rev = theirs;
      host.changed();
      const next = new Set(users);
      if (on) next.add(user);
      else next.delete(user);
      return become(next);
    },
    get stored() { return { rev, users: [...users] }; },
    restore(stored) {
      rev = stored.rev;
      users = new Set(stored.users);
      blocked.touch();
    },
  };
}
