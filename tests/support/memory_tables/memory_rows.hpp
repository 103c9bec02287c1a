/// The contents of a storage's tables as plain values, which can be copied to restore them, and compared as a whole.
#pragma once

#include <cariosan/commit_rows.hpp>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cariosan::test {

using commit::RowId;

struct StoredWorkspace {
    WorkspaceId uuid{};
    std::string name{};
    bool test = false;
    bool read_receipts_enabled = true;
    std::optional<std::int64_t> edit_window_seconds{};
    Timestamp created_at{};
    bool moderation_enabled = false;
    std::int64_t moderation_rev = 0;
    std::optional<ModerationSettings> moderation{};
    bool deleted = false;
    bool operator==(const StoredWorkspace&) const = default;
};

struct StoredApiSecret {
    RowId workspace = 0;
    std::string api_key{};
    Digest hash{};
    std::optional<Timestamp> expires_at{};
    bool operator==(const StoredApiSecret&) const = default;
};

struct StoredUser {
    UserId uuid{};
    RowId workspace = 0;
    std::string external_id{};
    std::string name{};
    std::optional<std::string> avatar_url{};
    std::string metadata{};
    Timestamp created_at{};
    Timestamp updated_at{};
    std::optional<Timestamp> last_seen_at{};
    std::optional<Timestamp> deleted_at{};
    std::optional<Suspension> suspension{};
    commit::UnfinishedDeletion deletion = commit::UnfinishedDeletion::nothing;
    std::int64_t membership_count = 0;
    std::int64_t silence_count = 0;
    std::int64_t block_count = 0;
    std::int64_t blocks_rev = 0;
    std::int64_t preferences_rev = 0;
    bool operator==(const StoredUser&) const = default;

    bool being_erased() const { return deletion == commit::UnfinishedDeletion::memberships_and_texts; }
    UserSummary summary() const;
};

struct StoredChannel {
    ChannelId uuid{};
    RowId workspace = 0;
    ChannelType type = ChannelType::group;
    std::pair<RowId, RowId> pair{};  ///< the two users of a direct channel, the lower row first
    std::optional<std::string> external_id{};
    std::string name{};
    std::optional<std::string> avatar_url{};
    std::string metadata{};
    Timestamp created_at{};
    std::int64_t member_count = 0;
    std::int64_t rev = 1;
    std::int64_t settings_rev = 1;
    std::int64_t slow_mode_seconds = 0;
    bool frozen = false;
    std::int64_t receipt_rev = 0;
    std::int64_t last_seq = 0;
    std::optional<RowId> last_message{};
    Timestamp last_activity{};
    bool deleted = false;
    bool operator==(const StoredChannel&) const = default;
};

struct StoredMember {
    bool present = false;
    Role role = Role::member;
    bool muted = false;
    std::int64_t rev = 0;
    std::int64_t joined_rev = 0;
    Timestamp joined_at{};
    std::int64_t last_read_seq = 0;
    std::optional<Timestamp> last_read_at{};
    std::int64_t last_delivered_seq = 0;
    std::optional<Timestamp> last_delivered_at{};
    std::int64_t receipt_rev = 0;
    bool pinned = false;
    std::optional<std::int64_t> archived_seq{};
    std::optional<std::int64_t> unread_mark{};
    std::int64_t preferences_rev = 0;
    std::optional<Timestamp> last_sent_at{};
    bool operator==(const StoredMember&) const = default;
};

struct StoredMentionRow {
    RowId user = 0;
    std::vector<TextSpan> spans{};
    bool operator==(const StoredMentionRow&) const = default;
};

struct StoredReaction {
    std::string emoji{};
    Timestamp at{};
    bool operator==(const StoredReaction&) const = default;
};

struct StoredEmoji {
    std::int64_t first_rev = 0;
    std::int64_t count = 0;
    std::string shown{};
    bool operator==(const StoredEmoji&) const = default;
};

struct StoredMessage {
    MessageId uuid{};
    RowId channel = 0;
    RowId author = 0;
    std::int64_t seq = 0;
    std::int64_t rev = 0;
    MessageType type = MessageType::text;
    std::string content{};
    std::optional<std::string> attachment_url{};
    std::string metadata{};
    std::optional<RowId> parent{};
    std::optional<std::string> key{};
    std::optional<Digest> hash{};
    Timestamp created_at{};
    std::optional<Timestamp> edited_at{};
    std::optional<Timestamp> deleted_at{};
    std::vector<StoredMentionRow> mentions{};
    std::optional<Timestamp> pinned_at{};
    RowId pinned_by = 0;
    std::int64_t emoji_count = 0;
    std::map<RowId, StoredReaction> reactions{};  ///< by user
    std::map<std::string, StoredEmoji> emoji{};
    bool operator==(const StoredMessage&) const = default;
};

struct StoredSilence {
    std::optional<Timestamp> until{};
    std::optional<std::string> reason{};
    Timestamp created_at{};
    bool operator==(const StoredSilence&) const = default;
};

struct StoredMatch {
    ModerationRecordId id{};
    RowId channel = 0;
    RowId user = 0;
    std::optional<MessageId> message{};
    Timestamp at{};
    std::string excerpt{};
    bool operator==(const StoredMatch&) const = default;
};

struct StoredReport {
    ReportId id{};
    RowId workspace = 0;
    RowId reporter = 0;
    RowId user = 0;
    RowId channel = 0;
    Uuid thing{};
    std::string reason{};
    std::optional<std::string> note{};
    ReportStatus status = ReportStatus::open;
    std::optional<std::string> moderator_note{};
    bool operator==(const StoredReport&) const = default;
};

struct StoredWebhook {
    WebhookId uuid{};
    RowId workspace = 0;
    std::string url{};
    WebhookEvents events{};
    bool enabled = true;
    std::optional<std::string> disabled_reason{};
    std::optional<Timestamp> disabled_at{};
    Timestamp created_at{};
    Timestamp updated_at{};
    std::int64_t pending = 0;
    std::int64_t failed_attempts = 0;
    std::int64_t failed_deliveries = 0;
    std::optional<Uuid> lease_owner{};
    Timestamp leased_until{};
    bool gives_up = false;
    bool deleted = false;
    bool operator==(const StoredWebhook&) const = default;
};

struct MemoryWebhookSecret {
    RowId workspace = 0;
    WebhookId webhook{};
    std::string text{};  ///< empty: forgotten
    Timestamp made_at{};
    std::optional<Timestamp> expires_at{};
    std::optional<mutation::RequestKey> key{};
    bool operator==(const MemoryWebhookSecret&) const = default;
};

struct StoredDelivery {
    RowId webhook = 0;
    EventId event_id{};
    WebhookEvent event = WebhookEvent::ping;
    DeliveryStatus status = DeliveryStatus::pending;
    std::int64_t attempts = 0;
    Timestamp due{};  ///< 0: immediately
    std::optional<std::int64_t> status_code{};
    std::optional<std::string> error{};
    Timestamp created_at{};
    std::optional<Timestamp> delivered_at{};
    std::string traceparent{};
    bool operator==(const StoredDelivery&) const = default;
};

struct StoredDevice {
    RowId workspace = 0;
    RowId user = 0;
    std::string token{};
    DevicePlatform platform = DevicePlatform::android;
    Timestamp created_at{};
    Timestamp used_at{};
    bool operator==(const StoredDevice&) const = default;
};

struct StoredPushJob {
    RowId message = 0;
    Timestamp created_at{};
    Timestamp due_at{};
    std::int64_t attempts = 0;
    std::optional<Uuid> owner{};
    std::optional<UserId> after{};
    std::vector<DeviceRow> devices{};
    bool operator==(const StoredPushJob&) const = default;
};

/// Rows by id; ids ascend in the order of insertion.
template <class Row>
struct StoredRows {
    std::map<RowId, Row> rows{};
    RowId last = 0;
    bool operator==(const StoredRows&) const = default;

    RowId add(Row row) {
        rows.emplace(++last, std::move(row));
        return last;
    }
    Row& at(RowId id) { return rows.at(id); }
    const Row& at(RowId id) const { return rows.at(id); }
    /// The first matching row, as an iterator.
    template <class Fits>
    auto find(const Fits& fits) {
        auto row = rows.begin();
        while (row != rows.end() && !fits(row->second)) ++row;
        return row;
    }
    auto end() { return rows.end(); }
};

struct MemoryRows {
    StoredRows<StoredWorkspace> workspaces{};
    std::vector<StoredApiSecret> secrets{};
    StoredRows<StoredUser> users{};
    StoredRows<StoredChannel> channels{};
    std::map<std::pair<RowId, RowId>, StoredMember> members{};  ///< by channel and user
    StoredRows<StoredMessage> messages{};
    StoredRows<std::string> erased_files{};  ///< their addresses
    std::map<std::pair<RowId, RowId>, StoredSilence> silences{};  ///< by user and channel (0: the workspace)
    std::vector<StoredMatch> matches{};
    StoredRows<StoredReport> reports{};
    std::map<std::pair<RowId, UserId>, Timestamp> blocks{};  ///< by the user who blocks and the blocked one
    StoredRows<StoredWebhook> webhooks{};
    StoredRows<MemoryWebhookSecret> webhook_secrets{};
    StoredRows<StoredDelivery> deliveries{};
    StoredRows<StoredDevice> devices{};
    StoredRows<StoredPushJob> push_jobs{};
    std::int64_t push_pending = 0;
    std::int64_t first_pending = 0;  ///< this many deliveries count as pending for a new webhook, although they are not stored
    std::uint64_t events = 0;  ///< how many event ids were created
    bool operator==(const MemoryRows&) const = default;

    bool is_open(const StoredChannel& channel) const { return !channel.deleted && !workspaces.at(channel.workspace).deleted; }
};

}  // namespace cariosan::test
