/// Catching up with all of a user's channels at once, for clients without a WebSocket. Section 6 of the protocol.
#pragma once

#include <cariosan/types.hpp>
#include <cariosan/user_commands.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace cariosan {

/// How far a client got in a channel.
struct HeldChannel {
    ChannelId channel{};
    std::int64_t rev = 0;
    std::int64_t receipt_rev = 0;

    bool operator==(const HeldChannel&) const = default;
};

/// A channel that a client holds and its user is not in, or no longer.
struct ChannelLeft {
    ChannelId channel_id{};
};

/// What a client is told about one channel: what changed, that it is gone, or, of a channel the client does not hold yet,
/// the item of `ListMyChannels`.
using SyncPage = std::variant<Changes, ChannelLeft, MyChannel>;

/// Everything in it is read in one snapshot.
struct Synced {
    std::string epoch{};
    std::vector<SyncPage> pages{};  ///< about 100 changed objects, or 128 KiB as encoded, at most
    std::string next{};             ///< `Sync::next` of the request for the rest; empty: this is all
    std::int64_t unread_total = 0;  ///< over unmuted channels, counted to 9,999
    std::int64_t blocks_rev = 0;       ///< another one than before: `ListBlocks` has changed
    std::int64_t preferences_rev = 0;  ///< another one than before: `GetPreferences` says what has changed
};

/// Answers a page for each of these channels that has moved. A channel that has not costs only a look.
struct Sync {
    using Answer = Synced;
    static constexpr std::size_t kMostChannels = 500;

    std::string epoch{};                   ///< of the revisions; empty: none known
    std::vector<HeldChannel> channels{};   ///< at most `kMostChannels`
    bool complete = false;                 ///< also summaries of up to 200 others, the most recently active ones; none of archived ones
    /// The client's own, if it has any. They do not change the answer, only whether a request that waits has something to tell.
    std::optional<std::int64_t> blocks_rev{};
    std::optional<std::int64_t> preferences_rev{};
    std::string next{};                    ///< continues the request that answered it; the members above are then ignored
    std::int64_t max_moved = 50;           ///< answers this many channels that have moved, at most; 1 to 50
};

}  // namespace cariosan
