/// Limits on sizes, counts and rates. The defaults are those of section 3.4 of the protocol.
#pragma once

#include <chrono>
#include <cstdint>

namespace cariosan {

/// Sizes and counts. Exceeding one is `validation_error` with `details.field` and `details.limit`, unless
/// stated otherwise. A plain value; all nodes of one database should use the same.
struct Limits {
    std::int64_t message_bytes = 8192;     ///< content of a message; over it: `payload_too_large`
    std::int64_t mentions = 50;            ///< users named in one message
    std::int64_t mention_spans = 100;      ///< places where one message names them
    std::int64_t emoji_per_message = 20;   ///< distinct ones
    std::int64_t emoji_bytes = 64;         ///< one grapheme cluster
    std::int64_t metadata_bytes = 4096;    ///< JSON text
    std::int64_t metadata_depth = 8;       ///< the object itself is depth 1
    std::int64_t name_bytes = 255;         ///< of workspaces, users and channels
    std::int64_t external_id_bytes = 255;  ///< of users and channels
    std::int64_t idempotency_key_bytes = 255;
    std::int64_t url_bytes = 2048;  ///< avatars
    std::int64_t page = 100;        ///< `limit` of a list
    std::int64_t attachment_bytes = 25 * 1024 * 1024;  ///< of one file

    std::int64_t members_per_channel = 100'000;
    std::int64_t memberships_per_user = 10'000;
    std::int64_t members_per_call = 100;  ///< named in one add or create
    std::int64_t delivered_channels = 100;  ///< named in one `MarkAllDelivered`
    std::int64_t members_shown = 20;      ///< `members` of "my channels"
    std::int64_t shared_receipts = 100;   ///< channels up to this size share receipts with all members
    std::int64_t changed_objects = 1000;  ///< beyond it `GetChanges` returns a reset

    std::int64_t large_channel = 1000;          ///< members above which reactions and member changes are batched
    std::int64_t pins_per_channel = 50;
    std::int64_t report_note_bytes = 2000;
    std::int64_t slow_mode_seconds = 6 * 3600;  ///< the slowest slow mode
    std::int64_t typing_members = 100;          ///< channels up to this size show who is typing
    std::int64_t presence_members = 100;        ///< channels up to this size show who is online
    std::int64_t presence_channels = 200;       ///< of one user that show when they are online: the most recently active
    std::int64_t presence_users = 100;          ///< named in one `GetPresence`
    std::int64_t presence_subscriptions = 200;  ///< users that one connection follows

    std::int64_t devices_per_user = 20;
    std::int64_t pushed_members = 100;  ///< members up to which everyone gets a push; above: mentioned users only
    std::int64_t blocks_per_user = 1000;
    std::int64_t webhooks_per_workspace = 20;
    std::int64_t blocklist_terms = 5000;
    std::int64_t blocklist_term_code_points = 64;
    std::int64_t history_stretch = 2'000;  ///< positions one page of history may look through
    std::int64_t query_bytes = 256;  ///< of a search
    std::int64_t query_terms = 8;
    std::int64_t search_steps = 50'000;  ///< of the `WorkBudget` of a search, about 50 ms; then it returns what it has

    std::int64_t request_head_bytes = 16 * 1024;    ///< over it: `headers_too_large`
    std::int64_t request_head_fields = 64;          ///< over it: `headers_too_large`
    std::int64_t request_body_bytes = 1024 * 1024;  ///< over it: `payload_too_large`
    std::int64_t client_frame_bytes = 64 * 1024;    ///< over it: the connection is closed with 1009
    std::chrono::seconds incomplete_message{30};    ///< how long a WebSocket message may stay incomplete
    std::int64_t connections_per_user = 5;  ///< WebSockets; at least 1. Section 5 of the protocol
};

/// Rates, as token buckets. Per-minute buckets hold one minute's worth, per-second ones two seconds', frames 60.
/// Exceeding one is `rate_limited` with `details.retry_after_ms`. 0 turns a rate off.
struct Rates {
    bool enabled = true;                             ///< false: no rates at all
    std::int64_t sends_per_minute = 60;              ///< messages, per user over all connections
    std::int64_t writes_per_minute = 120;            ///< other durable commands, per user
    std::int64_t reads_per_second = 20;              ///< per user
    std::int64_t searches_per_second = 2;            ///< per user
    std::int64_t backend_requests_per_second = 100;  ///< over HTTP, per API key
    std::int64_t failed_logins_per_minute = 20;      ///< per client address
    std::int64_t frames_per_second = 20;             ///< per WebSocket connection
};

}  // namespace cariosan
