/// What a storage should do, written as simply as possible, for random tests to compare.
#pragma once

#include <cariosan/storage.hpp>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace cariosan::test {

struct ModelMember {
    bool present = false;
    Role role = Role::member;
    std::int64_t rev = 0;
    std::int64_t last_read_seq = 0;
    std::int64_t last_delivered_seq = 0;
    std::int64_t receipt_rev = 0;
    Preferences preferences{};
    std::optional<Timestamp> last_sent_at{};  ///< in slow mode
};

struct ModelReaction {
    std::string emoji;
    std::set<UserId> users;  ///< deleted ones are removed
};

struct ModelMessage {
    MessageId id;
    UserId author;
    std::string content;
    std::optional<std::string> key;
    Digest hash{};
    std::optional<MessageId> parent;
    std::vector<mutation::MentionedUser> mentions;
    std::vector<ModelReaction> reactions;  ///< in order of first use; none is empty
    bool edited = false;
    bool pinned = false;
    bool deleted = false;
    std::int64_t rev = 0;
    Timestamp created_at;

    std::string reaction_of(UserId user) const;
    void take_reaction(UserId user);
};

struct ModelChannel {
    ChannelType type = ChannelType::group;
    std::string name;
    std::map<UserId, ModelMember> members;
    std::vector<ModelMessage> messages;  ///< `seq` is the position, from 1
    std::int64_t rev = 1;
    std::int64_t settings_rev = 1;
    std::int64_t slow_mode_seconds = 0;
    bool frozen = false;
    std::int64_t receipt_rev = 0;
    bool deleted = false;

    std::int64_t last_seq() const { return static_cast<std::int64_t>(messages.size()); }
    std::int64_t member_count() const;
    bool is_member(UserId user) const;
    bool is_admin(UserId user) const;
    /// Whether the user may not write, as only admins may now.
    bool is_frozen_for(UserId user) const { return frozen && !is_admin(user); }
    /// Whether the user has to wait, in slow mode.
    bool is_too_soon(UserId user, Timestamp at) const;
    /// Whether an admin among `living` is left without this one, or nobody is left who needs one.
    bool can_lose(UserId admin, const std::set<UserId>& living) const;
    const ModelMessage* find(MessageId id) const;
    ModelMessage* find(MessageId id);
    /// The first message with this key, whoever wrote it.
    const ModelMessage* find_key(const std::optional<std::string>& key) const;
};

/// The expected answer to a mutation.
struct Expected {
    std::optional<ErrorCode> error{};
    std::int64_t rev = 0;
    bool changed = true;
    bool created = false;
    bool duplicate = false;
};

inline Expected refused(ErrorCode code) { return {.error = code}; }
inline Expected unchanged(const ModelChannel& channel) { return {.error = {}, .rev = channel.rev, .changed = false}; }
inline Expected changed(const ModelChannel& channel) { return {.error = {}, .rev = channel.rev}; }

/// One workspace, whose users are created beforehand.
class Model {
  public:
    void begin_batch() { receipts_moved_.clear(); }
    Expected apply(const Mutation& mutation);

    std::set<UserId> users;
    /// Deleted with everything they wrote; the deletion is not finished yet.
    std::set<UserId> erased;
    std::optional<std::int64_t> edit_window_seconds;
    std::map<ChannelId, ModelChannel> channels;
    /// By user and channel (absent: the whole workspace): the end of the silence.
    std::map<std::pair<UserId, std::optional<ChannelId>>, std::optional<Timestamp>> silences;
    /// The silences in the whole workspace that moderation made.
    std::set<UserId> moderated;
    /// By the user who blocks.
    std::map<UserId, std::set<UserId>> blocks;
    std::map<UserId, std::int64_t> blocks_revs;
    std::map<UserId, std::int64_t> preferences_revs;
    /// The ends of suspensions.
    std::map<UserId, std::optional<Timestamp>> suspensions;

    bool hides(UserId viewer, UserId author) const;
    /// Whether nobody can read its text any more.
    bool is_gone(const ModelMessage& message) const { return message.deleted || erased.contains(message.author); }
    /// What a member could read and has not.
    std::int64_t unread(const ModelChannel& channel, UserId viewer) const;

  private:
    Expected block(UserId user, UserId blocked, bool wanted, std::int64_t max_blocks);
    Expected suspend(const mutation::SuspendUser& suspend);
    bool is_suspended(UserId user, Timestamp at) const;
    bool is_silenced(UserId user, ChannelId channel, Timestamp at) const;
    std::optional<ErrorCode> check_silence(UserId user, const std::optional<ChannelId>& channel) const;
    Expected silence(const mutation::SilenceUser& silence);
    Expected unsilence(const mutation::UnsilenceUser& unsilence);
    Expected apply(const mutation::RecordModeration& record);
    Expected apply(const mutation::MoveDelivered& move);
    /// An answer given before anything is stored: a refusal or a known message.
    std::optional<Expected> answer_send(ModelChannel& channel, const mutation::SendMessage& send);
    /// Like `answer_send`: a refusal, or the message because it already has this text.
    std::optional<Expected> answer_edit(const ModelChannel& channel, const mutation::EditMessage& edit) const;
    /// Whether a user may join one more channel.
    bool has_room(UserId user, std::int64_t max_memberships) const;
    Expected apply_to(ModelChannel& channel, const mutation::SendMessage& send);
    Expected apply_to(ModelChannel& channel, const mutation::AddMembers& add);
    Expected apply_to(ModelChannel& channel, const mutation::UpdateMember& update);
    Expected apply_to(ModelChannel& channel, const mutation::RemoveMember& remove);
    Expected apply_to(ModelChannel& channel, const mutation::MoveReceipt& move);
    Expected apply_to(ModelChannel& channel, const mutation::SetPreferences& set);
    Expected apply_to(ModelChannel& channel, const mutation::UpdateChannel& update);
    Expected apply_to(ModelChannel& channel, const mutation::DeleteChannel& remove);
    Expected apply_to(ModelChannel& channel, const mutation::EditMessage& edit);
    Expected apply_to(ModelChannel& channel, const mutation::DeleteMessage& remove);
    Expected apply_to(ModelChannel& channel, const mutation::PinMessage& pin);
    Expected apply_to(ModelChannel& channel, const mutation::AddReaction& add);
    Expected apply_to(ModelChannel& channel, const mutation::RemoveReaction& remove);
    Expected create(const mutation::CreateChannel& create);
    Expected delete_user(const mutation::DeleteUser& remove);
    /// A member that was not deleted.
    bool is_member(const ModelChannel& channel, UserId user) const;
    std::optional<ErrorCode> check_actor(const ModelChannel& channel, const std::optional<UserId>& actor) const;
    /// Whether it is a direct channel with a deleted user.
    bool is_closed(const ModelChannel& channel) const;
    std::int64_t move_receipts(ModelChannel& channel);

    std::set<const ModelChannel*> receipts_moved_;
};

}  // namespace cariosan::test
