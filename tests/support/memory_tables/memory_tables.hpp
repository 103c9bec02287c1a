/// The tables of `cariosan/commit_tables.hpp` in memory, to test the rules of writing without a storage.
#pragma once

#include <cariosan/commit_tables.hpp>

#include "support/memory_tables/named_rows.hpp"

namespace cariosan::test {

/// Shared by all tables. Every write is counted, to check that a refused mutation wrote nothing, and every access to a row
/// checks that the mutations named it.
class MemoryTable {
  public:
    MemoryTable(MemoryRows& rows, std::int64_t& writes, NamedRows& names) : rows_(rows), names_(names), writes_(writes) {}

  protected:
    MemoryRows& write() {
        ++writes_;
        return rows_;
    }
    MemoryRows& rows_;
    NamedRows& names_;

  private:
    std::int64_t& writes_;
};

class MemoryWorkspaces final : public commit::WorkspaceTable, MemoryTable {
  public:
    using MemoryTable::MemoryTable;
    std::optional<commit::WorkspaceRow> find(WorkspaceId id) override;
    void insert(const mutation::CreateWorkspace& create) override;
    void update(const commit::WorkspaceRow& row) override;
    void remove(RowId id, Timestamp at) override;
    ModerationSettings moderation(const commit::WorkspaceRow& row) override;
    void write_moderation(RowId id, const ModerationSettings& settings) override;
    void retire_secrets(RowId id, Timestamp now, Timestamp expire_at, std::int64_t keep) override;
    void insert_secret(RowId id, std::string_view api_key, const Digest& secret_hash) override;
    std::optional<std::int64_t> edit_window_seconds(RowId id) override;
};

class MemoryUsers final : public commit::UserTable, MemoryTable {
  public:
    using MemoryTable::MemoryTable;
    std::optional<commit::UserRow> find(RowId workspace, UserId id) override;
    std::optional<commit::ProfileRow> find_profile(RowId workspace, UserId id) override;
    std::optional<commit::ProfileRow> find_profile(RowId workspace, std::string_view external_id) override;
    std::optional<commit::DeletedUserRow> find_deleted(RowId workspace, UserId id) override;
    void insert(RowId workspace, const User& user) override;
    void update(RowId id, const User& user) override;
    void write_suspension(RowId id, const std::optional<Suspension>& suspension) override;
    void remove(RowId id, Timestamp at, commit::UnfinishedDeletion left) override;
    bool drop_some(RowId id, Rest rest) override;
    void finish_deletion(RowId id) override;
    void record_last_seen(UserId id, Timestamp at) override;
};

class MemoryChannels final : public commit::ChannelTable, MemoryTable {
  public:
    using MemoryTable::MemoryTable;
    std::optional<commit::ChannelRow> find(WorkspaceId workspace, ChannelId id) override;
    std::optional<commit::ExternalChannel> find_external(RowId workspace, std::string_view external_id) override;
    std::optional<ChannelId> find_direct(RowId one, RowId other) override;
    void insert(RowId workspace, const mutation::CreateChannel& create, std::span<const commit::UserRow> users) override;
    void update(const commit::ChannelRow& row) override;
    void update_settings(const commit::ChannelRow& row) override;
    void remove(RowId id, Timestamp at) override;
    bool has_deleted_user(RowId id) override;
    std::vector<ChannelId> list_of(RowId user) override;
};

class MemoryMembers final : public commit::MemberTable, MemoryTable {
  public:
    using MemoryTable::MemoryTable;
    std::optional<commit::MemberRow> find(const commit::ChannelRow& channel, UserId user) override;
    void write(RowId channel, const commit::MemberRow& row) override;
    void update_receipts(RowId channel, const commit::MemberRow& row) override;
    void update_preferences(RowId channel, const commit::MemberRow& row) override;
    void add_memberships(RowId user, std::int64_t change) override;
    std::int64_t count_memberships(RowId user) override;
    bool has_admin(RowId channel) override;
    bool has_other_admin(RowId channel, RowId user) override;
    bool has_other_member(RowId channel, RowId user) override;
    commit::UnreadCounts unread(const commit::ChannelRow& channel, const commit::MemberRow& row) override;
};

class MemoryMessages final : public commit::MessageTable, MemoryTable {
  public:
    using MemoryTable::MemoryTable;
    std::optional<commit::SentRow> find_sent(RowId channel, RowId author, std::string_view idempotency_key) override;
    std::optional<commit::MessageRow> find(const commit::ChannelRow& channel, MessageId id) override;
    std::optional<commit::ParentRow> find_parent(RowId channel, MessageId id) override;
    std::optional<commit::ParentRow> find_parent(RowId channel, std::string_view idempotency_key) override;
    Message read(RowId id, const commit::ChannelRow& channel, RowId viewer) override;
    RowId insert(const commit::NewMessage& message) override;
    void set_parent(RowId id, std::int64_t rev, RowId parent) override;
    void edit(const commit::MessageRow& before, std::int64_t rev, Timestamp at, std::string_view content) override;
    Message blank(const commit::MessageRow& before, const commit::ChannelRow& channel, std::int64_t rev, Timestamp at) override;
    void write_pin(RowId id, std::int64_t rev, const std::optional<Timestamp>& at, RowId by) override;
    std::int64_t count_pins(RowId channel) override;
    void forget_erased_file(RowId row) override;
    std::vector<mutation::MentionedUser> mentioned(RowId id) override;
    void replace_mentions(const commit::MessageRow& before, RowId channel,
                          std::span<const commit::StoredMention> mentions) override;
    void drop_spans(RowId id) override;

  private:
    Quote quote(const StoredMessage& message) const;
};

class MemoryReactions final : public commit::ReactionTable, MemoryTable {
  public:
    using MemoryTable::MemoryTable;
    std::string find(RowId message, RowId user) override;
    void write(RowId message, RowId user, std::string_view emoji, Timestamp at) override;
    void remove(RowId message, RowId user) override;
    commit::EmojiCount count(RowId message, std::string_view emoji) override;
    void write_count(RowId message, std::string_view emoji, std::int64_t rev, const commit::EmojiCount& count) override;
    void remove_count(RowId message, std::string_view emoji) override;
    void update_message(RowId message, std::int64_t rev, std::int64_t emoji_count) override;
};

class MemoryModeration final : public commit::ModerationTable, MemoryTable {
  public:
    using MemoryTable::MemoryTable;
    std::optional<commit::SilenceRow> find_silence(RowId user, RowId channel) override;
    std::vector<std::optional<Timestamp>> silences_of(RowId user, RowId channel, Timestamp now) override;
    void write_silence(RowId workspace, RowId user, RowId channel, const Silence& silence) override;
    void remove_silence(RowId user, RowId channel) override;
    void add_silences(RowId user, std::int64_t change) override;
    void insert_record(const commit::ChannelRow& channel, RowId user, const std::optional<MessageId>& message, Timestamp at,
                       const ModerationMatch& match) override;
    bool has_report(RowId reporter, const Uuid& thing) override;
    void insert_report(const commit::NewReport& added) override;
    std::optional<commit::ReportRow> find_report(RowId workspace, ReportId id) override;
    void update_report(const commit::ReportRow& row) override;
};

class MemoryBlocks final : public commit::BlockTable, MemoryTable {
  public:
    using MemoryTable::MemoryTable;
    std::optional<Timestamp> find(RowId user, UserId blocked) override;
    commit::BlockerRow blocker(RowId user) override;
    void insert(RowId workspace, RowId user, const commit::UserRow& blocked, Timestamp at) override;
    void remove(RowId user, UserId blocked) override;
    void add_blocks(RowId user, std::int64_t change) override;
};

class MemoryWebhooks final : public commit::WebhookTable, MemoryTable {
  public:
    using MemoryTable::MemoryTable;
    std::vector<commit::ListeningWebhook> listening(WorkspaceId workspace) override;
    std::optional<commit::WebhookRow> find(WebhookId id) override;
    std::int64_t count(RowId workspace) override;
    void insert(RowId workspace, const mutation::CreateWebhook& create) override;
    void update(RowId id, const Webhook& webhook) override;
    void disable(RowId id, std::string_view reason, Timestamp at) override;
    void remove(RowId id) override;
    std::vector<SigningSecret> secrets(WebhookId id) override;
    std::optional<commit::KeyedSecret> find_keyed(RowId workspace, std::string_view key) override;
    void insert_secret(RowId workspace, WebhookId id, const commit::NewSecret& secret) override;
    void retire_secret(WebhookId id, Timestamp expires_at) override;
    void forget_secrets(WebhookId id, Timestamp expires_at) override;
    void add_pending(RowId id, std::int64_t change) override;
    void write_failures(RowId id, std::int64_t attempts, std::int64_t deliveries) override;
    void give_up_pending(RowId id) override;
    std::vector<commit::ReadyWebhook> ready(const mutation::LeaseWebhooks& lease) override;
    void lease(RowId id, const Uuid& owner, Timestamp until) override;

  private:
    std::optional<Timestamp> next_due(RowId id, const StoredWebhook& webhook) const;
    std::vector<SigningSecret> secrets_of(WebhookId id) const;
};

class MemoryDeliveries final : public commit::DeliveryTable, MemoryTable {
  public:
    using MemoryTable::MemoryTable;
    void insert(RowId webhook, const OutboxEvent& event) override;
    std::optional<commit::DeliveryRow> find(RowId webhook, EventId event) override;
    std::optional<std::int64_t> attempts(RowId id, RowId webhook) override;
    void finish(const commit::DeliveryOutcome& outcome, DeliveryStatus status,
                std::optional<Timestamp> delivered_at) override;
    void delay(const commit::DeliveryOutcome& outcome, Timestamp due) override;
    void renew(RowId id) override;
    void hasten(RowId id) override;

  private:
    StoredDelivery& write_attempt(const commit::DeliveryOutcome& outcome);
};

class MemoryDevices final : public commit::DeviceTable, MemoryTable {
  public:
    using MemoryTable::MemoryTable;
    std::optional<commit::DeviceOwner> find(RowId workspace, std::string_view token) override;
    void insert(RowId workspace, RowId user, const Device& device) override;
    void update(DeviceRow id, DevicePlatform platform, Timestamp at) override;
    bool remove(DeviceRow id) override;
    void remove_unused(RowId user, std::int64_t keep) override;
};

class MemoryPush final : public commit::PushTable, MemoryTable {
  public:
    using MemoryTable::MemoryTable;
    std::int64_t pending() override;
    void add_pending(std::int64_t change) override;
    void insert(RowId message, Timestamp at) override;
    std::vector<PushJob> due(Timestamp now, std::int64_t limit) override;
    void lease(RowId id, const Uuid& owner, Timestamp until) override;
    bool is_leased(RowId id, const Uuid& owner) override;
    void insert_retry(const mutation::FinishPushPart& finish) override;
    void go_on(RowId id, UserId after) override;
    void remove(RowId id) override;
};

class MemoryTables final : public commit::Tables {
  public:
    commit::WorkspaceTable& workspaces() override { return workspaces_; }
    commit::UserTable& users() override { return users_; }
    commit::ChannelTable& channels() override { return channels_; }
    commit::MemberTable& members() override { return members_; }
    commit::MessageTable& messages() override { return messages_; }
    commit::ReactionTable& reactions() override { return reactions_; }
    commit::ModerationTable& moderation() override { return moderation_; }
    commit::BlockTable& blocks() override { return blocks_; }
    commit::WebhookTable& webhooks() override { return webhooks_; }
    commit::DeliveryTable& deliveries() override { return deliveries_; }
    commit::DeviceTable& devices() override { return devices_; }
    commit::PushTable& push() override { return push_; }
    void prepare(std::span<const Mutation> batch) override { names.begin(batch); }
    /// Returns equal bytes for an equal number of events before it.
    void randomize(std::span<std::uint8_t> bytes) override;
    bool failed() const override { return false; }

    /// Everything stored. Assigning an earlier copy restores it.
    MemoryRows rows{};
    /// How many calls have written.
    std::int64_t writes = 0;
    /// Checks from the first batch on.
    NamedRows names{rows};

  private:
    MemoryWorkspaces workspaces_{rows, writes, names};
    MemoryUsers users_{rows, writes, names};
    MemoryChannels channels_{rows, writes, names};
    MemoryMembers members_{rows, writes, names};
    MemoryMessages messages_{rows, writes, names};
    MemoryReactions reactions_{rows, writes, names};
    MemoryModeration moderation_{rows, writes, names};
    MemoryBlocks blocks_{rows, writes, names};
    MemoryWebhooks webhooks_{rows, writes, names};
    MemoryDeliveries deliveries_{rows, writes, names};
    MemoryDevices devices_{rows, writes, names};
    MemoryPush push_{rows, writes, names};
};

}  // namespace cariosan::test
