// Where in a conversation one is: at its end, at a message that was jumped to, or somewhere above.

import { useCallback, useEffect, useRef, useState, type RefObject } from 'react';
import type { FlatList, NativeScrollEvent, NativeSyntheticEvent } from 'react-native';
import type { ListRow } from './message_list.tsx';

const AT_END = 64;

export interface Place {
  readonly atEnd: boolean;
  readonly toEnd: () => void;
  /** Brings a message into the middle, as soon as it has been laid out. */
  readonly show: (id: string) => void;
  /** Whether the list has been where it belongs: until then it stands at its top, which nobody scrolled to. */
  readonly isPlaced: () => boolean;
  /** For the list. */
  readonly handlers: {
    readonly onScroll: (event: NativeSyntheticEvent<NativeScrollEvent>) => void;
    readonly onContentSizeChange: (width: number, height: number) => void;
    readonly onScrollToIndexFailed: (info: { index: number; averageItemLength: number }) => void;
  };
}

/** `inverted`: the end is where the list begins, so it stays there by itself. `around`: the message that it opens at. */
export function usePlace(list: RefObject<FlatList<ListRow> | null>, { rows, inverted, around, hasNewer }: {
  readonly rows: readonly ListRow[]; readonly inverted: boolean; readonly around: string | undefined; readonly hasNewer: boolean;
}): Place {
  const [atEnd, setAtEnd] = useState(true);
  const follows = useRef(true);
  const placed = useRef(false);
  const offset = useRef(0);
  const height = useRef(0);
  const wanted = useRef<string | null>(null);
  const missed = useRef(false);

  const toEnd = useCallback(() => {
    follows.current = true;
    list.current?.scrollToOffset({ offset: inverted ? 0 : height.current, animated: true });
  }, [list, inverted]);

  const settle = useCallback(() => {
    const index = wanted.current === null ? -1 : rows.findIndex((row) => row.kind === 'message' && row.message.id === wanted.current);
    if (index >= 0 && list.current !== null) {
      follows.current = false;
      missed.current = false;
      list.current.scrollToIndex({ index, viewPosition: 0.5, animated: false });
      if (missed.current) return;
      wanted.current = null;
      placed.current = true;
    } else if (!inverted && follows.current && !hasNewer) {
      // No further than it goes; `scrollToEnd` counts without the list's padding.
      list.current?.scrollToOffset({ offset: height.current, animated: false });
    }
  }, [list, rows, inverted, hasNewer]);

  // A list that was turned over begins anew.
  useEffect(() => {
    wanted.current = around ?? null;
    follows.current = true;
    placed.current = false;
    offset.current = 0;
  }, [around, inverted]);
  useEffect(() => { if (wanted.current !== null) settle(); }, [settle, around]);
  const newest = useRef(settle);
  useEffect(() => { newest.current = settle; }, [settle]);
  const show = useCallback((id: string) => {
    wanted.current = id;
    newest.current();
  }, []);

  const onScroll = useCallback(({ nativeEvent: { contentOffset: { y }, contentSize, layoutMeasurement } }: NativeSyntheticEvent<NativeScrollEvent>) => {
    const isAtEnd = (inverted ? y : contentSize.height - layoutMeasurement.height - y) < AT_END;
    // What is laid out late moves the end away, but not who reads: only scrolling back leaves it.
    if (isAtEnd) follows.current = placed.current = true;
    else if (y < offset.current) follows.current = false;
    offset.current = y;
    setAtEnd(isAtEnd);
  }, [inverted]);
  // Going near lays out what is there, and then the message is found.
  const onScrollToIndexFailed = useCallback(({ index, averageItemLength }: { index: number; averageItemLength: number }) => {
    missed.current = true;
    list.current?.scrollToOffset({ offset: averageItemLength * index, animated: false });
  }, [list]);
  const onContentSizeChange = useCallback((_width: number, now: number) => {
    height.current = now;
    settle();
  }, [settle]);
  const isPlaced = useCallback(() => placed.current, []);
  return { atEnd, toEnd, show, isPlaced, handlers: { onScroll, onContentSizeChange, onScrollToIndexFailed } };
}
