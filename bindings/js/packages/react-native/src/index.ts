// @cariosan/react-native

export {
  markOf, reasonOf, ReplyDraftProvider, useBlocked, useCariosan, useCell, useCellValue, useChannel, useChannels, useConnection, useEditDraft, useEvent, useMarkRead, useMe,
  useMembers, useMessageActions, useMessages, useMessageSender, useOutbox, usePins, usePresence, useReceiptMark, useReplyDraft, useSearch, useSlowMode, useStrings, useSuspended, useTyping,
  useUnreadMarker, useUnreadTotal, useUser, useWorkspaceSettings,
} from '@cariosan/react/headless';
export type {
  ActionsView, BlockedView, ChannelsView, ChannelView, ConnectionView, Draft, MembersView, MessagesView, ReceiptMark, SearchView, SenderView, Strings, TypingView,
} from '@cariosan/react/headless';
export { asyncStorage } from './async_storage.ts';
export type { AsyncStorageLike } from './async_storage.ts';
export { createNativeClient, fileOnPhone } from './client.ts';
export type { NativeClientOptions, PickedFile } from './client.ts';
export { ChannelHeader, ChannelList } from './components/channels.tsx';
export type { ChannelHeaderProps, ChannelListProps } from './components/channels.tsx';
export { MessageInput } from './components/message_input.tsx';
export type { MessageInputProps } from './components/message_input.tsx';
export { MessageList } from './components/message_list.tsx';
export type { ListRow, MessageListProps } from './components/message_list.tsx';
export { MessageMenu, ReactionBar } from './components/message_menu.tsx';
export type { MessageMenuProps, ReactionBarProps } from './components/message_menu.tsx';
export { MemberList, SearchScreen } from './components/people_and_search.tsx';
export type { SearchScreenProps } from './components/people_and_search.tsx';
export { PinnedMessages } from './components/pinned.tsx';
export type { PinnedMessagesProps } from './components/pinned.tsx';
export { Avatar, ConnectionBanner, PresenceBadge, ReceiptIcon, TypingIndicator, UnreadBadge } from './components/small.tsx';
export { createNativeEnvironment } from './environment.ts';
export type { AppStateLike, NativeParts, NetInfoLike } from './environment.ts';
export { ChatProvider, darkTheme, lightTheme, useTheme } from './provider.tsx';
export type { ChatProviderProps, Theme } from './provider.tsx';
export { openFromPush, usePushRegistration } from './push.ts';
export type { OpenedFromPush, PushRegistration } from './push.ts';
