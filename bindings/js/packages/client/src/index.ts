// @cariosan/client

import { loaded } from './core/part.ts';
import type { InitialData, InitialDataOptions } from './initial_data.ts';

export { Cariosan } from './client.ts';
export type { CariosanOptions, ChannelListSnapshot, ClientEvents, ClientLimits, LogEntry, OutboxSnapshot, WorkspaceSettings } from './options.ts';
export type { Channel, ChannelEvents, ReactionChange, SendInput } from './channel.ts';
export type { ChannelSnapshot, MembersSnapshot, ReceiptsSnapshot, TimelineSnapshot } from './channel_view.ts';
export { CariosanError, isCariosanError } from './core/error.ts';
export type { ClientCode, ErrorCode, ServerCode } from './core/error.ts';
export { select } from './core/cell.ts';
export type { Cell } from './core/cell.ts';
export { standardEnvironment } from './environment/environment.ts';
export type { Environment, Signal } from './environment/environment.ts';
export type { InitialData, InitialDataOptions } from './initial_data.ts';
export type { FileOnPhone, Uploader, UploadRequest, UploadSource } from './environment/upload.ts';
export type { ConnectionState } from './net/connection_state.ts';
export type { WebSocketConstructor, WebSocketLike } from './net/socket.ts';
export type { TokenProvider, TokenReason } from './net/token.ts';
export { memoryStorage } from './store/storage.ts';
export type { Storage } from './store/storage.ts';
export type { Missed } from './sync/missed.ts';
export type { PinsSnapshot } from './talk/pins.ts';
export type { Presence } from './talk/presence.ts';
export type { ChatMessage, MessageStatus, Saving } from './talk/rows.ts';
export type { SearchHit, SearchOptions, SearchPage } from './talk/search.ts';
export type { UploadHandle, UploadOptions } from './talk/uploads.ts';
export type {
  ChannelObject, HiddenQuote, Id, Json, LeftMember, Member, Mention, Message, MessagePage, NamedMention, PresentMember, Quote, Reaction, Receipt, Role,
  ShownQuote, User, UserPresence, UserRef,
} from './wire/types.ts';

/** What a server renders with. Everything in it is marked as stale. Rejects with a `CariosanError`. */
export async function fetchInitialData(options: InitialDataOptions): Promise<InitialData> {
  return (await loaded(async () => (await import('./initial_data.ts')).fetchInitialData))(options);
}
