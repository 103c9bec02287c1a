/// The rows on which the rules of writing decide (`cariosan/commit.hpp`). Plain values; only the implementer of a `Storage`
/// needs them. Times are milliseconds since 1970 in UTC, counts and revisions never negative.
#pragma once

#include <cariosan/committed.hpp>
#include <cariosan/outbox.hpp>
#include <cariosan/types.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cariosan::commit {

/// The storage's own name for a row. The rules pass it back and never interpret it; 0 means no row.
using RowId = std::int64_t;

/// A workspace that has not been deleted.
struct WorkspaceRow {
    RowId id = 0;
    Workspace workspace{};
};

/// A user, as channels and lists need it.
struct UserRow {
    RowId id = 0;
    std::int64_t membership_count = 0;  ///< at least the channels they are in; channels being purged may still count
    UserSummary summary{};
};

/// A user with the full profile.
struct ProfileRow {
    RowId id = 0;
    User user{};
};

/// Which cleanup of a deleted user is still to be done. Stored: never change a number.
enum class UnfinishedDeletion : std::uint8_t { nothing = 0, memberships = 1, memberships_and_texts = 2 };

/// A deleted user whose cleanup is not finished.
struct DeletedUserRow {
    RowId id = 0;
    UnfinishedDeletion left = UnfinishedDeletion::nothing;
};

/// A channel that has not been deleted, of a workspace that has not been deleted.
struct ChannelRow {
    RowId id = 0;
    RowId workspace_row = 0;
    WorkspaceId workspace{};
    std::optional<RowId> last_message{};
    Timestamp last_activity{};
    Channel channel{};
};

/// What an external id refers to.
struct ExternalChannel {
    ChannelId id{};
    ChannelType type = ChannelType::group;
};

/// A user and their place in one channel. If the user was never a member, everything after `summary` has its default.
struct MemberRow {
    RowId user = 0;
    std::int64_t silence_count = 0;   ///< stored silences of the user, anywhere; some may be over
    std::int64_t block_count = 0;  ///< how many others the user has blocked
    std::optional<Suspension> suspension{};   ///< only whether and until when, without the reason
    std::int64_t user_preferences_rev = 0;  ///< the user's count of changed preferences, in all channels
    UserSummary summary{};         ///< `deleted` if the user was deleted
    bool present = false;          ///< a member now; false: they have left, or never were one
    Role role = Role::member;
    bool muted = false;  ///< wants no push notifications of this channel
    bool pinned = false;
    std::optional<std::int64_t> archived_seq{};  ///< archived when this was the newest message; a newer one ends it, unless muted
    std::optional<std::int64_t> unread_mark{};   ///< marked unread at this read position; any other one ends it
    std::int64_t preferences_rev = 0;            ///< of the last change of the four; 0: none
    std::int64_t rev = 0;
    std::int64_t joined_rev = 0;
    Timestamp joined_at{};
    std::int64_t last_read_seq = 0;
    std::optional<Timestamp> last_read_at{};
    std::int64_t last_delivered_seq = 0;
    std::optional<Timestamp> last_delivered_at{};
    std::int64_t receipt_rev = 0;
    std::optional<Timestamp> last_sent_at{};  ///< in slow mode; absent: nothing, or before it began

    /// The member in events and answers; for one who has left, only the id.
    Member member() const;
    Receipt receipt() const;
    bool marked_unread() const { return unread_mark == last_read_seq; }
    /// In a channel whose newest message is `last_seq`.
    Preferences preferences(std::int64_t last_seq) const;
};

/// What a member has not read, as the channel list counts it (`ChannelReader::list_of`).
struct UnreadCounts {
    std::int64_t messages = 0;
    std::int64_t mentions = 0;
};

/// The message stored under an idempotency key.
struct SentRow {
    RowId id = 0;
    Digest request_hash{};
};

/// A message to be quoted.
struct ParentRow {
    RowId id = 0;
    Quote quote{};  ///< the first 200 characters; no text if `deleted`, which it is also while its author's texts are erased
};

/// A message before a mutation changes it.
struct MessageRow {
    RowId id = 0;
    std::int64_t seq = 0;
    std::int64_t rev = 0;
    MessageType type = MessageType::text;
    std::int64_t mention_count = 0;
    std::int64_t emoji_count = 0;  ///< distinct emoji among its reactions
    Timestamp created_at{};
    std::optional<Timestamp> deleted_at{};
    UserId author{};
    bool being_erased = false;  ///< its author was deleted with all they wrote; readers see it as deleted already
    std::string content{};
    bool has_attachment = false;
    bool pinned = false;
};

/// A mention to be stored.
struct StoredMention {
    RowId user = 0;
    const std::vector<TextSpan>& spans;
};

/// A message to be stored.
struct NewMessage {
    const Message& message;
    RowId channel = 0;
    RowId author = 0;
    std::optional<RowId> parent{};
    std::optional<Digest> request_hash{};  ///< with a key only
    const std::vector<RowId>& mentioned;   ///< users, in the order of `message.mentions`
};

/// How many users reacted to a message with one emoji, and how that emoji is shown.
struct EmojiCount {
    std::int64_t count = 0;
    std::string shown{};
};

/// A stored silence: the user may not write, in one channel or in the whole workspace.
struct SilenceRow {
    std::optional<Timestamp> until{};
    std::optional<std::string> reason{};
    Timestamp created_at{};
};

/// A stored report, as far as it can change.
struct ReportRow {
    RowId id = 0;
    CommittedReport state{};
};

/// A report to be stored. Channel 0: it is about a user.
struct NewReport {
    const mutation::FileReport& report;
    RowId workspace = 0;
    RowId reporter = 0;
    RowId user = 0;
    RowId channel = 0;
};

/// The counters of a user who blocks others.
struct BlockerRow {
    std::int64_t count = 0;
    std::int64_t blocks_rev = 0;
};

/// An enabled webhook.
struct ListeningWebhook {
    RowId id = 0;
    WebhookEvents events{};
    std::int64_t pending = 0;  ///< deliveries
};

/// A webhook that has not been deleted.
struct WebhookRow {
    RowId id = 0;
    std::int64_t pending = 0;
    std::int64_t failed_attempts = 0;    ///< in a row
    std::int64_t failed_deliveries = 0;  ///< in a row, finally
    std::optional<Uuid> lease_owner{};
    WorkspaceId workspace{};
    Webhook webhook{};
};

struct NewSecret {
    const std::string& text;
    Timestamp made_at{};
    const std::optional<mutation::RequestKey>& key;
};

/// What was made under an idempotency key.
struct KeyedSecret {
    WebhookId webhook{};  ///< may be gone
    std::string secret{};
    Digest request_hash{};
    Timestamp made_at{};
};

/// A webhook that can be leased.
struct ReadyWebhook {
    RowId id = 0;
    LeasedWebhook webhook{};
};

struct DeliveryRow {
    RowId id = 0;
    Delivery delivery{};
};

/// What is stored about an attempt.
struct DeliveryOutcome {
    RowId delivery = 0;
    std::int64_t attempts = 0;
    const DeliveryResult& result;
};

/// The owner of a push token.
struct DeviceOwner {
    DeviceRow id{};
    RowId user = 0;
    DevicePlatform platform = DevicePlatform::android;
    Timestamp created_at{};
};

}  // namespace cariosan::commit
