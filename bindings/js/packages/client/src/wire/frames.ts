// WebSocket frames from the server (protocol, section 5).

import type {
  ChannelObject, Id, Member, Message, Preferences, Reaction, SyncAnswer, User, UserPresence,
  UserRef, WireSettings,
} from './types.ts';

interface InChannel {
  readonly channel_id: Id;
  readonly rev: number;
  readonly since?: number;
}

interface MessageTold extends InChannel {
  readonly channel_external_id: string | null;
  readonly message: Message;
}

export interface MembersChanged extends InChannel {
  readonly last_seq: number;
  readonly member_count: number;
  readonly members: readonly Member[];
}

export interface ReactionChanged extends InChannel {
  readonly message_id: Id;
  readonly user_id: Id | null;
  readonly emoji: string;
  readonly reactions: readonly Reaction[];
}

export interface MessageDeleted extends InChannel {
  readonly message_id: Id;
  readonly seq: number;
  readonly deleted_at: string;
}

interface ChannelChanged {
  readonly channel: ChannelObject;
  readonly rev: number;
  readonly since?: number;
  readonly members?: readonly Member[];
}

/** The data of each durable event. */
export interface DurableData {
  'message.created': MessageTold;
  'message.updated': MessageTold;
  'message.deleted': MessageDeleted;
  'reaction.added': ReactionChanged;
  'reaction.removed': ReactionChanged;
  'channel.created': ChannelChanged;
  'channel.updated': ChannelChanged;
  'channel.deleted': ChannelChanged;
  'member.joined': MembersChanged;
  'member.left': MembersChanged;
  'member.updated': MembersChanged;
  'channel.rev': InChannel;
}

export type DurableEvent = { readonly [K in keyof DurableData]: { readonly type: K; readonly data: DurableData[K] } }[keyof DurableData];

/**
 * A durable frame: what it is about, which revisions it spans, and its events. `events` is null if one of them has a type this
 * client does not know: then the channel is read as state.
 */
export interface DurableFrame {
  readonly channelId: Id;
  readonly rev: number;
  readonly since: number;
  readonly events: readonly DurableEvent[] | null;
}

/** Frames that are neither durable nor answers. */
export interface LooseData {
  'connection.ready': {
    readonly connection_id: string;
    readonly user: User;
    readonly epoch: string;
    readonly blocks_rev: number;
    readonly preferences_rev?: number;
    readonly server_time: string;
    readonly heartbeat_seconds: number;
    readonly unread_total: number;
    readonly settings?: WireSettings;
  };
  'channel.sync': SyncAnswer['pages'][number];
  'sync.done': { readonly id: string | number; readonly epoch: string; readonly unread_total: number };
  'receipt.read': ReceiptMoved;
  'receipt.delivered': ReceiptMoved;
  unread: { readonly channel_id: Id; readonly unread_count: number; readonly mention_count: number; readonly unread_total: number };
  mention: { readonly channel_id: Id; readonly message_id: Id; readonly by_user_id: Id };
  'user.updated': { readonly user: UserRef };
  /** No `unread_total`: the server could not count. */
  'channel.preferences': Preferences & { readonly channel_id: Id; readonly unread_total?: number; readonly preferences_rev: number };
  'settings.updated': { readonly settings: WireSettings };
  'block.updated': { readonly user_id: Id; readonly blocked: boolean; readonly blocks_rev: number };
  'presence.update': { readonly users: readonly UserPresence[] };
  'typing.start': { readonly channel_id: Id; readonly user_id: Id };
  'typing.stop': { readonly channel_id: Id; readonly user_id: Id };
  'server.draining': { readonly reconnect_after_ms: number };
}

/** What the server says at the start of a connection, whether by socket or by polling. */
export type Greeting = Partial<Pick<LooseData['connection.ready'], 'blocks_rev' | 'preferences_rev' | 'settings'>>;

export interface ReceiptMoved {
  readonly channel_id: Id;
  readonly receipt_rev: number;
  readonly user_id: Id;
  readonly seq: number;
  readonly at: string;
}

export type LooseFrame = { readonly [K in keyof LooseData]: { readonly type: K; readonly data: LooseData[K] } }[keyof LooseData];

/** A frame as text became it: the outer shape is checked, the data is the server's word. */
export interface RawFrame {
  readonly type: string;
  readonly data: Record<string, unknown>;
  readonly id: string | number | null;
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Null: this is no frame of the protocol. */
export function parseFrame(text: string): RawFrame | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(value) || typeof value['type'] !== 'string') return null;
  const { type, data = {}, id } = value;
  if (typeof type !== 'string' || !isObject(data)) return null;
  return { type, data, id: typeof id === 'string' || typeof id === 'number' ? id : null };
}

/** Frames of a type that is not known here are passed over by whoever handles them. */
export const asLoose = (frame: RawFrame): LooseFrame => frame as unknown as LooseFrame;
