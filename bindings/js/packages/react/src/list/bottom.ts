// A keyboard that opens, or a panel, takes from the top of what is read, not from its end. One that closes gives it back there.

import type { RefObject } from 'react';
import { scrollBox } from './virtual.ts';

export interface BottomKept {
  /** To be called whenever the rows may have changed: how much is below is read before each change of the height. */
  note(): void;
  stop(): void;
}

export function keepBottom(scroller: RefObject<HTMLElement | null>): BottomKept | null {
  const box = scroller.current;
  if (box === null || typeof ResizeObserver === 'undefined') return null;
  let [height, below] = [box.clientHeight, 0];
  const note = (): void => {
    if (box.clientHeight === height) below = box.scrollHeight - box.scrollTop - box.clientHeight;
  };
  note();
  const observer = new ResizeObserver(() => {
    const more = box.clientHeight - height;
    if (more === 0) return;
    height = box.clientHeight;
    // Near its end the browser has moved it already, as far as there was something left.
    const isMoved = more > 0 && box.scrollHeight - box.scrollTop - box.clientHeight < 1;
    scrollBox(box, box.scrollTop - (isMoved ? Math.min(below, more) : more));
  });
  observer.observe(box);
  box.addEventListener('scroll', note, { passive: true });
  return {
    note,
    stop: () => {
      observer.disconnect();
      box.removeEventListener('scroll', note);
    },
  };
}
