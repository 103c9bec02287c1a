// The messages of a channel.

import { forwardRef, useEffect, useImperativeHandle, useMemo, useRef, useState, type ReactNode, type Ref } from 'react';
import type { ChatMessage, Id, Mention } from '@cariosan/client';
import { useNewest } from '../cells.ts';
import { useComposerField } from '../drafts.tsx';
import { useSharedMarks } from '../hooks/marks.ts';
import { useMessageActions, useMessageSender } from '../hooks/writing.ts';
import { useExtras, withExtras } from '../later.ts';
import { useStrings } from '../provider.tsx';
import { touches, useTimeline, type TimelineProps } from '../list/timeline.ts';
import { useScroller } from '../list/virtual.ts';
import { ListView, type ListViewHandle } from './list_view.tsx';
import type { MenuAt } from './message_menu.tsx';
import { EmptyPart, FailedPart, JumpPart, List, LoadingPart, type ListContext, type MessageSlots } from './message_parts.tsx';
import { ClassNames, noClasses, rootOf, titleOf, type LookProps } from './parts.tsx';

export interface MessageListProps extends LookProps, TimelineProps {
  /** The inside of a row. */
  readonly renderMessage?: (message: ChatMessage) => ReactNode;
  /** Offered in the menu of a message. */
  readonly reactions?: readonly string[];
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
const noSlots: MessageSlots = {};

export const MessageList = forwardRef<MessageListHandle, MessageListProps>(function MessageList(props, ref) {
  return <ClassNames value={props.classNames ?? noClasses}><Inner {...props} key={props.channelId} control={ref} /></ClassNames>;
});

function Inner({ control, renderMessage, slots = noSlots, reactions = REACTIONS, onMention, onAttachment, ...props }: MessageListProps & { readonly control: Ref<MessageListHandle> }): ReactNode {
  const strings = useStrings();
  const { channel, handle, known, view, window, inner, atEnd, missed, jumpTo: goTo, toEnd } = useTimeline<ListViewHandle>(props);
  const marks = useSharedMarks(props.channelId);
  const actions = useMessageActions(props.channelId);
  const { retry, discard } = useMessageSender(props.channelId);
  const field = useComposerField();
  const [Empty, Loading] = [slots.Empty ?? EmptyPart, slots.Loading ?? LoadingPart];
  const [Failed, JumpToLatest] = [slots.Failed ?? FailedPart, slots.JumpToLatest ?? JumpPart];
  const root = useRef<HTMLDivElement>(null);
  const { scroller, isThere, attach } = useScroller<HTMLDivElement>();
  const [menu, setMenu] = useState<MenuAt | null>(null);
  const [notice, setNotice] = useState('');
  const extras = useExtras();

  const { messages, hasNewer, loadingMore, error } = view;
  const jumpTo = useNewest(async (id: Id) => {
    const there = await goTo(id);
    setNotice(there ? '' : strings.hiddenQuote);
    return there;
  });
  const openMenu = useNewest(({ key }: ChatMessage) => withExtras(({ placeOf }) => setMenu(menu?.key === key ? null : placeOf(root.current, key))));
  useImperativeHandle(control, () => ({ jumpTo, toEnd }), [jumpTo, toEnd]);
  const context = useMemo<ListContext>(() => ({ actions, slots, reactions, retry, discard, jumpTo, openMenu, onMention, onAttachment }),
    [actions, slots, reactions, retry, discard, jumpTo, openMenu, onMention, onAttachment]);
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
  const { key, ...rest } = window;
  const empty = messages.length === 0;
  const name = channel === null ? strings.messages : strings.messagesOf(titleOf(channel, strings));
  return (
    <List.Provider value={context}>
      <div ref={root} {...rootOf('list', props)} data-stale={view.stale || undefined}>
        <div ref={attach} data-car-part="scroller" role="log" aria-live="off" aria-label={name} aria-busy={view.loading || undefined} tabIndex={empty ? 0 : undefined} {...touches}>
          {!empty && (isThere || !rest.virtualize) && (
            <ListView {...rest} key={key} scroller={scroller} marks={marks} named={channel?.type !== 'direct'} handle={inner} onNotice={setNotice} renderMessage={renderMessage} />
          )}
          {empty && known !== 'gone' && view.loading && <Loading />}
          {empty && view.status === 'ready' && <Empty />}
          {known === 'gone' && <Failed text={strings.gone} onRetry={null} />}
          {known !== 'gone' && error !== null && <Failed text={strings.loadFailed} onRetry={view.loadMore} />}
        </div>
        {loadingMore && <div data-car-part="loading-older"><span>{strings.loadingOlder}</span></div>}
        {!empty && (!atEnd || hasNewer) && <JumpToLatest count={missed} onClick={toEnd} />}
        {extras !== null && menu !== null && chosen !== undefined && <extras.MessageMenu message={chosen} top={menu.top} above={menu.above} onClose={closeMenu} onNotice={setNotice} />}
        <div data-car-part="notice" role="status" data-shown={notice !== '' || undefined}>{notice}</div>
        <div data-car-part="spoken" data-car-speaker="" aria-live="polite" role="status">{extras !== null && <extras.Spoken handle={handle} />}</div>
      </div>
    </List.Provider>
  );
}
