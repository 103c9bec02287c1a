/// What is done in a channel, by the backend or by a member. `cariosan/commands.hpp` says what holds for all commands.
#pragma once

#include <cariosan/caller.hpp>
#include <cariosan/types.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cariosan {

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

/// In a group that has no admin the first one added becomes one.
struct AddMembers {
    using Answer = MembersChanged;
    std::string channel{};
    std::vector<std::string> external_ids{};
    Role role = Role::member;
    bool imported = false;  ///< backend only, not on the wire: no webhook is told of it, as of `ImportMessage`
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
    std::string content{};  ///< empty only with an attachment
    /// Nothing: `text`, or `file` if there is an attachment. `image` and `file` need one, other types have none.
    std::optional<MessageType> type{};
    /// One that the engine's `AttachmentStore` accepts for the workspace. `unavailable` without a store.
    std::optional<std::string> attachment_url{};
    std::optional<std::string> parent_id{};
    std::vector<std::string> mentions{};  ///< users, each a member of the channel
    /// Makes a repeated send harmless: the second one answers the first one's message. 1–255 bytes.
    std::optional<std::string> idempotency_key{};
    std::string metadata = "{}";
    /// Backend only: the author. A user always writes as itself.
    std::optional<std::string> user{};
};

/// The author alone, as long as the workspace's edit window is open. Parent and attachment stay as they are.
/// `not_author`, `edit_window_expired`; `forbidden` for a system message, `not_found` for a deleted one.
struct EditMessage {
    using Answer = Message;
    std::string channel{};
    std::string message_id{};
    std::string content{};
    /// Take the place of those the message has; nothing: they stay. Each a member of the channel or mentioned already.
    std::optional<std::vector<std::string>> mentions{};
    /// The `rev` of the message that was edited. If it has another by now: `conflict`, and `details.message` is the message
    /// as it is.
    std::optional<std::int64_t> if_rev{};
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

/// One message, as the caller sees it. `not_found` also if the caller has blocked its author.
struct GetMessage {
    using Answer = Message;
    std::string channel{};
    std::string message_id{};
};

/// Who has reacted to a message, and with what, in an order that stays. `not_found` as in `GetMessage`.
struct ListReactions {
    using Answer = Page<MessageReaction>;
    std::string channel{};
    std::string message_id{};
    ListRange range{};
};

/// A page of history, newest first, with the revision at which it was read.
struct MessagePage {
    std::vector<Message> messages{};
    bool has_more = false;
    /// The page ended here, before it was full, because so much of what it looked through is hidden from the viewer. The next
    /// one begins behind this `seq`, not behind its last message; there may be none.
    std::optional<std::int64_t> cut_at{};
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

}  // namespace cariosan
