// The rows of one window of messages, where they stand, and the keyboard among them.

import { useImperativeHandle, useMemo, useRef, useState, type KeyboardEvent, type ReactNode, type Ref } from 'react';
import type { ChatMessage } from '@cariosan/client';
import { useBrowserLayoutEffect, useNewest } from '../cells.ts';
import { useEditDraft, useReplyDraft, useComposerField } from '../drafts.tsx';
import { markOf, type ReceiptMark, type SharedMarks } from '../hooks/marks.ts';
import { useExtras, withExtras } from '../later.ts';
import { useStrings } from '../provider.tsx';
import type { Row } from '../list/rows.ts';
import { placedAt } from '../list/virtual.ts';
import { useListWindow, type WindowHandle, type WindowProps } from '../list/window.ts';
import { DayLinePart, UnreadLinePart, useList } from './message_parts.tsx';
import { MessageRow } from './message_row.tsx';
import { usePart } from './parts.tsx';

export interface ListViewHandle extends WindowHandle {
  focus(key: string): void;
}

export interface ListViewProps extends Omit<WindowProps, 'kept' | 'onFound'> {
  readonly marks: SharedMarks;
  readonly named: boolean;
  readonly handle: Ref<ListViewHandle>;
  readonly onNotice: (words: string) => void;
  readonly renderMessage: ((message: ChatMessage) => ReactNode) | undefined;
}

function markFor(message: ChatMessage, marks: SharedMarks): ReceiptMark | 'pending' | null {
  if (!message.own || message.deleted_at !== null) return null;
  if (message.seq !== null) return markOf(message.seq, marks);
  return message.status === 'pending' ? 'pending' : null;
}

/** What the keys of the one row do that the keyboard can go to. */
function useKeys(rows: readonly Row[], go: (key: string) => void, onNotice: (words: string) => void) {
  const list = useList();
  const tools = { rows, go, onNotice, list, strings: useStrings(), reply: useReplyDraft(), edit: useEditDraft(), field: useComposerField(), doomed: useRef<string | null>(null) };
  return useNewest((event: KeyboardEvent<HTMLElement>, message: ChatMessage) => {
    if (event.target === event.currentTarget && !event.ctrlKey && !event.metaKey && !event.altKey) withExtras(({ pressed }) => pressed(event, message, tools));
  });
}

export function ListView(props: ListViewProps): ReactNode {
  const { rows, scroller, sizes, marks, named, focusId, virtualize, handle, onPlace, onNotice, renderMessage } = props;
  const part = usePart();
  const { slots } = useList();
  const [DayLine, UnreadLine] = [slots.DayLine ?? DayLinePart, slots.UnreadLine ?? UnreadLinePart];
  const strings = useStrings();
  const extras = useExtras();
  const [activeKey, setActiveKey] = useState<string | null>(null);
  const [flash, setFlash] = useState<string | null>(null);
  const isHere = useMemo(() => activeKey !== null && rows.some(({ key }) => key === activeKey), [rows, activeKey]);
  // The last row is that of a message.
  const active = isHere ? activeKey : rows[rows.length - 1]?.key;
  const wantsFocus = useRef(false);
  const { mounted, height, measure, toIndex, toEnd, toMessage } = useListWindow({ rows, scroller, sizes, focusId, virtualize, onPlace, kept: activeKey, onFound: setFlash });
  const focus = (key: string): void => {
    wantsFocus.current = true;
    setActiveKey(key);
    toIndex(rows.findIndex((row) => row.key === key), 'auto');
    // It may be the active one already.
    focusActive(key);
  };
  const focusActive = (key: string | null): void => {
    const row = [...(scroller.current?.querySelectorAll<HTMLElement>('[data-key]') ?? [])].find((one) => one.dataset['key'] === key);
    if (row === undefined) return;
    wantsFocus.current = false;
    row.focus({ preventScroll: true });
  };
  useImperativeHandle(handle, () => ({ toEnd, toMessage, focus }));
  const onKey = useKeys(rows, focus, onNotice);
  const onFocus = useNewest((key: string) => setActiveKey(key));

  useBrowserLayoutEffect(() => {
    if (wantsFocus.current) focusActive(activeKey);
  });

  const content = (row: Row): ReactNode => {
    if (row.kind === 'day') return <DayLine at={row.at} />;
    if (row.kind === 'unread') return <UnreadLine />;
    if (row.kind !== 'message') return <p {...part('start')}>{strings.beginning}</p>;
    const { message } = row;
    return (
      <MessageRow message={message} first={row.first} last={row.last} mark={markFor(message, marks)} quote={message.quoted_message ?? extras?.quoteFor(message, rows) ?? null} active={row.key === active}
        position={row.position} named={named} onKey={onKey} onFocus={onFocus} renderMessage={renderMessage} />
    );
  };
  return (
    <div data-car-part="rows" data-plain={virtualize ? undefined : ''} style={height === null ? undefined : { height }}>
      {mounted.map(({ row, index, start }) => (
        <div key={row.key} data-car-part="row" data-index={index} data-flash={row.key === flash || undefined} ref={measure} style={start === null ? undefined : placedAt(start)}>{content(row)}</div>
      ))}
    </div>
  );
}
