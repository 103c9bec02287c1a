// How the side window grows, and what is let go of while somebody reads far up. Loaded with the first timeline.

import type { Windows } from './window.ts';

/** A page around a message, or the next one from there on. `atEnd`: the server has nothing further in that direction. */
export function growSide(windows: Windows, seqs: readonly number[], where: 'around' | 'older' | 'newer', atEnd: boolean): void {
  const before = (where === 'around' ? null : windows.side) ?? { start: Infinity, end: 0, reachedStart: false };
  const start = Math.min(before.start, ...seqs);
  const end = Math.max(before.end, ...seqs);
  const reachedStart = before.reachedStart || start <= 1 || (where === 'older' && atEnd);
  windows.place({ side: { start, end, reachedStart } }, where === 'newer' && atEnd);
}

/**
 * The window that has just grown keeps `most` messages: those at the end where it grew, for that is where the reader is. Of a live
 * window that grew at its start the newest `kept` stay live, and what the reader sees becomes the side window.
 */
export function trimGrown(windows: Windows, most: number, kept: number, where: 'older' | 'newer'): void {
  const { side, start, reachedStart } = windows;
  // It has come to the newest.
  if (side === null && where === 'newer') return windows.trim(most);
  const grown = side === null ? windows.live() : windows.aside();
  if (grown.length <= most) return undefined;
  const seq = (at: number): number => grown[at]?.seq ?? 0;
  if (side === null) return windows.place({ side: { start, end: seq(most - kept - 1), reachedStart }, start: seq(grown.length - kept), reachedStart: false });
  if (where === 'older') return windows.place({ side: { ...side, end: seq(most - 1) } });
  return windows.place({ side: { ...side, start: seq(grown.length - most), reachedStart: false } });
}
