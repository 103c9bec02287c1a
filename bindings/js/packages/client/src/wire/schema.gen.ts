// Written by `npm run wire` from /openapi.json. Do not change it by hand.

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description Unicode without U+0000. */
        readonly Text: string;
        /**
         * @description One line: no control characters, line separators or marks that change the direction of text. Sizes are bytes of UTF-8.
         * @example Order #1
         */
        readonly Line: string;
        /**
         * @description A line with a visible character.
         * @example Alice
         */
        readonly Name: string;
        /** @example order_1 */
        readonly ChannelReference: string;
        /** @example alice */
        readonly UserReference: string;
        /** @example 01980d2a-7c11-7d9e-a7a0-4f1c3d0c5b00 */
        readonly InternalId: string;
        /** @example 01980d2a-7c11-7d9e-a7a0-4f1c3d0c5b11 */
        readonly MessageReference: string;
        /** @example 01980d2a-7c11-7d9e-a7a0-4f1c3d0c5b22 */
        readonly WebhookReference: string;
        /** @example evt_01980d2a-7c11-7d9e-a7a0-4f1c3d0c5b33 */
        readonly EventReference: string;
        /** @example order_1 */
        readonly NewExternalId: string;
        /**
         * @example [
         *       "alice",
         *       "budi"
         *     ]
         */
        readonly ExternalIds: readonly string[];
        /**
         * @example [
         *       "budi"
         *     ]
         */
        readonly SomeExternalIds: components["schemas"]["ExternalIds"];
        /**
         * @example {
         *       "01980d2a-7c11-7d9e-a7a0-4f1c3d0c5b00": "01980d2a-7c11-7d9e-a7a0-4f1c3d0c5b11"
         *     }
         */
        readonly DeliveredChannels: {
            readonly [key: string]: components["schemas"]["MessageReference"];
        };
        /**
         * @example {
         *       "01980d2a-7c11-7d9e-a7a0-4f1c3d0c5b00": [
         *         17,
         *         4
         *       ]
         *     }
         */
        readonly HeldChannels: {
            readonly [key: string]: readonly components["schemas"]["Count"][];
        };
        /** @default 0 */
        readonly SyncWait: number;
        readonly SyncEpoch: string;
        readonly SyncNext: string;
        /**
         * @example [
         *       "budi"
         *     ]
         * @example [
         *       {
         *         "user": "budi",
         *         "spans": [
         *           [
         *             5,
         *             5
         *           ]
         *         ]
         *       }
         *     ]
         */
        readonly Mentions: readonly (components["schemas"]["UserReference"] | components["schemas"]["NamedMention"])[];
        readonly NamedMention: {
            readonly user: components["schemas"]["UserReference"];
            readonly spans?: components["schemas"]["Spans"] | null;
        } & {
            readonly [key: string]: components["schemas"]["Json"];
        };
        /** @description Where the content names the user. At most 100 in a message, of which none overlap. */
        readonly Spans: readonly components["schemas"]["Span"][];
        /**
         * @description The first code point and how many.
         * @example [
         *       5,
         *       5
         *     ]
         */
        readonly Span: readonly components["schemas"]["Count"][];
        /**
         * @example [
         *       "alice",
         *       "budi"
         *     ]
         */
        readonly PresenceUsers: readonly string[];
        /** @example https://example.com/alice.png */
        readonly PictureUrl: string;
        /** @example https://example.com/hooks/chat */
        readonly EndpointUrl: string;
        /** @example https://files.example.com/01980d2a/picture.png */
        readonly AttachmentUrl: string;
        /**
         * @description Unicode without U+0000, with a visible character.
         * @example Halo!
         */
        readonly MessageText: string;
        /** @example 01980d2a-7c11-7d9e-a7a0-4f1c3d0c5b44 */
        readonly IdempotencyKey: string;
        /**
         * @description "*" means all.
         * @example [
         *       "message.created",
         *       "member.joined"
         *     ]
         */
        readonly WebhookEvents: readonly ("*" | components["schemas"]["WebhookEvent"])[];
        /** @example seq:42 */
        readonly Position: string;
        /** @example seq:0 */
        readonly PositionOrStart: string;
        readonly Epoch: string;
        /** @default 50 */
        readonly PageLimit: number;
        /** @default 100 */
        readonly ChangesLimit: number;
        /**
         * Format: int64
         * @example 7
         */
        readonly Revision: number;
        /** @default 5 */
        readonly MembersShown: number;
        /**
         * @description One emoji.
         * @example 👍
         */
        readonly Emoji: string;
        /** @example 👍 */
        readonly RemovedEmoji: string;
        /** @example "order one" paid */
        readonly SearchQuery: string;
        /**
         * @description Seconds.
         * @example 3600
         */
        readonly TokenLife: number;
        /** @example 600 */
        readonly MuteSeconds: number;
        /** @description In UTF-8 at most 2000 bytes. */
        readonly ReportNote: string;
        readonly MemberQuery: string;
        /**
         * @description Seconds; 0: no slow mode.
         * @example 30
         */
        readonly SlowMode: number;
        /**
         * @description Seconds.
         * @example 900
         */
        readonly EditWindow: number;
        /** @example fGc1x:APA91b */
        readonly DeviceToken: string;
        /**
         * @description Case does not matter.
         * @example image/png
         */
        readonly ContentType: string;
        /**
         * @description Bytes.
         * @example 48213
         */
        readonly FileSize: number;
        readonly PresenceCursor: string;
        readonly ExportCursor: string;
        readonly Json: unknown;
        /**
         * @description The host's own data. At most 4096 bytes of JSON, nested 8 levels deep.
         * @example {
         *       "color": "green"
         *     }
         */
        readonly Metadata: {
            readonly [key: string]: components["schemas"]["Json"];
        };
        /**
         * Format: uuid
         * @description A UUID of version 7, lower case.
         * @example 01980d2a-7c11-7d9e-a7a0-4f1c3d0c5b11
         */
        readonly Id: string;
        /**
         * Format: date-time
         * @description RFC 3339, UTC, with milliseconds.
         * @example 2026-01-31T08:15:00.000Z
         */
        readonly Time: string;
        /** @enum {string} */
        readonly ChannelType: "direct" | "group";
        /** @enum {string} */
        readonly Role: "member" | "admin";
        /** @enum {string} */
        readonly DevicePlatform: "ios" | "android" | "web";
        /** @enum {string} */
        readonly ReportStatus: "open" | "resolved" | "dismissed";
        /** @enum {string} */
        readonly MessageType: "text" | "image" | "file" | "system";
        /**
         * Format: int64
         * @example 2
         */
        readonly Count: number;
        /** @description The value for the query parameter cursor; null on the last page. */
        readonly NextCursor: string | null;
        readonly Health: {
            /** @constant */
            readonly status: "ok";
            readonly away?: readonly ("bus" | "coordination")[];
        };
        readonly Error: {
            readonly error: {
                /** @enum {string} */
                readonly code: "VALIDATION_ERROR" | "UNAUTHORIZED" | "FORBIDDEN" | "NOT_A_MEMBER" | "NOT_AUTHOR" | "NOT_ADMIN" | "MUTED" | "SUSPENDED" | "FROZEN" | "SLOW_MODE" | "NOT_FOUND" | "METHOD_NOT_ALLOWED" | "CONFLICT" | "PAYLOAD_TOO_LARGE" | "UNSUPPORTED_MEDIA_TYPE" | "HEADERS_TOO_LARGE" | "MESSAGE_REJECTED" | "EDIT_WINDOW_EXPIRED" | "RATE_LIMITED" | "INTERNAL" | "UNAVAILABLE";
                /** @description For developers. */
                readonly message: string;
                /** @description The same request may succeed later, unchanged. */
                readonly retryable: boolean;
                /** @description field: the invalid field. limit: the maximum allowed. reason, retry_after_ms, rule, until. message: the current message. */
                readonly details: {
                    readonly [key: string]: string | number | Record<string, never>;
                };
                readonly request_id: string;
            };
        };
        /** @enum {string} */
        readonly ModerationRule: "profanity" | "blocklist" | "phone" | "link" | "flood" | "moderator";
        /**
         * @description flag: delivered and recorded. mask: delivered with *** in place of the matches. reject: not stored. auto_mute: rejected, and the author is muted.
         * @enum {string}
         */
        readonly ModerationAction: "flag" | "mask" | "reject" | "auto_mute";
        /** @enum {string} */
        readonly ModerationSeverity: "mild" | "strong" | "extreme";
        /**
         * @description The number of equal texts that pass within the window.
         * @default 3
         */
        readonly MaxRepeats: number;
        /** @default 30 */
        readonly FloodWindow: number;
        /** @default 600 */
        readonly AutoMuteSeconds: number;
        /**
         * @example [
         *       "badword"
         *     ]
         */
        readonly ModerationTerms: readonly string[];
        readonly Moderation: {
            /** @default false */
            readonly enabled: boolean;
            readonly rules: {
                readonly profanity: {
                    /** @default true */
                    readonly enabled: boolean;
                    readonly action: components["schemas"]["ModerationAction"];
                    readonly min_severity: components["schemas"]["ModerationSeverity"];
                };
                readonly link: {
                    /** @default false */
                    readonly enabled: boolean;
                    readonly action: components["schemas"]["ModerationAction"];
                };
                readonly phone: {
                    /** @default false */
                    readonly enabled: boolean;
                    readonly action: components["schemas"]["ModerationAction"];
                };
                readonly flood: {
                    /** @default true */
                    readonly enabled: boolean;
                    readonly action: components["schemas"]["ModerationAction"];
                    readonly max_repeats: components["schemas"]["MaxRepeats"];
                    readonly window_seconds: components["schemas"]["FloodWindow"];
                };
            };
            readonly blocklist: components["schemas"]["ModerationTerms"];
            readonly allowlist: components["schemas"]["ModerationTerms"];
            readonly auto_mute_seconds: components["schemas"]["AutoMuteSeconds"];
        };
        readonly ActionOrNull: components["schemas"]["ModerationAction"] | null;
        readonly RulePatch: ({
            readonly enabled?: boolean | null;
            readonly action?: components["schemas"]["ActionOrNull"];
        } & {
            readonly [key: string]: components["schemas"]["Json"];
        }) | null;
        readonly ModerationPatch: ({
            readonly enabled?: boolean | null;
            readonly rules?: ({
                readonly profanity?: ({
                    readonly enabled?: boolean | null;
                    readonly action?: components["schemas"]["ActionOrNull"];
                    readonly min_severity?: components["schemas"]["ModerationSeverity"] | null;
                } & {
                    readonly [key: string]: components["schemas"]["Json"];
                }) | null;
                readonly link?: components["schemas"]["RulePatch"];
                readonly phone?: components["schemas"]["RulePatch"];
                readonly flood?: ({
                    readonly enabled?: boolean | null;
                    readonly action?: components["schemas"]["ActionOrNull"];
                    readonly max_repeats?: components["schemas"]["MaxRepeats"] | null;
                    readonly window_seconds?: components["schemas"]["FloodWindow"] | null;
                } & {
                    readonly [key: string]: components["schemas"]["Json"];
                }) | null;
            } & {
                readonly [key: string]: components["schemas"]["Json"];
            }) | null;
            readonly blocklist?: components["schemas"]["ModerationTerms"] | null;
            readonly allowlist?: components["schemas"]["ModerationTerms"] | null;
            readonly auto_mute_seconds?: components["schemas"]["AutoMuteSeconds"] | null;
        } & {
            readonly [key: string]: components["schemas"]["Json"];
        }) | null;
        readonly ModerationRecord: {
            readonly id: components["schemas"]["Id"];
            readonly at: components["schemas"]["Time"];
            readonly rule: components["schemas"]["ModerationRule"];
            readonly action: components["schemas"]["ModerationAction"];
            readonly channel_id: components["schemas"]["Id"];
            readonly channel_external_id: string | null;
            readonly user_id: components["schemas"]["Id"];
            /** @description Absent: no message was stored. */
            readonly message_id?: components["schemas"]["Id"];
            /** @description About a hundred code points around the match, with every match masked; for the rule moderator its reason. */
            readonly excerpt: string;
        };
        readonly ModerationActionList: {
            readonly actions: readonly components["schemas"]["ModerationRecord"][];
            readonly has_more: boolean;
            readonly next_cursor: components["schemas"]["NextCursor"];
        };
        readonly TextVerdict: {
            /** @description The most severe; null: the text breaks no rule. */
            readonly action: components["schemas"]["ActionOrNull"];
            readonly rule: components["schemas"]["ModerationRule"] | null;
            /** @description What would be stored; null: nothing. */
            readonly content: string | null;
            readonly matches: readonly {
                readonly rule: components["schemas"]["ModerationRule"];
                readonly action: components["schemas"]["ModerationAction"];
                readonly excerpt: string;
            }[];
        };
        readonly Report: {
            readonly id: components["schemas"]["Id"];
            readonly at: components["schemas"]["Time"];
            readonly reporter: components["schemas"]["UserSummary"];
            readonly channel_id?: components["schemas"]["Id"];
            readonly channel_external_id?: string | null;
            /** @description Absent: a user is reported. */
            readonly message_id?: components["schemas"]["Id"];
            /** @description As it is now. */
            readonly message?: components["schemas"]["Message"];
            /** @description Who is reported: of a message its author. */
            readonly user: components["schemas"]["UserSummary"];
            readonly reason: string;
            /** @description The moderator's, otherwise the reporter's. */
            readonly note: string | null;
            readonly reporter_note: string | null;
            readonly status: components["schemas"]["ReportStatus"];
        };
        readonly ReportList: {
            readonly reports: readonly components["schemas"]["Report"][];
            readonly has_more: boolean;
            readonly next_cursor: components["schemas"]["NextCursor"];
        };
        readonly Workspace: {
            readonly id: components["schemas"]["Id"];
            readonly name: string;
            readonly test: boolean;
            readonly read_receipts_enabled: boolean;
            readonly edit_window_seconds: number | null;
            readonly created_at: components["schemas"]["Time"];
            readonly moderation: components["schemas"]["Moderation"];
        };
        /** @description A number that has reached counted_to means at least so many. */
        readonly WorkspaceFigures: {
            readonly users: components["schemas"]["Count"];
            readonly channels: components["schemas"]["Count"];
            /** @description Of the channels counted, unsent ones included; not bounded itself. */
            readonly messages: components["schemas"]["Count"];
            readonly open_reports: components["schemas"]["Count"];
            readonly webhooks: components["schemas"]["Count"];
            readonly webhooks_disabled: components["schemas"]["Count"];
            /** @description Of the webhooks counted; not bounded itself. */
            readonly pending_deliveries: components["schemas"]["Count"];
            readonly counted_to: components["schemas"]["Count"];
        };
        readonly User: {
            readonly id: components["schemas"]["Id"];
            readonly external_id: string;
            readonly name: string;
            readonly avatar_url: string | null;
            readonly metadata: components["schemas"]["Metadata"];
            readonly created_at: components["schemas"]["Time"];
            readonly updated_at: components["schemas"]["Time"];
            /** @description Shown to the backend: the last suspension that was not lifted, even if it has ended. */
            readonly suspension?: {
                /** @description null: until it is lifted. */
                readonly until: components["schemas"]["Time"] | null;
                readonly reason: string | null;
                readonly created_at: components["schemas"]["Time"];
            };
        };
        readonly Me: components["schemas"]["User"] & {
            readonly unread_total: components["schemas"]["Count"];
            readonly preferences_rev: components["schemas"]["Count"];
            readonly settings: components["schemas"]["ClientSettings"];
        };
        /** @description What the workspace and the server allow. */
        readonly ClientSettings: {
            readonly read_receipts_enabled: boolean;
            /** @description null: for ever. */
            readonly edit_window_seconds: number | null;
            readonly max_message_bytes: number;
            /** @description null: this server takes no files. */
            readonly attachments: {
                /** @description audio/* is every type of audio. */
                readonly types: readonly string[];
                readonly max_bytes: number;
            } | null;
        };
        readonly UserSummary: {
            readonly id: components["schemas"]["Id"];
            readonly external_id: string | null;
            readonly name: string;
            readonly avatar_url?: string | null;
            /** @description Of two copies the later is newer. Absent on a deleted user. */
            readonly updated_at?: components["schemas"]["Time"];
            /** @description Only on a deleted user. */
            readonly deleted?: boolean;
        };
        readonly UserList: {
            readonly users: readonly components["schemas"]["User"][];
            readonly has_more: boolean;
            readonly next_cursor: components["schemas"]["NextCursor"];
        };
        readonly Token: {
            readonly token: string;
            readonly expires_at: components["schemas"]["Time"];
        };
        readonly Channel: {
            readonly id: components["schemas"]["Id"];
            readonly external_id: string | null;
            readonly type: components["schemas"]["ChannelType"];
            readonly name: string;
            readonly avatar_url: string | null;
            readonly metadata: components["schemas"]["Metadata"];
            /** @description Between two messages of a member who is no admin; 0: no slow mode. */
            readonly slow_mode_seconds: components["schemas"]["Count"];
            /** @description Only the backend and the group's admins write. */
            readonly frozen: boolean;
            readonly member_count: components["schemas"]["Count"];
            readonly rev: components["schemas"]["Count"];
            readonly settings_rev: components["schemas"]["Count"];
            readonly receipt_rev: components["schemas"]["Count"];
            readonly last_seq: components["schemas"]["Count"];
            readonly created_at: components["schemas"]["Time"];
        };
        readonly ChannelAnswer: components["schemas"]["Channel"] & {
            readonly epoch: components["schemas"]["Epoch"];
        };
        readonly ChannelList: {
            readonly epoch: components["schemas"]["Epoch"];
            readonly channels: readonly components["schemas"]["Channel"][];
            readonly has_more: boolean;
            readonly next_cursor: components["schemas"]["NextCursor"];
        };
        /** @description A user who has left has only user_id, left and rev. */
        readonly Member: {
            readonly user?: components["schemas"]["UserSummary"];
            readonly role?: components["schemas"]["Role"];
            readonly joined_at?: components["schemas"]["Time"];
            readonly rev: components["schemas"]["Count"];
            readonly user_id?: components["schemas"]["Id"];
            /** @constant */
            readonly left?: true;
        };
        readonly MemberList: {
            readonly members: readonly components["schemas"]["Member"][];
            readonly has_more: boolean;
            readonly next_cursor: components["schemas"]["NextCursor"];
            readonly rev: components["schemas"]["Count"];
            readonly receipt_rev: components["schemas"]["Count"];
            readonly epoch: string;
        };
        readonly MembersChanged: {
            readonly members: readonly components["schemas"]["Member"][];
            readonly rev: components["schemas"]["Count"];
        };
        /** @description If the reader has blocked the author, only id and hidden; otherwise everything except hidden. */
        readonly Quote: {
            /** @constant */
            readonly hidden?: true;
            readonly id: components["schemas"]["Id"];
            readonly user_id?: components["schemas"]["Id"];
            readonly user_name?: string;
            /** @description At most 200 code points. */
            readonly content?: string;
            readonly type?: components["schemas"]["MessageType"];
            readonly deleted?: boolean;
        };
        readonly Mention: {
            readonly user_id: components["schemas"]["Id"];
            /** @description null: the user was deleted. */
            readonly external_id: string | null;
            readonly name: string;
            readonly spans?: components["schemas"]["Spans"];
        };
        /** @description An object of the kind that kind names, with its own members: a user, message, mute, block, device or report, or one of the following. */
        readonly UserRecord: {
            /** @enum {string} */
            readonly kind: "user" | "membership" | "message" | "reaction" | "mention" | "mute" | "block" | "moderation" | "device" | "report";
            readonly channel_id?: components["schemas"]["Id"];
            readonly channel_external_id?: string | null;
            readonly role?: components["schemas"]["Role"];
            readonly muted?: boolean;
            readonly archived?: boolean;
            readonly pinned?: boolean;
            readonly marked_unread?: boolean;
            readonly preferences_rev?: components["schemas"]["Count"];
            readonly left?: boolean;
            readonly joined_at?: components["schemas"]["Time"];
            readonly receipt?: components["schemas"]["Receipt"];
            readonly message_id?: components["schemas"]["Id"];
            readonly emoji?: string;
        } & {
            readonly [key: string]: unknown;
        };
        readonly Reaction: {
            readonly emoji: string;
            readonly count: components["schemas"]["Count"];
            readonly reacted_by_me?: boolean;
        };
        readonly MessageReaction: {
            /** @description null: a user the caller has blocked. */
            readonly user: components["schemas"]["UserSummary"] | null;
            readonly emoji: string;
            readonly at: components["schemas"]["Time"];
        };
        readonly ReactionList: {
            readonly reactions: readonly components["schemas"]["MessageReaction"][];
            readonly has_more: boolean;
            readonly next_cursor: components["schemas"]["NextCursor"];
        };
        readonly Message: {
            readonly id: components["schemas"]["Id"];
            readonly channel_id: components["schemas"]["Id"];
            readonly channel_external_id: string | null;
            readonly seq: number;
            readonly rev: components["schemas"]["Count"];
            readonly user: components["schemas"]["UserSummary"];
            readonly type: components["schemas"]["MessageType"];
            readonly content: string;
            readonly attachment_url: string | null;
            readonly metadata: components["schemas"]["Metadata"];
            readonly parent_id?: components["schemas"]["Id"];
            readonly quoted_message?: components["schemas"]["Quote"];
            readonly mentions?: readonly components["schemas"]["Mention"][];
            /** @description Only while it is pinned. */
            readonly pinned_at?: components["schemas"]["Time"];
            readonly pinned_by?: components["schemas"]["UserSummary"];
            readonly reactions: readonly components["schemas"]["Reaction"][];
            /** @description Only for the author. */
            readonly idempotency_key?: string;
            readonly created_at: components["schemas"]["Time"];
            readonly edited_at: components["schemas"]["Time"] | null;
            readonly deleted_at: components["schemas"]["Time"] | null;
        };
        readonly MessageList: {
            readonly messages: readonly components["schemas"]["Message"][];
            readonly has_more: boolean;
            readonly next_cursor: components["schemas"]["NextCursor"];
            readonly rev: components["schemas"]["Count"];
            readonly receipt_rev: components["schemas"]["Count"];
            readonly epoch: string;
        };
        readonly Device: {
            readonly token: string;
            readonly platform: components["schemas"]["DevicePlatform"];
            readonly created_at: components["schemas"]["Time"];
        };
        readonly DeviceList: {
            readonly devices: readonly components["schemas"]["Device"][];
            readonly has_more: boolean;
            readonly next_cursor: components["schemas"]["NextCursor"];
        };
        readonly Block: {
            readonly user: components["schemas"]["UserSummary"];
            readonly created_at: components["schemas"]["Time"];
        };
        readonly PresignedUpload: {
            /**
             * Format: uri
             * @description The URL to upload to; needs no credentials.
             */
            readonly upload_url: string;
            /** @constant */
            readonly method: "PUT";
            /** @description Send exactly these headers: they are signed. */
            readonly headers: {
                readonly [key: string]: string;
            };
            /**
             * Format: uri
             * @description The attachment_url of a message.
             */
            readonly public_url: string;
            readonly expires_at: components["schemas"]["Time"];
        };
        readonly BlockMade: components["schemas"]["Block"] & {
            readonly blocks_rev: components["schemas"]["Count"];
        };
        readonly BlockList: {
            readonly blocks: readonly components["schemas"]["Block"][];
            readonly has_more: boolean;
            readonly next_cursor: components["schemas"]["NextCursor"];
            /** @description Increases by one with every change of the list. */
            readonly blocks_rev: components["schemas"]["Count"];
        };
        readonly Mute: {
            readonly user: components["schemas"]["UserSummary"];
            /** @description null: the whole workspace. */
            readonly channel_id: components["schemas"]["Id"] | null;
            readonly channel_external_id: string | null;
            /** @description null: until it is lifted. */
            readonly until: components["schemas"]["Time"] | null;
            readonly reason: string | null;
            readonly created_at: components["schemas"]["Time"];
        };
        readonly MuteList: {
            readonly mutes: readonly components["schemas"]["Mute"][];
            readonly has_more: boolean;
            readonly next_cursor: components["schemas"]["NextCursor"];
        };
        /** @enum {string} */
        readonly WebhookEvent: "message.created" | "message.updated" | "message.deleted" | "message.reaction.added" | "message.reaction.removed" | "message.mentioned" | "message.moderated" | "channel.created" | "channel.updated" | "channel.deleted" | "member.joined" | "member.left" | "member.updated" | "user.created" | "user.updated" | "user.deleted" | "user.suspended" | "user.restored" | "report.created";
        readonly Webhook: {
            readonly id: components["schemas"]["Id"];
            readonly url: string;
            readonly events: readonly components["schemas"]["WebhookEvent"][];
            readonly enabled: boolean;
            /** @description null: the webhook is enabled, or its owner disabled it. */
            readonly disabled_reason: string | null;
            readonly disabled_at: components["schemas"]["Time"] | null;
            readonly created_at: components["schemas"]["Time"];
            readonly updated_at: components["schemas"]["Time"];
        };
        readonly WebhookCredentials: components["schemas"]["Webhook"] & {
            readonly signing_secret: string;
        };
        readonly WebhookList: {
            readonly webhooks: readonly components["schemas"]["Webhook"][];
            readonly has_more: boolean;
            readonly next_cursor: components["schemas"]["NextCursor"];
        };
        readonly Delivery: {
            readonly event_id: string;
            /** @enum {string} */
            readonly event: "message.created" | "message.updated" | "message.deleted" | "message.reaction.added" | "message.reaction.removed" | "message.mentioned" | "message.moderated" | "channel.created" | "channel.updated" | "channel.deleted" | "member.joined" | "member.left" | "member.updated" | "user.created" | "user.updated" | "user.deleted" | "user.suspended" | "user.restored" | "report.created" | "ping";
            /** @enum {string} */
            readonly status: "pending" | "delivered" | "failed";
            readonly attempts: components["schemas"]["Count"];
            readonly last_status_code: number | null;
            readonly last_error: string | null;
            readonly next_attempt_at: components["schemas"]["Time"] | null;
            readonly created_at: components["schemas"]["Time"];
            readonly delivered_at: components["schemas"]["Time"] | null;
        };
        readonly DeliveryList: {
            readonly deliveries: readonly components["schemas"]["Delivery"][];
            readonly has_more: boolean;
            readonly next_cursor: components["schemas"]["NextCursor"];
        };
        readonly SearchHit: {
            readonly message: components["schemas"]["Message"];
            readonly channel_id: components["schemas"]["Id"];
            /** @description Plain text. */
            readonly snippet: string;
            /** @description Start and length, in code points of the snippet. */
            readonly highlights: readonly components["schemas"]["Span"][];
            readonly score: number;
        };
        readonly SearchResults: {
            readonly results: readonly components["schemas"]["SearchHit"][];
            readonly has_more: boolean;
            /**
             * @description Present if the search has reached its work limit: only the newest messages were searched, possibly without a hit. The cursor continues with older ones.
             * @constant
             */
            readonly partial?: true;
            readonly next_cursor: components["schemas"]["NextCursor"];
        };
        /** @description While the workspace's read receipts are off, the read fields of other users are absent. */
        readonly Receipt: {
            readonly user_id: components["schemas"]["Id"];
            readonly last_read_seq?: components["schemas"]["Count"];
            readonly last_read_at?: components["schemas"]["Time"] | null;
            readonly last_delivered_seq: components["schemas"]["Count"];
            readonly last_delivered_at: components["schemas"]["Time"] | null;
        };
        readonly ChannelReceipts: {
            /** @description Channels the caller is not in, or that lack the message, are omitted. */
            readonly receipts: readonly (components["schemas"]["ReceiptState"] & {
                readonly channel_id: components["schemas"]["Id"];
            })[];
        };
        readonly ReceiptList: {
            readonly receipts: readonly components["schemas"]["Receipt"][];
            readonly has_more: boolean;
            readonly next_cursor: components["schemas"]["NextCursor"];
            readonly rev: components["schemas"]["Count"];
            readonly receipt_rev: components["schemas"]["Count"];
            readonly epoch: string;
        };
        readonly ReceiptState: {
            readonly receipt_rev: components["schemas"]["Count"];
            readonly receipt: components["schemas"]["Receipt"];
            readonly unread_count: components["schemas"]["Count"];
            readonly mention_count: components["schemas"]["Count"];
        };
        readonly UserPresence: {
            readonly user_id: components["schemas"]["Id"];
            readonly external_id: string;
            /** @enum {string} */
            readonly status: "online" | "offline";
            /** @description When the last connection ended; null while online and before the first connection. */
            readonly last_seen_at: components["schemas"]["Time"] | null;
        };
        readonly PresenceList: {
            readonly presence: readonly components["schemas"]["UserPresence"][];
            readonly has_more: boolean;
            readonly next_cursor: components["schemas"]["NextCursor"];
        };
        /** @description How the caller keeps a channel. Of two copies the one with the higher preferences_rev holds. */
        readonly Preferences: {
            readonly muted: boolean;
            /** @description Until a new message arrives; while muted, for good. */
            readonly archived: boolean;
            readonly pinned: boolean;
            /** @description Until the caller reads or sends there. */
            readonly marked_unread: boolean;
            readonly preferences_rev: components["schemas"]["Count"];
        };
        readonly ChannelPreferences: components["schemas"]["Preferences"] & {
            readonly channel_id: components["schemas"]["Id"];
        };
        readonly PreferencesPage: {
            readonly preferences: readonly components["schemas"]["ChannelPreferences"][];
            /** @description What the page reaches: the next since. */
            readonly preferences_rev: components["schemas"]["Count"];
            readonly has_more: boolean;
        };
        readonly MyChannel: {
            readonly channel: components["schemas"]["Channel"];
            readonly role: components["schemas"]["Role"];
            /** @description The other user of a direct channel. */
            readonly peer?: components["schemas"]["UserSummary"] | null;
            /** @description The first few members of a group. */
            readonly members?: readonly components["schemas"]["Member"][];
            readonly member_count: components["schemas"]["Count"];
            readonly last_message: components["schemas"]["Message"] | null;
            readonly unread_count: components["schemas"]["Count"];
            readonly mention_count: components["schemas"]["Count"];
            readonly last_read_seq: components["schemas"]["Count"];
            readonly last_delivered_seq: components["schemas"]["Count"];
            readonly rev: components["schemas"]["Count"];
            readonly receipt_rev: components["schemas"]["Count"];
            readonly muted: boolean;
            readonly archived: boolean;
            readonly pinned: boolean;
            readonly marked_unread: boolean;
            readonly preferences_rev: components["schemas"]["Count"];
            readonly last_activity: components["schemas"]["Time"];
        };
        readonly MyChannelAnswer: components["schemas"]["MyChannel"] & {
            readonly epoch: components["schemas"]["Epoch"];
        };
        readonly MyChannelList: {
            readonly epoch: components["schemas"]["Epoch"];
            readonly channels: readonly components["schemas"]["MyChannel"][];
            readonly has_more: boolean;
            readonly next_cursor: components["schemas"]["NextCursor"];
        };
        readonly Changes: {
            readonly channel_id: components["schemas"]["Id"];
            readonly epoch: string;
            readonly since: components["schemas"]["Count"];
            readonly rev: components["schemas"]["Count"];
            readonly receipt_rev: components["schemas"]["Count"];
            /** @description Drop the cached channel: this is its current state. */
            readonly reset: boolean;
            readonly channel?: components["schemas"]["Channel"];
            /** @description The current number, whatever the page covers. */
            readonly member_count: number;
            readonly preferences: components["schemas"]["Preferences"];
            readonly messages: readonly components["schemas"]["Message"][];
            readonly members: readonly components["schemas"]["Member"][];
            readonly receipts: readonly components["schemas"]["Receipt"][];
            readonly unread_count: components["schemas"]["Count"];
            readonly mention_count: components["schemas"]["Count"];
            readonly has_more: boolean;
        };
        readonly ChannelLeft: {
            readonly channel_id: components["schemas"]["Id"];
            /**
             * @description The user is not in this channel.
             * @constant
             */
            readonly left: true;
        };
        readonly ChannelSummary: components["schemas"]["MyChannel"] & {
            /** @constant */
            readonly summary: true;
            readonly channel_id: components["schemas"]["Id"];
        };
        readonly Synced: {
            readonly pages: readonly (components["schemas"]["Changes"] | components["schemas"]["ChannelLeft"] | components["schemas"]["ChannelSummary"])[];
            /** @description Send it back as `next` for the rest; null: this is all. Opaque; how it looks may change. */
            readonly next: string | null;
            readonly epoch: components["schemas"]["Epoch"];
            readonly unread_total: components["schemas"]["Count"];
            readonly blocks_rev: components["schemas"]["Count"];
            readonly preferences_rev: components["schemas"]["Count"];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
