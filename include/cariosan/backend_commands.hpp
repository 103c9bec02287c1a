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

/// Deletes the workspace: from then on no call finds it. Its rows are purged later, in bounded steps.
struct DeleteWorkspace {
    using Answer = Done;
    WorkspaceId workspace{};
};

/// Makes a new secret; the public key stays. The old secrets stop working at once, or after `keep_old`. At most 16
/// secrets are valid at a time: beyond that, the ones that expire first stop working at once.
struct RotateSecret {
    using Answer = WorkspaceCredentials;
    WorkspaceId workspace{};
    std::chrono::seconds keep_old{0};  ///< 0–30 days
};

/// The workspace that an API key pair belongs to; `unauthorized` if there is none.
struct VerifyApiKey {
    using Answer = Workspace;
    std::string api_key{};
    std::string api_secret{};
};

// Commands of a workspace's backend.

/// A user's place in a channel, including what only the user and the host may see.
struct UserMembership {
    ChannelId channel_id{};
    std::optional<std::string> channel_external_id{};
    Role role = Role::member;
    Preferences preferences{};
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
/// One piece of what is stored about a user. A report is one they filed, as they filed it: without the moderators' note.
using UserRecord = std::variant<User, UserMembership, Message, UserReaction, UserMention, Silence, Block,
                                ModerationRecord, Device, Report>;

/// A workspace with all its settings.
struct WorkspaceSettings : Workspace {
    ModerationSettings moderation{};
};

struct GetWorkspace {
    using Answer = WorkspaceSettings;
};

/// How much there is in a workspace. Counting ends at `counted_to`, so that the answer costs as much in the largest workspace as in
/// a small one: a number that has reached it means "at least so many".
struct WorkspaceFigures {
    std::int64_t users = 0;
    std::int64_t channels = 0;
    std::int64_t messages = 0;  ///< of the channels counted, unsent ones included; it may be above `counted_to`
    std::int64_t open_reports = 0;
    std::int64_t webhooks = 0;
    std::int64_t webhooks_disabled = 0;
    std::int64_t pending_deliveries = 0;  ///< of the webhooks counted; it may be above `counted_to`
    std::int64_t counted_to = 0;
};

struct GetFigures {
    using Answer = WorkspaceFigures;
};

/// Absent fields stay as they are.
struct UpdateWorkspace {
    using Answer = WorkspaceSettings;
    std::optional<std::string> name{};
    std::optional<bool> read_receipts_enabled{};
    std::optional<std::optional<std::int64_t>> edit_window_seconds{};  ///< an absent inner value: unlimited
    std::optional<ModerationPatch> moderation{};
};

/// Creates the user or updates it. Absent fields stay as they are; a new user needs a name.
struct UpsertUser {
    using Answer = User;
    std::string external_id{};
    std::optional<std::string> name{};
    std::optional<std::optional<std::string>> avatar_url{};  ///< an absent inner value: removes it
    std::optional<std::string> metadata{};
    bool imported = false;  ///< backend only, not on the wire: sends no webhook, like `ImportMessage`
};

/// Absent fields stay as they are. `not_found`.
struct UpdateUser {
    using Answer = User;
    std::string user{};
    std::optional<std::string> name{};
    std::optional<std::optional<std::string>> avatar_url{};  ///< an absent inner value: removes it
    std::optional<std::string> metadata{};
};

struct GetUser {
    using Answer = User;
    std::string user{};
};

/// Deletes a user: their tokens are refused, their connections are closed, and their `external_id` is free for a new user.
/// Their messages stay under the old id. Their memberships end in the background, in bounded steps; where they were the last
/// admin, the longest-standing member becomes one. Their direct channels become read-only for the other user.
struct DeleteUser {
    using Answer = Done;
    std::string user{};
    bool erase_messages = false;  ///< also unsends everything they wrote, in the background too
};

/// Everything stored about a user, page by page, in no particular order.
struct ExportUser {
    using Answer = Page<UserRecord>;
    std::string user{};
    std::string cursor{};  ///< `Page::next_cursor` of the page before; empty: the beginning
};

/// Keeps a user out, at once and on every node: their tokens are refused (`suspended`, `details.until`), and their connections
/// are closed. Replaces an existing suspension.
struct SuspendUser {
    using Answer = User;
    std::string user{};
    std::optional<std::int64_t> seconds{};  ///< 1 to ten years; absent: until it is lifted
    std::optional<std::string> reason{};    ///< at most 255 bytes
};

/// Lifts a suspension; does nothing if there is none.
struct RestoreUser {
    using Answer = User;
    std::string user{};
};

/// With `q`, a page may hold few users, or none, and still not be the last: it looks at 2,000 of them.
struct ListUsers {
    using Answer = Page<User>;
    std::optional<std::string> q{};  ///< only those a word of whose name, or whose `external_id`, begins so
    ListRange range{};
};

/// Creates a channel, or returns the existing one (of the same direct pair, or with the same `external_id`).
struct CreateChannel {
    using Answer = Channel;
    ChannelType type = ChannelType::group;
    std::optional<std::string> external_id{};  ///< required for groups
    std::string name{};
    std::optional<std::string> avatar_url{};  ///< groups only
    std::vector<std::string> member_external_ids{};
    std::optional<std::string> created_by{};  ///< a group's first admin; default: the first member listed or added
    std::string metadata = "{}";
    bool imported = false;  ///< backend only, not on the wire: sends no webhook, like `ImportMessage`
};

struct ListChannels {
    using Answer = Page<Channel>;
    std::optional<std::string> member{};  ///< only channels of this user
    std::optional<ChannelType> type{};    ///< only channels of this type
    ListRange range{};
};

struct DeleteChannel {
    using Answer = Done;
    std::string channel{};
};

/// Keeps a user from sending and editing, in one channel or in the whole workspace. Replaces an existing silence.
struct SilenceUser {
    using Answer = Silence;
    std::string user{};
    std::optional<std::string> channel{};   ///< absent: the whole workspace
    std::optional<std::int64_t> seconds{};  ///< 1 to ten years; absent: until it is lifted
    std::optional<std::string> reason{};    ///< at most 255 bytes
};

/// Lifts a silence; does nothing if there is none. A silence in a channel and one in the workspace are lifted
/// separately.
struct UnsilenceUser {
    using Answer = Done;
    std::string user{};
    std::optional<std::string> channel{};
};

/// The silences in force now, by user.
struct ListSilences {
    using Answer = Page<Silence>;
    ListRange range{};
};

/// What the rules of the workspace would do with a text that a user sends now.
struct TextVerdict {
    struct Match {
        ModerationRule rule = ModerationRule::profanity;
        ModerationAction action = ModerationAction::flag;
        std::string excerpt{};  ///< as in a `ModerationRecord`
    };
    std::optional<ModerationAction> action{};  ///< the most severe one; absent: the text breaks no rule
    std::optional<ModerationRule> rule{};      ///< which demands it
    std::optional<std::string> content{};      ///< what would be stored; absent: nothing would
    std::vector<Match> matches{};
};

/// Judges a text by the rules of the workspace, and stores nothing. Neither the flood rule, which counts what someone has sent, nor
/// the host's own moderator has a say. While moderation is off, no text breaks a rule.
struct CheckText {
    using Answer = TextVerdict;
    std::string content{};
};

/// The log of moderation, newest first.
struct ListModerationActions {
    using Answer = Page<ModerationRecord>;
    std::optional<std::string> user{};     ///< only what this user wrote
    std::optional<std::string> channel{};  ///< only what was written there
    ListRange range{};
};

/// The users' reports, newest first.
struct ListReports {
    using Answer = Page<Report>;
    std::optional<ReportStatus> status{};  ///< only those
    ListRange range{};
};

/// Says what became of a report. Absent fields stay as they are.
struct UpdateReport {
    using Answer = Report;
    std::string report{};  ///< its id
    std::optional<ReportStatus> status{};
    std::optional<std::string> note{};  ///< at most `Limits::report_note_bytes`
};

/// Backend only. Stores a message under its original time, as `cariosan-server import` does: as it is, without
/// mentions, moderation, webhooks or push; the author need not be a member. Section 13 of the protocol.
struct ImportMessage {
    using Answer = Message;
    std::string channel{};
    std::string user{};
    std::string text{};
    Timestamp at{};                         ///< when it was written: not after now
    std::string idempotency_key{};          ///< a second import under the same key adds nothing
    std::optional<std::string> parent_key{};  ///< `idempotency_key` of the message it answers, in the same channel
    /// Not on the wire: stores the message even if its parent is missing; importing it again once the parent exists
    /// adds the parent. If false, a missing parent is `validation_error`, with `parent_key` as the field.
    bool parent_follows = false;
    bool dry_run = false;  ///< not on the wire: changes nothing; the answer is what would be stored
};

}  // namespace cariosan
