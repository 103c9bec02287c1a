// The user's conversations.

import { forwardRef, memo, useImperativeHandle, type ComponentType, type ReactNode, type RefObject } from 'react';
import type { ChannelSnapshot } from '@cariosan/client';
import { useNewest } from '../cells.ts';
import { useChannels } from '../hooks/client.ts';
import { useTyping } from '../hooks/channel.ts';
import { useExtras, withExtras } from '../later.ts';
import { useScroller } from '../list/virtual.ts';
import { useChat, useStrings } from '../provider.tsx';
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

const LONG = 100;
/** As many as a high screen shows: more would only make the first page wait. */
const FIRST = 24;
const noSlots: ChannelListSlots = {};

export interface ChannelRowsProps {
  readonly channels: readonly ChannelSnapshot[];
  readonly scroller: RefObject<HTMLElement | null>;
  readonly children: (channel: ChannelSnapshot) => ReactNode;
}

/** The arrow keys move between conversations; Tab goes on to the next part of the page. */
function AllRows({ channels, children }: ChannelRowsProps): ReactNode {
  return (
    <ul onKeyDown={(event) => withExtras(({ stepped }) => stepped(event))}>
      {channels.map((channel, index) => <li key={channel.id} data-index={index}>{children(channel)}</li>)}
    </ul>
  );
}

export const ChannelList = forwardRef<HTMLElement, ChannelListProps>(function ChannelList(props, ref) {
  const { onSelect, selected, filter, emptyState, virtualize = 'auto', slots = noSlots, classNames, ...look } = props;
  const strings = useStrings();
  const extras = useExtras();
  const { channels, loading, hasMore, loadMore } = useChannels(filter === undefined ? {} : { filter });
  const { scroller, isThere, attach } = useScroller<HTMLElement>();
  useImperativeHandle(ref, () => scroller.current as HTMLElement, [scroller]);
  const select = useNewest(onSelect);
  const OneRow = slots.Row;
  const empty = slots.Empty === undefined ? <p data-car-part="empty">{emptyState ?? strings.noConversations}</p> : <slots.Empty />;
  const Loading = slots.Loading ?? LoadingPart;
  const isLong = virtualize === 'auto' ? channels.length > LONG : virtualize;
  // What mounts only the rows in sight is loaded later; until then there are some.
  const Rows = isLong && extras !== null ? extras.RowsInSight : AllRows;
  return (
    <ClassNames value={classNames ?? noClasses}>
      <nav ref={attach} {...rootOf('channel-list', { ...look, classNames })} aria-label={strings.conversations}>
        {channels.length > 0 && (isThere || Rows === AllRows) && (
          <Rows channels={isLong && extras === null ? channels.slice(0, FIRST) : channels} scroller={scroller}>
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
