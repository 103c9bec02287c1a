// What the viewer has not read (protocol, section 5). The server's counts are a base; frames that come after it are added by
// message, so that one which comes twice counts once. Each counted answer makes a new base.

import type { Id } from '../wire/types.ts';

export interface Counts {
  /**
   * `seq`: the newest message known when the server counted. `exact`: it counted at the revision that is held, so every frame applied
   * from now on brings something that it did not count.
   */
  base(unread: number, mentions: number, seq: number, exact: boolean): void;
  /** A message that someone else has just written. */
  saw(id: Id, seq: number, namesViewer: boolean): void;
  /**
   * Somebody unsent a message that counted until then. `namedViewer` is null where that is not known. Answers whether the number of
   * mentions is in doubt now.
   */
  unsent(id: Id, seq: number, ownRead: number, namedViewer: boolean | null): boolean;
  unread(ownRead: number): number;
  mentions(ownRead: number): number;
  forget(): void;
}

interface Seen {
  readonly seq: number;
  readonly namesViewer: boolean;
}

export function counts(): Counts {
  let baseUnread = 0;
  let baseMentions = 0;
  let baseSeq = 0;
  let exact = true;
  const seen = new Map<Id, Seen>();

  function base(unread: number, mentions: number, seq: number, isExact: boolean): void {
    baseUnread = unread;
    baseMentions = mentions;
    baseSeq = seq;
    exact = isExact;
    seen.clear();
  }

  function unsent(id: Id, seq: number, ownRead: number, namedViewer: boolean | null): boolean {
    if (seen.delete(id) || seq > baseSeq || seq <= ownRead) return false;
    baseUnread = Math.max(0, baseUnread - 1);
    if (namedViewer === true) baseMentions = Math.max(0, baseMentions - 1);
    return namedViewer === null && baseMentions > 0;
  }

  /** Reading drops what is at or below the cursor. For a partly read base only an upper bound is known until the next count. */
  function leftOf(count: number, ownRead: number): number {
    return Math.max(0, Math.min(count, baseSeq - ownRead));
  }

  function sum(count: number, ownRead: number, counted: (entry: Seen) => boolean): number {
    let more = 0;
    for (const entry of seen.values()) if (entry.seq > ownRead && counted(entry)) more += 1;
    return leftOf(count, ownRead) + more;
  }

  return {
    base,
    saw(id, seq, namesViewer) {
      if (exact || seq > baseSeq) seen.set(id, { seq, namesViewer });
    },
    unsent,
    unread: (ownRead) => sum(baseUnread, ownRead, () => true),
    mentions: (ownRead) => sum(baseMentions, ownRead, (entry) => entry.namesViewer),
    forget: () => base(0, 0, 0, true),
  };
}
