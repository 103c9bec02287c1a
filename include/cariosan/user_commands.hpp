/// What a user alone may do. `cariosan/commands.hpp` says what holds for all commands.
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
    std::int64_t members = 5;  ///< how many members each item shows, 1–20
    bool archived = false;     ///< those that are archived instead; nothing can be archived yet, so there are none
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

/// Where the caller's receipt stands after the call.
struct ReceiptState {
    Receipt receipt{};
    std::int64_t receipt_rev = 0;  ///< the channel's
    std::int64_t unread_count = 0;  ///< as in `MyChannel`
    std::int64_t mention_count = 0;
};

/// Moves the caller's read position forward, to `message_id` or to the newest message, and the delivered one with it. Never
/// moves them back.
struct MarkRead {
    using Answer = ReceiptState;
    std::string channel{};
    std::optional<std::string> message_id{};
};

/// Moves the delivered position alone: the caller's device has the messages.
struct MarkDelivered {
    using Answer = ReceiptState;
    std::string channel{};
    std::optional<std::string> message_id{};
};

/// The receipts of a channel's members with the revision at which this was true.
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
    std::int64_t rev = 0;          ///< what this page reaches, and the next `since`
    std::int64_t receipt_rev = 0;  ///< what this page reaches, and the next `receipts_since`
    bool reset = false;            ///< drop the cached channel; this is its present state
    std::optional<Channel> channel{};
    std::vector<Message> messages{};
    std::vector<Member> members{};
    /// Receipts moved after `receipts_since`: everyone's up to `Limits::shared_receipts` members, else the caller's own.
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
    std::string epoch{};       ///< empty: none known
    std::int64_t limit = 100;  ///< messages and members of one page, 1 to `Limits::page`; what shares a `rev` comes together
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

/// A page of what was found.
struct SearchResults : Page<SearchHit> {
    /// The search has used up its budget of work: the newest messages alone were looked at, and there may be no hit among
    /// them. The cursor goes on with the older ones after the last page of these.
    bool partial = false;
};

/// Messages of the caller's channels that hold all words and "quoted phrases" of `q`; the last word, unless quoted, may go
/// on. Among the newest 500 matches, best first; among fewer if to find them took too much work (`SearchResults::partial`).
/// A cursor keeps these: what is sent later does not move the pages. It expires (`validation_error`, `details.expired`)
/// when the index is built anew; search again then.
struct SearchMessages {
    using Answer = SearchResults;
    std::string q{};                      ///< 1–256 bytes, at most 8 words and phrases
    std::optional<std::string> channel{};  ///< nothing: all of the caller's
    ListRange range{};
};

/// A block as it was made, and how often the caller's list has changed by then.
struct BlockMade {
    Block block{};
    std::int64_t blocks_rev = 0;
};

/// The caller does not want to hear of a user any more: section 5 of the protocol says what it is not shown. At most
/// `Limits::blocks_per_user`.
struct BlockUser {
    using Answer = BlockMade;
    std::string user{};
};

/// Nothing happens if the user is not blocked.
struct UnblockUser {
    using Answer = Done;
    std::string user{};
};

/// A page of blocks, from one snapshot.
struct BlockList {
    Page<Block> page{};
    std::int64_t blocks_rev = 0;
};

/// Whom the caller has blocked, by user.
struct ListBlocks {
    using Answer = BlockList;
    ListRange range{};
};

/// The caller gets push notifications on this device. A token is one user's of the workspace: it is taken from another who had
/// it, because the device has changed hands. Past `Limits::devices_per_user` the one that was not registered for the longest
/// time makes room: a client registers its device each time it starts.
struct RegisterDevice {
    using Answer = Device;
    std::string token{};  ///< of the push service: 1–4,096 visible ASCII characters. Not printed anywhere
    DevicePlatform platform = DevicePlatform::android;
};

/// The caller's devices, in the order in which they were first registered.
struct ListDevices {
    using Answer = Page<Device>;
    ListRange range{};
};

/// Nothing happens if the caller has no such device.
struct RemoveDevice {
    using Answer = Done;
    std::string token{};
};

/// Permission to upload a file for a message of the caller. Nothing is kept of it: the client uploads the file to where the
/// answer says and sends its `public_url`.
struct PresignUpload {
    using Answer = PresignedUpload;
    std::string filename{};        ///< 1–255 bytes, as the user's device calls it
    std::string content_type{};    ///< one of `EngineOptions::attachment_types`, in any case
    std::int64_t size_bytes = 0;   ///< exactly, 1 to `Limits::attachment_bytes`
};

/// Who of some users is online, and when the others were last seen; section 5 of the protocol, "Presence". Those who do not
/// exist, or share no channel with the caller, are left out, as are those whom the caller has blocked or who have blocked it.
/// The answer is cut only where many of them are in thousands of channels, as the caller is.
struct GetPresence {
    using Answer = Page<UserPresence>;
    std::vector<std::string> users{};  ///< 1–100
    bool to_subscribe = false;         ///< a connection is going to follow them: 1–200
    std::string cursor{};              ///< `next_cursor` of the page before, which was of the same `users`
};

}  // namespace cariosan
