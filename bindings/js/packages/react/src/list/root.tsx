// The list without markup: rows, what keeps them in place, and what the elements around them need.

import { useImperativeHandle, type CSSProperties, type KeyboardEvent, type PointerEvent, type ReactNode, type WheelEvent } from 'react';
import type { ChannelSnapshot, Id } from '@cariosan/client';
import type { ChannelStatus, MessagesView } from '../hooks/channel.ts';
import type { Row } from './rows.ts';
import { touches, useTimeline, type Timeline, type TimelineProps } from './timeline.ts';
import { placedAt, useScroller } from './virtual.ts';
import { useListWindow, type PlacedRow, type WindowHandle } from './window.ts';

export interface MessageListState {
  readonly channel: ChannelSnapshot | null;
  readonly status: ChannelStatus;
  readonly view: MessagesView;
  /** All that is loaded, mounted or not. */
  readonly rows: readonly Row[];
  /** To be rendered, in this order, each in an element of its own with `rowProps` and its row's key. */
  readonly mounted: readonly PlacedRow[];
  /** For the element that scrolls. Its children: one element with `rowsProps`, in which the rows are. */
  readonly scrollerProps: {
    readonly ref: (element: HTMLElement | null) => void;
    readonly onWheel: (event: WheelEvent<HTMLElement>) => void;
    readonly onPointerDown: (event: PointerEvent<HTMLElement>) => void;
    readonly onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
  };
  readonly rowsProps: { readonly style: CSSProperties | undefined };
  readonly rowProps: (placed: PlacedRow) => { readonly ref: ((element: HTMLElement | null) => void) | undefined; readonly 'data-index': number; readonly style: CSSProperties | undefined };
  /** The newest message is in sight. */
  readonly atEnd: boolean;
  /** How many came from others since the end was in sight. */
  readonly missed: number;
  readonly toEnd: () => void;
  /** False: it is not there any more. */
  readonly jumpTo: (id: Id) => Promise<boolean>;
}

export interface MessageListRootProps extends TimelineProps {
  readonly children: (state: MessageListState) => ReactNode;
}

/** `MessageList` draws its own rows; with this the app draws them, and still nothing jumps. */
export function MessageListRoot({ children, ...props }: MessageListRootProps): ReactNode {
  return <Root {...props} key={props.channelId}>{children}</Root>;
}

function Root({ children, ...props }: MessageListRootProps): ReactNode {
  const timeline = useTimeline<WindowHandle>(props);
  // A virtualiser that begins with rows begins at their end.
  return <Window key={`${timeline.window.key} ${timeline.rows.length > 0}`} timeline={timeline}>{children}</Window>;
}

function Window({ timeline, children }: { readonly timeline: Timeline<WindowHandle>; readonly children: MessageListRootProps['children'] }): ReactNode {
  const { known: status, inner, window, handle: _, ...rest } = timeline;
  const { scroller, attach } = useScroller<HTMLElement>();
  const shown = useListWindow({ ...window, scroller });
  useImperativeHandle(inner, () => ({ toEnd: shown.toEnd, toMessage: shown.toMessage }));
  return children({
    ...rest, status, mounted: shown.mounted,
    scrollerProps: { ref: attach, ...touches },
    rowsProps: { style: shown.height === null ? undefined : { position: 'relative', height: shown.height } },
    rowProps: ({ index, start }) => ({ 'data-index': index, ref: shown.measure, style: start === null ? undefined : placedAt(start) }),
  });
}
