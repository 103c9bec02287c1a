// The rows of one window of messages, where they stand, and the keyboard among them.

import { useImperativeHandle, useMemo, useRef, useState, type KeyboardEvent, type ReactNode, type Ref } from 'react';
import type { ChatMessage, HiddenQuote, Id, Quote } from '@cariosan/client';
import { useBrowserLayoutEffect, useNewest } from '../cells.ts';
import { useEditDraft, useReplyDraft, useComposerField } from '../drafts.tsx';
import { markOf, type ReceiptMark, type SharedMarks } from '../hooks/marks.ts';
import { useStrings } from '../provider.tsx';
import type { Row } from '../list/rows.ts';
import { placedAt } from '../list/virtual.ts';
import { useListWindow, type WindowHandle, type WindowProps } from '../list/window.ts';
import { useList, useSlot } from './message_parts.tsx';
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

const messagesOf = (rows: readonly Row[]): readonly ChatMessage[] => rows.flatMap((row) => (row.kind === 'message' ? row.message : []));

const hidden = (id: Id): HiddenQuote => ({ id, hidden: true });

/** A reply that waits to be sent has no quote of the server's yet: what it quotes is at hand. */
function quoteFor(message: ChatMessage, rows: readonly Row[]): Quote | null {
  if (message.quoted_message !== undefined) return message.quoted_message;
  if (message.parent_id === undefined) return null;
  const parent = messagesOf(rows).find(({ id }) => id === message.parent_id);
  if (parent === undefined) return hidden(message.parent_id);
  return { id: parent.id, user_id: parent.user.id, user_name: parent.user.name, content: parent.content, type: parent.type, deleted: parent.deleted_at !== null };
}

const same = (a: Quote, b: Quote): boolean => a.hidden === b.hidden && (a.hidden === true || b.hidden === true || (a.content === b.content && a.deleted === b.deleted && a.user_name === b.user_name));

/** The same object for as long as it says the same, so that a row is not rendered for it. */
function useQuotes(rows: readonly Row[]): (message: ChatMessage) => Quote | null {
  const [made] = useState(() => new Map<string, Quote>());
  return (message) => {
    const next = quoteFor(message, rows);
    const before = made.get(message.key);
    if (next === null || (before !== undefined && same(before, next))) return next === null ? null : (before ?? next);
    made.set(message.key, next);
    return next;
  };
}

const PAGE = 8;

/** The one row that the keyboard can go to, and what its keys do. */
function useKeys(rows: readonly Row[], go: (key: string) => void, onNotice: (words: string) => void) {
  const strings = useStrings();
  const { actions, openMenu } = useList();
  const reply = useReplyDraft();
  const edit = useEditDraft();
  const field = useComposerField();
  const [doomed, setDoomed] = useState<string | null>(null);

  const press: Readonly<Record<string, (message: ChatMessage) => void>> = {
    r: (message) => actions.can(message, 'reply') && reply.start(message),
    Enter: (message) => actions.can(message, 'reply') && reply.start(message),
    e: (message) => actions.can(message, 'edit') && edit.start(message),
    m: openMenu, ContextMenu: openMenu,
    Delete(message) {
      if (!actions.can(message, 'delete')) return;
      if (doomed === message.key) return void actions.deleteMessage(message.id);
      setDoomed(message.key);
      onNotice(strings.unsendSure);
    },
    Escape: () => field.current?.focus(),
  };
  return useNewest((event: KeyboardEvent<HTMLElement>, message: ChatMessage) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const messages = messagesOf(rows);
    const at = messages.findIndex(({ key }) => key === message.key);
    const moves: Readonly<Record<string, number>> = { ArrowUp: at - 1, ArrowDown: at + 1, PageUp: at - PAGE, PageDown: at + PAGE, Home: 0, End: messages.length - 1 };
    const to = moves[event.key];
    const run = event.key === 'F10' && event.shiftKey ? openMenu : press[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (event.key !== 'Delete') setDoomed(null);
    if (to !== undefined) go(messages[Math.max(0, Math.min(messages.length - 1, to))]?.key ?? '');
    else if (run !== undefined) run(message);
    else return;
    event.preventDefault();
  });
}

export function ListView(props: ListViewProps): ReactNode {
  const { rows, scroller, sizes, marks, named, focusId, virtualize, handle, onPlace, onNotice, renderMessage } = props;
  const part = usePart();
  const [DayLine, UnreadLine] = [useSlot('DayLine'), useSlot('UnreadLine')];
  const strings = useStrings();
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

  const quotes = useQuotes(rows);
  const content = (row: Row): ReactNode => {
    if (row.kind === 'day') return <DayLine at={row.at} />;
    if (row.kind === 'unread') return <UnreadLine />;
    if (row.kind !== 'message') return <p {...part('start')}>{strings.beginning}</p>;
    const { message } = row;
    return (
      <MessageRow message={message} first={row.first} last={row.last} mark={markFor(message, marks)} quote={quotes(message)} active={row.key === active}
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
