// Which messages of a channel are held: those of one unbroken window that reaches to the newest, and at most those of a second one,
// around a message far up. A message outside both is not held: the page that will show it shows its state of then.

import type { Id, Message } from '../wire/types.ts';

export interface SideWindow {
  readonly start: number;
  readonly end: number;
  readonly reachedStart: boolean;
}

export interface Bounds {
  /** The first `seq` of the live window; Infinity while there is none. */
  readonly start: number;
  readonly reachedStart: boolean;
  readonly side: SideWindow | null;
}

export interface Windows extends Bounds {
  readonly size: number;
  /** The highest revision of a message that was ever held. */
  readonly newestRev: number;
  get(id: Id): Message | undefined;
  covers(seq: number): boolean;
  /** Keeps a message that is held already or that lies within a window. */
  put(message: Message): void;
  remove(id: Id): void;
  repliesTo(parent: Id): readonly Message[];
  all(): Iterable<Message>;
  /** In the order of the channel. The array changes in place: it is to be read at once. */
  live(): readonly Message[];
  aside(): readonly Message[];
  /** The side window if there is one, else the live one. */
  shown(): Listing;
  /** A page that lies at the newest or next before the live window. */
  growLive(seqs: readonly number[], reachedStart: boolean): void;
  /** Moves what is given, and drops what is in no window any more. `atEnd`: the side window has come to the newest. */
  place(bounds: Partial<Bounds>, atEnd?: boolean): void;
  /** The live window keeps its newest `most` messages. */
  trim(most: number): void;
  forget(): void;
}

/** One window, and what has changed since the listing before, so that a reader looks at no more than that. */
export interface Listing {
  /** The array changes in place: it is to be read at once. */
  readonly messages: readonly Message[];
  /** Another one after each change. */
  readonly mark: object;
  /** The mark of the listing before. Null: anything may have changed. */
  readonly since: object | null;
  /** So many were taken away at its beginning, */
  readonly gone: number;
  /** and so many of those that followed are as they were. */
  readonly same: number;
}

const bySeq = (a: Message, b: Message): number => a.seq - b.seq;

/** The place of the first message whose `seq` is not below. */
export function lowerBound(list: readonly { readonly seq: number }[], seq: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle]?.seq ?? Infinity) < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The messages of one window, in order. A change costs no more than finding its place. */
function ordered(held: ReadonlyMap<Id, Message>, within: (seq: number) => boolean) {
  /** Changed in place. */
  let working: Message[] | null = null;
  let listing: Listing | null = null;
  let changed = false;
  let gone = 0;
  let same = 0;
  const sorted = (): Message[] => (working ??= [...held.values()].filter(({ seq }) => within(seq)).sort(bySeq));

  return {
    all: (): readonly Message[] => sorted(),
    listed(): Listing {
      if (listing !== null && !changed) return listing;
      const messages = sorted();
      listing = { messages, mark: {}, since: listing?.mark ?? null, gone, same };
      changed = false;
      gone = 0;
      same = messages.length;
      return listing;
    },
    put(message: Message): void {
      if (working === null || !within(message.seq)) return;
      const at = lowerBound(working, message.seq);
      working.splice(at, working[at]?.id === message.id ? 1 : 0, message);
      same = Math.min(same, at);
      changed = true;
    },
    /** Takes away all but the last `most`. Of many, some are let wait for each other: each cut moves all the rest. */
    cut(most: number): readonly Message[] {
      const over = sorted().length - most;
      if (over <= most >> 8) return [];
      gone += over;
      same = Math.max(0, same - over);
      changed = true;
      return sorted().splice(0, over);
    },
    renew(): void {
      working = null;
      listing = null;
    },
  };
}

export function windows(): Windows {
  const held = new Map<Id, Message>();
  const replies = new Map<Id, Set<Id>>();
  let start = Infinity;
  let reachedStart = false;
  let side: SideWindow | null = null;
  let newestRev = 0;
  const covers = (seq: number): boolean => seq >= start || isAside(seq);
  const isAside = (seq: number): boolean => side !== null && side.start <= seq && seq <= side.end;
  const list = ordered(held, (seq) => seq >= start);
  const sideList = ordered(held, isAside);
  const live = list.all;
  const aside = sideList.all;

  function put(message: Message): void {
    const before = held.get(message.id);
    if (before === message || (before === undefined && !covers(message.seq))) return;
    held.set(message.id, message);
    newestRev = Math.max(newestRev, message.rev);
    if (before?.parent_id !== undefined && before.parent_id !== message.parent_id) replies.get(before.parent_id)?.delete(message.id);
    if (message.parent_id !== undefined) {
      const known = replies.get(message.parent_id) ?? new Set<Id>();
      replies.set(message.parent_id, known.add(message.id));
    }
    list.put(message);
    sideList.put(message);
  }

  function renew(): void {
    list.renew();
    sideList.renew();
  }

  function drop({ id, parent_id: parent }: Message): void {
    held.delete(id);
    if (parent !== undefined) replies.get(parent)?.delete(id);
  }

  function remove(id: Id): void {
    const message = held.get(id);
    if (message === undefined) return;
    drop(message);
    renew();
  }

  /** Two windows that touch are one. */
  function join(atEnd: boolean): void {
    if (side === null || (!atEnd && side.end < start - 1)) return;
    if (side.start < start) {
      reachedStart = side.reachedStart;
      start = reachedStart ? 0 : side.start;
    }
    side = null;
  }

  function growLive(seqs: readonly number[], atStart: boolean): void {
    const first = Math.min(start, ...seqs);
    reachedStart = atStart || first <= 1;
    start = reachedStart ? 0 : first;
    join(false);
    renew();
  }

  function prune(): void {
    for (const message of [...held.values()]) if (!covers(message.seq)) drop(message);
    renew();
  }

  function trim(most: number): void {
    if (held.size <= most) return;
    const over = list.cut(most);
    const last = over[over.length - 1];
    if (last === undefined) return;
    start = last.seq + 1;
    reachedStart = false;
    for (const message of over) if (!isAside(message.seq)) drop(message);
  }

  function place(bounds: Partial<Bounds>, atEnd = false): void {
    ({ start, reachedStart, side } = { start, reachedStart, side, ...bounds });
    join(atEnd);
    prune();
  }

  function forget(): void {
    held.clear();
    replies.clear();
    start = Infinity;
    reachedStart = false;
    side = null;
    renew();
  }

  return {
    get start() { return start; },
    get reachedStart() { return reachedStart; },
    get side() { return side; },
    get size() { return held.size; },
    get newestRev() { return newestRev; },
    get: (id) => held.get(id),
    covers,
    put,
    remove,
    repliesTo: (parent) => [...(replies.get(parent) ?? [])].flatMap((id) => held.get(id) ?? []),
    all: () => held.values(),
    live, aside,
    shown: () => (side === null ? list : sideList).listed(),
    growLive, place, trim, forget,
  };
}
