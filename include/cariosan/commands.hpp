/// Everything the engine can do, as data: one struct per command with the type of its answer.
///
/// A field that names a channel or a user is a string: the internal id or the `external_id`, where a canonical UUID is
/// looked up as internal id first. Fields called `external_id(s)` are external only. `metadata` is the text of a JSON
/// object, checked for every caller. Who may call what, and the errors, are those of section 3 of the protocol.
/// Commands are plain values; the engine takes them by value.
#pragma once

#include <cariosan/crypto.hpp>
#include <cariosan/error.hpp>
#include <cariosan/types.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

namespace cariosan {

/// On whose behalf a command runs. A plain value.
class Caller {
  public:
    enum class Kind : std::uint8_t { host, backend, user };

    /// The embedding process itself: makes and deletes workspaces.
    static Caller host() { return {}; }
    /// A workspace's backend: trusted, no role checks.
    static Caller backend(WorkspaceId workspace) { return {Kind::backend, workspace, {}}; }
    /// A user of a workspace: all rules enforced. `user` is an internal id or an `external_id`.
    static Caller user(WorkspaceId workspace, std::string user) { return {Kind::user, workspace, std::move(user)}; }
    static Caller user(WorkspaceId workspace, UserId user) { return {Kind::user, workspace, user.to_string()}; }

    Kind kind() const noexcept { return kind_; }
    WorkspaceId workspace() const noexcept { return workspace_; }
    const std::string& user_reference() const noexcept { return user_; }

  private:
    Caller() = default;
    Caller(Kind kind, WorkspaceId workspace, std::string user)
        : kind_(kind), workspace_(workspace), user_(std::move(user)) {}

    Kind kind_ = Kind::host;
    WorkspaceId workspace_;
    std::string user_;
};

/// The part of a list that is wanted.
struct ListRange {
    std::int64_t limit = 50;  ///< 1–100
    std::string cursor{};     ///< `Page::next_cursor` of the page before; empty: the beginning
};

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

/// Makes a new key pair. The old ones stop working at once, or after `keep_old`.
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

struct GetWorkspace {
    using Answer = Workspace;
};

/// Absent fields stay as they are.
struct UpdateWorkspace {
    using Answer = Workspace;
    std::optional<std::string> name{};
    std::optional<bool> read_receipts_enabled{};
    std::optional<std::optional<std::int64_t>> edit_window_seconds{};  ///< an inner nothing: unlimited
};

/// Makes the user, or brings name, avatar and metadata up to date.
struct UpsertUser {
    using Answer = User;
    std::string external_id{};
    std::string name{};
    std::optional<std::string> avatar_url{};
    std::string metadata = "{}";
};

struct GetUser {
    using Answer = User;
    std::string user{};
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
    std::optional<std::string> created_by{};  ///< the first admin of a group; else the first member listed
    std::string metadata = "{}";
};

struct ListChannels {
    using Answer = Page<Channel>;
    ListRange range{};
};

struct DeleteChannel {
    using Answer = Done;
    std::string channel{};
};

// Commands of backend and user.

struct GetChannel {
    using Answer = Channel;
    std::string channel{};
};

/// Absent fields stay as they are.
struct UpdateChannel {
    using Answer = Channel;
    std::string channel{};
    std::optional<std::string> name{};
    std::optional<std::optional<std::string>> avatar_url{};
    std::optional<std::string> metadata{};
};

/// The members of a channel with the revision at which this was true.
struct MemberList {
    Page<Member> page{};
    std::int64_t rev = 0;
    std::int64_t receipt_rev = 0;
    std::string epoch{};
};

struct ListMembers {
    using Answer = MemberList;
    std::string channel{};
    ListRange range{};
};

/// The members a command touched, as they are now, and the channel's revision.
struct MembersChanged {
    std::vector<Member> members{};
    std::int64_t rev = 0;
};

struct AddMembers {
    using Answer = MembersChanged;
    std::string channel{};
    std::vector<std::string> external_ids{};
    Role role = Role::member;
};

struct UpdateMember {
    using Answer = MembersChanged;
    std::string channel{};
    std::string user{};
    Role role = Role::member;
};

/// Removes a member; a user that names itself leaves.
struct RemoveMember {
    using Answer = MembersChanged;
    std::string channel{};
    std::string user{};
};

struct SendMessage {
    using Answer = Message;
    std::string channel{};
    std::string content{};
    MessageType type = MessageType::text;
    std::optional<std::string> attachment_url{};
    std::optional<std::string> parent_id{};
    std::vector<std::string> mentions{};  ///< users, each a member of the channel
    /// Makes a repeated send harmless: the second one answers the first one's message. 1–255 bytes.
    std::optional<std::string> idempotency_key{};
    std::string metadata = "{}";
    /// Backend only: the author. A user always writes as itself.
    std::optional<std::string> user{};
};

/// The author alone, as long as the workspace's edit window is open. Mentions, parent and attachment stay as they are.
/// `not_author`, `edit_window_expired`; `forbidden` for a system message, `not_found` for a deleted one.
struct EditMessage {
    using Answer = Message;
    std::string channel{};
    std::string message_id{};
    std::string content{};
};

/// Unsends: the author, an admin of the group, or the backend. The message keeps its place; what it said is gone.
/// `not_author`.
struct DeleteMessage {
    using Answer = Message;
    std::string channel{};
    std::string message_id{};
};

/// The calling user's reaction to a message; it takes the place of the one before. `not_found` for a deleted message.
struct AddReaction {
    using Answer = Message;
    std::string channel{};
    std::string message_id{};
    std::string emoji{};  ///< one emoji: one grapheme cluster, at most `Limits::emoji_bytes`
};

/// Takes the calling user's reaction back if it is this one.
struct RemoveReaction {
    using Answer = Message;
    std::string channel{};
    std::string message_id{};
    std::string emoji{};
};

/// A page of history, newest first, with the revision at which it was read.
struct MessagePage {
    std::vector<Message> messages{};
    bool has_more = false;
    std::int64_t rev = 0;
    std::int64_t receipt_rev = 0;
    std::string epoch{};
};

/// At most one of `before`, `after`, `around`: a message id or `seq:<n>`. `after` gives the page next to it.
struct ListMessages {
    using Answer = MessagePage;
    std::string channel{};
    std::optional<std::string> before{};
    std::optional<std::string> after{};
    std::optional<std::string> around{};
    std::int64_t limit = 50;  ///< 1–100
};

// Commands of a user.

/// The caller as it is shown to itself.
struct Me {
    User user{};
    std::int64_t unread_total = 0;  ///< over unmuted channels, counted to 9,999
};

struct GetMe {
    using Answer = Me;
};

struct ListMyChannels {
    using Answer = Page<MyChannel>;
    ListRange range{};
    std::int64_t members = 5;  ///< how many members each item shows, 0–20
};

struct UpdateMyChannel {
    using Answer = MyChannel;
    std::string channel{};
    std::optional<bool> muted{};
};

struct LeaveChannel {
    using Answer = Done;
    std::string channel{};
};

/// Where the caller's read cursor stands after the call.
struct ReadState {
    ReadCursor cursor{};
    std::int64_t receipt_rev = 0;  ///< the channel's
    std::int64_t unread_count = 0;
    std::int64_t mention_count = 0;
};

/// Moves the caller's read cursor forward, to `message_id` or to the newest message. Never moves it back.
struct MarkRead {
    using Answer = ReadState;
    std::string channel{};
    std::optional<std::string> message_id{};
};

/// What changed in a channel since a revision: state, not a log. Section 6 of the protocol.
struct Changes {
    ChannelId channel_id{};
    std::string epoch{};
    std::int64_t since = 0;
    std::int64_t rev = 0;          ///< what this page reaches, and the next `since`
    std::int64_t receipt_rev = 0;  ///< what this page reaches, and the next `receipts_since`
    bool reset = false;            ///< drop the cached channel; this is its present state
    std::optional<Channel> channel{};
    std::vector<Message> messages{};
    std::vector<Member> members{};
    std::vector<ReadCursor> receipts{};
    std::int64_t unread_count = 0;
    std::int64_t mention_count = 0;
    bool has_more = false;
};

struct GetChanges {
    using Answer = Changes;
    ChannelId channel{};
    std::int64_t since = 0;
    std::int64_t receipts_since = 0;
    std::string epoch{};  ///< empty: none known
};

/// Backend only. A message with its own time, as `cariosan-server import` brings it in: stored as it is, without
/// mentions, moderation, webhooks or push; the author need not be a member. Section 13 of the protocol.
struct ImportMessage {
    using Answer = Message;
    std::string channel{};
    std::string user{};
    std::string text{};
    Timestamp at{};
    std::string idempotency_key{};          ///< a second import under the same key adds nothing
    std::optional<std::string> parent_key{};  ///< `idempotency_key` of the message it answers, in the same channel
};

/// A message that was found.
struct SearchHit {
    Message message{};
    std::string snippet{};  ///< plain text around the first match
    struct Highlight {
        std::int64_t start = 0;  ///< code points of `snippet`
        std::int64_t length = 0;
    };
    std::vector<Highlight> highlights{};  ///< ascending, apart from each other
    std::int64_t score = 0;               ///< 0–1000, higher is better
};

/// Messages of the caller's channels that hold all words and "quoted phrases" of `q`; the last word, unless quoted, may go
/// on. Among the newest 500 matches, best first. A cursor keeps these 500: what is sent later does not move the pages. It
/// expires (`validation_error`, `details.expired`) when the index is built anew; search again then.
struct SearchMessages {
    using Answer = Page<SearchHit>;
    std::string q{};                      ///< 1–256 bytes, at most 8 words and phrases
    std::optional<std::string> channel{};  ///< nothing: all of the caller's
    ListRange range{};
};

/// All commands.
using Command =
    std::variant<CreateWorkspace, ListWorkspaces, DeleteWorkspace, RotateSecret, VerifyApiKey, GetWorkspace,
                 UpdateWorkspace, UpsertUser, GetUser, ListUsers, CreateChannel, ListChannels, DeleteChannel, GetChannel,
                 UpdateChannel, ListMembers, AddMembers, UpdateMember, RemoveMember, SendMessage, ListMessages, GetMe,
                 ListMyChannels, UpdateMyChannel, LeaveChannel, MarkRead, GetChanges, ImportMessage,
                 SearchMessages, EditMessage, DeleteMessage, AddReaction, RemoveReaction>;

/// All answers.
using Answer = std::variant<Done, WorkspaceCredentials, Workspace, Page<Workspace>, User, Page<User>, Channel,
                            Page<Channel>, MemberList, MembersChanged, Message, MessagePage, Me, Page<MyChannel>,
                            MyChannel, ReadState, Changes, Page<SearchHit>>;

/// What a command did, beside its answer.
struct Outcome {
    Answer answer{};
    bool created = false;    ///< a thing was made that was not there (HTTP 201 instead of 200)
    bool duplicate = false;  ///< a known idempotency key: `answer` is the message it made the first time
    std::int64_t rev = 0;    ///< the channel's revision this made, or its present one if nothing changed; 0: none
};

template <class C, class Variant>
struct IsAlternative;
template <class C, class... All>
struct IsAlternative<C, std::variant<All...>> : std::bool_constant<(std::is_same_v<C, All> || ...)> {};

/// A type that `Engine::run` and `Engine::submit` take.
template <class C>
concept AnyCommand = IsAlternative<C, Command>::value;

}  // namespace cariosan
