// The user's conversations.

import { forwardRef, memo, useImperativeHandle, useMemo, useRef, useState, type ComponentType, type KeyboardEvent, type ReactNode, type RefObject } from 'react';
import type { ChannelSnapshot } from '@cariosan/client';
import { useBrowserLayoutEffect, useNewest } from '../cells.ts';
import { useChannels } from '../hooks/client.ts';
import { useTyping } from '../hooks/channel.ts';
import { useChat, useStrings } from '../provider.tsx';
import { useIsAlive } from '../list/focus.ts';
import { placedAt, useScroller, useVirtual } from '../list/virtual.ts';
import { shortOf } from './format.ts';
import { LoadingPart, summaryOf } from './message_parts.tsx';
import { Avatar, ClassNames, noClasses, Icon, nameOf, PresenceBadge, rootOf, titleOf, UnreadBadge, usePart, type AvatarProps, type LookProps, type UnreadBadgeProps } from './parts.tsx';

export interface ChannelRowProps {
  readonly channel: ChannelSnapshot;
  readonly selected: boolean;
  readonly onSelect: (channel: ChannelSnapshot) => void;
}
export interface ChannelListSlots {
  readonly Row?: ComponentType<ChannelRowProps>;
  readonly Avatar?: ComponentType<AvatarProps>;
  readonly Preview?: ComponentType<{ readonly channel: ChannelSnapshot }>;
  readonly Badge?: ComponentType<UnreadBadgeProps>;
  readonly Empty?: ComponentType;
  readonly Loading?: ComponentType;
}
export interface ChannelListProps extends LookProps {
  readonly onSelect: (channel: ChannelSnapshot) => void;
  /** By id or by the app's own name. */
  readonly selected?: string | undefined;
  readonly filter?: (channel: ChannelSnapshot) => boolean;
  readonly emptyState?: ReactNode;
  /** Mounts only the rows in sight. `auto`: of lists with more than 100. */
  readonly virtualize?: boolean | 'auto';
  readonly slots?: ChannelListSlots;
}

function Preview({ channel }: { readonly channel: ChannelSnapshot }): ReactNode {
  const part = usePart();
  const strings = useStrings();
  const { typists } = useTyping(channel.id);
  const { preview } = channel;
  if (typists.length > 0) return <span {...part('preview')} data-typing="">{strings.typing(typists.map((user) => nameOf(user, strings)), 0)}</span>;
  if (preview === null) return <span {...part('preview')} />;
  const who = preview.own ? `${strings.you}: ` : channel.type === 'group' && preview.type !== 'system' ? `${nameOf(preview.user, strings)}: ` : '';
  return <span {...part('preview')}>{who}{summaryOf(preview, strings)}</span>;
}

const Row = memo(function Row({ channel, selected, onSelect, slots }: ChannelRowProps & { readonly slots: ChannelListSlots }): ReactNode {
  const part = usePart();
  const { strings, locale } = useChat();
  const title = titleOf(channel, strings);
  const [Picture, Words, Badge] = [slots.Avatar ?? Avatar, slots.Preview ?? Preview, slots.Badge ?? UnreadBadge];
  return (
    <button type="button" {...part('channel')} aria-current={selected || undefined} data-unread={channel.unread > 0 || channel.markedUnread || undefined}
      data-muted={channel.muted || undefined} data-pinned={channel.pinned || undefined} onClick={() => onSelect(channel)}>
      <span data-car-part="channel-avatar">
        <Picture id={channel.peer?.id ?? channel.id} name={title} url={channel.peer?.avatar_url ?? channel.avatarUrl} />
        {channel.peer !== null && <PresenceBadge userId={channel.peer.id} />}
      </span>
      <span {...part('channel-title')}>
        <span data-car-part="channel-name">{title}</span>
        {channel.pinned && <span role="img" aria-label={strings.pinned}><Icon name="pinned" /></span>}
        {channel.muted && <span role="img" aria-label={strings.muted}><Icon name="muted" /></span>}
      </span>
      <time {...part('channel-time')} dateTime={channel.lastActivity}>{shortOf(Date.parse(channel.lastActivity), locale, strings)}</time>
      <Words channel={channel} />
      <Badge count={channel.unread} mentions={channel.mentions} marked={channel.markedUnread} />
    </button>
  );
});

/** The rows have one height by the style sheet; those of the app are measured. */
const ROW_PX = 68;
const LONG = 100;
const noSlots: ChannelListSlots = {};

interface RowsProps {
  readonly channels: readonly ChannelSnapshot[];
  readonly scroller: RefObject<HTMLElement | null>;
  readonly virtualize: boolean;
  readonly children: (channel: ChannelSnapshot) => ReactNode;
}

/** The arrow keys move between conversations; Tab goes on to the next part of the page. */
function Rows({ channels, scroller, virtualize, children }: RowsProps): ReactNode {
  const [sizes] = useState(() => new Map<string, number>());
  const [focused, setFocused] = useState<string | null>(null);
  const list = useRef<HTMLUListElement>(null);
  const wanted = useRef(-1);
  const rows = useMemo(() => (virtualize ? channels.map(({ id }) => ({ key: id })) : []), [channels, virtualize]);
  const kept = rows.findIndex(({ key }) => key === focused);
  const virtual = useVirtual({ rows, estimate: () => ROW_PX, scroller, kept, sizes, fromEnd: false, moved: () => {} });
  const items = virtualize ? virtual.getVirtualItems() : channels.map((_, index) => ({ index, start: null }));

  /** A row that is far away is mounted first. */
  const focusWanted = (): void => {
    const row = list.current?.querySelector<HTMLElement>(`[data-index="${wanted.current}"] :is(button, a, [tabindex])`);
    if (row == null) return;
    wanted.current = -1;
    row.focus();
  };
  useBrowserLayoutEffect(focusWanted);
  function onKeyDown(event: KeyboardEvent<HTMLElement>): void {
    const item = (event.target as HTMLElement).closest<HTMLElement>('li');
    if (item === null) return;
    const [at, last] = [Number(item.dataset['index']), channels.length - 1];
    const steps: Readonly<Record<string, number>> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: last };
    const next = steps[event.key];
    if (next === undefined) return;
    event.preventDefault();
    wanted.current = Math.max(0, Math.min(last, next));
    if (virtualize) virtual.scrollToIndex(wanted.current, { align: 'auto' });
    focusWanted();
  }
  return (
    <ul ref={list} style={virtualize ? { position: 'relative', height: virtual.getTotalSize(), flex: 'none' } : undefined} onKeyDown={onKeyDown}>
      {items.map(({ index, start }) => {
        const channel = channels[index];
        if (channel === undefined) return null;
        return (
          <li key={channel.id} data-index={index} ref={start === null ? undefined : virtual.measureElement} style={start === null ? undefined : placedAt(start)}
            aria-setsize={virtualize ? channels.length : undefined} aria-posinset={virtualize ? index + 1 : undefined} onFocus={() => virtualize && setFocused(channel.id)}>
            {children(channel)}
          </li>
        );
      })}
    </ul>
  );
}

export const ChannelList = forwardRef<HTMLElement, ChannelListProps>(function ChannelList(props, ref) {
  const { onSelect, selected, filter, emptyState, virtualize = 'auto', slots = noSlots, classNames, ...look } = props;
  const strings = useStrings();
  const alive = useIsAlive();
  const { channels, loading, hasMore, loadMore } = useChannels(filter === undefined ? {} : { filter });
  const { scroller, isThere, attach } = useScroller<HTMLElement>();
  useImperativeHandle(ref, () => scroller.current as HTMLElement, [scroller]);
  const select = useNewest(onSelect);
  const OneRow = slots.Row;
  const empty = slots.Empty === undefined ? <p data-car-part="empty">{emptyState ?? strings.noConversations}</p> : <slots.Empty />;
  const Loading = slots.Loading ?? LoadingPart;
  const isLong = alive && (virtualize === 'auto' ? channels.length > LONG : virtualize);
  return (
    <ClassNames value={classNames ?? noClasses}>
      <nav ref={attach} {...rootOf('channel-list', { ...look, classNames })} aria-label={strings.conversations}>
        {channels.length > 0 && (isThere || !isLong) && (
          <Rows channels={channels} scroller={scroller} virtualize={isLong}>
            {(channel) => {
              const own = { channel, onSelect: select, selected: selected !== undefined && (channel.id === selected || channel.externalId === selected) };
              return OneRow === undefined ? <Row {...own} slots={slots} /> : <OneRow {...own} />;
            }}
          </Rows>
        )}
        {channels.length === 0 && (loading ? <Loading /> : empty)}
        {hasMore && <button type="button" data-car-part="load-more" disabled={loading} onClick={loadMore}>{strings.more}</button>}
      </nav>
    </ClassNames>
  );
});
