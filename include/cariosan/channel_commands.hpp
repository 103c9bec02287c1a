/// Commands about one channel, for the backend and for members. `cariosan/commands.hpp` says what holds for all
/// commands.
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

/// Absent fields stay as they are. In a direct channel, which has no admins, only the backend sets the last two.
struct UpdateChannel {
    using Answer = Channel;
    std::string channel{};
    std::optional<std::string> name{};
    std::optional<std::optional<std::string>> avatar_url{};
    std::optional<std::string> metadata{};
    std::optional<std::int64_t> slow_mode_seconds{};
    std::optional<bool> frozen{};
};

/// The members of a channel, and the revision they were read at.
struct MemberList {
    Page<Member> page{};
    std::int64_t rev = 0;
    std::int64_t receipt_rev = 0;
    std::string epoch{};
};

/// With `q`, those of whose name a word begins so, or whose external_id does, folded as `SearchMessages` folds. A page then
/// looks at 2,000 members: it may hold few, or none, without being the last.
struct ListMembers {
    using Answer = MemberList;
    std::string channel{};
    std::optional<std::string> q{};  ///< 1–256 bytes
    ListRange range{};
};

/// The members a command touched, as they are now, and the channel's revision.
struct MembersChanged {
    std::vector<Member> members{};
    std::int64_t rev = 0;
};

/// In a group without an admin, the first user added becomes one.
struct AddMembers {
    using Answer = MembersChanged;
    std::string channel{};
    std::vector<std::string> external_ids{};
    Role role = Role::member;
    bool imported = false;  ///< backend only, not on the wire: sends no webhook, like `ImportMessage`
};

struct UpdateMember {
    using Answer = MembersChanged;
    std::string channel{};
    std::string user{};
    Role role = Role::member;
};

/// Removes a member; users who name themselves leave.
struct RemoveMember {
    using Answer = MembersChanged;
    std::string channel{};
    std::string user{};
};

/// A user to be mentioned, and where the content does so. A name alone is enough.
struct NamedMention {
    NamedMention() = default;
    NamedMention(std::string name) : user(std::move(name)) {}
    NamedMention(const char* name) : user(name) {}
    NamedMention(std::string name, std::vector<TextSpan> places) : user(std::move(name)), spans(std::move(places)) {}

    std::string user{};  ///< internal id or external id
    /// Inside the content and, with those of all mentions, not overlapping; at most `Limits::mention_spans` in a message.
    std::vector<TextSpan> spans{};
};

struct SendMessage {
    using Answer = Message;
    std::string channel{};
    std::string content{};  ///< empty only with an attachment
    /// If absent: `text`, or `file` if there is an attachment. `image` and `file` need one, other types may not have one.
    std::optional<MessageType> type{};
    /// A URL that the engine's `AttachmentStore` accepts for the workspace. `unavailable` without a store.
    std::optional<std::string> attachment_url{};
    std::optional<std::string> parent_id{};
    std::vector<NamedMention> mentions{};  ///< users, each a member of the channel
    /// Makes repeating a send safe: the repeat returns the message of the first send. 1–255 bytes.
    std::optional<std::string> idempotency_key{};
    std::string metadata = "{}";
    /// Backend only: the author. Users always write as themselves.
    std::optional<std::string> user{};
};

/// For the author only, while the workspace's edit window is open. Parent and attachment stay as they are.
/// `not_author`, `edit_window_expired`; `forbidden` for a system message, `not_found` for a deleted one.
struct EditMessage {
    using Answer = Message;
    std::string channel{};
    std::string message_id{};
    std::string content{};
    /// Replaces the mentions; if absent, they are unchanged. Each must be a member of the channel, or mentioned already.
    std::optional<std::vector<NamedMention>> mentions{};
    /// The `rev` of the message that the editor saw. If the message has changed since: `conflict`, and
    /// `details.message` is the current message.
    std::optional<std::int64_t> if_rev{};
};

/// Unsends a message. For its author, an admin of the group, and the backend. The message keeps its place but loses
/// its text. `not_author`.
struct DeleteMessage {
    using Answer = Message;
    std::string channel{};
    std::string message_id{};
};

/// Sets the calling user's reaction to a message, replacing an earlier one. `not_found` for a deleted message.
struct AddReaction {
    using Answer = Message;
    std::string channel{};
    std::string message_id{};
    std::string emoji{};  ///< one emoji: one grapheme cluster, at most `Limits::emoji_bytes`
};

/// Removes the calling user's reaction if it is this one.
struct RemoveReaction {
    using Answer = Message;
    std::string channel{};
    std::string message_id{};
    std::string emoji{};
};

/// Pins a message to its channel, at most `Limits::pins_per_channel`. For admins of a group, and both users of a direct
/// channel. `not_found` for a deleted message.
struct PinMessage {
    using Answer = Message;
    std::string channel{};
    std::string message_id{};
};

/// The reverse. Does nothing to a message that is not pinned.
struct UnpinMessage {
    using Answer = Message;
    std::string channel{};
    std::string message_id{};
};

/// One message, as the caller sees it. `not_found` also if the caller has blocked its author.
struct GetMessage {
    using Answer = Message;
    std::string channel{};
    std::string message_id{};
};

/// Who has reacted to a message, and with what, in a stable order. `not_found` as in `GetMessage`.
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
    /// Set if the page ended early because much of what was looked through is hidden from the viewer. The next page
    /// begins after this `seq`, not after the last message of this one, which may be empty.
    std::optional<std::int64_t> cut_at{};
    std::int64_t rev = 0;
    std::int64_t receipt_rev = 0;
    std::string epoch{};
};

/// The pinned messages, those pinned last first, but for those by users the caller has blocked: all of them in one page.
struct ListPins {
    using Answer = MessagePage;
    std::string channel{};
};

/// At most one of `before`, `after`, `around`: a message id or `seq:<n>`. `after` gives the page directly after it.
struct ListMessages {
    using Answer = MessagePage;
    std::string channel{};
    std::optional<std::string> before{};
    std::optional<std::string> after{};
    std::optional<std::string> around{};
    std::optional<std::int64_t> limit{};  ///< 1 to `Limits::page`; absent: 50, or the maximum if lower
};

}  // namespace cariosan
