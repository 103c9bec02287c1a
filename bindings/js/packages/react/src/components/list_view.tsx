// The rows of one window of messages, where they stand, and the keyboard among them.

import { useEffect, useImperativeHandle, useRef, useState, type KeyboardEvent, type ReactNode, type Ref, type RefObject } from 'react';
import type { ChatMessage, HiddenQuote, Id, Quote } from '@cariosan/client';
import { useBrowserLayoutEffect, useNewest } from '../cells.ts';
import { useEditDraft, useReplyDraft, useComposerField } from '../drafts.tsx';
import { markOf, type ReceiptMark, type SharedMarks } from '../hooks/marks.ts';
import { useStrings } from '../provider.tsx';
import { usePlainAnchor } from '../list/plain.ts';
import type { Row } from '../list/rows.ts';
import { END_PX, useVirtual } from '../list/virtual.ts';
import { useList, useSlot } from './message_parts.tsx';
import { MessageRow } from './message_row.tsx';
import { usePart } from './parts.tsx';

export interface ListViewHandle {
  toEnd(): void;
  /** False: it is not among the rows. */
  toMessage(id: Id): boolean;
  focus(key: string): void;
}

export interface ListViewProps {
  readonly rows: readonly Row[];
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly sizes: Map<string, number>;
  readonly marks: SharedMarks;
  readonly named: boolean;
  readonly focusId: Id | null;
  readonly virtualize: boolean;
  readonly handle: Ref<ListViewHandle>;
  readonly onPlace: (place: { readonly atEnd: boolean; readonly above: number; readonly below: number; readonly height: number }) => void;
  readonly onNotice: (words: string) => void;
  readonly renderMessage: ((message: ChatMessage) => ReactNode) | undefined;
}

function markFor(message: ChatMessage, marks: SharedMarks): ReceiptMark | 'pending' | null {
  if (!message.own || message.deleted_at !== null) return null;
  if (message.seq !== null) return markOf(message.seq, marks);
  return message.status === 'pending' ? 'pending' : null;
}

const hidden = (id: Id): HiddenQuote => ({ id, hidden: true });

/** A reply that waits to be sent has no quote of the server's yet: what it quotes is at hand. */
function quoteFor(message: ChatMessage, byId: ReadonlyMap<Id, ChatMessage>): Quote | null {
  if (message.quoted_message !== undefined) return message.quoted_message;
  if (message.parent_id === undefined) return null;
  const parent = byId.get(message.parent_id);
  if (parent === undefined) return hidden(message.parent_id);
  return { id: parent.id, user_id: parent.user.id, user_name: parent.user.name, content: parent.content, type: parent.type, deleted: parent.deleted_at !== null };
}

const same = (a: Quote, b: Quote): boolean => a.hidden === b.hidden && (a.hidden === true || b.hidden === true || (a.content === b.content && a.deleted === b.deleted && a.user_name === b.user_name));

/** The same object for as long as it says the same, so that a row is not rendered for it. */
function useQuotes(byId: ReadonlyMap<Id, ChatMessage>): (message: ChatMessage) => Quote | null {
  const [made] = useState(() => new Map<string, Quote>());
  return (message) => {
    const next = quoteFor(message, byId);
    const before = made.get(message.key);
    if (next === null || (before !== undefined && same(before, next))) return next === null ? null : (before ?? next);
    made.set(message.key, next);
    return next;
  };
}

const PAGE = 8;

/** The one row that the keyboard can go to, and what its keys do. */
function useKeys(messages: readonly ChatMessage[], go: (index: number) => void, onNotice: (words: string) => void) {
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
    const at = messages.findIndex(({ key }) => key === message.key);
    const moves: Readonly<Record<string, number>> = { ArrowUp: at - 1, ArrowDown: at + 1, PageUp: at - PAGE, PageDown: at + PAGE, Home: 0, End: messages.length - 1 };
    const to = moves[event.key];
    const run = event.key === 'F10' && event.shiftKey ? openMenu : press[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (event.key !== 'Delete') setDoomed(null);
    if (to !== undefined) go(Math.max(0, Math.min(messages.length - 1, to)));
    else if (run !== undefined) run(message);
    else return;
    event.preventDefault();
  });
}

/** A keyboard that opens, or a panel, takes from the top of what is read, not from its end. */
function useBottomKept(scroller: RefObject<HTMLDivElement | null>): void {
  useEffect(() => {
    const box = scroller.current;
    if (box === null || typeof ResizeObserver === 'undefined') return undefined;
    let height = box.clientHeight;
    const observer = new ResizeObserver(() => {
      const change = height - box.clientHeight;
      height = box.clientHeight;
      if (change !== 0) box.scrollTop += change;
    });
    observer.observe(box);
    return () => observer.disconnect();
  }, [scroller]);
}

export function ListView(props: ListViewProps): ReactNode {
  const { rows, scroller, sizes, marks, named, focusId, virtualize, handle, onPlace, onNotice, renderMessage } = props;
  const part = usePart();
  const [DayLine, UnreadLine] = [useSlot('DayLine'), useSlot('UnreadLine')];
  const strings = useStrings();
  const messages = rows.flatMap((row) => (row.kind === 'message' ? row.message : []));
  const [activeKey, setActiveKey] = useState<string | null>(null);
  const [flash, setFlash] = useState<string | null>(null);
  const active = messages.some(({ key }) => key === activeKey) ? activeKey : (messages[messages.length - 1]?.key ?? null);
  const wantsFocus = useRef(false);
  const placed = useRef(false);
  const indexOf = (key: string | null): number => rows.findIndex((row) => row.key === key);

  const look = useNewest(() => {
    const box = scroller.current;
    if (box === null) return;
    const below = box.scrollHeight - box.scrollTop - box.clientHeight;
    onPlace({ atEnd: below <= END_PX, above: box.scrollTop, below, height: box.clientHeight });
  });
  // Without the virtualiser it has no rows, and does nothing.
  const virtual = useVirtual({ rows: virtualize ? rows : [], scroller, kept: indexOf(activeKey), sizes, moved: look });
  usePlainAnchor(scroller, rows, virtualize);

  const toIndex = (index: number, align: 'start' | 'center' | 'auto'): void => {
    if (virtualize) virtual.scrollToIndex(index, { align });
    else scroller.current?.querySelector(`[data-index="${index}"]`)?.scrollIntoView({ block: align === 'auto' ? 'nearest' : align });
  };
  const toEnd = (): void => {
    if (virtualize) virtual.scrollToEnd();
    else if (scroller.current !== null) scroller.current.scrollTop = scroller.current.scrollHeight;
  };
  const focus = (key: string): void => {
    wantsFocus.current = true;
    setActiveKey(key);
    toIndex(indexOf(key), 'auto');
    // It may be the active one already.
    focusActive(key);
  };
  const focusActive = (key: string | null): void => {
    const row = [...(scroller.current?.querySelectorAll<HTMLElement>('[data-key]') ?? [])].find((one) => one.dataset['key'] === key);
    if (row === undefined) return;
    wantsFocus.current = false;
    row.focus({ preventScroll: true });
  };
  const toMessage = (id: Id): boolean => {
    const message = messages.find((one) => one.id === id);
    if (message === undefined) return false;
    toIndex(indexOf(message.key), 'center');
    setFlash(message.key);
    return true;
  };
  useImperativeHandle(handle, () => ({ toEnd, toMessage, focus }));
  const onKey = useKeys(messages, (index) => focus(messages[index]?.key ?? ''), onNotice);
  const onFocus = useNewest((key: string) => setActiveKey(key));

  // Where the view opens: at what was looked for, else at the line above the unread, else at the end.
  const unreadAt = indexOf('unread');
  useBrowserLayoutEffect(() => {
    if (placed.current && unreadAt < 0) return;
    if (placed.current && focusId === null && scroller.current?.dataset['touched'] !== undefined) return;
    if (focusId !== null) toMessage(focusId);
    else if (unreadAt >= 0) toIndex(unreadAt, 'start');
    else toEnd();
    placed.current = true;
  }, [focusId, unreadAt >= 0]);
  useBrowserLayoutEffect(() => {
    if (wantsFocus.current) focusActive(activeKey);
    look();
  });
  useBottomKept(scroller);
  // What the user sends is seen, wherever they were.
  const sending = messages.filter(({ own, seq }) => own && seq === null);
  const newest = sending[sending.length - 1]?.key ?? null;
  useEffect(() => {
    if (newest !== null) toEnd();
  }, [newest]);

  const byId = new Map(messages.map((message) => [message.id, message]));
  const quotes = useQuotes(byId);
  const positions = new Map(messages.map(({ key }, index) => [key, index + 1]));
  const content = (row: Row): ReactNode => {
    if (row.kind === 'day') return <DayLine at={row.at} />;
    if (row.kind === 'unread') return <UnreadLine />;
    if (row.kind !== 'message') return <p {...part('start')}>{strings.beginning}</p>;
    const { message } = row;
    return (
      <MessageRow message={message} first={row.first} last={row.last} mark={markFor(message, marks)} quote={quotes(message)} active={row.key === active}
        position={positions.get(row.key) ?? 0} named={named} onKey={onKey} onFocus={onFocus} renderMessage={renderMessage} />
    );
  };
  const row = (one: Row, index: number, start: number | null): ReactNode => (
    <div key={one.key} data-car-part="row" data-index={index} data-flash={(one.key === flash) || undefined} ref={start === null ? undefined : virtual.measureElement}
      style={start === null ? undefined : { transform: `translateY(${start}px)` }}>{content(one)}</div>
  );
  if (!virtualize) return <div data-car-part="rows" data-plain="">{rows.map((one, index) => row(one, index, null))}</div>;
  return (
    <div data-car-part="rows" style={{ height: virtual.getTotalSize() }}>
      {virtual.getVirtualItems().map(({ index, start }) => {
        const one = rows[index];
        return one === undefined ? null : row(one, index, start);
      })}
    </div>
  );
}
