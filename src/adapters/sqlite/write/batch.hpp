/// The mutations of one batch, inside one transaction.
///
/// The channels and memberships a batch touches are read once, changed here, and written once at its end (`flush`): a
/// hundred messages to a channel cost one update of its row. A mutation first checks everything that can make it fail and
/// only then writes, so that one that is refused leaves no trace. When SQL itself fails the connection says so
/// (`Connection::failed`), and what an `apply` returned then means nothing.
#pragma once

#include <cariosan/storage.hpp>
#include <string>
#include <unordered_map>
#include <vector>

#include "adapters/sqlite/write/write_statements.hpp"

namespace cariosan::sqlite {

/// A channel as the batch has made it.
struct ChannelRow {
    std::int64_t id = 0;
    WorkspaceId workspace;
    std::int64_t workspace_row = 0;
    std::optional<std::int64_t> last_message;
    Timestamp last_activity;
    Channel channel;
    bool receipts_moved = false;  ///< this batch has its `receipt_rev` already
    bool dirty = false;
};

/// A user and its place in one channel, as the batch has made it.
struct MemberRow {
    std::int64_t user = 0;
    std::int64_t silence_count = 0;  ///< stored silences of the user, anywhere; some may be over
    std::int64_t block_count = 0;  ///< how many others the user has blocked
    UserSummary summary;
    bool present = false;
    Role role = Role::member;
    bool muted = false;
    std::int64_t rev = 0;
    std::int64_t joined_rev = 0;
    Timestamp joined_at;
    std::int64_t last_read_seq = 0;
    std::optional<Timestamp> last_read_at;
    std::int64_t last_delivered_seq = 0;
    std::optional<Timestamp> last_delivered_at;
    std::int64_t receipt_rev = 0;
    bool dirty = false;  ///< the cursors

    Member member() const;
    Receipt receipt() const;
};

struct MemberKey {
    std::int64_t channel = 0;
    UserId user;
    bool operator==(const MemberKey&) const = default;
};
struct MemberKeyHash {
    std::size_t operator()(const MemberKey& key) const noexcept {
        return std::hash<UserId>{}(key.user) ^ (static_cast<std::size_t>(key.channel) * 0x9e3779b97f4a7c15U);
    }
};

/// An enabled webhook of a workspace.
struct ListeningWebhook {
    std::int64_t id = 0;
    WebhookEvents events{};
    std::int64_t pending = 0;
    std::int64_t added = 0;  ///< by this batch, not yet counted in `pending`
};

/// What a batch has come to. Copied where a mutation must be undone alone.
struct BatchState {
    std::unordered_map<ChannelId, ChannelRow> channels;
    std::unordered_map<MemberKey, MemberRow, MemberKeyHash> members;
    std::unordered_map<WorkspaceId, std::vector<ListeningWebhook>> listening;  ///< of workspaces it has touched
    std::optional<std::int64_t> push_pending;  ///< how many push jobs there are, once it was asked
    std::int64_t push_change = 0;              ///< of that number, not yet written
    bool wrote = false;    ///< something is to be committed
    bool deleted = false;  ///< something was marked for purging
    bool blanked = false;  ///< text was taken away that has to leave the files
};

class Batch {
  public:
    explicit Batch(WriteStatements& sql) : sql_(sql) {}

    Result<Committed> apply(const Mutation& mutation);
    /// Writes what was changed here alone.
    void flush();

    const BatchState& state() const noexcept { return state_; }
    void restore(BatchState state) { state_ = std::move(state); }

  private:
    Result<Committed> apply(const mutation::CreateWorkspace& create);
    Result<Committed> apply(const mutation::UpdateWorkspace& update);
    Result<Committed> apply(const mutation::DeleteWorkspace& remove);
    Result<Committed> apply(const mutation::RotateSecret& rotate);
    Result<Committed> apply(const mutation::UpsertUser& upsert);
    Result<Committed> apply(const mutation::UpdateUser& update);
    Result<Committed> apply(const mutation::CreateChannel& create);
    Result<Committed> apply(const mutation::UpdateChannel& update);
    Result<Committed> apply(const mutation::DeleteChannel& remove);
    Result<Committed> apply(const mutation::AddMembers& add);
    Result<Committed> apply(const mutation::UpdateMember& update);
    Result<Committed> apply(const mutation::RemoveMember& remove);
    Result<Committed> apply(const mutation::SendMessage& send);
    Result<Committed> apply(const mutation::MoveCursor& move);
    Result<Committed> apply(const mutation::MuteChannel& mute);
    Result<Committed> apply(const mutation::EditMessage& edit);
    Result<Committed> apply(const mutation::DeleteMessage& remove);
    Result<Committed> apply(const mutation::AddReaction& add);
    Result<Committed> apply(const mutation::RemoveReaction& remove);
    Result<Committed> apply(const mutation::SilenceUser& request);
    Result<Committed> apply(const mutation::UnsilenceUser& request);
    Result<Committed> apply(const mutation::BlockUser& request);
    Result<Committed> apply(const mutation::UnblockUser& request);
    Result<Committed> apply(const mutation::RecordLastSeen& record);
    Result<Committed> apply(const mutation::DeleteUser& remove);
    Result<Committed> apply(const mutation::FinishDeletion& finish);
    Result<Committed> apply(const mutation::RecordModeration& record);
    Result<Committed> apply(const mutation::CreateWebhook& create);
    Result<Committed> apply(const mutation::UpdateWebhook& update);
    Result<Committed> apply(const mutation::DeleteWebhook& remove);
    Result<Committed> apply(const mutation::PingWebhook& request);
    Result<Committed> apply(const mutation::RetryDelivery& request);
    Result<Committed> apply(const mutation::LeaseWebhooks& lease);
    Result<Committed> apply(const mutation::FinishDeliveries& finish);
    Result<Committed> apply(const mutation::RegisterDevice& request);
    Result<Committed> apply(const mutation::RemoveDevice& request);
    Result<Committed> apply(const mutation::LeasePushJobs& lease);
    Result<Committed> apply(const mutation::FinishPushPart& finish);

    struct WorkspaceRow {
        std::int64_t id = 0;
        Workspace workspace;
    };
    struct UserRow {
        std::int64_t id = 0;
        std::int64_t membership_count = 0;
        UserSummary summary;
    };
    struct Parent {
        std::int64_t id = 0;
        Quote quote;
    };

    /// A message as it is before a mutation changes it; `content` is the text a search index knows.
    struct StoredMessage {
        std::int64_t id = 0;
        std::int64_t seq = 0;
        std::int64_t rev = 0;
        MessageType type = MessageType::text;
        std::int64_t mention_count = 0;
        std::int64_t emoji_count = 0;
        Timestamp created_at;
        std::optional<Timestamp> deleted_at;
        UserId author;
        std::string content;
        bool has_attachment = false;
    };
    /// Whom an edited message mentions from then on, and whom it had not mentioned.
    struct MentionChange {
        std::vector<const MemberRow*> all;
        std::vector<UserId> added;
    };
    /// What a mutation of a message works on.
    struct Target {
        ChannelRow* channel = nullptr;
        const MemberRow* actor = nullptr;  ///< null: the backend
        StoredMessage message;
        std::optional<MentionChange> mentions{};  ///< nothing: they stay

        std::int64_t viewer() const { return actor != nullptr ? actor->user : 0; }
    };

    /// A silence, stored or to be stored.
    struct SilencePlace {
        std::int64_t workspace = 0;
        std::int64_t user = 0;
        std::int64_t channel = 0;  ///< 0: the whole workspace
        bool there = false;
        Silence silence;
    };

    /// A webhook that was not deleted.
    struct WebhookRow {
        std::int64_t id = 0;
        std::int64_t pending = 0;
        std::int64_t failed_attempts = 0;
        std::int64_t failed_deliveries = 0;
        std::optional<Uuid> lease_owner;
        std::string secret;
        WorkspaceId workspace;
        Webhook webhook;
    };
    /// Whose device a token is.
    struct DeviceOwner {
        std::int64_t id = 0;
        std::int64_t user = 0;
        DevicePlatform platform = DevicePlatform::android;
        Timestamp created_at;
    };

    // Nothing: no such thing in that workspace.
    std::optional<WorkspaceRow> find_workspace(WorkspaceId workspace);
    std::optional<UserRow> find_user(std::int64_t workspace, UserId user);
    std::optional<DeviceOwner> find_device(std::int64_t workspace, const std::string& token);
    ChannelRow* find_channel(WorkspaceId workspace, ChannelId channel);
    MemberRow* find_member(const ChannelRow& channel, UserId user);
    /// Also a deleted user.
    MemberRow* find_any_member(const ChannelRow& channel, UserId user);

    /// Whether `actor` (nothing: the backend) may change a channel's settings or members.
    Result<Done> check_actor(const ChannelRow& channel, const std::optional<UserId>& actor);
    bool has_room(std::int64_t user, std::int64_t membership_count, std::int64_t limit);
    bool has_admin(const ChannelRow& channel);
    bool has_other_admin(const ChannelRow& channel, const MemberRow& member);
    /// Whether others would be left without an admin if this one went.
    bool is_last_admin(const ChannelRow& channel, const MemberRow& member);
    /// `forbidden` in a direct channel whose other user was deleted.
    Result<Done> check_open(const ChannelRow& channel);
    void write_member(ChannelRow& channel, MemberRow& member);
    void add_membership(std::int64_t user, std::int64_t change) { sql_.add_memberships.run(user, change); }
    /// Puts both cursors on `seq` without a receipt.
    static void place_cursors(MemberRow& member, std::int64_t seq, std::optional<Timestamp> at);
    /// The `receipt_rev` of this batch in the channel.
    static std::int64_t move_receipts(ChannelRow& channel);
    static std::int64_t next_rev(ChannelRow& channel);

    Result<Committed> insert_user(std::int64_t workspace, const mutation::UpsertUser& upsert);
    /// Writes a user that is there as it is to be, unless it is that already.
    Committed write_user(std::int64_t row, User user, bool differs, Timestamp at);

    Committed existing_channel(WorkspaceId workspace, ChannelId channel);
    Result<std::vector<UserRow>> creation_members(const mutation::CreateChannel& create,
                                                  std::int64_t workspace);
    std::optional<Result<Committed>> known_channel(const mutation::CreateChannel& create,
                                                   std::int64_t workspace,
                                                   const std::vector<UserRow>& direct);
    Committed insert_channel(const mutation::CreateChannel& create, std::int64_t workspace,
                             const std::vector<UserRow>& users);
    Result<std::vector<MemberRow*>> joining(const mutation::AddMembers& add, const ChannelRow& channel);
    void join(ChannelRow& channel, MemberRow& member, Role role, Timestamp at);

    /// Who sends, and where.
    struct SendPlace {
        ChannelRow* channel = nullptr;
        MemberRow* author = nullptr;
    };
    /// What a send is answered without being stored: an error, the message of a known key. Else the place is filled in.
    std::optional<Result<Committed>> answer_send(const mutation::SendMessage& send, SendPlace& place);
    std::optional<Result<Committed>> known_send(const mutation::SendMessage& send, ChannelRow& channel,
                                                const MemberRow& author);
    /// Gives a known import the parent that it was stored without, and answers whether it did.
    Result<bool> add_parent(const mutation::SendMessage& send, std::int64_t row, Message& message,
                            ChannelRow& channel);
    Result<std::optional<Parent>> find_parent(const mutation::SendMessage& send, const ChannelRow& channel);
    Result<std::vector<const MemberRow*>> find_mentioned(const mutation::SendMessage& send,
                                                         const ChannelRow& channel);
    Message make_message(const mutation::SendMessage& send, const ChannelRow& channel, const MemberRow& author,
                         const std::optional<Parent>& parent, const std::vector<const MemberRow*>& mentioned);
    void insert_message(const mutation::SendMessage& send, const Message& message, ChannelRow& channel,
                        const MemberRow& author, const std::optional<Parent>& parent,
                        const std::vector<const MemberRow*>& mentioned);

    /// To be called for each message whose text changes or goes, with the text as it was: the search index takes it back.
    void index_job(std::int64_t message_row, std::string_view old_text) {
        sql_.insert_search_job.run(message_row, old_text);
    }

    /// `muted` if the author may not write in the channel at `at`. Costs a look at a number for who was never silenced.
    Result<Done> check_not_silenced(const ChannelRow& channel, const MemberRow& author, Timestamp at);
    /// Nothing, with the reason in `error`, if user or channel are not there.
    std::optional<SilencePlace> find_silence_place(WorkspaceId workspace, UserId user,
                                                   const std::optional<ChannelId>& channel, Error& error);
    void count_silences(std::int64_t user, std::int64_t change);

    ModerationSettings find_moderation(const WorkspaceRow& workspace);
    void write_moderation(std::int64_t workspace, const ModerationSettings& settings);
    void record_matches(const ChannelRow& channel, std::int64_t user, const std::optional<MessageId>& message, Timestamp at,
                        const std::vector<ModerationMatch>& matches);
    void silence_at_least(WorkspaceId workspace, UserId user, Timestamp until, Timestamp at);
    Committed record_refusal(const ChannelRow& channel, const MemberRow& author, Timestamp at,
                             const std::vector<ModerationMatch>& matches,
                             const std::optional<Timestamp>& silence_until);

    /// Who blocks and who is blocked.
    struct BlockPair {
        std::int64_t workspace = 0;
        std::int64_t user = 0;
        std::int64_t blocked = 0;
        std::int64_t count = 0;  ///< blocks of `user`
        bool there = false;
        CommittedBlock result;
    };
    Result<BlockPair> find_block_pair(WorkspaceId workspace, UserId user, UserId blocked);
    void count_blocks(BlockPair& pair, std::int64_t change);
    /// Whether the user has blocked `author`. Costs a look at a number for who has blocked nobody.
    bool hides(const MemberRow& user, UserId author);
    /// Marks a quote that is hidden from the user.
    void mark_quote(Message& message, const MemberRow* user);

    bool has_room_for_push_job();
    void count_push_jobs(std::int64_t change);
    /// Unless there are too many already.
    void insert_push_job(std::int64_t message, Timestamp at);

    /// Finds channel, acting member and message; a deleted one only if `deleted_too`.
    Result<Target> find_target(WorkspaceId workspace, ChannelId channel, MessageId message,
                               const std::optional<UserId>& actor, bool deleted_too);
    Result<Done> check_edit(const Target& target, const mutation::EditMessage& edit);
    Result<Done> check_edit_window(const Target& target, Timestamp at);
    /// `conflict`, with the message as it is.
    Error changed_meanwhile(const Target& target);
    Result<std::optional<MentionChange>> find_mention_change(const Target& target, const mutation::EditMessage& edit);
    void write_mentions(const Target& target, const MentionChange& change);
    static bool says_already(const StoredMessage& message, const mutation::EditMessage& edit);
    /// What an edit is answered without changing anything: an error, the message that says so already. Else the target is
    /// filled in.
    std::optional<Result<Committed>> answer_edit(const mutation::EditMessage& edit, Target& target);
    /// How often a message was reacted to with an emoji, and how that emoji is shown.
    struct EmojiCount {
        std::int64_t count = 0;
        std::string shown;
    };
    // Emoji are `emoji_key`s here, but where they are `written`.
    /// The user's own reaction to the message, empty if there is none.
    std::string own_reaction(const Target& target);
    EmojiCount count_reactions(std::int64_t message, const std::string& emoji);
    /// Adds or takes one from the count of an emoji; the number of distinct emoji follows. Answers how the emoji is, or was,
    /// shown.
    std::string change_count(StoredMessage& message, const std::string& emoji, std::string_view written, std::int64_t change,
                             std::int64_t rev);
    /// The message as it is after the mutation.
    Committed message_done(const Target& target, bool changed);

    /// Writes what is to be told about a mutation that was applied. Costs a look at a list where nobody listens.
    void write_outbox(const Mutation& mutation, Committed& done);
    std::vector<ListeningWebhook>& listening(WorkspaceId workspace);
    /// To be called before the webhooks of a workspace change.
    void forget_listening(WorkspaceId workspace);
    void flush_pending();
    void insert_delivery(ListeningWebhook& webhook, const OutboxEvent& event);
    void disable_overflowed(WorkspaceId workspace, Timestamp at);
    Result<Delivery> tell_one(std::int64_t webhook, OutboxEvent event);
    std::optional<WebhookRow> find_webhook(WebhookId id, std::optional<WorkspaceId> workspace);
    /// Whether the delivery is finished by it.
    bool finish_delivery(WebhookRow& row, const DeliveryResult& result);

    WriteStatements& sql_;
    BatchState state_;
};

/// The error of a channel's limit, of a user's and so on, in one wording.
Error too_many(std::string field, std::int64_t limit, std::string_view what);

}  // namespace cariosan::sqlite
