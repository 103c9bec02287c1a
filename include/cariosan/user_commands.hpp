/// Commands for users only. `cariosan/commands.hpp` says what holds for all commands.
#pragma once

#include <cariosan/attachments.hpp>
#include <cariosan/caller.hpp>
#include <cariosan/error.hpp>
#include <cariosan/types.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cariosan {

// Commands of a user.

/// The calling user.
struct Me {
    User user{};
    std::int64_t unread_total = 0;  ///< over unmuted channels, counted to 9,999
    std::int64_t preferences_rev = 0;  ///< how often the user has changed preferences of its channels
    ClientSettings settings{};
};

struct GetMe {
    using Answer = Me;
};

struct ListMyChannels {
    using Answer = Page<MyChannel>;
    ListRange range{};
    /// How many members each item shows: 1 to `Limits::members_shown`; absent: 5, or the maximum if lower.
    std::optional<std::int64_t> members{};
    bool archived = false;  ///< the archived ones instead of all others
};

/// One item of `ListMyChannels`, however far down the list it is.
struct GetMyChannel {
    using Answer = MyChannel;
    std::string channel{};
    std::optional<std::int64_t> members{};  ///< as in `ListMyChannels`
};

/// Changes those preferences that are given. Answers as `GetMyChannel` would.
struct UpdateMyChannel {
    using Answer = MyChannel;
    std::string channel{};
    std::optional<bool> muted{};
    std::optional<bool> archived{};
    std::optional<bool> pinned{};
    std::optional<bool> marked_unread{};
};

/// A page of preferences, from one snapshot.
struct PreferencesPage {
    std::vector<ChannelPreferences> channels{};  ///< by `preferences_rev`, ascending
    std::int64_t preferences_rev = 0;            ///< how far this page goes; the next `since`
    bool has_more = false;
};

/// The preferences of the caller's channels that changed after `since`, as they are now; all that were ever changed if `since`
/// is ahead of the user's `preferences_rev`. Channels the caller is not in any more are left out.
struct GetPreferences {
    using Answer = PreferencesPage;
    std::int64_t since = 0;
    std::optional<std::int64_t> limit{};
};

struct LeaveChannel {
    using Answer = Done;
    std::string channel{};
};

/// Where the caller's receipt stands after the call.
struct ReceiptState {
    Receipt receipt{};
    std::int64_t receipt_rev = 0;  ///< the channel's
    std::int64_t unread_count = 0;  ///< as in `MyChannel`
    std::int64_t mention_count = 0;
};

/// Moves the caller's read position forward, to `message_id` or to the newest message, and the delivered one with it.
/// Never moves them back.
struct MarkRead {
    using Answer = ReceiptState;
    std::string channel{};
    std::optional<std::string> message_id{};
};

/// Moves only the delivered position: the caller's device has received the messages.
struct MarkDelivered {
    using Answer = ReceiptState;
    std::string channel{};
    std::optional<std::string> message_id{};
};

/// Where the caller's receipt in one of several channels stands.
struct ChannelReceipt {
    ChannelId channel_id{};
    ReceiptState state{};
};
struct ChannelReceipts {
    std::vector<ChannelReceipt> channels{};
};

/// `MarkDelivered` for many channels in one write, as after a reconnect or a push: at most `Limits::delivered_channels`.
/// Answers those that are channels of the caller and have the message; the others are left out, so that one channel the
/// caller was removed from does not hold up the rest.
struct MarkAllDelivered {
    using Answer = ChannelReceipts;
    struct Place {
        std::string channel{};
        std::string message_id{};
    };
    std::vector<Place> channels{};
};

/// The receipts of a channel's members, and the revision they were read at.
struct ReceiptList {
    Page<Receipt> page{};
    std::int64_t rev = 0;
    std::int64_t receipt_rev = 0;
    std::string epoch{};
};

/// By user id. While the workspace's read receipts are off, others' read positions are hidden.
struct ListReceipts {
    using Answer = ReceiptList;
    std::string channel{};
    ListRange range{};
};

/// What changed in a channel since a revision: state, not a log. Section 6 of the protocol.
struct Changes {
    ChannelId channel_id{};
    std::string epoch{};
    std::int64_t since = 0;
    std::int64_t rev = 0;          ///< how far this page goes; the next `since`
    std::int64_t receipt_rev = 0;  ///< how far this page goes; the next `receipts_since`
    bool reset = false;            ///< discard the cached channel; this is its current state
    std::optional<Channel> channel{};
    std::int64_t member_count = 0;  ///< now, whatever the page reaches
    Preferences preferences{};      ///< the viewer's, now
    std::vector<Message> messages{};
    std::vector<Member> members{};
    /// Receipts moved after `receipts_since`: everyone's up to `Limits::shared_receipts` members, else the caller's
    /// own.
    std::vector<Receipt> receipts{};
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
    /// Messages and members of one page, 1 to `Limits::page`; absent: 100, or the maximum if lower. One `rev` is never split.
    std::optional<std::int64_t> limit{};
};

/// A message that was found.
struct SearchHit {
    Message message{};
    std::string snippet{};  ///< plain text around the first match
    std::vector<TextSpan> highlights{};  ///< of `snippet`; ascending, not overlapping
    std::int64_t score = 0;              ///< 0–1000, higher is better
};

/// A page of what was found.
struct SearchResults : Page<SearchHit> {
    /// The search used up its work budget: only the newest messages were searched, possibly without a hit. After the
    /// last page of these results, the cursor continues with older messages.
    bool partial = false;
};

/// Messages of the caller's channels that hold all words and "quoted phrases" of `q`; the last word, unless quoted,
/// matches as a prefix. Ranks the newest 500 matches, or fewer if finding them took too much work
/// (`SearchResults::partial`), best first. A cursor pins this result: later messages do not shift the pages. It
/// expires (`validation_error`, `details.expired`) when the index is rebuilt; search again then.
struct SearchMessages {
    using Answer = SearchResults;
    std::string q{};                      ///< 1–256 bytes, at most 8 words and phrases
    std::optional<std::string> channel{};  ///< absent: all of the caller's
    ListRange range{};
};

/// The block, and the revision of the caller's block list after it.
struct BlockMade {
    Block block{};
    std::int64_t blocks_rev = 0;
};

/// Blocks a user for the caller; section 5 of the protocol says what is then hidden. At most `Limits::blocks_per_user`.
struct BlockUser {
    using Answer = BlockMade;
    std::string user{};
};

/// Does nothing if the user is not blocked.
struct UnblockUser {
    using Answer = Done;
    std::string user{};
};

/// A page of blocks, from one snapshot.
struct BlockList {
    Page<Block> page{};
    std::int64_t blocks_rev = 0;
};

/// The users the caller has blocked, by user.
struct ListBlocks {
    using Answer = BlockList;
    ListRange range{};
};

/// Reports a message to the workspace's moderators. A second report of the same message does nothing. `not_found` for a message
/// that was deleted, or that the caller cannot see.
struct ReportMessage {
    using Answer = Done;
    std::string channel{};
    std::string message_id{};
    std::string reason{};               ///< 1–255 bytes, one line
    std::optional<std::string> note{};  ///< at most `Limits::report_note_bytes`
};

/// Reports another user. A second report of the same user does nothing.
struct ReportUser {
    using Answer = Done;
    std::string user{};
    std::string reason{};               ///< 1–255 bytes, one line
    std::optional<std::string> note{};  ///< at most `Limits::report_note_bytes`
};

/// Registers a device for the caller's push notifications. Within a workspace a token belongs to one user:
/// registering it takes it from its previous owner, since the device has changed hands. Beyond
/// `Limits::devices_per_user` the device registered least recently is dropped; clients register on every start.
struct RegisterDevice {
    using Answer = Device;
    std::string token{};  ///< of the push service: 1–4,096 visible ASCII characters. Never logged
    DevicePlatform platform = DevicePlatform::android;
};

/// The caller's devices, in the order in which they were first registered.
struct ListDevices {
    using Answer = Page<Device>;
    ListRange range{};
};

/// Does nothing if the caller has no such device.
struct RemoveDevice {
    using Answer = Done;
    std::string token{};
};

/// Permission to upload a file for a message of the caller. Nothing is stored: the client uploads the file to the
/// address in the answer, then sends a message with its `public_url`.
struct PresignUpload {
    using Answer = PresignedUpload;
    std::string filename{};        ///< 1–255 bytes, as the user's device calls it
    std::string content_type{};    ///< one of `EngineOptions::attachment_types`, in any case
    std::int64_t size_bytes = 0;   ///< exactly, 1 to `Limits::attachment_bytes`
};

/// Which of these users are online, and when the others were last seen; section 5 of the protocol, "Presence". Leaves
/// out users who do not exist, share no channel with the caller, or where one has blocked the other. Takes more than
/// one page only where both the caller and many of the users are in thousands of channels.
struct GetPresence {
    using Answer = Page<UserPresence>;
    std::vector<std::string> users{};  ///< 1–100
    bool to_subscribe = false;         ///< for a connection that will follow them: 1–200 users
    std::string cursor{};              ///< `next_cursor` of the page before, for the same `users`
};

}  // namespace cariosan
