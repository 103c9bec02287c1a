#pragma once

#include <atomic>
#include <cariosan/types.hpp>
#include <cstdint>
#include <memory>
#include <string>

namespace cariosan::realtime {

using SessionId = std::uint64_t;

class Subscriber;

/// What the hub and the session's lane share about a session. All but `last_active_ms` is fixed once it is attached.
struct SessionHandle {
    enum class Kind : std::uint8_t {
        socket,
        request,  ///< over HTTP, and waits for news
    };

    SessionId id = 0;
    std::uint8_t lane = 0;
    Kind kind = Kind::socket;
    WorkspaceId workspace;
    UserId user;
    /// `Clock::elapsed` of the client's last sign of life; written by the lane, read by the hub.
    std::atomic<std::int64_t> last_active_ms{0};
    /// The session itself; null once it has ended. Used on the lane's thread only.
    Subscriber* subscriber = nullptr;
};
using SessionHandleRef = std::shared_ptr<SessionHandle>;

/// The content of a session's first frame, read in one snapshot.
struct SessionStart {
    User user;
    std::string epoch;
    std::int64_t unread_total = 0;
    std::int64_t blocks_rev = 0;
    std::int64_t preferences_rev = 0;
    ClientSettings settings;
};

}  // namespace cariosan::realtime
