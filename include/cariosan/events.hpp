/// What the engine tells about what has happened. One `Event` is one frame of section 5 of the protocol.
#pragma once

#include <cariosan/types.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace cariosan {

// Durable events: each has the channel's `rev` that it made.

struct MessageCreated {
    Message message;
};
/// `message.updated`: its text or its mentions were changed.
struct MessageUpdated {
    Message message;
    bool mentions_changed = false;
};
/// `message.deleted`: what is left is its place, its author and its times.
struct MessageDeleted {
    MessageId message_id;
    std::int64_t seq = 0;
    Timestamp deleted_at;
    UserId author{};  ///< of the message
};
/// `reaction.added` or `reaction.removed`. One that takes the place of another is one `added`.
struct ReactionChanged {
    bool added = true;
    MessageId message_id;
    UserId user_id;
    std::string emoji;
    std::vector<Reaction> reactions;  ///< all of the message, after the change; without `reacted_by_me`
    UserId author{};                  ///< of the message
};
/// With everyone who is a member from the start.
struct ChannelCreated {
    Channel channel;
    std::vector<Member> members;
};
struct ChannelUpdated {
    Channel channel;
};
/// Goes to all who were members.
struct ChannelDeleted {
    Channel channel;
};
/// `member.joined`, `member.left` or `member.updated`.
struct MembersEvent {
    enum class Kind : std::uint8_t { joined, left, updated };
    Kind kind = Kind::joined;
    std::vector<Member> members;
    std::int64_t last_seq = 0;
    std::int64_t member_count = 0;  ///< after the change
};

// Events of the moment: no `rev`, no order among them, may be dropped.

/// To the mentioned users' connections.
struct Mentioned {
    MessageId message_id;
    UserId by;
    std::vector<UserId> users;
};
/// `receipt.read` or `receipt.delivered`: where a member has read and received after one of these moved. To everyone in the channel up to
/// `Limits::shared_receipts` members, beyond to the member's own connections. A send moves its author's receipt without one.
struct ReceiptMoved {
    Receipt receipt;         ///< with `read_hidden`, others are not told of `read`
    bool read = false;       ///< the read position moved
    bool delivered = false;  ///< the delivered one did
};
/// To everyone who shares a channel with the user. `channels` are the channels it is a member of.
struct UserUpdated {
    User user;
    std::vector<ChannelId> channels;
};
/// To the own connections of the user whose list of blocks has changed.
struct BlockUpdated {
    UserId user_id;  ///< whose list it is
    UserId blocked_user;
    bool blocked = true;
    std::int64_t blocks_rev = 0;
};
/// `user.updated`, to everyone who shared a channel with the user: nothing but its id is left. Its own connections end.
struct UserDeleted {
    UserId user_id;
    std::vector<ChannelId> channels;
};
/// No frame, and not told to subscribers: whoever shows the user typing shows it no longer.
struct UserSilenced {
    UserId user_id;
    std::optional<ChannelId> channel{};  ///< nothing: in the whole workspace
};
/// No frame: the connections of all its users end.
struct WorkspaceDeleted {};
/// What one engine tells the others of presence; not told to subscribers. Its frame is `presence.update`, to whoever may see it.
struct PresenceChanged {
    struct Change {
        UserPresence presence;
        std::vector<ChannelId> channels{};  ///< small ones: their members are told
        std::vector<ChannelId> others{};    ///< further ones it is in: a member of any may follow the user
        std::vector<UserId> blocked{};      ///< by the user: they are not told
    };
    std::vector<Change> changes{};
};
/// To everyone else in the channel.
struct Typing {
    UserId user_id;
    bool started = true;
    std::vector<UserId> blocked{};  ///< by the user: they are not told
};
/// To a subscriber that was too slow: what was kept for it is gone. It should read `GetChanges` of these channels;
/// `all` instead of a list if they were too many to name.
struct EventsLost {
    std::vector<ChannelId> channels;
    bool all = false;
};

using EventBody =
    std::variant<MessageCreated, MessageUpdated, MessageDeleted, ReactionChanged, ChannelCreated,
                 ChannelUpdated, ChannelDeleted, MembersEvent, Mentioned, ReceiptMoved, UserUpdated, Typing,
                 EventsLost, BlockUpdated, UserDeleted, UserSilenced, WorkspaceDeleted, PresenceChanged>;

/// Something that happened. Immutable once published; shared between threads as `EventRef`.
struct Event {
    WorkspaceId workspace;
    ChannelId channel;                               ///< nil if it belongs to no channel
    std::optional<std::string> channel_external_id;  ///< of `channel`
    std::int64_t rev = 0;                            ///< 0: not durable
    EventBody body;
};

using EventRef = std::shared_ptr<const Event>;

}  // namespace cariosan
