/// Every durable change as a typed mutation. Part of the storage contract (`cariosan/storage.hpp`).
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

/// Durable changes. `at` is the time of the change; `actor`, where there is one, is the user whose permission is
/// checked again inside the commit (absent: the backend, which needs none). `traceparent` is `Caller::traceparent`: it goes
/// into the outbox with the events of the change.
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
    ClientSettings server{};  ///< the server's own settings, also sent to clients; not stored
};
/// From the commit on no reader finds the workspace; `Storage::maintain` purges its rows.
struct DeleteWorkspace {
    WorkspaceId workspace{};
    Timestamp at{};
};
/// Adds a secret to a public key; all older ones of the workspace expire at `old_expire_at` unless they expire earlier.
/// Beyond `max_secrets`, the ones that expire first are dropped at once.
struct RotateSecret {
    WorkspaceId workspace{};
    std::string api_key{};
    Digest secret_hash{};
    std::int64_t max_secrets = 16;  ///< of a workspace, the new one included
    Timestamp at{};
    Timestamp old_expire_at{};
};
/// What is absent stays as it is. `Committed::changed` is false if nothing differs. `validation_error` about `name`
/// if a user would be made without one.
struct UpsertUser {
    WorkspaceId workspace{};
    UserId
        new_id{};  ///< used if there is no such user; `conflict` if `external_id` is the internal id of another
    std::string external_id{};
    std::optional<std::string> name{};
    std::optional<std::optional<std::string>> avatar_url{};
    std::optional<std::string> metadata{};
    Timestamp at{};
    bool imported = false;  ///< sends no webhook
    std::string traceparent{};
};
/// Like `UpsertUser`, but for an existing user.
struct UpdateUser {
    WorkspaceId workspace{};
    UserId user{};
    std::optional<std::string> name{};
    std::optional<std::optional<std::string>> avatar_url{};
    std::optional<std::string> metadata{};
    Timestamp at{};
    std::string traceparent{};
};
/// Replaces a suspension of the same user; `Committed::changed` is false if it was the same. From the commit on the user's sends
/// are `suspended` for as long as it holds.
struct SuspendUser {
    WorkspaceId workspace{};
    UserId user{};
    std::optional<Timestamp> until{};  ///< absent: until it is lifted
    std::optional<std::string> reason{};
    Timestamp at{};
    std::string traceparent{};
};
struct RestoreUser {
    WorkspaceId workspace{};
    UserId user{};
    Timestamp at{};
    std::string traceparent{};
};
/// From the commit on no reader finds the user, who can do nothing, and their `external_id` is free. Where they are read as
/// part of something else they are marked deleted. `UserDataReader` lists their memberships, and with `erase` their
/// messages, until ordinary mutations have ended them all and `FinishDeletion` was committed.
struct DeleteUser {
    WorkspaceId workspace{};
    UserId user{};
    bool erase = false;
    Timestamp at{};
    std::string traceparent{};
};
/// Drops what else is stored about a deleted user (silences, blocks, devices; with `erase` the excerpts in their
/// moderation records), at most 500 rows. If nothing was left, the deletion is complete.
struct FinishDeletion {
    WorkspaceId workspace{};
    UserId user{};
};
/// A new channel begins with `rev` and `settings_rev` 1, which its members share, and `receipt_rev` 0.
/// Returns the existing channel, unchanged, for a known direct pair or a group of that `external_id` (`created` false).
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
    bool imported = false;  ///< sends no webhook
    std::string traceparent{};
};
struct UpdateChannel {
    WorkspaceId workspace{};
    ChannelId channel{};
    std::optional<UserId> actor{};  ///< must be an admin member (any member of a direct channel)
    std::optional<std::string> name{};
    std::optional<std::optional<std::string>> avatar_url{};
    std::optional<std::string> metadata{};
    std::optional<std::int64_t> slow_mode_seconds{};
    std::optional<bool> frozen{};
    Timestamp at{};
    std::string traceparent{};
};
struct DeleteChannel {
    WorkspaceId workspace{};
    ChannelId channel{};
    Timestamp at{};
    std::string traceparent{};
};
/// Existing members are left as they are and are not in `Committed`'s list. Receipts start at `last_seq`,
/// with a new `receipt_rev`; a returning user is treated as new. In a group without an admin the first user becomes
/// one, whatever `role` says. The members of a direct channel are fixed: `validation_error`.
struct AddMembers {
    WorkspaceId workspace{};
    ChannelId channel{};
    std::optional<UserId> actor{};  ///< must be an admin
    std::vector<UserId> users{};    ///< distinct
    Role role = Role::member;
    std::int64_t max_members = 0;  ///< per channel, 0: any; over it: `validation_error` with `details.limit`
    std::int64_t max_memberships = 0;  ///< per user, 0: any; over it: `validation_error` with `details.limit`
    Timestamp at{};
    bool imported = false;  ///< sends no webhook
    std::string traceparent{};
};
/// `conflict` if it would leave a channel that has other members without an admin.
struct UpdateMember {
    WorkspaceId workspace{};
    ChannelId channel{};
    std::optional<UserId> actor{};
    UserId user{};
    Role role = Role::member;
    Timestamp at{};
    std::string traceparent{};
};
/// `conflict` as in `UpdateMember`, where deleted users do not count as others. Users who name themselves as actor
/// leave and need no role. A deleted user can be removed from a direct channel too.
struct RemoveMember {
    WorkspaceId workspace{};
    ChannelId channel{};
    std::optional<UserId> actor{};
    UserId user{};
    Timestamp at{};
    std::string traceparent{};
};
/// How far a channel's newest message may be ahead of the clock before its time counts as wrong.
inline constexpr std::chrono::milliseconds kMaxTimeAhead{60'000};

/// Assigns `seq` and `rev`, moves the author's read position (without a `receipt_rev`), stores the mention rows. A
/// known (author, channel, key) with the same `request_hash` returns that message (`duplicate`), with a different one
/// fails with `conflict`; this is checked before anything else. If the author must be a member but no longer is one,
/// the known message comes without its quote and reactions. A known import that was stored before its parent, and is
/// not deleted, gets the parent if it exists now: a change with its own `rev`, neither `created` nor `duplicate`.
/// Sending, editing and reacting are `forbidden` in a direct channel whose other user was deleted.
struct SendMessage {
    WorkspaceId workspace{};
    ChannelId channel{};
    MessageId id{};
    UserId author{};
    bool author_is_member = true;  ///< check it; false for imports
    /// Check what binds authors but no backend, which is trusted, and no import: `suspended`, `muted`, `frozen`, `slow_mode`.
    bool as_user = true;
    MessageType type = MessageType::text;
    std::string content{};
    std::optional<std::string> attachment_url{};
    std::string metadata{};
    std::optional<MessageId> parent{};  ///< must be a message of the same channel; an unsent one is quoted as deleted
    std::optional<std::string>
        parent_key{};                 ///< imports only: the parent by its idempotency key, of any author
    bool parent_follows = false;      ///< imports only: a missing parent is not an error; the message is stored without it
    std::vector<Mention> mentions{};  ///< distinct; each must be a member
    std::optional<std::string> idempotency_key{};
    Digest request_hash{};
    /// `created_at` is never earlier than that of the previous message, unless imported. The previous one may be up to
    /// `kMaxTimeAhead` after `at`; beyond that the clock was wrong then, and `at` is used.
    Timestamp at{};
    bool imported = false;
    bool dry_run = false;  ///< writes nothing; the result is the error, the known message, or the message that would be stored
    std::vector<ModerationMatch> matches{};  ///< recorded with the message
    bool push = false;  ///< write a push job for it, unless `kPushMaxPending` are pending; never with `imported`
    std::string traceparent{};
};
/// The checks of the next five, in this order: `not_found` (channel), `not_a_member` (the acting user), `not_found`
/// (no such message in the channel, or a deleted one), then its own. `Committed::changed` is false if there is
/// nothing to change. All but `DeleteMessage` are `frozen` in a frozen channel, for all but the group's admins, after `not_found`.
/// The message gets the new `rev`, and comes back as the acting user sees it; a quote hidden from
/// that user is marked but keeps its text, which others see. Editing or reacting to a blocked user's message is
/// `not_found`.

/// A user an edited message mentions, and where.
struct MentionedUser {
    MentionedUser(UserId id) : user(id) {}
    MentionedUser(UserId id, std::vector<TextSpan> places) : user(id), spans(std::move(places)) {}
    UserId user{};
    std::vector<TextSpan> spans{};
    bool operator==(const MentionedUser&) const = default;
};

/// `not_author`, `forbidden` (a system message), `conflict` (`if_rev` is not the message's `rev`; `details.message`
/// is the message), `edit_window_expired` (`at` is past the workspace's edit window; not checked if nothing would
/// change), `muted` (before all of these). `validation_error` without text and attachment, or about `mentions` if one
/// is neither a member nor mentioned already. Reordering `mentions` is no change, and other spans are one.
struct EditMessage {
    WorkspaceId workspace{};
    ChannelId channel{};
    MessageId message{};
    UserId actor{};
    std::string content{};
    /// Distinct. Absent: they are unchanged, but without their spans once the content changes.
    std::optional<std::vector<MentionedUser>> mentions{};
    std::optional<std::int64_t> if_rev{};
    Timestamp at{};
    std::optional<std::string> original{};  ///< the text before masking: a message that already has this text is left unchanged
    std::vector<ModerationMatch> matches{};  ///< recorded if the text is changed
    std::string traceparent{};
};
/// Blanks content, attachment, metadata, mentions and reactions; id, seq, author, times, key and hash stay.
/// `not_author` for a user who is neither its author nor an admin of the group. A deleted message stays as it is.
struct DeleteMessage {
    WorkspaceId workspace{};
    ChannelId channel{};
    MessageId message{};
    std::optional<UserId> actor{};  ///< absent: the backend
    Timestamp at{};
    std::string traceparent{};
};
/// Replaces the user's reaction to the message. Emoji that differ only in U+FE0F count as one, here and in
/// `RemoveReaction`; the message shows the form first used.
struct AddReaction {
    WorkspaceId workspace{};
    ChannelId channel{};
    MessageId message{};
    UserId user{};
    std::string emoji{};
    std::int64_t max_emoji = 0;  ///< distinct per message, 0: any; over it: `validation_error` with `details.limit`
    Timestamp at{};
    std::string traceparent{};
};
struct RemoveReaction {
    WorkspaceId workspace{};
    ChannelId channel{};
    MessageId message{};
    UserId user{};
    std::string emoji{};
    Timestamp at{};
    std::string traceparent{};
};
/// Pins or unpins. `not_admin` for a member of a group who is no admin.
struct PinMessage {
    WorkspaceId workspace{};
    ChannelId channel{};
    MessageId message{};
    UserId actor{};
    bool pinned = true;
    std::int64_t max_pins = 0;  ///< per channel, 0: any; over it: `validation_error` with `details.limit`
    Timestamp at{};
    std::string traceparent{};
};
/// Moves a member's read or delivered position forward to `seq` (absent: the newest message); `read` also moves
/// `delivered`, and ends `marked_unread`, moved or not. All receipts moved in one batch and channel share one `receipt_rev`.
/// `Committed::changed` is false if nothing moved and the channel was not marked unread.
struct MoveReceipt {
    WorkspaceId workspace{};
    ChannelId channel{};
    UserId user{};
    ReceiptKind kind = ReceiptKind::read;
    std::optional<std::int64_t> seq{};
    Timestamp at{};
    bool read_hidden = false;  ///< others do not see the read position; not stored
};
/// Moves the delivered position of one user in several channels, as `MoveReceipt` in each. Channels that are gone, or of which
/// the user is no member, are left out. `Committed::changed` is false if nothing moved.
struct MoveDelivered {
    struct Place {
        ChannelId channel{};
        std::int64_t seq = 0;
    };
    WorkspaceId workspace{};
    UserId user{};
    std::vector<Place> places{};
    Timestamp at{};
    bool read_hidden = false;  ///< others do not see the read position; not stored
};
/// Changes a member's preferences of a channel, those that are given, and raises the user's `preferences_rev` if that makes a
/// difference.
struct SetPreferences {
    WorkspaceId workspace{};
    ChannelId channel{};
    UserId user{};
    std::optional<bool> muted{};
    std::optional<bool> archived{};
    std::optional<bool> pinned{};
    std::optional<bool> marked_unread{};
};

/// Replaces a silence of the same user and channel; `Committed::changed` is false if it was the same.
struct SilenceUser {
    WorkspaceId workspace{};
    UserId user{};
    std::optional<ChannelId> channel{};  ///< absent: the whole workspace
    std::optional<Timestamp> until{};    ///< absent: until it is lifted
    std::optional<std::string> reason{};
    Timestamp at{};
};
struct UnsilenceUser {
    WorkspaceId workspace{};
    UserId user{};
    std::optional<ChannelId> channel{};
};
/// `BlockUser` and `UnblockUser` raise the user's `blocks_rev` if they change something. `validation_error` for
/// oneself.
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
/// A send or an edit that moderation refused, as requested: its `matches` are recorded, and nothing else is stored.
/// With `silence_until` its author is silenced in the whole workspace until then, unless already silenced there for
/// longer. All other outcomes of the send or edit take precedence: its errors, and a known idempotency key or
/// unchanged text, which return the message (`changed` is false).
struct RecordModeration {
    std::variant<SendMessage, EditMessage> refused{};
    std::optional<Timestamp> silence_until{};
};
/// A user's report of a message, or of a user. The reporter must be a member of the message's channel, and the message must be there:
/// `not_a_member`, `not_found`. `Committed::changed` is false if this user has reported the same before.
struct FileReport {
    WorkspaceId workspace{};
    ReportId id{};
    UserId reporter{};
    std::optional<ChannelId> channel{};
    std::optional<MessageId> message{};
    UserId user{};  ///< who is reported: the author of the message
    std::string reason{};
    std::optional<std::string> note{};
    Timestamp at{};
    std::string traceparent{};

    /// What is reported: nobody reports the same twice.
    const Uuid& thing() const noexcept { return message ? message->uuid : user.uuid; }
};
/// What is absent stays as it is.
struct UpdateReport {
    WorkspaceId workspace{};
    ReportId id{};
    std::optional<ReportStatus> status{};
    std::optional<std::string> note{};  ///< the moderator's
    Timestamp at{};
};
/// These `ErasedFile`s are done with.
struct ForgetErasedFiles {
    std::vector<std::int64_t> rows{};
};
/// When users were last seen, for many at once; without revision or event. Only moves forward; users who no longer
/// exist are skipped.
struct RecordLastSeen {
    std::vector<LastSeen> users{};
};

}  // namespace mutation

/// Any mutation: a `std::variant`, and a class of its own for the same reason as `Command`.
struct Mutation : std::variant<mutation::CreateWorkspace, mutation::UpdateWorkspace, mutation::DeleteWorkspace,
                               mutation::RotateSecret, mutation::UpsertUser, mutation::UpdateUser,
                               mutation::CreateChannel, mutation::UpdateChannel, mutation::DeleteChannel,
                               mutation::AddMembers, mutation::UpdateMember, mutation::RemoveMember,
                               mutation::SendMessage, mutation::MoveReceipt, mutation::SetPreferences,
                               mutation::EditMessage, mutation::DeleteMessage, mutation::AddReaction,
                               mutation::RemoveReaction, mutation::SilenceUser, mutation::UnsilenceUser,
                               mutation::BlockUser, mutation::UnblockUser, mutation::RecordLastSeen,
                               mutation::DeleteUser, mutation::FinishDeletion, mutation::CreateWebhook,
                               mutation::UpdateWebhook, mutation::DeleteWebhook, mutation::PingWebhook,
                               mutation::RetryDelivery, mutation::LeaseWebhooks, mutation::FinishDeliveries,
                               mutation::RecordModeration, mutation::RegisterDevice, mutation::RemoveDevice,
                               mutation::LeasePushJobs, mutation::FinishPushPart, mutation::MoveDelivered,
                               mutation::RotateWebhookSecret, mutation::SuspendUser, mutation::RestoreUser,
                               mutation::PinMessage, mutation::FileReport, mutation::UpdateReport,
                               mutation::ForgetErasedFiles> {
    using variant::variant;
    Mutation();
    Mutation(const Mutation& other);
    Mutation(Mutation&& other) noexcept;
    Mutation& operator=(const Mutation& other);
    Mutation& operator=(Mutation&& other) noexcept;
    ~Mutation();
};

}  // namespace cariosan
