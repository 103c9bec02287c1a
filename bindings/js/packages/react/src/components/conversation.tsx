// What stands around the messages of a channel: its head, who types, its members, search, and all of them together.

import { forwardRef, useRef, useState, type ComponentType, type HTMLAttributes, type ReactNode } from 'react';
import type { ChannelSnapshot, Id, Message, PresentMember, SearchHit, UserRef } from '@cariosan/client';
import { ReplyDraftProvider } from '../drafts.tsx';
import { useChannel, useTyping } from '../hooks/channel.ts';
import { useExtras, type Extras } from '../later.ts';
import { useStrings } from '../provider.tsx';
import type { Strings } from '../strings.ts';
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

export interface MemberListProps extends LookProps {
  readonly channelId: string;
  readonly slots?: { readonly Row?: ComponentType<{ readonly member: PresentMember }> };
}

export interface ReactionPickerProps extends LookProps {
  readonly onPick: (emoji: string) => void;
  readonly emoji: readonly string[];
}

export interface PinnedMessagesProps extends LookProps {
  readonly channelId: string;
  /** Somebody wants to go there. */
  readonly onOpen: (message: Message) => void;
  readonly slots?: { readonly Pin?: ComponentType<{ readonly message: Message; readonly at: number; readonly count: number }> };
}

/** A part whose frame stands at once, so that nothing moves when what is in it is loaded. */
function framed<Props extends LookProps>(name: string, inside: (extras: Extras, props: Props) => ReactNode, attributes: (props: Props, strings: Strings) => HTMLAttributes<HTMLDivElement> = () => ({})) {
  return forwardRef<HTMLDivElement, Props>(function Framed(given, ref) {
    const extras = useExtras();
    const props = given as Props;
    return <div ref={ref} {...rootOf(name, props)} {...attributes(props, useStrings())}>{extras !== null && inside(extras, props)}</div>;
  });
}

export const SearchPanel = framed<SearchPanelProps>('search', ({ Search }, props) => <Search {...props} />,
  ({ onClose }, { search }) => ({ role: 'search', 'aria-label': search, onKeyDown: ({ key }) => key === 'Escape' && onClose?.() }));
export const MemberList = framed<MemberListProps>('members', ({ Members }, props) => <Members {...props} />);
export const ReactionPicker = framed<ReactionPickerProps>('reaction-picker', ({ Reactions }, props) => <Reactions {...props} />, (_, { react }) => ({ role: 'group', 'aria-label': react }));
/** Nothing while nothing is pinned. */
export const PinnedMessages = framed<PinnedMessagesProps>('pins', ({ Pins }, props) => <Pins {...props} />);

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
  const open = ({ id }: { readonly id: Id }): void => {
    setPanel(null);
    void messages.current?.jumpTo(id);
  };
  return (
    <ClassNames value={classNames ?? noClasses}>
      <ReplyDraftProvider key={channelId}>
        <section ref={ref} {...rootOf('chat', { ...look, classNames })}>
          <ChannelHeader onSearch={toggle('search')} onInfo={toggle('members')} {...header} channelId={channelId} onBack={onBack} />
          <ConnectionBanner />
          <PinnedMessages channelId={channelId} onOpen={open} />
          {panel === 'search' && <SearchPanel channelId={channelId} onOpen={({ message }) => open(message)} onClose={() => setPanel(null)} />}
          {panel === 'members' && <MemberList channelId={channelId} />}
          <MessageList {...list} ref={messages} channelId={channelId} />
          <TypingIndicator channelId={channelId} />
          <MessageInput {...input} channelId={channelId} />
        </section>
      </ReplyDraftProvider>
    </ClassNames>
  );
});
