/// The nouns of the chat: workspaces, users, channels, members, messages. Plain values, safe to copy between threads.
/// Section 4 of the protocol shows them as JSON.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cariosan {

/// A 128-bit identifier (RFC 9562). Ours are version 7: they sort by the time they were made.
struct Uuid {
    std::array<std::uint8_t, 16> bytes{};

    auto operator<=>(const Uuid&) const = default;
    bool is_nil() const noexcept;
    /// 36 characters, lower case.
    std::string to_string() const;
    /// Accepts only the canonical form: 36 characters, lower case, hyphens in place.
    static std::optional<Uuid> parse(std::string_view text) noexcept;
};

/// A `Uuid` that cannot be confused with the id of another type. Default: nil, which refers to nothing.
template <class Tag>
struct Id {
    Uuid uuid{};

    auto operator<=>(const Id&) const = default;
    bool is_nil() const noexcept { return uuid.is_nil(); }
    std::string to_string() const { return uuid.to_string(); }
    static std::optional<Id> parse(std::string_view text) noexcept {
        const auto uuid = Uuid::parse(text);
        return uuid ? std::optional<Id>(Id{*uuid}) : std::nullopt;
    }
};

using WorkspaceId = Id<struct WorkspaceTag>;
using UserId = Id<struct UserTag>;
using ChannelId = Id<struct ChannelTag>;
using MessageId = Id<struct MessageTag>;

/// Milliseconds since 1970-01-01T00:00:00Z, by the wall clock. For display only: never a cursor.
struct Timestamp {
    std::int64_t milliseconds = 0;

    auto operator<=>(const Timestamp&) const = default;
    /// RFC 3339, UTC, always with milliseconds: "2026-01-31T08:15:00.000Z".
    std::string to_string() const;
    /// Accepts RFC 3339 with any fraction and any offset.
    static std::optional<Timestamp> parse(std::string_view text) noexcept;
};

enum class ChannelType : std::uint8_t { direct, group };
enum class Role : std::uint8_t { member, admin };
enum class MessageType : std::uint8_t { text, image, file, system };

std::string_view to_string(ChannelType type) noexcept;
std::string_view to_string(Role role) noexcept;
std::string_view to_string(MessageType type) noexcept;
std::optional<ChannelType> parse_channel_type(std::string_view text) noexcept;
std::optional<Role> parse_role(std::string_view text) noexcept;
std::optional<MessageType> parse_message_type(std::string_view text) noexcept;

/// A tenant. Nothing crosses workspaces.
struct Workspace {
    WorkspaceId id{};
    std::string name{};
    bool test = false;  ///< its keys begin with `pk_test_`
    bool read_receipts_enabled = true;
    std::optional<std::int64_t> edit_window_seconds{};  ///< absent: unlimited
    Timestamp created_at{};
    bool moderation_enabled = false;   ///< whether its users' messages are moderated
    std::int64_t moderation_rev = 0;   ///< counts the changes of the moderation settings
};

/// Which files messages may have.
struct AttachmentSettings {
    std::vector<std::string> types{};  ///< media types; "audio/*" is every type of audio
    std::int64_t max_bytes = 0;        ///< of one file

    bool operator==(const AttachmentSettings&) const = default;
};

/// What the workspace and server allow, so that clients offer nothing that would be refused.
struct ClientSettings {
    bool read_receipts_enabled = true;
    std::optional<std::int64_t> edit_window_seconds{};  ///< absent: unlimited
    std::int64_t max_message_bytes = 0;                 ///< UTF-8, of a message's content
    std::optional<AttachmentSettings> attachments{};           ///< absent: this server takes no files

    bool operator==(const ClientSettings&) const = default;
};

/// A workspace with its API key pair in clear, returned once: when it is created or its secret is rotated.
struct WorkspaceCredentials : Workspace {
    std::string api_key{};   ///< `pk_live_…` or `pk_test_…`
    std::string api_secret{};  ///< `sk_…`; only its SHA-256 is kept
};

/// Keeps a user out: their tokens are refused. Shown to the backend only.
struct Suspension {
    std::optional<Timestamp> until{};  ///< absent: until it is lifted
    std::optional<std::string> reason{};
    Timestamp created_at{};

    bool operator==(const Suspension&) const = default;
    bool holds_at(Timestamp now) const noexcept { return !until || *until > now; }
};

/// An identity owned by the host application.
struct User {
    UserId id{};
    std::string external_id{};  ///< the host's own id: 1–255 bytes of UTF-8, no control characters
    std::string name{};
    std::optional<std::string> avatar_url{};
    std::string metadata = "{}";  ///< a JSON object as text
    Timestamp created_at{};
    Timestamp updated_at{};
    std::optional<Suspension> suspension{};  ///< the last one that was not lifted, even if it has ended
};

/// A user as shown to others next to what they wrote. Of a deleted user only the id remains.
struct UserSummary {
    UserId id{};
    std::string external_id{};
    std::string name{};
    std::optional<std::string> avatar_url{};
    bool deleted = false;
    Timestamp updated_at{};  ///< that of the `User`: of two copies the later is newer; means nothing if `deleted`
};

/// Whether a user has a connection, on any node.
struct UserPresence {
    UserId user_id{};
    std::string external_id{};
    bool online = false;
    /// When an offline user's last connection ended. Absent if they never connected, or are online now.
    std::optional<Timestamp> last_seen_at{};
};

/// A conversation. `rev` counts its durable changes, `receipt_rev` its batches of receipts; section 1 of the protocol.
struct Channel {
    ChannelId id{};
    std::optional<std::string> external_id{};  ///< groups always have one
    ChannelType type = ChannelType::group;
    std::string name{};
    std::optional<std::string> avatar_url{};
    std::string metadata = "{}";
    std::int64_t slow_mode_seconds = 0;  ///< between two messages of a member who is no admin; 0: no slow mode
    bool frozen = false;                 ///< only the backend and the group's admins write
    std::int64_t member_count = 0;
    std::int64_t rev = 0;
    std::int64_t settings_rev = 0;  ///< the `rev` of the last change of a setting: what stands above `member_count`
    std::int64_t receipt_rev = 0;
    std::int64_t last_seq = 0;
    Timestamp created_at{};
};

/// A user's place in a channel. For a member who has left, only `user.id`, `left` and `rev` are set.
struct Member {
    UserSummary user{};
    Role role = Role::member;
    Timestamp joined_at{};
    std::int64_t rev = 0;  ///< of the last change of this membership
    bool left = false;
};

/// A part of a text, in code points.
struct TextSpan {
    std::int64_t start = 0;   ///< 0: the first
    std::int64_t length = 0;  ///< at least 1
    bool operator==(const TextSpan&) const = default;

    std::int64_t end() const noexcept { return start + length; }
};

/// A mention as stored with a message. A deleted user has no `external_id`.
struct Mention {
    UserId user_id{};
    std::string external_id{};
    std::string name{};
    std::vector<TextSpan> spans{};  ///< where the content names the user: ascending, not overlapping; none: unknown
};

/// The message a reply answers, as it is now; `content` is cut at 200 code points.
struct Quote {
    MessageId id{};
    UserId user_id{};
    std::string user_name{};
    std::string content{};
    MessageType type = MessageType::text;
    bool deleted = false;
    /// Written by someone the reader has blocked: only `id` may be shown.
    bool hidden = false;
};

/// How many users have reacted to a message with one emoji. Emoji that differ only in U+FE0F count as one.
struct Reaction {
    std::string emoji{};  ///< as it was first written
    std::int64_t count = 0;
    /// Whether the viewer is among them. False in events and when read for no particular user.
    bool reacted_by_me = false;
};

/// One user's reaction to a message.
struct MessageReaction {
    std::optional<UserSummary> user{};  ///< absent: someone the reader has blocked
    std::string emoji{};                ///< as the message shows it
    Timestamp at{};
};

/// Who pinned a message, and when.
struct Pin {
    Timestamp at{};
    UserSummary by{};
};

struct Message {
    MessageId id{};
    ChannelId channel_id{};
    std::optional<std::string> channel_external_id{};
    std::int64_t seq = 0;  ///< 1, 2, 3 … in its channel
    std::int64_t rev = 0;  ///< of the last change of this message
    UserSummary user{};
    MessageType type = MessageType::text;
    std::string content{};
    std::optional<std::string> attachment_url{};
    std::string metadata = "{}";
    std::optional<MessageId> parent_id{};
    std::optional<Quote> quoted_message{};
    std::vector<Mention> mentions{};
    std::optional<Pin> pin{};           ///< of a pinned one
    std::vector<Reaction> reactions{};  ///< in the order of first use
    std::optional<std::string> idempotency_key{};  ///< shown to its author only
    Timestamp created_at{};
    std::optional<Timestamp> edited_at{};
    std::optional<Timestamp> deleted_at{};
};

/// Which position a receipt moves. Reading implies delivery, so `read` is never ahead of `delivered`.
enum class ReceiptKind : std::uint8_t { delivered, read };

/// How far a channel has been delivered to one user, and how far that user has read it. A time is missing until the
/// position moves beyond where the user joined.
struct Receipt {
    UserId user_id{};
    std::int64_t last_read_seq = 0;
    std::optional<Timestamp> last_read_at{};
    std::int64_t last_delivered_seq = 0;
    std::optional<Timestamp> last_delivered_at{};
    std::int64_t receipt_rev = 0;  ///< the channel's `receipt_rev` at its last change
    bool read_hidden = false;      ///< the workspace's read receipts are off: this viewer must not see what was read
};

/// A user whom another user has blocked.
struct Block {
    UserSummary user{};
    Timestamp created_at{};
};

enum class DevicePlatform : std::uint8_t { ios, android, web };
/// "ios", "android", "web".
std::string_view to_string(DevicePlatform platform) noexcept;
/// The reverse of `to_string`; absent for any other text.
std::optional<DevicePlatform> parse_device_platform(std::string_view text) noexcept;

/// Where a user gets push notifications. Anyone who knows the token can send to it, so it is shown to the user alone.
struct Device {
    std::string token{};
    DevicePlatform platform = DevicePlatform::android;
    Timestamp created_at{};  ///< when the user registered it first
};

/// A user who may not write, in one channel or (without `channel_id`) in the whole workspace.
struct Silence {
    UserSummary user{};
    std::optional<ChannelId> channel_id{};
    std::optional<std::string> channel_external_id{};
    std::optional<Timestamp> until{};  ///< absent: until it is lifted
    std::optional<std::string> reason{};
    Timestamp created_at{};
};

/// How a user keeps one of its channels. Nobody else sees it.
struct Preferences {
    bool muted = false;          ///< no push, and not counted in `unread_total`
    bool archived = false;       ///< out of the list until a new message arrives, or for good while it is muted
    bool pinned = false;
    bool marked_unread = false;  ///< until the user reads or sends there
    /// The user's own count of such changes, at the last one of this channel; 0: never changed. `archived` and
    /// `marked_unread` also end by a message, which raises the channel's `rev` instead.
    std::int64_t preferences_rev = 0;

    bool operator==(const Preferences&) const = default;
};

/// The preferences of one of several channels.
struct ChannelPreferences {
    ChannelId channel_id{};
    Preferences preferences{};
};

/// One line of "my channels": the channel as its viewer sees it.
struct MyChannel {
    Channel channel{};
    Role role = Role::member;
    Preferences preferences{};
    std::int64_t last_read_seq = 0;
    std::int64_t last_delivered_seq = 0;
    std::int64_t unread_count = 0;   ///< excludes unsent and erased messages and those of blocked users
    std::int64_t mention_count = 0;  ///< of readable messages, counted to 100
    std::vector<Member> members{};   ///< the direct peer, or the first few members
    std::optional<Message> last_message{};
    Timestamp last_activity{};
};

/// One page of a list. An empty `next_cursor` means this is the last page. Cursors are opaque.
template <class T>
struct Page {
    std::vector<T> items{};
    std::string next_cursor{};
    bool has_more() const noexcept { return !next_cursor.empty(); }
};

}  // namespace cariosan

template <>
struct std::hash<cariosan::Uuid> {
    std::size_t operator()(const cariosan::Uuid& uuid) const noexcept {
        // The last eight bytes of a version 7 UUID are random.
        std::size_t value = 0;
        for (std::size_t i = 8; i < 16; ++i) value = (value << 8U) | uuid.bytes[i];
        return value;
    }
};
template <class Tag>
struct std::hash<cariosan::Id<Tag>> {
    std::size_t operator()(const cariosan::Id<Tag>& id) const noexcept { return std::hash<cariosan::Uuid>{}(id.uuid); }
};
