#pragma once

#include <cariosan/types.hpp>
#include <cstddef>
#include <deque>
#include <unordered_map>
#include <utility>
#include <vector>

#include "realtime/session_handle.hpp"

namespace cariosan::realtime {

/// The sessions that still need the unread counts of some channels. Each session gets at most one turn per `take`,
/// longest waiting first.
///
/// Bound: `kMaxChannels` per session; beyond that the oldest are dropped, as the protocol allows for these frames.
class UnreadMarks {
  public:
    static constexpr std::size_t kMaxChannels = 64;

    void mark(SessionId session, ChannelId channel);
    void forget(SessionId session) { waiting_.erase(session); }
    /// The next channel of each of at most `most` sessions.
    std::vector<std::pair<SessionId, ChannelId>> take(std::size_t most);

  private:
    std::unordered_map<SessionId, std::vector<ChannelId>> waiting_;
    std::deque<SessionId> order_;  // may name sessions that were forgotten
};

}  // namespace cariosan::realtime
