// What stands around the messages of a channel: its head, who types, its members, search, and all of them together.

import { forwardRef, useRef, useState, type ComponentType, type ReactNode } from 'react';
import type { ChannelSnapshot, PresentMember, SearchHit, UserRef } from '@cariosan/client';
import { ReplyDraftProvider } from '../drafts.tsx';
import { useChannel, useTyping } from '../hooks/channel.ts';
import { useExtras } from '../later.ts';
import { useStrings } from '../provider.tsx';
import { MessageInput, type MessageInputProps } from './message_input.tsx';
import { MessageList, type MessageListHandle, type MessageListProps } from './message_list.tsx';
import { Avatar, ClassNames, noClasses, ConnectionBanner, Icon, nameOf, PresenceBadge, rootOf, titleOf, type AvatarProps, type LookProps } from './parts.tsx';

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

/** Its frame stands at once, so that nothing moves when the rest is loaded; so do those of the next two. */
export const SearchPanel = forwardRef<HTMLDivElement, SearchPanelProps>(function SearchPanel(props, ref) {
  const extras = useExtras();
  return (
    <div ref={ref} {...rootOf('search', props)} role="search" aria-label={useStrings().search} onKeyDown={({ key }) => key === 'Escape' && props.onClose?.()}>
      {extras !== null && <extras.Search {...props} />}
    </div>
  );
});

export interface MemberListProps extends LookProps {
  readonly channelId: string;
  readonly slots?: { readonly Row?: ComponentType<{ readonly member: PresentMember }> };
}

export const MemberList = forwardRef<HTMLDivElement, MemberListProps>(function MemberList(props, ref) {
  const extras = useExtras();
  return <div ref={ref} {...rootOf('members', props)}>{extras !== null && <extras.Members {...props} />}</div>;
});

export interface ReactionPickerProps extends LookProps {
  readonly onPick: (emoji: string) => void;
  readonly emoji: readonly string[];
}

export const ReactionPicker = forwardRef<HTMLDivElement, ReactionPickerProps>(function ReactionPicker(props, ref) {
  const extras = useExtras();
  return (
    <div ref={ref} {...rootOf('reaction-picker', props)} role="group" aria-label={useStrings().react}>
      {extras !== null && <extras.Reactions {...props} />}
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
