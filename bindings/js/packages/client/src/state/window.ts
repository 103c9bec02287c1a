// Which messages of a channel are held: those of one unbroken window that reaches to the newest, and at most those of a second one,
// around a message far up. A message outside both is not held: the page that will show it shows its state of then.

import type { Id, Message } from '../wire/types.ts';

export interface SideWindow {
  readonly start: number;
  readonly end: number;
  readonly reachedStart: boolean;
}

export interface Windows {
  /** The first `seq` of the live window; Infinity while there is none. */
  readonly start: number;
  readonly reachedStart: boolean;
  readonly side: SideWindow | null;
  readonly size: number;
  get(id: Id): Message | undefined;
  covers(seq: number): boolean;
  /** Keeps a message that is held already or that lies within a window. */
  put(message: Message): void;
  remove(id: Id): void;
  repliesTo(parent: Id): readonly Message[];
  all(): Iterable<Message>;
  /** In the order of the channel. The same array until something changed. */
  live(): readonly Message[];
  aside(): readonly Message[];
  /** A page that lies at the newest or next before the live window. */
  growLive(seqs: readonly number[], reachedStart: boolean): void;
  /** A page around a message, or the next one from there on. `atEnd`: the server has nothing further in that direction. */
  growSide(seqs: readonly number[], where: 'around' | 'older' | 'newer', atEnd: boolean): void;
  /** The live window keeps its newest `most` messages. */
  trim(most: number): void;
  /**
   * The window that has just grown keeps `most` messages: those at the end where it grew, for that is where the reader is. Of a live
   * window that grew at its start the newest `kept` stay live, and what the reader sees becomes the side window.
   */
  trimGrown(most: number, kept: number, where: 'older' | 'newer'): void;
  /** Drops messages that are in no window any more. */
  prune(): void;
  leaveSide(): void;
  forget(): void;
}

const bySeq = (a: Message, b: Message): number => a.seq - b.seq;

/** The place of the first message whose `seq` is not below. */
function lowerBound(list: readonly Message[], seq: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle]?.seq ?? Infinity) < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function windows(): Windows {
  const held = new Map<Id, Message>();
  const replies = new Map<Id, Set<Id>>();
  let start = Infinity;
  let reachedStart = false;
  let side: SideWindow | null = null;
  let liveList: readonly Message[] | null = null;
  let sideList: readonly Message[] | null = null;

  function between(from: number, to: number): readonly Message[] {
    return [...held.values()].filter(({ seq }) => from <= seq && seq <= to).sort(bySeq);
  }

  const live = (): readonly Message[] => (liveList ??= start === Infinity ? [] : between(start, Infinity));
  const aside = (): readonly Message[] => (sideList ??= side === null ? [] : between(side.start, side.end));

  /** A new list with the message at its place: listeners compare lists by identity. */
  function placed(list: readonly Message[], message: Message): readonly Message[] {
    const at = lowerBound(list, message.seq);
    const replaces = list[at]?.id === message.id;
    const copy = list.slice();
    copy.splice(at, replaces ? 1 : 0, message);
    return copy;
  }

  function put(message: Message): void {
    const before = held.get(message.id);
    if (before === message || (before === undefined && !covers(message.seq))) return;
    held.set(message.id, message);
    if (before?.parent_id !== undefined && before.parent_id !== message.parent_id) replies.get(before.parent_id)?.delete(message.id);
    if (message.parent_id !== undefined) {
      const known = replies.get(message.parent_id) ?? new Set<Id>();
      replies.set(message.parent_id, known.add(message.id));
    }
    if (liveList !== null && message.seq >= start) liveList = placed(liveList, message);
    if (sideList !== null && side !== null && message.seq >= side.start && message.seq <= side.end) sideList = placed(sideList, message);
  }

  function covers(seq: number): boolean {
    return seq >= start || (side !== null && side.start <= seq && seq <= side.end);
  }

  function renew(): void {
    liveList = null;
    sideList = null;
  }

  function remove(id: Id): void {
    const message = held.get(id);
    if (message === undefined) return;
    held.delete(id);
    if (message.parent_id !== undefined) replies.get(message.parent_id)?.delete(id);
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

  function growSide(seqs: readonly number[], where: 'around' | 'older' | 'newer', atEnd: boolean): void {
    const before = (where === 'around' ? null : side) ?? { start: Infinity, end: 0, reachedStart: false };
    const from = Math.min(before.start, ...seqs);
    side = {
      start: from,
      end: Math.max(before.end, ...seqs),
      reachedStart: before.reachedStart || from <= 1 || (where === 'older' && atEnd),
    };
    join(where === 'newer' && atEnd);
    renew();
  }

  function prune(): void {
    for (const message of [...held.values()]) if (!covers(message.seq)) remove(message.id);
    renew();
  }

  function trim(most: number): void {
    const list = live();
    const first = list[list.length - most];
    if (list.length <= most || first === undefined) return;
    start = first.seq;
    reachedStart = false;
    prune();
  }

  function trimGrown(most: number, kept: number, where: 'older' | 'newer'): void {
    // It has come to the newest.
    if (side === null && where === 'newer') return trim(most);
    const list = side === null ? live() : aside();
    if (list.length <= most) return;
    const seq = (at: number): number => list[at]?.seq ?? 0;
    if (side === null) {
      side = { start, end: seq(most - kept - 1), reachedStart };
      start = seq(list.length - kept);
      reachedStart = false;
    } else if (where === 'older') side = { ...side, end: seq(most - 1) };
    else side = { ...side, start: seq(list.length - most), reachedStart: false };
    prune();
  }

  function leaveSide(): void {
    side = null;
    prune();
    renew();
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
    get: (id) => held.get(id),
    covers,
    put,
    remove,
    repliesTo: (parent) => [...(replies.get(parent) ?? [])].flatMap((id) => held.get(id) ?? []),
    all: () => held.values(),
    live, aside,
    growLive, growSide, trim, trimGrown, prune, leaveSide, forget,
  };
}
