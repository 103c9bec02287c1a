// A conversation. The newest message stands first in the data and last on the screen: older ones are added at the data's end, which
// moves nothing that is in sight.

import { useCallback, useEffect, useMemo, useRef, useState, type ReactElement, type ReactNode } from 'react';
import { AccessibilityInfo, FlatList, Platform, Text, View, type FlatListProps, type StyleProp, type ViewStyle } from 'react-native';
import type { ChatMessage } from '@cariosan/client';
import {
  markOf, reasonOf, useCariosan, useChannel, useEditDraft, useEvent, useMarkRead, useMessageActions, useMessages, useMessageSender, useNewest, useReplyDraft, useSharedMarks,
  useStrings, useUnreadMarker, type Strings,
} from '@cariosan/react/headless';
import { useTheme } from '../provider.tsx';
import { dayOf, nameOf, sameDay } from '../texts.ts';
import { usePlace } from './list_place.ts';
import { MessageMenu } from './message_menu.tsx';
import { MessageRow, type RowAction } from './message_row.tsx';
import { Notice, TextButton } from './small.tsx';

export type ListRow =
  | { readonly kind: 'message'; readonly key: string; readonly message: ChatMessage; readonly first: boolean }
  | { readonly kind: 'day'; readonly key: string; readonly text: string }
  | { readonly kind: 'unread'; readonly key: string };

export interface MessageListProps {
  readonly channelId: string;
  /** Opens there instead of at the newest message. */
  readonly around?: string;
  /** Whether somebody sees it: what is seen is marked as read. True if absent. */
  readonly visible?: boolean;
  readonly reactions?: readonly string[];
  readonly groupWithinMs?: number;
  readonly style?: StyleProp<ViewStyle>;
  /** Another list in place of FlatList, as FlashList; it gets FlatList's props. */
  readonly renderList?: (props: FlatListProps<ListRow>) => ReactElement;
}

const GROUP_MS = 300_000;
const SPOKEN_EVERY_MS = 1_000;
/** The top of a list that is not inverted is its oldest message, which nobody waits for. */
const ANCHOR = { minIndexForVisible: 1 };
const INVERTED_ANCHOR = { ...ANCHOR, autoscrollToTopThreshold: 40 };

/** Newest first, with a line before each day and before what is unread. */
export function rowsOf(messages: readonly ChatMessage[], unreadAfter: number | null, groupWithinMs: number, strings: Strings, now: number): ListRow[] {
  const rows: ListRow[] = [];
  let line = unreadAfter === null;
  messages.forEach((message, at) => {
    const before = messages[at - 1];
    const newDay = before === undefined || !sameDay(before.created_at, message.created_at);
    if (newDay) rows.push({ kind: 'day', key: `day ${message.key}`, text: dayOf(message.created_at, strings, now) });
    const starts = !line && message.seq !== null && message.seq > (unreadAfter ?? 0) && !message.own;
    if (starts) rows.push({ kind: 'unread', key: 'unread' });
    line ||= starts;
    const apart = newDay || starts || before.user.id !== message.user.id || Date.parse(message.created_at) - Date.parse(before.created_at) > groupWithinMs;
    rows.push({ kind: 'message', key: message.key, message, first: apart });
  });
  return rows.reverse();
}

/** An inverted list is read backwards by screen readers, so with one it is not inverted. */
function useScreenReader(): boolean {
  const [on, setOn] = useState(false);
  useEffect(() => {
    let over = false;
    AccessibilityInfo.isScreenReaderEnabled().then((is) => { if (!over) setOn(is); }, () => {});
    const watching = AccessibilityInfo.addEventListener('screenReaderChanged', setOn);
    return () => {
      over = true;
      watching.remove();
    };
  }, []);
  return on;
}

/** New messages of others are spoken, at most one a second. */
function useSpoken(channelId: string): void {
  const client = useCariosan();
  const strings = useStrings();
  const spokenAt = useRef(-Infinity);
  const waiting = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  useEffect(() => () => { if (timer.current !== null) clearTimeout(timer.current); }, []);
  useEvent(client.channel(channelId), 'message', (message) => {
    if (message.user.id === client.me.get()?.id) return;
    const now = Date.now();
    if (timer.current !== null) {
      waiting.current += 1;
    } else if (now - spokenAt.current >= SPOKEN_EVERY_MS) {
      spokenAt.current = now;
      AccessibilityInfo.announceForAccessibility(strings.arrived(nameOf(message.user, strings), message.content));
    } else {
      waiting.current = 1;
      timer.current = setTimeout(() => {
        timer.current = null;
        spokenAt.current = Date.now();
        AccessibilityInfo.announceForAccessibility(strings.newMessages(waiting.current));
      }, SPOKEN_EVERY_MS - (now - spokenAt.current));
    }
  });
}

function Line({ text, strong }: { readonly text: string; readonly strong: boolean }): ReactNode {
  const theme = useTheme();
  return (
    <View style={{ alignItems: 'center', paddingVertical: 10 }}>
      <Text accessibilityRole="header" style={{ color: strong ? theme.accent : theme.muted, fontSize: 13, fontWeight: strong ? '700' : '500' }}>{text}</Text>
    </View>
  );
}

export function MessageList({ channelId, around, visible = true, reactions, groupWithinMs = GROUP_MS, style, renderList }: MessageListProps): ReactNode {
  const theme = useTheme();
  const strings = useStrings();
  const { status, channel } = useChannel(channelId);
  const view = useMessages(channelId, { around });
  const { retry, discard } = useMessageSender(channelId);
  const actions = useMessageActions(channelId);
  const reply = useReplyDraft();
  const edit = useEditDraft();
  const marks = useSharedMarks(channelId);
  const unreadAfter = useUnreadMarker(channelId);
  const reader = useScreenReader();
  const list = useRef<FlatList<ListRow>>(null);
  const [menu, setMenu] = useState<ChatMessage | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [notice, setNotice] = useState('');
  useSpoken(channelId);

  const inverted = !reader;
  const rows = useMemo(() => {
    const newestFirst = rowsOf(view.messages, unreadAfter, groupWithinMs, strings, Date.now());
    return inverted ? newestFirst : newestFirst.reverse();
  }, [view.messages, unreadAfter, groupWithinMs, strings, inverted]);

  const { atEnd, toEnd, show, isPlaced, handlers } = usePlace(list, { rows, inverted, around, hasNewer: view.hasNewer });
  useMarkRead(channelId, { visible: visible && atEnd });
  // Who has sent something sees it.
  const own = view.messages.filter(({ status: state }) => state === 'pending').length;
  useEffect(() => { if (own > 0) toEnd(); }, [own, toEnd]);

  const tried = (done: Promise<unknown>, words = ''): void => {
    setFailure(null);
    setNotice('');
    done.then(() => setNotice(words), (fault: { code?: string }) => setFailure(strings.actionFailed(reasonOf(strings, fault.code ?? 'other'))));
  };
  const onAction = useNewest((action: RowAction, message: ChatMessage, detail?: string) => {
    if (action === 'menu' || (detail === undefined && (action === 'react' || action === 'report'))) setMenu(message);
    else if (action === 'react') tried(actions.toggleReaction(message, detail ?? ''));
    else if (action === 'pin') tried((message.pinned_at === undefined ? actions.pin : actions.unpin)(message.id));
    else if (action === 'report') tried(actions.report(message.id, detail ?? ''), strings.reported);
    else if (action === 'reply') reply.start(message);
    else if (action === 'edit') edit.start(message);
    else if (action === 'unsend') tried(actions.deleteMessage(message.id));
    else if (action === 'retry') retry(message.key);
    else discard(message.key);
  });
  const { jumpTo } = view;
  const onQuote = useCallback((id: string) => void jumpTo(id).then((found) => { if (found) show(id); }, () => {}), [jumpTo, show]);
  const { can } = actions;
  const { focusId } = view;

  const renderItem = useCallback(({ item }: { item: ListRow }) => {
    if (item.kind !== 'message') return <Line text={item.kind === 'day' ? item.text : strings.unreadLine} strong={item.kind === 'unread'} />;
    const { message } = item;
    const mark = message.own && message.seq !== null && message.deleted_at === null ? markOf(message.seq, marks) : null;
    return <MessageRow message={message} first={item.first} mark={mark} focused={message.id === focusId} onAction={onAction} onQuote={onQuote} can={can} />;
  }, [strings, marks, focusId, onAction, onQuote, can]);

  if (status === 'gone') return <Notice text={strings.gone} />;
  if (view.status === 'failed' && rows.length === 0) return <Notice text={strings.loadFailed} />;
  if (view.loading && rows.length === 0) return <Notice text={strings.loading} />;
  if (rows.length === 0) return <Notice text={strings.noMessages} />;

  const older = view.hasMore ? view.loadMore : null;
  const newer = view.hasNewer ? view.loadNewer : null;
  const props: FlatListProps<ListRow> & { ref: typeof list } = {
    ref: list, data: rows, renderItem, inverted, keyExtractor: ({ key }) => key, style: [{ flex: 1, backgroundColor: theme.background }, style],
    contentContainerStyle: { paddingVertical: 8 }, accessibilityLabel: strings.messagesOf(channel?.name ?? ''),
    onEndReached: inverted ? older : newer, onEndReachedThreshold: 1.5, onStartReached: inverted ? newer : () => { if (isPlaced()) older?.(); }, onStartReachedThreshold: 1.5,
    maintainVisibleContentPosition: inverted ? INVERTED_ANCHOR : ANCHOR, windowSize: 11, initialNumToRender: 15, maxToRenderPerBatch: 10, removeClippedSubviews: Platform.OS === 'android',
    ...handlers, scrollEventThrottle: 100, keyboardShouldPersistTaps: 'handled',
  };
  return (
    <View key={inverted ? 'inverted' : 'upright'} style={{ flex: 1 }}>
      {renderList === undefined ? <FlatList {...props} /> : renderList(props)}
      {failure === null ? null : <Text accessibilityRole="alert" style={{ color: theme.danger, padding: 10 }}>{failure}</Text>}
      {notice === '' ? null : <Text accessibilityLiveRegion="polite" style={{ color: theme.muted, padding: 10, textAlign: 'center' }}>{notice}</Text>}
      {atEnd && !view.hasNewer ? null : (
        <View style={{ position: 'absolute', right: 12, bottom: 12, borderRadius: 22, backgroundColor: theme.surface, borderWidth: 1, borderColor: theme.line }}>
          <TextButton label={strings.toNewest} symbol="↓" onPress={() => { view.backToLive(); toEnd(); }} />
        </View>
      )}
      {menu === null ? null : <MessageMenu message={menu} can={can} onAction={onAction} onClose={() => setMenu(null)} reactions={reactions} />}
    </View>
  );
}
