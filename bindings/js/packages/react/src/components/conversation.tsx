// What stands around the messages of a channel: its head, who types, its members, search, and all of them together.

import { forwardRef, useRef, useState, type ComponentType, type KeyboardEvent, type ReactNode } from 'react';
import type { ChannelSnapshot, PresentMember, SearchHit, UserRef } from '@cariosan/client';
import { ReplyDraftProvider } from '../drafts.tsx';
import { useChannel, useMembers, useTyping } from '../hooks/channel.ts';
import { useSearch } from '../hooks/search.ts';
import { useChat, useStrings } from '../provider.tsx';
import { reasonOf } from '../strings.ts';
import { shortOf } from './format.ts';
import { MessageInput, type MessageInputProps } from './message_input.tsx';
import { MessageList, type MessageListHandle, type MessageListProps } from './message_list.tsx';
import { Avatar, ClassNames, noClasses, ConnectionBanner, Icon, nameOf, PresenceBadge, rootOf, titleOf, usePart, type AvatarProps, type LookProps } from './parts.tsx';

export interface ChannelHeaderProps extends LookProps {
  readonly channelId: string;
  readonly onSearch?: (() => void) | undefined;
  readonly onInfo?: (() => void) | undefined;
  /** A way back, for phones, where list and conversation do not fit beside each other. */
  readonly onBack?: (() => void) | undefined;
  readonly slots?: {
    readonly Avatar?: ComponentType<AvatarProps>;
    readonly Title?: ComponentType<{ readonly channel: ChannelSnapshot }>;
    readonly Status?: ComponentType<{ readonly channel: ChannelSnapshot }>;
    readonly Actions?: ComponentType<{ readonly channel: ChannelSnapshot }>;
  };
}

function Status({ channel }: { readonly channel: ChannelSnapshot }): ReactNode {
  const strings = useStrings();
  if (channel.peer !== null && channel.type === 'direct') return <PresenceBadge userId={channel.peer.id} text />;
  return <span>{strings.members(channel.memberCount)}</span>;
}

function Title({ channel }: { readonly channel: ChannelSnapshot }): ReactNode {
  return <>{titleOf(channel, useStrings())}</>;
}

export const ChannelHeader = forwardRef<HTMLElement, ChannelHeaderProps>(function ChannelHeader({ channelId, onSearch, onInfo, onBack, slots = {}, ...look }, ref) {
  const strings = useStrings();
  const { channel } = useChannel(channelId);
  const [Picture, Name, State] = [slots.Avatar ?? Avatar, slots.Title ?? Title, slots.Status ?? Status];
  return (
    <header ref={ref} {...rootOf('header', look)}>
      {onBack !== undefined && <button type="button" data-car-part="header-button" aria-label={strings.conversations} onClick={onBack}><Icon name="back" /></button>}
      {channel !== null && <Picture id={channel.peer?.id ?? channel.id} name={titleOf(channel, strings)} url={channel.peer?.avatar_url ?? channel.avatarUrl} />}
      <div data-car-part="header-words">
        <h2>{channel === null ? ' ' : <Name channel={channel} />}</h2>
        <div data-car-part="header-status">{channel !== null && <State channel={channel} />}</div>
      </div>
      {channel !== null && slots.Actions !== undefined && <slots.Actions channel={channel} />}
      {onSearch !== undefined && <button type="button" data-car-part="header-button" aria-label={strings.search} onClick={onSearch}><Icon name="search" /></button>}
      {onInfo !== undefined && <button type="button" data-car-part="header-button" aria-label={strings.memberList} onClick={onInfo}><Icon name="info" /></button>}
    </header>
  );
});

export interface TypingIndicatorProps extends LookProps {
  readonly channelId: string;
  /** More are not named. */
  readonly max?: number;
  readonly slots?: { readonly Text?: ComponentType<{ readonly users: readonly UserRef[] }> };
}

/** Its place stays while nobody types, so that nothing moves. */
export const TypingIndicator = forwardRef<HTMLDivElement, TypingIndicatorProps>(function TypingIndicator({ channelId, max = 2, slots = {}, ...look }, ref) {
  const strings = useStrings();
  const { typists } = useTyping(channelId);
  const names = typists.slice(0, max).map((user) => nameOf(user, strings));
  return (
    <div ref={ref} {...rootOf('typing', look)} data-shown={typists.length > 0 || undefined}>
      {typists.length > 0 && (slots.Text === undefined ? <><span data-car-part="typing-dots" aria-hidden="true"><i /><i /><i /></span>{strings.typing(names, typists.length - names.length)}</> : <slots.Text users={typists} />)}
    </div>
  );
});

export interface SearchPanelProps extends LookProps {
  /** Everywhere if absent. */
  readonly channelId?: string | undefined;
  readonly onOpen: (hit: SearchHit) => void;
  readonly onClose?: (() => void) | undefined;
  readonly slots?: { readonly Row?: ComponentType<{ readonly hit: SearchHit }> };
}

function Snippet({ hit }: { readonly hit: SearchHit }): ReactNode {
  const pieces: ReactNode[] = [];
  let at = 0;
  hit.highlights.forEach(([start, end], index) => {
    pieces.push(hit.snippet.slice(at, start), <mark key={index}>{hit.snippet.slice(start, end)}</mark>);
    at = end;
  });
  return <>{pieces}{hit.snippet.slice(at)}</>;
}

function HitRow({ hit }: { readonly hit: SearchHit }): ReactNode {
  const { strings, locale } = useChat();
  return (
    <>
      <span data-car-part="hit-name">{nameOf(hit.message.user, strings)}</span>
      <time dateTime={hit.message.created_at}>{shortOf(Date.parse(hit.message.created_at), locale, strings)}</time>
      <span data-car-part="hit-text" dir="auto"><Snippet hit={hit} /></span>
    </>
  );
}

export const SearchPanel = forwardRef<HTMLDivElement, SearchPanelProps>(function SearchPanel({ channelId, onOpen, onClose, slots = {}, ...look }, ref) {
  const strings = useStrings();
  const { query, setQuery, results, loading, error, hasMore, loadMore } = useSearch({ channel: channelId });
  const One = slots.Row ?? HitRow;
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') onClose?.();
  };
  const found = results === null ? strings.searchHint : results.length === 0 ? strings.searchNone : strings.searchFound(results.length, hasMore);
  return (
    <div ref={ref} {...rootOf('search', look)} role="search" aria-label={strings.search} onKeyDown={onKeyDown}>
      <div data-car-part="search-row">
        <input type="search" value={query} autoFocus placeholder={strings.searchPlaceholder} aria-label={strings.search} onChange={(event) => setQuery(event.target.value)} />
        {onClose !== undefined && <button type="button" data-car-part="header-button" aria-label={strings.close} onClick={onClose}><Icon name="close" /></button>}
      </div>
      <p data-car-part="search-found" role="status">{error !== null ? strings.actionFailed(reasonOf(strings, error.code)) : loading ? strings.loading : found}</p>
      {results !== null && results.length > 0 && (
        <ul>{results.map((hit) => <li key={hit.message.id}><button type="button" data-car-part="hit" onClick={() => onOpen(hit)}><One hit={hit} /></button></li>)}</ul>
      )}
      {hasMore && <button type="button" data-car-part="load-more" onClick={loadMore}>{strings.more}</button>}
    </div>
  );
});

export interface MemberListProps extends LookProps {
  readonly channelId: string;
  readonly slots?: { readonly Row?: ComponentType<{ readonly member: PresentMember }> };
}

function MemberRow({ member }: { readonly member: PresentMember }): ReactNode {
  const strings = useStrings();
  const { user, role } = member;
  return (
    <>
      <Avatar id={user.id} name={nameOf(user, strings)} url={user.avatar_url} />
      <span data-car-part="member-name">{nameOf(user, strings)}</span>
      {role === 'admin' && <span data-car-part="member-role">{strings.admin}</span>}
      <PresenceBadge userId={user.id} text />
    </>
  );
}

export const MemberList = forwardRef<HTMLDivElement, MemberListProps>(function MemberList({ channelId, slots = {}, ...look }, ref) {
  const strings = useStrings();
  const { members, complete, loading, loadMore } = useMembers(channelId);
  const One = slots.Row ?? MemberRow;
  return (
    <div ref={ref} {...rootOf('members', look)}>
      <ul aria-label={strings.memberList}>{members.map((member) => <li key={member.user.id} data-car-part="member"><One member={member} /></li>)}</ul>
      {!complete && <button type="button" data-car-part="load-more" disabled={loading} onClick={loadMore}>{strings.more}</button>}
    </div>
  );
});

export interface ReactionPickerProps extends LookProps {
  readonly onPick: (emoji: string) => void;
  readonly emoji: readonly string[];
}

export const ReactionPicker = forwardRef<HTMLDivElement, ReactionPickerProps>(function ReactionPicker({ onPick, emoji, ...look }, ref) {
  const part = usePart();
  const strings = useStrings();
  return (
    <div ref={ref} {...rootOf('reaction-picker', look)} role="group" aria-label={strings.react}>
      {emoji.map((one) => <button key={one} type="button" {...part('menu-emoji')} aria-label={strings.reactWith(one)} onClick={() => onPick(one)}>{one}</button>)}
    </div>
  );
});

export interface ChatProps extends LookProps {
  readonly channelId: string;
  readonly onBack?: (() => void) | undefined;
  readonly header?: Omit<ChannelHeaderProps, 'channelId' | 'onBack'>;
  readonly list?: Omit<MessageListProps, 'channelId'>;
  readonly input?: Omit<MessageInputProps, 'channelId'>;
}

type Panel = 'search' | 'members' | null;

/** Head, messages and field of one conversation. */
export const Chat = forwardRef<HTMLElement, ChatProps>(function Chat({ channelId, onBack, header, list, input, classNames, ...look }, ref) {
  const messages = useRef<MessageListHandle>(null);
  const [panel, setPanel] = useState<Panel>(null);
  const toggle = (which: Panel) => () => setPanel((now) => (now === which ? null : which));
  const open = ({ message }: SearchHit): void => {
    setPanel(null);
    void messages.current?.jumpTo(message.id);
  };
  return (
    <ClassNames value={classNames ?? noClasses}>
      <ReplyDraftProvider key={channelId}>
        <section ref={ref} {...rootOf('chat', { ...look, classNames })}>
          <ChannelHeader onSearch={toggle('search')} onInfo={toggle('members')} {...header} channelId={channelId} onBack={onBack} />
          <ConnectionBanner />
          {panel === 'search' && <SearchPanel channelId={channelId} onOpen={open} onClose={() => setPanel(null)} />}
          {panel === 'members' && <MemberList channelId={channelId} />}
          <MessageList {...list} ref={messages} channelId={channelId} />
          <TypingIndicator channelId={channelId} />
          <MessageInput {...input} channelId={channelId} />
        </section>
      </ReplyDraftProvider>
    </ClassNames>
  );
});
