// @cariosan/react: the components, and everything of /headless.

export { ChatProvider, useCariosan, useStrings } from './provider.tsx';
export type { ChatProviderProps } from './provider.tsx';
export * from './hooks/index.ts';
export { ChannelList } from './components/channel_list.tsx';
export type { ChannelListProps, ChannelListSlots, ChannelRowProps } from './components/channel_list.tsx';
export { ChannelHeader, Chat, MemberList, PinnedMessages, ReactionPicker, SearchPanel, TypingIndicator } from './components/conversation.tsx';
export type { ChannelHeaderProps, ChatProps, MemberListProps, PinnedMessagesProps, ReactionPickerProps, SearchPanelProps, TypingIndicatorProps } from './components/conversation.tsx';
export { MessageInput } from './components/message_input.tsx';
export type { InputSlotProps, MessageInputHandle, MessageInputProps } from './components/message_input.tsx';
export { MessageList } from './components/message_list.tsx';
export type { MessageListHandle, MessageListProps } from './components/message_list.tsx';
export type { MessageSlotProps, MessageSlots } from './components/message_parts.tsx';
export { Avatar, ConnectionBanner, PresenceBadge, ReceiptIcon, UnreadBadge } from './components/parts.tsx';
export type { AvatarProps, LookProps, PresenceBadgeProps, ReceiptIconProps, Slots, UnreadBadgeProps } from './components/parts.tsx';
export { RichText } from './components/rich_text.tsx';
export { rowsOf } from './list/rows.ts';
export type { Row, RowRules } from './list/rows.ts';
export { MessageListRoot } from './list/root.tsx';
export type { MessageListRootProps, MessageListState } from './list/root.tsx';
export type { PlacedRow } from './list/window.ts';
