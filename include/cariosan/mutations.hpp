/// Every durable change as a typed mutation, and what it did. Part of the storage contract (`cariosan/storage.hpp`).
#pragma once

#include <array>
#include <cariosan/commands.hpp>
#include <cariosan/crypto.hpp>
#include <cariosan/error.hpp>
#include <cariosan/moderation.hpp>
#include <cariosan/outbox.hpp>
#include <cariosan/push.hpp>
#include <cariosan/types.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace cariosan {

/// When the last connection of a user ended.
struct LastSeen {
    UserId user{};
    Timestamp at{};
};

/// Durable changes. `at` is the time of the change; `actor`, where there is one, is the user whose right is checked again
/// inside the commit (nothing: the backend, which needs none).
namespace mutation {

struct CreateWorkspace {
    Workspace workspace{};
    std::string api_key{};
    Digest secret_hash{};                               ///< SHA-256 of the secret's text
    std::array<std::uint8_t, 32> idempotency_secret{};  ///< HMAC key for the hashes of idempotent requests
};
/// `Committed` holds the `WorkspaceSettings`. A change of `moderation` raises `Workspace::moderation_rev`.
struct UpdateWorkspace {
    WorkspaceId workspace{};
    std::optional<std::string> name{};
    std::optional<bool> read_receipts_enabled{};
    std::optional<std::optional<std::int64_t>> edit_window_seconds{};
    std::optional<ModerationPatch> moderation{};
};
/// From the commit on no reader finds the workspace; `Storage::maintain` purges its rows.
struct DeleteWorkspace {
    WorkspaceId workspace{};
    Timestamp at{};
};
/// Adds a secret to a public key; all older ones of the workspace expire at `old_expire_at` unless they expire before. Of
/// more than `max_secrets` those that expire first go at once.
struct RotateSecret {
    WorkspaceId workspace{};
    std::string api_key{};
    Digest secret_hash{};
    std::int64_t max_secrets = 16;  ///< of a workspace, the new one included
    Timestamp at{};
    Timestamp old_expire_at{};
};
/// What is absent stays as it is. `Committed::changed` is false if nothing differs. `validation_error` about `name` if a user
/// would be made without one.
struct UpsertUser {
    WorkspaceId workspace{};
    UserId
        new_id{};  ///< used if there is no such user; `conflict` if `external_id` is the internal id of another
    std::string external_id{};
    std::optional<std::string> name{};
    std::optional<std::optional<std::string>> avatar_url{};
    std::optional<std::string> metadata{};
    Timestamp at{};
    bool imported = false;  ///< no webhook is told of it
};
/// Likewise of a user that is there.
struct UpdateUser {
    WorkspaceId workspace{};
    UserId user{};
    std::optional<std::string> name{};
    std::optional<std::optional<std::string>> avatar_url{};
    std::optional<std::string> metadata{};
    Timestamp at{};
};
/// From the commit on no reader finds the user, and it acts no more; its `external_id` is free. Wherever it is read beside
/// something else it is a deleted one. Its memberships, and with `erase` its messages, are `UserDataReader`'s to tell until
/// ordinary mutations have ended them all and `FinishDeletion` was committed.
struct DeleteUser {
    WorkspaceId workspace{};
    UserId user{};
    bool erase = false;
    Timestamp at{};
};
/// Drops what else there is of a deleted user (silences, its list of blocks, devices; with `erase` the excerpts of its records of
/// moderation), at most 500 rows. When there was nothing left, the
/// deletion is done.
struct FinishDeletion {
    WorkspaceId workspace{};
    UserId user{};
};
/// A new channel begins with `rev` and `settings_rev` 1, which its members share, and `receipt_rev` 0.
/// Answers the existing channel, unchanged, for a known direct pair or a group of that `external_id` (`created` false).
/// `conflict` if `external_id` equals the internal id of another channel of the workspace.
struct CreateChannel {
    WorkspaceId workspace{};
    ChannelId new_id{};
    ChannelType type = ChannelType::group;
    std::optional<std::string> external_id{};
    std::string name{};
    std::optional<std::string> avatar_url{};
    std::string metadata{};
    std::vector<UserId> members{};     ///< distinct; exactly two if direct
    std::optional<UserId> admin{};     ///< one of `members`; groups only
    std::int64_t max_memberships = 0;  ///< per user, 0: any; over it: `validation_error` with `details.limit`
    Timestamp at{};
    bool imported = false;  ///< no webhook is told of it
};
struct UpdateChannel {
    WorkspaceId workspace{};
    ChannelId channel{};
    std::optional<UserId> actor{};  ///< must be an admin member (any member of a direct channel)
    std::optional<std::string> name{};
    std::optional<std::optional<std::string>> avatar_url{};
    std::optional<std::string> metadata{};
    Timestamp at{};
};
struct DeleteChannel {
    WorkspaceId workspace{};
    ChannelId channel{};
    Timestamp at{};
};
/// Those who are members already are left as they are and are not in `Committed`'s list. Receipts start at `last_seq`,
/// with a new `receipt_rev`; who comes back is a member like a new one. In a group that has no admin the first of them
/// becomes one, whatever `role` says. The members of a direct channel are fixed: `validation_error`.
struct AddMembers {
    WorkspaceId workspace{};
    ChannelId channel{};
    std::optional<UserId> actor{};  ///< must be an admin
    std::vector<UserId> users{};    ///< distinct
    Role role = Role::member;
    std::int64_t max_members = 0;  ///< per channel, 0: any; over it: `validation_error` with `details.limit`
    std::int64_t max_memberships = 0;  ///< per user; likewise
    Timestamp at{};
    bool imported = false;  ///< no webhook is told of it
};
/// `conflict` if it would leave a channel that has other members without an admin.
struct UpdateMember {
    WorkspaceId workspace{};
    ChannelId channel{};
    std::optional<UserId> actor{};
    UserId user{};
    Role role = Role::member;
    Timestamp at{};
};
/// `conflict` as in `UpdateMember`, where deleted users do not count as others. A user that names itself as actor leaves and
/// needs no role. A deleted user can be removed from a direct channel too.
struct RemoveMember {
    WorkspaceId workspace{};
    ChannelId channel{};
    std::optional<UserId> actor{};
    UserId user{};
    Timestamp at{};
};
/// How far a channel's newest message may be ahead of the clock before its time is not believed any more.
inline constexpr std::chrono::milliseconds kMaxTimeAhead{60'000};

/// Assigns `seq` and `rev`, moves the author's read position (without a `receipt_rev`), stores the mention rows.
/// A known (author, channel, key) with the same `request_hash` answers that message (`duplicate`), with another one
/// fails with `conflict`; this is looked at before anything else. An author who is no member any more (and must be one) is
/// answered a known message without its quote and its reactions. A known import that was stored before its parent, and is not
/// deleted, gets the parent if that is there now: a change with a `rev` of its own, neither `created` nor `duplicate`.
/// Nobody sends to, edits or reacts in a direct channel whose other user was deleted: `forbidden`.
struct SendMessage {
    WorkspaceId workspace{};
    ChannelId channel{};
    MessageId id{};
    UserSummary author{};
    bool author_is_member = true;  ///< check it; false for imports
    bool refuse_silenced =
        true;  ///< check it: `muted`; false for a backend, which is trusted, and for imports
    MessageType type = MessageType::text;
    std::string content{};
    std::optional<std::string> attachment_url{};
    std::string metadata{};
    std::optional<MessageId> parent{};  ///< must be a message of the same channel; an unsent one is quoted as deleted
    std::optional<std::string>
        parent_key{};                 ///< imports only: the parent by its idempotency key, of any author
    bool parent_follows = false;      ///< imports only: no parent under `parent_key` is no error, the message goes without
    std::vector<Mention> mentions{};  ///< distinct; each must be a member
    std::optional<std::string> idempotency_key{};
    Digest request_hash{};
    /// `created_at` is never before the one of the message before it, unless imported. That one may be up to
    /// `kMaxTimeAhead` after `at`; if it is more, the clock was wrong then, and time goes on from `at`.
    Timestamp at{};
    bool imported = false;
    bool dry_run = false;  ///< nothing is written: the answer is the error, the known message or the one that would be made
    std::vector<ModerationMatch> matches{};  ///< recorded with the message
    bool push = false;  ///< write a push job for it, unless `kPushMaxPending` are pending; never with `imported`
};
/// The checks of the next four, in this order: `not_found` (channel), `not_a_member` (the acting user is none),
/// `not_found` (no such message in the channel, or a deleted one), then those of their own. `Committed::changed` is false
/// if there is nothing to change. The message gets the new `rev`, and comes back as the acting user sees it; a quote that is
/// hidden from it is marked and keeps its text, which others are shown. To edit or react to what a blocked user wrote is
/// `not_found`.

/// `not_author`, `forbidden` (a system message), `conflict` (`if_rev` is not the message's `rev`; `details.message` is the
/// message), `edit_window_expired` (`at` is later after `created_at` than the workspace allows; not asked if nothing would
/// change), `muted` (before all of these). Without text and without attachment: `validation_error`, likewise about `mentions`
/// if one is neither a member nor mentioned by the message already. The order of `mentions` alone changes nothing.
struct EditMessage {
    WorkspaceId workspace{};
    ChannelId channel{};
    MessageId message{};
    UserId actor{};
    std::string content{};
    std::optional<std::vector<UserId>> mentions{};  ///< distinct; nothing: they stay as they are
    std::optional<std::int64_t> if_rev{};
    Timestamp at{};
    std::optional<std::string> original{};  ///< what `content` was made of: a message that says this already is left alone
    std::vector<ModerationMatch> matches{};  ///< recorded if the text is changed
};
/// Blanks content, attachment, metadata, mentions and reactions; id, seq, author, times, key and hash stay. `not_author`
/// for a user who is neither author nor admin of the group. A deleted message stays as it is.
struct DeleteMessage {
    WorkspaceId workspace{};
    ChannelId channel{};
    MessageId message{};
    std::optional<UserId> actor{};  ///< nothing: the backend
    Timestamp at{};
};
/// The user's only reaction to the message from then on. Emoji that differ in U+FE0F alone are one, here and in
/// `RemoveReaction`; a message shows it as it was first written.
struct AddReaction {
    WorkspaceId workspace{};
    ChannelId channel{};
    MessageId message{};
    UserId user{};
    std::string emoji{};
    std::int64_t max_emoji = 0;  ///< distinct per message, 0: any; over it: `validation_error` with `details.limit`
    Timestamp at{};
};
struct RemoveReaction {
    WorkspaceId workspace{};
    ChannelId channel{};
    MessageId message{};
    UserId user{};
    std::string emoji{};
    Timestamp at{};
};
/// Moves a member's read or delivered position forward to `seq` (nothing: the newest message); `read` takes `delivered` along. All receipts moved in one
/// batch and channel share one `receipt_rev`. `Committed::changed` is false if they were there already.
struct MoveReceipt {
    WorkspaceId workspace{};
    ChannelId channel{};
    UserId user{};
    ReceiptKind kind = ReceiptKind::read;
    std::optional<std::int64_t> seq{};
    Timestamp at{};
    bool read_hidden = false;  ///< others do not see the read position; not stored
};
struct MuteChannel {
    WorkspaceId workspace{};
    ChannelId channel{};
    UserId user{};
    bool muted = false;
};

/// Takes the place of the silence of the same user and channel; `Committed::changed` is false if it was the same.
struct SilenceUser {
    WorkspaceId workspace{};
    UserId user{};
    std::optional<ChannelId> channel{};  ///< nothing: the whole workspace
    std::optional<Timestamp> until{};    ///< nothing: until it is lifted
    std::optional<std::string> reason{};
    Timestamp at{};
};
struct UnsilenceUser {
    WorkspaceId workspace{};
    UserId user{};
    std::optional<ChannelId> channel{};
};
/// The two raise `blocks_rev` of `user` if they change something. `validation_error` for oneself.
struct BlockUser {
    WorkspaceId workspace{};
    UserId user{};
    UserId blocked{};
    std::int64_t max_blocks = 0;  ///< 0: any; over it: `validation_error` with `details.limit`
    Timestamp at{};
};
struct UnblockUser {
    WorkspaceId workspace{};
    UserId user{};
    UserId blocked{};
};
/// A send or an edit that moderation refused, as it was asked for: its `matches` are recorded, and nothing else is stored. With
/// `silence_until` its author is silenced in the whole workspace until then, unless it is silenced there for longer. Whatever would have
/// kept the send or the edit from changing anything comes first: its errors, and a known idempotency key or a message that
/// says so already, which are answered with the message (`changed` is false).
struct RecordModeration {
    std::variant<SendMessage, EditMessage> refused{};
    std::optional<Timestamp> silence_until{};
};
/// When users were last seen, many at once: it makes no revision and no event. Moves forward only; users that are not there
/// any more are passed over.
struct RecordLastSeen {
    std::vector<LastSeen> users{};
};

}  // namespace mutation

using Mutation = std::variant<
    mutation::CreateWorkspace, mutation::UpdateWorkspace, mutation::DeleteWorkspace, mutation::RotateSecret,
    mutation::UpsertUser, mutation::UpdateUser, mutation::CreateChannel, mutation::UpdateChannel,
    mutation::DeleteChannel, mutation::AddMembers, mutation::UpdateMember, mutation::RemoveMember,
    mutation::SendMessage, mutation::MoveReceipt, mutation::MuteChannel, mutation::EditMessage,
    mutation::DeleteMessage, mutation::AddReaction, mutation::RemoveReaction, mutation::SilenceUser,
    mutation::UnsilenceUser, mutation::BlockUser, mutation::UnblockUser, mutation::RecordLastSeen,
    mutation::DeleteUser, mutation::FinishDeletion, mutation::CreateWebhook, mutation::UpdateWebhook,
    mutation::DeleteWebhook, mutation::PingWebhook, mutation::RetryDelivery, mutation::LeaseWebhooks,
    mutation::FinishDeliveries, mutation::RecordModeration, mutation::RegisterDevice, mutation::RemoveDevice,
    mutation::LeasePushJobs, mutation::FinishPushPart>;

/// A user as it is after an upsert or update, with the channels it is a member of if something was changed. Of a deleted one the id,
/// and what it was called.
struct CommittedUser {
    User user;
    std::vector<ChannelId> channels;
};
/// A channel after its making or a change; `members` are all of them only when it was just made.
struct CommittedChannel {
    Channel channel;
    std::vector<Member> members;
};
/// The blocked user (with the time of the block as long as there is one), and the list's revision after the change.
struct CommittedBlock {
    Block block;
    bool blocked = false;
    std::int64_t blocks_rev = 0;
};
/// The members touched, and the channel they belong to, after the change.
struct CommittedMembers {
    Channel channel;
    std::vector<Member> members;
};

/// A member's receipt after it was to be moved.
struct CommittedReceipt {
    ReceiptState state;
    bool read_moved = false;
    bool delivered_moved = false;
};

/// What one mutation did: the object as it was right after that mutation (`Done` where a workspace is deleted, a
/// deletion finished, a channel muted, a silence lifted or a refusal recorded).
struct Committed {
    std::int64_t rev = 0;  ///< the channel's `rev` after it: the one it made, or the present one if unchanged
    bool changed = true;   ///< false: nothing was written; no event
    bool created = false;  ///< a thing was made that was not there
    bool duplicate = false;  ///< a known idempotency key
    std::string emoji{};     ///< of a reaction that was added or removed: as the message shows it, or showed it
    /// Of an edit that changed whom a message mentions: those it had not mentioned before.
    std::optional<std::vector<UserId>> mentioned{};
    bool outbox = false;     ///< rows of the outbox became due with it: whoever delivers them is to be woken
    std::variant<Done, Workspace, WorkspaceSettings, CommittedUser, CommittedChannel, CommittedMembers,
                 Message, CommittedReceipt, Silence, CommittedBlock, Webhook, Delivery, LeasedWebhooks,
                 LeasedWebhook, Device, LeasedPushJobs>
        object;
};

/// What is to be told about one committed mutation, without `OutboxEvent::id`, in order. Nothing if nothing was changed. Pure;
/// from any thread. For implementers of `Storage`.
std::vector<OutboxEvent> outbox_events(const Mutation& mutation, const Committed& committed);

}  // namespace cariosan
