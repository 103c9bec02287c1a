// The list without a virtualiser: all rows, for printing and for finding in the page. It keeps its place as the other does.

import { useRef, type RefObject } from 'react';
import { useBrowserLayoutEffect } from '../cells.ts';
import type { Row } from './rows.ts';
import { END_PX, scrollBox } from './virtual.ts';

export function usePlainAnchor(scroller: RefObject<HTMLElement | null>, rows: readonly Row[], virtualize: boolean): void {
  const before = useRef<{ readonly first: string | undefined; readonly height: number; readonly fromEnd: number } | null>(null);
  useBrowserLayoutEffect(() => {
    const box = scroller.current;
    if (box === null || virtualize) return undefined;
    const first = rows.find(({ kind }) => kind === 'message')?.key;
    const last = before.current;
    const older = last !== null && last.first !== first && rows.some(({ key }) => key === last.first);
    if (last === null || last.fromEnd <= END_PX) scrollBox(box, box.scrollHeight);
    else if (older) scrollBox(box, box.scrollTop + box.scrollHeight - last.height);
    const note = (): void => {
      before.current = { first, height: box.scrollHeight, fromEnd: box.scrollHeight - box.scrollTop - box.clientHeight };
    };
    note();
    box.addEventListener('scroll', note, { passive: true });
    return () => box.removeEventListener('scroll', note);
  }, [scroller, rows, virtualize]);
}
