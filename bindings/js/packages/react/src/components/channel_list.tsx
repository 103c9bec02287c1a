// The user's conversations.

import { forwardRef, type ComponentType, type KeyboardEvent, type ReactNode } from 'react';
import type { ChannelSnapshot } from '@cariosan/client';
import { useChannels } from '../hooks/client.ts';
import { useTyping } from '../hooks/channel.ts';
import { useChat, useStrings } from '../provider.tsx';
import { shortOf } from './format.ts';
import { summaryOf } from './message_parts.tsx';
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

function Row({ channel, selected, onSelect, slots }: ChannelRowProps & { readonly slots: ChannelListSlots }): ReactNode {
  const part = usePart();
  const { strings, locale } = useChat();
  const title = titleOf(channel, strings);
  const [Picture, Words, Badge] = [slots.Avatar ?? Avatar, slots.Preview ?? Preview, slots.Badge ?? UnreadBadge];
  return (
    <button type="button" {...part('channel')} aria-current={selected || undefined} data-unread={channel.unread > 0 || channel.markedUnread || undefined} onClick={() => onSelect(channel)}>
      <span data-car-part="channel-avatar">
        <Picture id={channel.peer?.id ?? channel.id} name={title} url={channel.peer?.avatar_url ?? channel.avatarUrl} />
        {channel.peer !== null && <PresenceBadge userId={channel.peer.id} />}
      </span>
      <span {...part('channel-title')}>{title}{channel.muted && <span role="img" aria-label={strings.muted}><Icon name="muted" /></span>}</span>
      <time {...part('channel-time')} dateTime={channel.lastActivity}>{shortOf(Date.parse(channel.lastActivity), locale, strings)}</time>
      <Words channel={channel} />
      <Badge count={channel.unread || (channel.markedUnread ? 1 : 0)} mentions={channel.mentions} />
    </button>
  );
}

/** The arrow keys move between conversations; Tab goes on to the next part of the page. */
function onKeyDown(event: KeyboardEvent<HTMLElement>): void {
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>('li > button')];
  const at = all.indexOf(event.target as HTMLElement);
  const steps: Readonly<Record<string, number>> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 };
  const next = steps[event.key];
  if (next === undefined) return;
  event.preventDefault();
  all[Math.max(0, Math.min(all.length - 1, next))]?.focus();
}

export const ChannelList = forwardRef<HTMLElement, ChannelListProps>(function ChannelList({ onSelect, selected, filter, emptyState, slots = {}, classNames, ...look }, ref) {
  const strings = useStrings();
  const { channels, loading, hasMore, loadMore } = useChannels(filter === undefined ? {} : { filter });
  const OneRow = slots.Row;
  const empty = slots.Empty === undefined ? <p data-car-part="empty">{emptyState ?? strings.noConversations}</p> : <slots.Empty />;
  const waits = slots.Loading === undefined ? <div data-car-part="loading" role="status"><span>{strings.loading}</span></div> : <slots.Loading />;
  return (
    <ClassNames value={classNames ?? noClasses}>
      <nav ref={ref} {...rootOf('channel-list', { ...look, classNames })} aria-label={strings.conversations} onKeyDown={onKeyDown}>
        {channels.length > 0 && (
          <ul>
            {channels.map((channel) => {
              const own = { channel, onSelect, selected: selected !== undefined && (channel.id === selected || channel.externalId === selected) };
              return <li key={channel.id}>{OneRow === undefined ? <Row {...own} slots={slots} /> : <OneRow {...own} />}</li>;
            })}
          </ul>
        )}
        {channels.length === 0 && (loading ? waits : empty)}
        {hasMore && <button type="button" data-car-part="load-more" disabled={loading} onClick={loadMore}>{strings.moreConversations}</button>}
      </nav>
    </ClassNames>
  );
});
