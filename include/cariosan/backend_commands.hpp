/// The commands of the host and of a workspace's backend. `cariosan/commands.hpp` says what holds for all of them.
#pragma once

#include <cariosan/caller.hpp>
#include <cariosan/error.hpp>
#include <cariosan/moderation.hpp>
#include <cariosan/types.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace cariosan {

// Commands of the host.

struct CreateWorkspace {
    using Answer = WorkspaceCredentials;
    std::string name{};   ///< 1–255 bytes
    bool test = false;  ///< keys that begin with `pk_test_`
};

struct ListWorkspaces {
    using Answer = Page<Workspace>;
    ListRange range{};
};

/// Marks the workspace deleted: from then on it does not exist. Its rows are purged afterwards, in bounded steps.
struct DeleteWorkspace {
    using Answer = Done;
    WorkspaceId workspace{};
};

/// Makes a new secret; the public key stays. The old secrets stop working at once, or after `keep_old`. At most 16 work at a
/// time: of more, those that would stop first stop at once.
struct RotateSecret {
    using Answer = WorkspaceCredentials;
    WorkspaceId workspace{};
    std::chrono::seconds keep_old{0};  ///< 0–30 days
};

/// Which workspace an API key pair opens; `UNAUTHORIZED` if none.
struct VerifyApiKey {
    using Answer = Workspace;
    std::string api_key{};
    std::string api_secret{};
};

// Commands of a workspace's backend.

/// A user's place in a channel, with what only the user itself and its host may know.
struct UserMembership {
    ChannelId channel_id{};
    std::optional<std::string> channel_external_id{};
    Role role = Role::member;
    bool muted = false;
    bool left = false;
    Timestamp joined_at{};
    Receipt receipt{};
};
/// A user's reaction to a message.
struct UserReaction {
    ChannelId channel_id{};
    MessageId message_id{};
    std::string emoji{};
};
/// A message that mentions a user.
struct UserMention {
    ChannelId channel_id{};
    MessageId message_id{};
};
/// One of the things that are stored about a user.
using UserRecord = std::variant<User, UserMembership, Message, UserReaction, UserMention, Silence, Block,
                                ModerationRecord, Device>;

/// A workspace with all its settings.
struct WorkspaceSettings : Workspace {
    ModerationSettings moderation{};
};

struct GetWorkspace {
    using Answer = WorkspaceSettings;
};

/// Absent fields stay as they are.
struct UpdateWorkspace {
    using Answer = WorkspaceSettings;
    std::optional<std::string> name{};
    std::optional<bool> read_receipts_enabled{};
    std::optional<std::optional<std::int64_t>> edit_window_seconds{};  ///< an inner nothing: unlimited
    std::optional<ModerationPatch> moderation{};
};

/// Makes the user, or brings it up to date. Absent fields stay as they are; a new user needs a name.
struct UpsertUser {
    using Answer = User;
    std::string external_id{};
    std::optional<std::string> name{};
    std::optional<std::optional<std::string>> avatar_url{};  ///< an inner nothing: without one
    std::optional<std::string> metadata{};
    bool imported = false;  ///< backend only, not on the wire: no webhook is told of it, as of `ImportMessage`
};

/// Absent fields stay as they are. `not_found`.
struct UpdateUser {
    using Answer = User;
    std::string user{};
    std::optional<std::string> name{};
    std::optional<std::optional<std::string>> avatar_url{};  ///< an inner nothing: without one
    std::optional<std::string> metadata{};
};

struct GetUser {
    using Answer = User;
    std::string user{};
};

/// From then on the user does not exist: its tokens are refused, its connections end, its `external_id` is free for a new
/// user. Its messages stay under its old id. Its memberships end afterwards, in bounded steps; where it was the last admin,
/// the member who has been there longest becomes one. Its direct channels become read-only for the other.
struct DeleteUser {
    using Answer = Done;
    std::string user{};
    bool erase_messages = false;  ///< also unsends everything it wrote, likewise afterwards
};

/// All that is stored about a user, page by page, in no order that means anything.
struct ExportUser {
    using Answer = Page<UserRecord>;
    std::string user{};
    std::string cursor{};  ///< `Page::next_cursor` of the page before; empty: the beginning
};

struct ListUsers {
    using Answer = Page<User>;
    ListRange range{};
};

/// Makes a channel, or answers the one that is there already (a known direct pair, a group of that `external_id`).
struct CreateChannel {
    using Answer = Channel;
    ChannelType type = ChannelType::group;
    std::optional<std::string> external_id{};  ///< required for groups
    std::string name{};
    std::optional<std::string> avatar_url{};  ///< groups only
    std::vector<std::string> member_external_ids{};
    std::optional<std::string> created_by{};  ///< the first admin of a group; else the first member listed, else the first one added
    std::string metadata = "{}";
    bool imported = false;  ///< backend only, not on the wire: no webhook is told of it, as of `ImportMessage`
};

struct ListChannels {
    using Answer = Page<Channel>;
    ListRange range{};
};

struct DeleteChannel {
    using Answer = Done;
    std::string channel{};
};

/// Keeps a user from sending and editing, in one channel or in the whole workspace. A silence that is there already is replaced.
struct SilenceUser {
    using Answer = Silence;
    std::string user{};
    std::optional<std::string> channel{};   ///< nothing: the whole workspace
    std::optional<std::int64_t> seconds{};  ///< 1 to ten years; nothing: until it is lifted
    std::optional<std::string> reason{};    ///< at most 255 bytes
};

/// Lifts a silence; nothing happens if there is none. A silence of a channel and one of the workspace are two.
struct UnsilenceUser {
    using Answer = Done;
    std::string user{};
    std::optional<std::string> channel{};
};

/// Silences that hold now, by user.
struct ListSilences {
    using Answer = Page<Silence>;
    ListRange range{};
};

/// The log of moderation, newest first.
struct ListModerationActions {
    using Answer = Page<ModerationRecord>;
    std::optional<std::string> user{};     ///< only what this user wrote
    std::optional<std::string> channel{};  ///< only what was written there
    ListRange range{};
};

/// Backend only. A message with its own time, as `cariosan-server import` brings it in: stored as it is, without
/// mentions, moderation, webhooks or push; the author need not be a member. Section 13 of the protocol.
struct ImportMessage {
    using Answer = Message;
    std::string channel{};
    std::string user{};
    std::string text{};
    Timestamp at{};                         ///< when it was written: not after now
    std::string idempotency_key{};          ///< a second import under the same key adds nothing
    std::optional<std::string> parent_key{};  ///< `idempotency_key` of the message it answers, in the same channel
    /// Not on the wire: without its parent the message is stored all the same, and the same import again adds the parent
    /// once it is there. Otherwise a missing parent is `validation_error`, with `parent_key` as the field.
    bool parent_follows = false;
    bool dry_run = false;  ///< not on the wire: nothing is changed; the answer is what would be stored now
};

}  // namespace cariosan
