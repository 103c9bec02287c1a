// By which row a list keeps its place while rows come and go, and which changes of height must not move what is read.

/** A row as `rows.ts` makes them, or of a list that has no messages. */
export interface KeyedRow {
  readonly key: string;
  readonly kind?: string;
  readonly first?: boolean;
}

export interface ResizedRow {
  readonly index: number;
  readonly key: string;
  readonly start: number;
  readonly end: number;
  readonly isMeasured: boolean;
}

export interface View {
  readonly offset: number;
  readonly height: number;
  /** Where a row begins. */
  startOf(index: number): number;
}

export interface KeptPlace {
  /** The list was scrolled: until it is again, these rows are what was painted where it stood, and so may have been seen. */
  scrolled(painted: ReadonlySet<unknown>): void;
  /** Other rows are shown from now on. `kept`: which of them stays mounted however far it is from the others. */
  change(rows: readonly KeyedRow[], kept?: number): void;
  /** Of the rows before the latest change: the first from an index on by which the list can keep its place. */
  anchor(from: number): number;
  /** Whether the list moves along with a change of this row's height. */
  movesWith(row: ResizedRow, view: View): boolean;
}

export function place(first: readonly KeyedRow[]): KeptPlace {
  let before = first;
  let rows = first;
  let anchorKey: string | undefined;
  let anchorIndex = -1;
  /** Messages that begin a group now and did not before, or no longer do: their heights change at the top, where the name stands. */
  const turned = new Set<string>();
  let seen: ReadonlySet<unknown> = new Set();
  let alone = -1;

  /** The browser scrolls what was painted, and asks afterwards: what has come into sight above a row that it showed must not push that away. */
  const pushesSeen = (index: number, { offset, height, startOf }: View): boolean => {
    for (let below = index + 1; startOf(below) < offset + height; below += 1) if (below !== alone && seen.has(rows[below]?.key)) return true;
    return false;
  };

  return {
    scrolled(painted) {
      seen = painted;
    },
    change(next, kept = -1) {
      alone = kept;
      before = rows;
      if (next === rows) return;
      let same = 0;
      while (same < rows.length && rows[same] === next[same]) same += 1;
      const begins = new Map(rows.slice(same).map((row) => [row.key, row.kind === 'message' && row.first]));
      for (const row of next.slice(same)) if (row.kind === 'message' && begins.has(row.key) && begins.get(row.key) !== row.first) turned.add(row.key);
      rows = next;
      if (anchorIndex >= same) anchorIndex = rows.findIndex(({ key }) => key === anchorKey);
    },
    anchor(from) {
      let index: ReadonlyMap<string, number> | null = null;
      const indexOf = (at: number, key: string): number | undefined =>
        (before[at] === rows[at] ? at : (index ??= new Map(rows.map((row, now) => [row.key, now]))).get(key));
      for (let at = from; at < before.length; at += 1) {
        const { kind, key } = before[at] as KeyedRow;
        // A line is no anchor: that of a day goes up when older messages of that day come, that of the unread goes away.
        const now = kind === 'message' ? indexOf(at, key) : undefined;
        if (now === undefined) continue;
        anchorKey = key;
        anchorIndex = now;
        return at;
      }
      return from;
    },
    movesWith({ index, key, start, end, isMeasured }, view) {
      const { offset, height, startOf } = view;
      const atHead = turned.delete(key);
      // A row that reaches into sight changes below the reader's line, except by its name.
      if (start < offset) return end <= offset || atHead || !isMeasured;
      if (!isMeasured && pushesSeen(index, view)) return true;
      // Rows may come into sight above the anchor, where a line was.
      return index <= anchorIndex && startOf(anchorIndex) < offset + height && (atHead || (index < anchorIndex && !isMeasured));
    },
  };
}
