// What the server sends, by the names it uses (protocol, sections 3 to 6). Everything is read-only: a change makes a new object.
// Fields that a server of an earlier version does not send are optional. Unknown fields are ignored.

export type Id = string;
export type Json = Readonly<Record<string, unknown>>;
export type Role = 'admin' | 'member';

/** A user inside another object. A deleted one has `deleted`, no name and no external id. */
export interface UserRef {
  readonly id: Id;
  readonly external_id: string | null;
  readonly name: string;
  readonly avatar_url?: string | null;
  readonly updated_at?: string;
  readonly deleted?: boolean;
}

export interface User extends UserRef {
  readonly metadata: Json;
  readonly created_at: string;
  readonly updated_at: string;
}

export interface ChannelObject {
  readonly id: Id;
  readonly external_id: string | null;
  readonly type: 'direct' | 'group';
  readonly name: string;
  readonly avatar_url: string | null;
  readonly metadata: Json;
  readonly slow_mode_seconds?: number;
  readonly frozen?: boolean;
  readonly member_count: number;
  readonly rev: number;
  readonly settings_rev: number;
  readonly receipt_rev: number;
  readonly last_seq: number;
  readonly created_at: string;
}

export interface Mention {
  readonly user_id: Id;
  readonly external_id: string | null;
  readonly name: string;
  /** `[start, length]` in code points of the content. */
  readonly spans?: readonly (readonly [number, number])[];
}

/** Someone to mention. `spans` say where the text does so: `[start, length]` in code points, of which none overlap. */
export interface NamedMention {
  /** An id or external id. */
  readonly user: string;
  readonly spans?: readonly (readonly [number, number])[];
}

export interface Reaction {
  readonly emoji: string;
  readonly count: number;
  /** Absent in live events: keep what you have. */
  readonly reacted_by_me?: boolean;
}

export interface ShownQuote {
  readonly id: Id;
  readonly user_id: Id | null;
  readonly user_name: string;
  readonly content: string;
  readonly type: string;
  readonly deleted: boolean;
  readonly hidden?: never;
}

/** The quote of a message whose author the viewer has blocked. */
export interface HiddenQuote {
  readonly id: Id;
  readonly hidden: true;
}

export type Quote = ShownQuote | HiddenQuote;

export interface Message {
  readonly id: Id;
  readonly channel_id: Id;
  readonly channel_external_id: string | null;
  readonly seq: number;
  readonly rev: number;
  readonly user: UserRef;
  readonly type: 'text' | 'image' | 'file' | 'system';
  readonly content: string;
  readonly attachment_url: string | null;
  readonly metadata: Json;
  readonly parent_id?: Id;
  readonly quoted_message?: Quote;
  readonly mentions?: readonly Mention[];
  readonly reactions: readonly Reaction[];
  readonly pinned_at?: string;
  readonly pinned_by?: UserRef;
  /** Shown to the author alone. */
  readonly idempotency_key?: string;
  readonly created_at: string;
  readonly edited_at: string | null;
  readonly deleted_at: string | null;
}

export interface PresentMember {
  readonly user: UserRef;
  readonly role: Role;
  readonly joined_at: string;
  readonly rev: number;
  readonly left?: never;
}

export interface LeftMember {
  readonly user_id: Id;
  readonly left: true;
  readonly rev: number;
}

export type Member = PresentMember | LeftMember;

/** How far a user has got. The fields for reading are absent while read receipts are off. */
export interface Receipt {
  readonly user_id: Id;
  readonly last_read_seq?: number;
  readonly last_read_at?: string | null;
  readonly last_delivered_seq?: number;
  readonly last_delivered_at?: string | null;
}

/** The viewer's own settings of a channel. */
export interface Preferences {
  readonly muted: boolean;
  readonly archived: boolean;
  readonly pinned: boolean;
  readonly marked_unread: boolean;
}

/** The body of `GET …/changes` and of a `channel.sync` page. */
export interface Changes {
  readonly channel_id: Id;
  readonly epoch: string;
  readonly since: number;
  readonly rev: number;
  readonly receipt_rev: number;
  readonly reset: boolean;
  readonly channel?: ChannelObject;
  readonly member_count?: number;
  readonly preferences?: Partial<Preferences> & { readonly preferences_rev?: number };
  readonly messages: readonly Message[];
  readonly members: readonly Member[];
  readonly receipts: readonly Receipt[];
  /** Absent in a page that repairs a hole. */
  readonly unread_count?: number;
  readonly mention_count?: number;
  readonly has_more: boolean;
}

/** The answer to `POST /v1/me/sync`. */
export interface SyncAnswer {
  readonly pages: readonly (Changes | { readonly channel_id: Id; readonly left: true } | (ChannelItem & { readonly channel_id: Id; readonly summary: true }))[];
  /** Sent back for the rest; null: that was all. */
  readonly next: string | null;
  readonly epoch: string;
  readonly unread_total: number;
  readonly blocks_rev?: number;
  readonly preferences_rev?: number;
}

/** An item of `GET /v1/me/channels`, and a `channel.sync` with `summary`. */
export interface ChannelItem extends Partial<Preferences> {
  readonly channel: ChannelObject;
  readonly role: Role;
  readonly peer?: UserRef;
  readonly members?: readonly Member[];
  readonly member_count: number;
  readonly last_message: Message | null;
  readonly unread_count: number;
  readonly mention_count: number;
  readonly last_read_seq: number;
  readonly last_delivered_seq?: number;
  readonly rev: number;
  readonly receipt_rev: number;
  readonly last_activity: string;
  readonly preferences_rev?: number;
  /** Of an item that was asked for alone. */
  readonly epoch?: string;
}

/** What every page of a channel's list says beside the list: the state at which it was read. */
export interface ReadAt {
  readonly rev: number;
  readonly receipt_rev: number;
  readonly epoch: string;
}

export interface MessagePage extends ReadAt {
  readonly messages: readonly Message[];
  readonly has_more: boolean;
  readonly next_cursor?: string | null;
}

export interface MemberPage extends ReadAt {
  readonly members: readonly PresentMember[];
  readonly has_more: boolean;
  readonly next_cursor?: string | null;
}

export interface ReceiptPage extends ReadAt {
  readonly receipts: readonly Receipt[];
  readonly has_more: boolean;
  readonly next_cursor?: string | null;
}

export interface ChannelPage {
  readonly channels: readonly ChannelItem[];
  readonly epoch?: string;
  readonly has_more: boolean;
  readonly next_cursor?: string | null;
}

/** The answer to `…/read` and `…/delivered`, over both transports. */
export interface CursorMoved {
  readonly receipt_rev: number;
  readonly receipt: Receipt;
  readonly unread_count: number;
  readonly mention_count: number;
}

/** What `settings` in `connection.ready` says of the workspace. */
export interface WireSettings {
  readonly read_receipts_enabled: boolean;
  readonly edit_window_seconds: number | null;
  readonly max_message_bytes: number;
  readonly attachments: { readonly types: readonly string[]; readonly max_bytes: number } | null;
}

/** The answer to calls that change members. */
export interface MembersAnswer {
  readonly members: readonly Member[];
  readonly rev: number;
}

export interface BlockPage {
  readonly blocks: readonly { readonly user: UserRef; readonly created_at: string }[];
  readonly blocks_rev: number;
  readonly has_more: boolean;
  readonly next_cursor?: string | null;
}

export interface UserPresence {
  readonly user_id: Id;
  readonly external_id: string | null;
  readonly status: 'online' | 'offline';
  readonly last_seen_at: string | null;
}

export interface SearchAnswer {
  readonly results: readonly {
    readonly message: Message;
    readonly channel_id: Id;
    readonly snippet: string;
    /** `[start, length]` in code points of the snippet. */
    readonly highlights: readonly (readonly [number, number])[];
    readonly score: number;
  }[];
  readonly partial?: boolean;
  readonly has_more: boolean;
  readonly next_cursor?: string | null;
}

/** The permission to upload one file. */
export interface Presigned {
  readonly upload_url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly public_url: string;
  readonly expires_at: string;
}

/** `GET /v1/me/preferences`: what was changed since a revision of the user's preferences. */
export interface PreferencesAnswer {
  readonly preferences: readonly (Preferences & { readonly channel_id: Id; readonly preferences_rev: number })[];
  readonly preferences_rev: number;
  readonly has_more?: boolean;
}

export interface ErrorBody {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly details?: Json;
  readonly request_id?: string;
}
