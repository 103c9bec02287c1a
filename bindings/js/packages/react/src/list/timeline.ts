// The messages of a channel as rows, and whoever looks at them: what is loaded, what is read, what came meanwhile.

import { useMemo, useRef, useState, type RefObject } from 'react';
import type { Channel, ChannelSnapshot, Id } from '@cariosan/client';
import { useNewest } from '../cells.ts';
import { useChannel, useMessages, type ChannelStatus, type MessagesView } from '../hooks/channel.ts';
import { useMarkRead, useUnreadMarker } from '../hooks/marks.ts';
import { useIsAlive, useWindowFocus } from './focus.ts';
import { rowMaker, type Row } from './rows.ts';
import type { Place, WindowHandle } from './window.ts';

export interface TimelineProps {
  readonly channelId: string;
  /** Opens at this message. */
  readonly around?: Id | undefined;
  readonly groupWithinMs?: number;
  readonly dayLines?: boolean;
  readonly unreadMarker?: boolean;
  /** False: all rows are there, up to 500, for printing and for finding in the page. */
  readonly virtualize?: boolean;
}

export interface Timeline<Handle extends WindowHandle> {
  readonly channel: ChannelSnapshot | null;
  readonly handle: Channel;
  readonly known: ChannelStatus;
  readonly view: MessagesView;
  readonly rows: readonly Row[];
  /** What one window is given. Another `key` is another window. */
  readonly window: { readonly key: string; readonly rows: readonly Row[]; readonly sizes: Map<string, number>; readonly focusId: Id | null; readonly virtualize: boolean; readonly onPlace: (place: Place) => void };
  /** Of the window that is shown. */
  readonly inner: RefObject<Handle | null>;
  /** The newest message is in sight. */
  readonly atEnd: boolean;
  /** How many came from others since the end was in sight. */
  readonly missed: number;
  readonly toEnd: () => void;
  /** False: it is not there any more. */
  readonly jumpTo: (id: Id) => Promise<boolean>;
}

const MOST_PLAIN = 500;
/** So many times its own height before an end of what is loaded, more is asked for. */
const AHEAD = 1.5;

const heights = new WeakMap<Channel, Map<string, number>>();
/** Heights outlive the list: a channel that is opened again stands as it stood. */
function heightsOf(handle: Channel): Map<string, number> {
  const known = heights.get(handle) ?? new Map<string, number>();
  heights.set(handle, known);
  return known;
}

export function useTimeline<Handle extends WindowHandle>(props: TimelineProps): Timeline<Handle> {
  const { channelId, around, groupWithinMs = 300_000, dayLines = true, unreadMarker = true, virtualize = true } = props;
  const alive = useIsAlive();
  const { channel, handle, status: known } = useChannel(channelId);
  const view = useMessages(channelId, { around });
  const marker = useUnreadMarker(channelId);
  const inner = useRef<Handle>(null);
  const [atEnd, setAtEnd] = useState(true);
  const [leftAt, setLeftAt] = useState<string | null>(null);

  const { messages, focusId, hasMore, hasNewer, loadingMore, error } = view;
  const shown = virtualize ? messages : messages.slice(-MOST_PLAIN);
  const unreadAfter = unreadMarker ? marker : null;
  const reachedStart = view.status === 'ready' && !hasMore && !view.stale;
  const [makeRows] = useState(rowMaker);
  const rules = useMemo(() => ({ groupWithinMs, dayLines, unreadAfter, reachedStart }), [groupWithinMs, dayLines, unreadAfter, reachedStart]);
  const rows = useMemo(() => makeRows(shown, rules), [makeRows, shown, rules]);
  useMarkRead(channelId, { visible: useWindowFocus() && atEnd && !hasNewer && messages.length > 0 });

  const onPlace = useNewest(({ atEnd: there, above, below, height }: Place) => {
    if (there !== atEnd) setAtEnd(there);
    const last = messages[messages.length - 1]?.key ?? null;
    if (there && leftAt !== null) setLeftAt(null);
    if (!there && leftAt === null) setLeftAt(last);
    if (error !== null || height === 0) return;
    if (hasMore && !loadingMore && above < AHEAD * height) view.loadMore();
    if (hasNewer && below < AHEAD * height) view.loadNewer();
  });
  const jumpTo = useNewest((id: Id) => (inner.current?.toMessage(id) === true ? Promise.resolve(true) : view.jumpTo(id).catch(() => false)));
  const toEnd = useNewest(() => {
    if (hasNewer) view.backToLive();
    else inner.current?.toEnd();
  });
  const left = leftAt === null ? -1 : messages.findIndex(({ key }) => key === leftAt);
  const focused = hasNewer ? focusId : null;
  return {
    channel, handle, known, view, rows, inner, atEnd, jumpTo, toEnd,
    missed: left < 0 || hasNewer ? 0 : messages.slice(left + 1).filter(({ own }) => !own).length,
    window: { key: `${alive} ${focused ?? ''}`, rows, sizes: heightsOf(handle), focusId: focused, virtualize: virtualize && alive, onPlace },
  };
}

/** From now on the list stands where the user wants it. */
function touched(event: { readonly currentTarget: HTMLElement }): void {
  event.currentTarget.dataset['touched'] = '';
}
/** What the element that scrolls must hear. */
export const touches = { onWheel: touched, onPointerDown: touched, onKeyDown: touched } as const;
