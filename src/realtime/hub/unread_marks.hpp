#pragma once

#include <cariosan/types.hpp>
#include <cstddef>
#include <deque>
#include <unordered_map>
#include <utility>
#include <vector>

#include "realtime/session_handle.hpp"

namespace cariosan::realtime {

/// Which sessions are still to be told the unread counts of which channels. A session's turn comes at most once per `take`,
/// the one that has waited longest first.
///
/// Bound: `kMaxChannels` per session; of more, the oldest are given up (such events may be dropped).
class UnreadMarks {
  public:
    static constexpr std::size_t kMaxChannels = 64;

    void mark(SessionId session, ChannelId channel);
    void forget(SessionId session) { waiting_.erase(session); }
    /// The next of at most `most` sessions.
    std::vector<std::pair<SessionId, ChannelId>> take(std::size_t most);

  private:
    std::unordered_map<SessionId, std::vector<ChannelId>> waiting_;
    std::deque<SessionId> order_;  // may name sessions that were forgotten
};

}  // namespace cariosan::realtime
