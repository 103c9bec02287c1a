// The messages of a channel.

import { forwardRef, useCallback, useEffect, useImperativeHandle, useMemo, useRef, useState, type ReactNode, type Ref } from 'react';
import type { Channel, ChatMessage, Id, Mention } from '@cariosan/client';
import { useNewest } from '../cells.ts';
import { useComposerField } from '../drafts.tsx';
import { useChannel, useMessages } from '../hooks/channel.ts';
import { useMarkRead, useSharedMarks, useUnreadMarker } from '../hooks/marks.ts';
import { useMessageActions, useMessageSender } from '../hooks/writing.ts';
import { useStrings } from '../provider.tsx';
import { useIsAlive, useWindowFocus } from '../list/focus.ts';
import { rowsOf } from '../list/rows.ts';
import { ListView, type ListViewHandle } from './list_view.tsx';
import { MessageMenu } from './message_menu.tsx';
import { List, useSlot, type ListContext, type MessageSlots } from './message_parts.tsx';
import { ClassNames, noClasses, rootOf, titleOf, type LookProps } from './parts.tsx';
import { Speaker } from './speaker.tsx';

export interface MessageListProps extends LookProps {
  readonly channelId: string;
  /** Opens at this message. */
  readonly around?: Id | undefined;
  /** The inside of a row. */
  readonly renderMessage?: (message: ChatMessage) => ReactNode;
  /** Offered in the menu of a message. */
  readonly reactions?: readonly string[];
  readonly groupWithinMs?: number;
  readonly dayLines?: boolean;
  readonly unreadMarker?: boolean;
  /** False: all rows are there, up to 500, for printing and for finding in the page. */
  readonly virtualize?: boolean;
  readonly onMention?: (mention: Mention) => void;
  readonly onAttachment?: (message: ChatMessage) => void;
  readonly slots?: MessageSlots;
}

export interface MessageListHandle {
  /** False: it is not there any more. */
  jumpTo(id: Id): Promise<boolean>;
  toEnd(): void;
}

const REACTIONS: readonly string[] = ['👍', '❤️', '😂', '😮', '😢', '🙏'];
const MOST_PLAIN = 500;
const AHEAD = 1.5;
const noSlots: MessageSlots = {};

const heights = new WeakMap<Channel, Map<string, number>>();
/** Heights outlive the list: a channel that is opened again stands as it stood. */
function heightsOf(handle: Channel): Map<string, number> {
  const known = heights.get(handle) ?? new Map<string, number>();
  heights.set(handle, known);
  return known;
}

interface MenuAt {
  readonly key: string;
  readonly top: number;
  readonly above: boolean;
}

/** Where the menu of a row opens: below it, or above if there is more room. */
function placeOf(root: HTMLElement | null, key: string): MenuAt | null {
  const row = [...(root?.querySelectorAll<HTMLElement>('[data-key]') ?? [])].find((one) => one.dataset['key'] === key);
  if (root === null || row === undefined) return null;
  const [list, box] = [root.getBoundingClientRect(), row.getBoundingClientRect()];
  const above = box.bottom - list.top > list.height / 2;
  return { key, above, top: Math.max(8, Math.min(list.height - 8, (above ? box.top : box.bottom) - list.top)) };
}

export const MessageList = forwardRef<MessageListHandle, MessageListProps>(function MessageList({ slots = noSlots, classNames, ...props }, ref) {
  const { channelId, reactions = REACTIONS, onMention, onAttachment } = props;
  const actions = useMessageActions(channelId);
  const { retry, discard } = useMessageSender(channelId);
  const list = useRef<ListControls>(null);
  const jumpTo = useCallback((id: Id) => void list.current?.jumpTo(id), []);
  const openMenu = useCallback((message: ChatMessage) => list.current?.openMenu(message), []);
  useImperativeHandle(ref, () => ({
    jumpTo: (id) => list.current?.jumpTo(id) ?? Promise.resolve(false),
    toEnd: () => list.current?.toEnd(),
  }), []);
  const context = useMemo<ListContext>(() => ({ actions, slots, reactions, retry, discard, jumpTo, openMenu, onMention, onAttachment }),
    [actions, slots, reactions, retry, discard, jumpTo, openMenu, onMention, onAttachment]);
  return (
    <ClassNames value={classNames ?? noClasses}>
      <List.Provider value={context}><Inner {...props} key={channelId} controls={list} classNames={classNames} /></List.Provider>
    </ClassNames>
  );
});

interface ListControls extends MessageListHandle {
  openMenu(message: ChatMessage): void;
}

interface InnerProps extends Omit<MessageListProps, 'slots'> {
  readonly controls: Ref<ListControls>;
}

function Inner({ channelId, around, controls, renderMessage, groupWithinMs = 300_000, dayLines = true, unreadMarker = true, virtualize = true, ...look }: InnerProps): ReactNode {
  const strings = useStrings();
  const alive = useIsAlive();
  const { channel, handle, status: known } = useChannel(channelId);
  const view = useMessages(channelId, { around });
  const marks = useSharedMarks(channelId);
  const marker = useUnreadMarker(channelId);
  const field = useComposerField();
  const [Empty, Loading, Failed, JumpToLatest] = [useSlot('Empty'), useSlot('Loading'), useSlot('Failed'), useSlot('JumpToLatest')];
  const root = useRef<HTMLDivElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const inner = useRef<ListViewHandle>(null);
  const [atEnd, setAtEnd] = useState(true);
  const [leftAt, setLeftAt] = useState<string | null>(null);
  const [menu, setMenu] = useState<MenuAt | null>(null);
  const [notice, setNotice] = useState('');

  const { messages, focusId, hasMore, hasNewer, loadingMore, error } = view;
  const shown = virtualize ? messages : messages.slice(-MOST_PLAIN);
  const unreadAfter = unreadMarker ? marker : null;
  const reachedStart = view.status === 'ready' && !hasMore && !view.stale;
  const rows = useMemo(() => rowsOf(shown, { groupWithinMs, dayLines, unreadAfter, reachedStart }), [shown, groupWithinMs, dayLines, unreadAfter, reachedStart]);
  useMarkRead(channelId, { visible: useWindowFocus() && atEnd && !hasNewer && messages.length > 0 });

  const onPlace = useNewest(({ atEnd: there, above, below, height }: { atEnd: boolean; above: number; below: number; height: number }) => {
    if (there !== atEnd) setAtEnd(there);
    const last = messages[messages.length - 1]?.key ?? null;
    if (there && leftAt !== null) setLeftAt(null);
    if (!there && leftAt === null) setLeftAt(last);
    if (error !== null || height === 0) return;
    if (hasMore && !loadingMore && above < AHEAD * height) view.loadMore();
    if (hasNewer && below < AHEAD * height) view.loadNewer();
  });
  const jumpTo = useNewest(async (id: Id) => {
    if (inner.current?.toMessage(id) === true) return true;
    const there = await view.jumpTo(id).catch(() => false);
    setNotice(there ? '' : strings.messageGone);
    return there;
  });
  const toEnd = useNewest(() => {
    if (hasNewer) view.backToLive();
    else inner.current?.toEnd();
  });
  const openMenu = useNewest(({ key }: ChatMessage) => setMenu(menu?.key === key ? null : placeOf(root.current, key)));
  useImperativeHandle(controls, () => ({ jumpTo, toEnd, openMenu }), [jumpTo, toEnd, openMenu]);
  const closeMenu = useNewest((how: 'done' | 'escape' | 'draft') => {
    setMenu(null);
    if (how === 'draft') field.current?.focus();
    else if (menu !== null) inner.current?.focus(menu.key);
  });
  useEffect(() => {
    if (notice === '') return undefined;
    const timer = setTimeout(() => setNotice(''), 4_000);
    return () => clearTimeout(timer);
  }, [notice]);

  const chosen = menu === null ? undefined : messages.find(({ key }) => key === menu.key);
  const left = leftAt === null ? -1 : messages.findIndex(({ key }) => key === leftAt);
  const missed = left < 0 ? 0 : messages.slice(left + 1).filter(({ own }) => !own).length;
  const empty = messages.length === 0;
  const name = channel === null ? strings.messages : strings.messagesOf(titleOf(channel, strings));
  return (
    <div ref={root} {...rootOf('list', look)} data-stale={view.stale || undefined}>
      <div ref={scroller} data-car-part="scroller" role="log" aria-live="off" aria-label={name} aria-busy={view.loading || undefined} tabIndex={empty ? 0 : undefined}
        onWheel={touched} onPointerDown={touched} onKeyDown={touched}>
        {!empty && (
          <ListView key={`${alive} ${hasNewer ? focusId : ''}`} rows={rows} scroller={scroller} sizes={heightsOf(handle)} marks={marks} named={channel?.type !== 'direct'}
            focusId={hasNewer ? focusId : null} virtualize={virtualize && alive} handle={inner} onPlace={onPlace} onNotice={setNotice} renderMessage={renderMessage} />
        )}
        {empty && known !== 'gone' && view.loading && <Loading />}
        {empty && view.status === 'ready' && <Empty />}
        {known === 'gone' && <Failed text={strings.gone} onRetry={null} />}
        {known !== 'gone' && error !== null && <Failed text={strings.loadFailed} onRetry={view.loadMore} />}
      </div>
      {loadingMore && <div data-car-part="loading-older"><span>{strings.loadingOlder}</span></div>}
      {!empty && (!atEnd || hasNewer) && <JumpToLatest count={hasNewer ? 0 : missed} onClick={toEnd} />}
      {menu !== null && chosen !== undefined && <MessageMenu message={chosen} top={menu.top} above={menu.above} onClose={closeMenu} />}
      <div data-car-part="notice" role="status" data-shown={notice !== '' || undefined}>{notice}</div>
      <Speaker handle={handle} />
    </div>
  );
}

/** From now on the list stands where the user wants it. */
function touched(event: { readonly currentTarget: HTMLElement }): void {
  event.currentTarget.dataset['touched'] = '';
}
