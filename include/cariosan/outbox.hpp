/// The outbox: events for webhooks, stored with the change they report and kept until delivered. Part of the storage
/// contract (`cariosan/storage.hpp`).
///
/// `Storage::commit` writes, in the transaction of each mutation, one row per event (`outbox_events`) and enabled
/// webhook of the workspace that subscribes to it. A worker leases webhooks, so that each is served by one node at a
/// time and in the order of the rows, reads the deliveries that are due, and commits their results.
#pragma once

#include <cariosan/crypto.hpp>
#include <cariosan/error.hpp>
#include <cariosan/types.hpp>
#include <cariosan/webhooks.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace cariosan {

/// One event as data: what it is about, never its text. The body is made when it is sent, from this and the state at
/// that time. What a field means depends on the event; unused ones are empty.
struct OutboxEvent {
    EventId id{};  ///< given by storage when the row is written; version 7, never reused, not even after a restore
    WebhookEvent event = WebhookEvent::ping;
    WorkspaceId workspace{};
    Timestamp at{};
    std::optional<ChannelId> channel{};
    std::optional<std::string> channel_external_id{};
    std::optional<MessageId> message{};
    std::optional<UserId> user{};  ///< the user it is about: who reacted, wrote, joined, left or was updated
    std::int64_t rev = 0;          ///< of the channel, after the change
    std::string external_id{};     ///< of a deleted user
    std::string name{};            ///< what a deleted channel or user was called
    std::string detail{};          ///< an emoji, a role, the type of a deleted channel
    std::vector<UserId> mentions{};
    std::optional<Uuid> record{};  ///< `message.moderated`: the record of moderation
    std::string traceparent{};     ///< of the request that caused it
};

/// After this many failed attempts in a row an endpoint is *down*: only its oldest row is tried.
inline constexpr std::int64_t kWebhookDownAfter = 5;
/// After this many deliveries in a row have failed for good, the webhook is disabled.
inline constexpr std::int64_t kWebhookDisabledAfter = 24;
/// How many deliveries may be pending. One more disables the webhook, and all pending ones fail.
inline constexpr std::int64_t kWebhookMaxPending = 100'000;

/// No schedule puts an attempt further off, and no lease lasts longer. A stored time further ahead than that was
/// written while the clock was wrong, and counts as due.
inline constexpr std::chrono::milliseconds kWebhookLongestDelay = std::chrono::hours(8);

/// A key that signs deliveries. Never logged.
struct SigningSecret {
    std::string text{};                     ///< `whsec_…`
    std::optional<Timestamp> expires_at{};  ///< of one that was replaced
    bool operator==(const SigningSecret&) const = default;
};

/// A webhook that only one worker serves until the lease ends. Holds secrets: never logged.
struct LeasedWebhook {
    WebhookId id{};
    WorkspaceId workspace{};
    std::string url{};
    std::vector<SigningSecret> secrets{};  ///< newest first, so the one in force before those it replaced
    std::int64_t failed_attempts = 0;  ///< in a row, over all its deliveries

    bool is_down() const noexcept { return failed_attempts >= kWebhookDownAfter; }
};

/// A delivery that is due.
struct DueDelivery {
    std::int64_t row = 0;  ///< ascending in commit order; meaningless outside the storage
    OutboxEvent event{};
    std::int64_t attempts = 0;  ///< failed so far
};

/// The result of one attempt.
struct DeliveryResult {
    std::int64_t row = 0;
    enum class Outcome : std::uint8_t {
        delivered,
        retry,    ///< again at `next_attempt_at`
        failed,   ///< for good
        disable,  ///< for good, and the endpoint wants no more events (410)
    };
    Outcome outcome = Outcome::delivered;
    std::optional<std::int64_t> status_code{};
    std::optional<std::string> error{};  ///< one line
    std::optional<Timestamp> next_attempt_at{};
    Timestamp at{};
};

/// Reads for the worker and for the protocol's lists. One snapshot, like every reader.
class OutboxReader {
  public:
    virtual ~OutboxReader() = default;

    // Lists.
    /// Bound: one row.
    virtual Result<std::optional<Webhook>> find(WorkspaceId workspace, WebhookId id) = 0;
    /// By id, ascending, those after `after`. Bound: `limit` webhooks, however many were deleted between them.
    virtual Result<std::vector<Webhook>> list(WorkspaceId workspace, std::optional<WebhookId> after,
                                              std::int64_t limit) = 0;
    struct DeliveryPage {
        std::vector<Delivery> items;
        std::optional<std::int64_t> next;  ///< `before` of the next page; absent: this was the last one
    };
    /// Newest first, those older than `before`. Finished ones are kept for a limited time.
    /// Bound: one delivery more than `limit`.
    virtual Result<DeliveryPage> deliveries(WebhookId webhook, std::optional<std::int64_t> before,
                                            std::int64_t limit) = 0;
    /// Bound: one row.
    virtual Result<std::optional<Delivery>> find_delivery(WebhookId webhook, EventId event) = 0;

    // For the worker.

    /// When the next delivery of an enabled webhook is due; in the past, or further ahead than
    /// `kWebhookLongestDelay`: at once. Absent if none is pending. Bound: one lookup per webhook with pending
    /// deliveries.
    virtual Result<std::optional<Timestamp>> next_due() = 0;
    /// Deliveries of one webhook that are due at `now`, or after `now` by more than `kWebhookLongestDelay`, without
    /// the rows `except` (those in progress): first retries, then the others by row. With `oldest_only`, only the oldest
    /// pending one, if it is due and not in progress. Bound: `limit` deliveries and
    /// those of `except`, three times.
    virtual Result<std::vector<DueDelivery>> due(WebhookId webhook, Timestamp now,
                                                 std::span<const std::int64_t> except, bool oldest_only,
                                                 std::int64_t limit) = 0;
};

namespace mutation {

/// An idempotency key of a workspace, and the hash of the request made under it.
struct RequestKey {
    std::string text{};
    Digest hash{};
    bool operator==(const RequestKey&) const = default;
};
/// `Committed` holds the `WebhookCredentials`. If a request was made under the key within `kWebhookKeyLife`, nothing changes
/// and they are of that request (`duplicate`): `conflict` if its hash differs, `not_found` if its webhook is gone.
struct CreateWebhook {
    WorkspaceId workspace{};
    WebhookId id{};
    std::string url{};
    WebhookEvents events{};
    std::string secret{};
    std::int64_t max_webhooks = 0;  ///< of the workspace, 0: any; over it: `validation_error` with `details.limit`
    Timestamp at{};
    std::optional<RequestKey> key{};
};
/// Replaces the secret in force, which expires `kWebhookSecretOverlap` after `at`. `Committed` and `key` as for
/// `CreateWebhook`. `conflict` with `details.limit` if `kWebhookMaxSecrets` secrets have not expired.
struct RotateWebhookSecret {
    WorkspaceId workspace{};
    WebhookId webhook{};
    std::string secret{};
    Timestamp at{};
    std::optional<RequestKey> key{};
};
/// Absent fields stay. Deliveries pending for a disabled webhook wait, as long as deliveries are kept; enabling it
/// resets its failures. `Committed` holds the `Webhook`.
struct UpdateWebhook {
    WorkspaceId workspace{};
    WebhookId webhook{};
    std::optional<std::string> url{};
    std::optional<WebhookEvents> events{};
    std::optional<bool> enabled{};
    Timestamp at{};
};
/// Its deliveries are deleted too, in bounded steps of `Storage::maintain`. Its secrets are forgotten at once, and the
/// keys they were made under `kWebhookKeyLife` after `at`.
struct DeleteWebhook {
    WorkspaceId workspace{};
    WebhookId webhook{};
    Timestamp at{};
};
/// Writes a delivery of the event `ping`, whatever events the webhook subscribes to. `conflict` if it is disabled or
/// already has `kWebhookMaxPending` pending deliveries. `Committed` holds the `Delivery`.
struct PingWebhook {
    WorkspaceId workspace{};
    WebhookId webhook{};
    Timestamp at{};
    std::string traceparent{};
};
/// A finished delivery becomes pending again, with no attempts counted. A pending one becomes due at once.
/// `not_found`; `conflict` if the webhook is disabled, or if the delivery is finished and the webhook already has
/// `kWebhookMaxPending` pending ones. `Committed` holds the `Delivery`.
struct RetryDelivery {
    WorkspaceId workspace{};
    WebhookId webhook{};
    EventId event{};
    Timestamp at{};
};
/// Leases to `owner`, until `until`, at most `limit` enabled webhooks that have a delivery due at `now` and not
/// leased to another worker, oldest due first; extends a lease that `owner` already holds. As in `OutboxReader::due`
/// a time too far ahead counts as due; so does the end of a lease that would last more than `kWebhookLongestDelay`.
/// `Committed` holds the `LeasedWebhooks`, `changed` is false if there are none.
struct LeaseWebhooks {
    Uuid owner{};
    Timestamp now{};
    Timestamp until{};
    std::int64_t limit = 0;
};
/// The results of attempts. Counts failures: after `kWebhookDisabledAfter` final ones in a row, or `disable`, the
/// webhook is disabled. Results for rows that are no longer pending are ignored. `Committed` holds the
/// `LeasedWebhook` as it is now, or `Done` if it is gone, disabled, or no longer leased to `owner`.
struct FinishDeliveries {
    WebhookId webhook{};
    Uuid owner{};
    std::vector<DeliveryResult> results{};
};

}  // namespace mutation

/// In the order of `LeaseWebhooks`.
struct LeasedWebhooks {
    std::vector<LeasedWebhook> webhooks;
};

}  // namespace cariosan
