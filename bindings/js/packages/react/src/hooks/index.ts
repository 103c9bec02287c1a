// What both entries give of the hooks.

export { useCell, useCellValue, useNewest } from '../cells.ts';
export { ReplyDraftProvider, useComposerField, useEditDraft, useHasDrafts, useReplyDraft } from '../drafts.tsx';
export type { ComposerField, Draft } from '../drafts.tsx';
export { reasonOf } from '../strings.ts';
export type { NamedReason, Strings } from '../strings.ts';
export { useChannel, useMembers, useMessages, usePins, useTyping } from './channel.ts';
export type { ChannelStatus, ChannelView, MembersView, MessagesView, TypingView } from './channel.ts';
export { useBlocked, useChannels, useConnection, useMe, useOutbox, usePresence, useSuspended, useUnreadTotal, useUser, useWorkspaceSettings } from './client.ts';
export type { BlockedView, ChannelsView, ConnectionView } from './client.ts';
export { useEvent } from './event.ts';
export { markOf, useMarkRead, useReceiptMark, useSharedMarks, useUnreadMarker } from './marks.ts';
export type { ReceiptMark, SharedMarks } from './marks.ts';
export { useSearch } from './search.ts';
export type { SearchView } from './search.ts';
export { useMessageActions, useMessageSender, useMuted, useSlowMode } from './writing.ts';
export type { ActionsView, MessageAction, SenderView } from './writing.ts';
