/// The events the engine publishes. One `Event` is one frame of section 5 of the protocol.
#pragma once

#include <cariosan/types.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace cariosan {

// Durable events: each carries the `rev` it gave its channel.

struct MessageCreated {
    Message message;
};
/// `message.updated`: its text or its mentions changed.
struct MessageUpdated {
    Message message;
    bool mentions_changed = false;
};
/// `message.deleted`: only its place, its author and its times remain.
struct MessageDeleted {
    MessageId message_id;
    std::int64_t seq = 0;
    Timestamp deleted_at;
    UserId author{};  ///< of the message
};
/// `reaction.added` or `reaction.removed`. Replacing a reaction is a single `added`.
struct ReactionChanged {
    bool added = true;
    MessageId message_id;
    UserId user_id;
    std::string emoji;
    std::vector<Reaction> reactions;  ///< all of the message, after the change; without `reacted_by_me`
    UserId author{};                  ///< of the message
};
/// `members` are all initial members.
struct ChannelCreated {
    Channel channel;
    std::vector<Member> members;
};
struct ChannelUpdated {
    Channel channel;
};
/// Sent to everyone who was a member.
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

// Ephemeral events: no `rev`, unordered, may be dropped.

/// To the mentioned users' connections.
struct Mentioned {
    MessageId message_id;
    UserId by;
    std::vector<UserId> users;
};
/// `receipt.read` or `receipt.delivered`: how far a member has read and received, after one of these moved. Sent to
/// everyone in the channel up to `Limits::shared_receipts` members, above that only to the member's own connections.
/// Sending a message moves its author's receipt without this event.
struct ReceiptMoved {
    Receipt receipt;         ///< with `read_hidden`, others do not see `read`
    bool read = false;       ///< the read position moved
    bool delivered = false;  ///< the delivered one did
};
/// To everyone who shares a channel with the user. `channels` are the channels they are a member of.
struct UserUpdated {
    User user;
    std::vector<ChannelId> channels;
};
/// To the connections of the user whose block list changed.
struct BlockUpdated {
    UserId user_id;  ///< whose list it is
    UserId blocked_user;
    bool blocked = true;
    std::int64_t blocks_rev = 0;
};
/// `channel.preferences`, to the connections of the user whose preferences of `Event::channel` changed. The frame also carries
/// `unread_total`.
struct PreferencesChanged {
    UserId user_id;
    Preferences preferences{};
};
/// `user.updated`, to everyone who shared a channel with the user: only the id remains. Their own connections are closed.
struct UserDeleted {
    UserId user_id;
    std::vector<ChannelId> channels;
};
/// Internal: no frame, and not published to subscribers. Ends the user's typing indicators.
struct UserSilenced {
    UserId user_id;
    std::optional<ChannelId> channel{};  ///< absent: in the whole workspace
};
/// Internal: no frame, and not published to subscribers. The user's connections are closed, unless it is about the end.
struct UserSuspended {
    UserId user_id;
    std::string external_id{};
    bool suspended = true;
};
/// No frame: the connections of all its users are closed.
struct WorkspaceDeleted {};
/// `settings.updated`, to all users of the workspace.
struct SettingsUpdated {
    ClientSettings settings{};
};
/// Internal: no frame, and not published to subscribers. Something about the workspace changed.
struct WorkspaceUpdated {};
/// A presence change sent between engines; subscribers never get it. Its frame is `presence.update`, to all who may see it.
struct PresenceChanged {
    struct Change {
        UserPresence presence;
        std::vector<ChannelId> channels{};  ///< small ones: their members get it
        std::vector<ChannelId> others{};    ///< further ones they are in: a member of any may follow the user
        std::vector<UserId> blocked{};      ///< by the user: they do not get it
    };
    std::vector<Change> changes{};
};
/// To everyone else in the channel.
struct Typing {
    UserId user_id;
    bool started = true;
    std::vector<UserId> blocked{};  ///< by the user: they do not get it
};
/// To a subscriber that fell behind: its queued events were dropped. It should read `GetChanges` of these channels;
/// `all` instead of a list if there were too many to list.
struct EventsLost {
    std::vector<ChannelId> channels;
    bool all = false;
};

/// What happened: a `std::variant`, and a class of its own for the same reason as `Command`.
struct EventBody : std::variant<MessageCreated, MessageUpdated, MessageDeleted, ReactionChanged, ChannelCreated,
                                ChannelUpdated, ChannelDeleted, MembersEvent, Mentioned, ReceiptMoved, UserUpdated,
                                Typing, EventsLost, BlockUpdated, UserDeleted, UserSilenced, WorkspaceDeleted,
                                PresenceChanged, WorkspaceUpdated, SettingsUpdated, PreferencesChanged, UserSuspended> {
    using variant::variant;
    EventBody();
    EventBody(const EventBody& other);
    EventBody(EventBody&& other) noexcept;
    EventBody& operator=(const EventBody& other);
    EventBody& operator=(EventBody&& other) noexcept;
    ~EventBody();
};

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
