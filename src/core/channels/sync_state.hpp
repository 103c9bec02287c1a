/// How far the answer to a `Sync` has got, and its text for the client to send back.
#pragma once

#include <cariosan/sync_commands.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cariosan::core {

/// Summaries of channels that the client does not hold, in all answers to one request together.
inline constexpr std::size_t kMaxSummaries = 200;

struct SyncState {
    /// What the revisions of a channel refer to.
    enum class Origin : std::uint8_t {
        unknown,  ///< the client named no epoch
        known,    ///< `epoch`
        foreign,  ///< another history
    };
    struct Left {
        HeldChannel held;
        Origin origin = Origin::unknown;

        bool operator==(const Left&) const = default;
    };

    std::string epoch{};           ///< when the request began
    bool complete = false;
    std::uint32_t summaries = 0;   ///< answered so far
    std::vector<Left> left{};      ///< the channels that are not answered, or not to their end
    std::vector<ChannelId> done{}; ///< the others that get no summary; kept only if `complete`

    bool operator==(const SyncState&) const = default;
};

/// The channels of a command as it comes from the client. `epoch` is the present one.
SyncState begin_sync(const Sync& command, std::string_view epoch);

/// The state as text, which says nothing but what the client has sent, and what it was answered. Bound: that of `decode`.
std::string encode(const SyncState& state);
/// Nothing: not a text made by `encode`, or longer than any request can cause.
std::optional<SyncState> decode_sync_state(std::string_view text);

}  // namespace cariosan::core
