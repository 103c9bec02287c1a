// The rows of a long list of conversations, of which those in sight are mounted, and the keyboard in lists of any length.

import { useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { useBrowserLayoutEffect } from '../cells.ts';
import { placedAt, useVirtual } from '../list/virtual.ts';
import type { ChannelRowsProps } from './channel_list.tsx';

/** By the style sheet; rows of the app's own are measured. */
const ROW_PX = 68;

function focusRow(list: Element | null, index: number): boolean {
  const row = list?.querySelector<HTMLElement>(`[data-index="${index}"] :is(button, a, [tabindex])`);
  row?.focus();
  return row != null;
}

/** Goes to another row of a list, if that is what the key is for. `count`: of all its rows, if not all are mounted. */
export function stepped(event: KeyboardEvent<HTMLElement>, count?: number, go: (index: number, list: Element | null) => void = (index, list) => void focusRow(list, index)): void {
  const item = (event.target as HTMLElement).closest<HTMLElement>('li');
  const list = item?.parentElement ?? null;
  if (item === null || list === null) return;
  const [at, last] = [Number(item.dataset['index']), (count ?? list.childElementCount) - 1];
  const steps: Readonly<Record<string, number>> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: last };
  const next = steps[event.key];
  if (next === undefined) return;
  event.preventDefault();
  go(Math.max(0, Math.min(last, next)), list);
}

export function RowsInSight({ channels, scroller, children }: ChannelRowsProps): ReactNode {
  const [sizes] = useState(() => new Map<string, number>());
  const [focused, setFocused] = useState<string | null>(null);
  const list = useRef<HTMLUListElement>(null);
  // The row that has the focus in the list that this one takes the place of.
  const [had] = useState(() => Number(scroller.current?.querySelector<HTMLElement>('li:focus-within')?.dataset['index'] ?? -1));
  const wanted = useRef(had);
  const rows = useMemo(() => channels.map(({ id }) => ({ key: id })), [channels]);
  const kept = rows.findIndex(({ key }) => key === focused);
  const virtual = useVirtual({ rows, estimate: () => ROW_PX, scroller, kept, sizes, fromEnd: false, moved: () => {} });

  /** A row that is far away is mounted first. */
  const focusWanted = (): void => {
    if (wanted.current >= 0 && focusRow(list.current, wanted.current)) wanted.current = -1;
  };
  useBrowserLayoutEffect(focusWanted);
  const go = (index: number): void => {
    wanted.current = index;
    virtual.scrollToIndex(index, { align: 'auto' });
    focusWanted();
  };
  return (
    <ul ref={list} style={{ position: 'relative', height: virtual.getTotalSize(), flex: 'none' }} onKeyDown={(event) => stepped(event, channels.length, go)}>
      {virtual.getVirtualItems().map(({ index, start }) => {
        const channel = channels[index];
        return channel !== undefined && (
          <li key={channel.id} data-index={index} ref={virtual.measureElement} style={placedAt(start)} aria-setsize={channels.length} aria-posinset={index + 1}
            onFocus={() => setFocused(channel.id)}>
            {children(channel)}
          </li>
        );
      })}
    </ul>
  );
}
