/// What a `Storage` gives to the rules of writing (`cariosan/commit.hpp`): its tables, inside one transaction. Only the
/// implementer of a `Storage` needs this.
///
/// **What holds for all methods.** Called by the thread that commits, one at a time. A method that reads sees what was written
/// before it in the same transaction, by whichever method. Which rows there may be is the rules' business: a table refuses
/// nothing. When the storage fails, the failure is the storage's to remember: what is read then counts for nothing (no row, a
/// zero), what is written is lost, and the transaction is not committed. No method throws but `std::bad_alloc`.
///
/// **Who calls whom.** `Storage::commit` begins a transaction, makes a `CommitBatch` over its tables (which calls
/// `Tables::prepare`), applies each mutation, flushes, and commits. It may delay writes and send many at once, as long as
/// later reads see them.
#pragma once

#include <cariosan/commit_rows.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cariosan::commit {

class WorkspaceTable {
  public:
    virtual ~WorkspaceTable() = default;
    virtual std::optional<WorkspaceRow> find(WorkspaceId id) = 0;
    /// With its first secret.
    virtual void insert(const mutation::CreateWorkspace& create) = 0;
    virtual void update(const WorkspaceRow& row) = 0;
    virtual void remove(RowId id, Timestamp at) = 0;
    /// The defaults if they were never changed.
    virtual ModerationSettings moderation(const WorkspaceRow& row) = 0;
    virtual void write_moderation(RowId id, const ModerationSettings& settings) = 0;
    /// Lets all secrets that are good for longer expire at `expire_at`, forgets those that have expired at `now`, and of the
    /// rest those that expire first until `keep` are left.
    virtual void retire_secrets(RowId id, Timestamp now, Timestamp expire_at, std::int64_t keep) = 0;
    virtual void insert_secret(RowId id, std::string_view api_key, const Digest& secret_hash) = 0;
    /// Absent if messages may be edited for ever.
    virtual std::optional<std::int64_t> edit_window_seconds(RowId id) = 0;
};

class UserTable {
  public:
    virtual ~UserTable() = default;
    // A deleted user is not found but by `find_deleted`.
    virtual std::optional<UserRow> find(RowId workspace, UserId id) = 0;
    virtual std::optional<ProfileRow> find_profile(RowId workspace, UserId id) = 0;
    virtual std::optional<ProfileRow> find_profile(RowId workspace, std::string_view external_id) = 0;
    virtual std::optional<DeletedUserRow> find_deleted(RowId workspace, UserId id) = 0;
    virtual void insert(RowId workspace, const User& user) = 0;
    virtual void update(RowId id, const User& user) = 0;
    /// Absent: lifts it.
    virtual void write_suspension(RowId id, const std::optional<Suspension>& suspension) = 0;
    /// Blanks what the user says about themselves, and frees their external id.
    virtual void remove(RowId id, Timestamp at, UnfinishedDeletion left) = 0;
    /// What else there is of a deleted user; of the reports those that the user filed.
    enum class Rest : std::uint8_t { silences, blocks, devices, excerpts, reports };
    /// Takes at most 500 rows of it away, or blanks them; false if there were none.
    virtual bool drop_some(RowId id, Rest rest) = 0;
    /// Nothing is left any more.
    virtual void finish_deletion(RowId id) = 0;
    /// Moves forward only; of no user: does nothing.
    virtual void record_last_seen(UserId id, Timestamp at) = 0;
};

class ChannelTable {
  public:
    virtual ~ChannelTable() = default;
    virtual std::optional<ChannelRow> find(WorkspaceId workspace, ChannelId id) = 0;
    virtual std::optional<ExternalChannel> find_external(RowId workspace, std::string_view external_id) = 0;
    /// The direct channel of two users, in either order.
    virtual std::optional<ChannelId> find_direct(RowId one, RowId other) = 0;
    /// Without its members; `users` are those of `create.members`.
    virtual void insert(RowId workspace, const mutation::CreateChannel& create, std::span<const UserRow> users) = 0;
    /// Revisions, `last_seq`, last message and activity, number of members.
    virtual void update(const ChannelRow& row) = 0;
    /// Name, avatar, metadata, slow mode, whether it is frozen, and their revision.
    virtual void update_settings(const ChannelRow& row) = 0;
    virtual void remove(RowId id, Timestamp at) = 0;
    /// Whether one of the two of a direct channel was deleted.
    virtual bool has_deleted_user(RowId id) = 0;
    /// The channels that a user is in.
    virtual std::vector<ChannelId> list_of(RowId user) = 0;
};

class MemberTable {
  public:
    virtual ~MemberTable() = default;
    /// Also of a user who is no member, and of a deleted one; absent if the workspace has no such user.
    virtual std::optional<MemberRow> find(const ChannelRow& channel, UserId user) = 0;
    virtual void write(RowId channel, const MemberRow& row) = 0;
    /// The four positions, `receipt_rev` and `last_sent_at`.
    virtual void update_receipts(RowId channel, const MemberRow& row) = 0;
    /// `muted`, `pinned`, `archived_seq`, `unread_mark` and `preferences_rev`, which becomes that of the user, too.
    virtual void update_preferences(RowId channel, const MemberRow& row) = 0;
    /// Adds to the number that `UserRow::membership_count` shows.
    virtual void add_memberships(RowId user, std::int64_t change) = 0;
    /// The exact number.
    virtual std::int64_t count_memberships(RowId user) = 0;
    /// Whether a member of the channel is an admin; deleted users count until their membership ends.
    virtual bool has_admin(RowId channel) = 0;
    // Whether somebody but `user`, who was not deleted, is an admin, or a member.
    virtual bool has_other_admin(RowId channel, RowId user) = 0;
    virtual bool has_other_member(RowId channel, RowId user) = 0;
    /// Counted as `ChannelReader::list_of` counts.
    virtual UnreadCounts unread(const ChannelRow& channel, const MemberRow& row) = 0;
};

class MessageTable {
  public:
    virtual ~MessageTable() = default;
    virtual std::optional<SentRow> find_sent(RowId channel, RowId author, std::string_view idempotency_key) = 0;
    virtual std::optional<MessageRow> find(const ChannelRow& channel, MessageId id) = 0;
    /// To be quoted.
    virtual std::optional<ParentRow> find_parent(RowId channel, MessageId id) = 0;
    /// The first message of the channel with this key, by any author.
    virtual std::optional<ParentRow> find_parent(RowId channel, std::string_view idempotency_key) = 0;
    /// What the user `viewer` sees of it (0: nobody in particular), with mentions and reactions; a quote is not hidden from anybody
    /// yet.
    virtual Message read(RowId id, const ChannelRow& channel, RowId viewer) = 0;
    /// The id is needed at once, for the channel's last message and for push jobs: where ids come over a network, take as many
    /// as the batch may need in `Tables::prepare`.
    virtual RowId insert(const NewMessage& message) = 0;
    virtual void set_parent(RowId id, std::int64_t rev, RowId parent) = 0;
    // The next two inform the search index, which has to remove the old text.
    virtual void edit(const MessageRow& before, std::int64_t rev, Timestamp at, std::string_view content) = 0;
    /// Takes text, attachment, metadata, mentions, reactions and the pin away, and returns what `read` then says of it. An attachment
    /// is kept for `MessageReader::erased_files`.
    virtual Message blank(const MessageRow& before, const ChannelRow& channel, std::int64_t rev, Timestamp at) = 0;
    /// Absent: unpins it.
    virtual void write_pin(RowId id, std::int64_t rev, const std::optional<Timestamp>& at, RowId by) = 0;
    virtual std::int64_t count_pins(RowId channel) = 0;
    virtual std::vector<mutation::MentionedUser> mentioned(RowId id) = 0;
    virtual void replace_mentions(const MessageRow& before, RowId channel, std::span<const StoredMention> mentions) = 0;
    /// The mentions stay.
    virtual void drop_spans(RowId id) = 0;
    /// By `ErasedFile::row`.
    virtual void forget_erased_file(RowId row) = 0;
};

/// Emoji are compared byte by byte here.
class ReactionTable {
  public:
    virtual ~ReactionTable() = default;
    /// The user's one reaction to a message; empty if there is none.
    virtual std::string find(RowId message, RowId user) = 0;
    virtual void write(RowId message, RowId user, std::string_view emoji, Timestamp at) = 0;
    virtual void remove(RowId message, RowId user) = 0;
    virtual EmojiCount count(RowId message, std::string_view emoji) = 0;
    /// `rev` tells in which order emoji were first used.
    virtual void write_count(RowId message, std::string_view emoji, std::int64_t rev, const EmojiCount& count) = 0;
    virtual void remove_count(RowId message, std::string_view emoji) = 0;
    virtual void update_message(RowId message, std::int64_t rev, std::int64_t emoji_count) = 0;
};

/// Who may not write, what moderation has found, and what users have reported. Channel 0: the whole workspace.
class ModerationTable {
  public:
    virtual ~ModerationTable() = default;
    virtual std::optional<SilenceRow> find_silence(RowId user, RowId channel) = 0;
    /// The ends of those that hold at `now`, of the channel and of the workspace: at most two.
    virtual std::vector<std::optional<Timestamp>> silences_of(RowId user, RowId channel, Timestamp now) = 0;
    virtual void write_silence(RowId workspace, RowId user, RowId channel, const Silence& silence) = 0;
    virtual void remove_silence(RowId user, RowId channel) = 0;
    /// Adds to `MemberRow::silence_count`.
    virtual void add_silences(RowId user, std::int64_t change) = 0;
    virtual void insert_record(const ChannelRow& channel, RowId user, const std::optional<MessageId>& message, Timestamp at,
                               const ModerationMatch& match) = 0;
    /// Whether the user has reported this message or user.
    virtual bool has_report(RowId reporter, const Uuid& thing) = 0;
    virtual void insert_report(const NewReport& added) = 0;
    virtual std::optional<ReportRow> find_report(RowId workspace, ReportId id) = 0;
    virtual void update_report(const ReportRow& row) = 0;
};

class BlockTable {
  public:
    virtual ~BlockTable() = default;
    /// Since when.
    virtual std::optional<Timestamp> find(RowId user, UserId blocked) = 0;
    virtual BlockerRow blocker(RowId user) = 0;
    virtual void insert(RowId workspace, RowId user, const UserRow& blocked, Timestamp at) = 0;
    virtual void remove(RowId user, UserId blocked) = 0;
    /// Adds to the count and raises `blocks_rev`.
    virtual void add_blocks(RowId user, std::int64_t change) = 0;
};

class WebhookTable {
  public:
    virtual ~WebhookTable() = default;
    virtual std::vector<ListeningWebhook> listening(WorkspaceId workspace) = 0;
    virtual std::optional<WebhookRow> find(WebhookId id) = 0;
    virtual std::int64_t count(RowId workspace) = 0;
    /// Without its secret.
    virtual void insert(RowId workspace, const mutation::CreateWebhook& create) = 0;
    virtual void update(RowId id, const Webhook& webhook) = 0;
    virtual void disable(RowId id, std::string_view reason, Timestamp at) = 0;
    /// Its secrets are removed by `forget_secrets`.
    virtual void remove(RowId id) = 0;
    /// Newest first, those that have expired and were not yet purged included.
    virtual std::vector<SigningSecret> secrets(WebhookId id) = 0;
    /// The newest made under the key, however old; also of a webhook that was removed.
    virtual std::optional<KeyedSecret> find_keyed(RowId workspace, std::string_view key) = 0;
    virtual void insert_secret(RowId workspace, WebhookId id, const NewSecret& secret) = 0;
    /// Sets the end of the one in force.
    virtual void retire_secret(WebhookId id, Timestamp expires_at) = 0;
    /// Removes their texts; the keys they were made under stay until `expires_at`.
    virtual void forget_secrets(WebhookId id, Timestamp expires_at) = 0;
    virtual void add_pending(RowId id, std::int64_t change) = 0;
    /// Both counts of failures in a row.
    virtual void write_failures(RowId id, std::int64_t attempts, std::int64_t deliveries) = 0;
    /// All that is pending is to fail, in steps of `Storage::maintain`.
    virtual void give_up_pending(RowId id) = 0;
    /// Those that `LeaseWebhooks` speaks of, in its order.
    virtual std::vector<ReadyWebhook> ready(const mutation::LeaseWebhooks& lease) = 0;
    virtual void lease(RowId id, const Uuid& owner, Timestamp until) = 0;
};

class DeliveryTable {
  public:
    virtual ~DeliveryTable() = default;
    /// Due at once. `event.id` is set.
    virtual void insert(RowId webhook, const OutboxEvent& event) = 0;
    virtual std::optional<DeliveryRow> find(RowId webhook, EventId event) = 0;
    /// How often a pending one was tried; absent if it is not pending any more, or of another webhook.
    virtual std::optional<std::int64_t> attempts(RowId id, RowId webhook) = 0;
    virtual void finish(const DeliveryOutcome& outcome, DeliveryStatus status, std::optional<Timestamp> delivered_at) = 0;
    virtual void delay(const DeliveryOutcome& outcome, Timestamp due) = 0;
    /// Pending again, as if it had never been tried.
    virtual void renew(RowId id) = 0;
    /// Due at once.
    virtual void hasten(RowId id) = 0;
};

class DeviceTable {
  public:
    virtual ~DeviceTable() = default;
    virtual std::optional<DeviceOwner> find(RowId workspace, std::string_view token) = 0;
    virtual void insert(RowId workspace, RowId user, const Device& device) = 0;
    /// Of a device that is registered again.
    virtual void update(DeviceRow id, DevicePlatform platform, Timestamp at) = 0;
    /// False if there is no such device.
    virtual bool remove(DeviceRow id) = 0;
    /// All of a user but the `keep` that they registered last.
    virtual void remove_unused(RowId user, std::int64_t keep) = 0;
};

class PushTable {
  public:
    virtual ~PushTable() = default;
    virtual std::int64_t pending() = 0;
    virtual void add_pending(std::int64_t change) = 0;
    /// Due at once, for everyone.
    virtual void insert(RowId message, Timestamp at) = 0;
    /// Those that `LeasePushJobs` speaks of, in its order.
    virtual std::vector<PushJob> due(Timestamp now, std::int64_t limit) = 0;
    virtual void lease(RowId id, const Uuid& owner, Timestamp until) = 0;
    virtual bool is_leased(RowId id, const Uuid& owner) = 0;
    /// A job for only the devices in `finish.retry`.
    virtual void insert_retry(const mutation::FinishPushPart& finish) = 0;
    /// The job continues after this user, with no lease.
    virtual void go_on(RowId id, UserId after) = 0;
    virtual void remove(RowId id) = 0;
};

/// The tables of one transaction.
class Tables {
  public:
    virtual ~Tables() = default;
    virtual WorkspaceTable& workspaces() = 0;
    virtual UserTable& users() = 0;
    virtual ChannelTable& channels() = 0;
    virtual MemberTable& members() = 0;
    virtual MessageTable& messages() = 0;
    virtual ReactionTable& reactions() = 0;
    virtual ModerationTable& moderation() = 0;
    virtual BlockTable& blocks() = 0;
    virtual WebhookTable& webhooks() = 0;
    virtual DeliveryTable& deliveries() = 0;
    virtual DeviceTable& devices() = 0;
    virtual PushTable& push() = 0;
    /// Called once for each batch, before anything else. Where every statement is a round trip, this is the place to load, and to
    /// lock, what `footprint_of(batch)` names (`cariosan/commit_footprint.hpp`), so that what the rules ask then is answered from
    /// memory. Where a statement costs next to nothing, as in SQLite, there is nothing to do, and nobody makes a footprint.
    virtual void prepare(std::span<const Mutation>) {}
    /// Random bytes for the ids of events (`OutboxEvent::id`); unique is enough, they are no secret.
    virtual void randomize(std::span<std::uint8_t> bytes) = 0;
    /// Whether the storage has failed in this transaction: then nothing more is worth doing.
    virtual bool failed() const = 0;
};

}  // namespace cariosan::commit
