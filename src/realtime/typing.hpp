#pragma once

#include <cariosan/types.hpp>
#include <chrono>
#include <cstddef>
#include <unordered_map>
#include <vector>

#include "realtime/session_handle.hpp"

namespace cariosan::realtime {

/// Who is typing where (section 5 of the protocol): a start lasts six seconds, then the server sends `stop` itself. A
/// user is typing as long as one of the user's sessions is, so each session is counted separately. Bound: one entry
/// per local session and channel it is subscribed to, at most `kMaxTyping` in all; beyond that, typing is not shown.
/// A channel has few entries, since typing is not shown in large ones.
class TypingTracker {
  public:
    static constexpr std::chrono::milliseconds kTimeout{6'000};
    static constexpr std::size_t kMaxTyping = 100'000;

    struct Key {
        ChannelId channel;
        UserId user;
    };

    /// True if the user was not typing before; a repeated start only extends the time.
    bool start(const Key& key, SessionId session, std::chrono::milliseconds now);
    /// True if the user was typing.
    bool stop(const Key& key);
    /// True if the user was typing in this session and is now typing in none.
    bool stop(const Key& key, SessionId session);
    bool empty() const noexcept { return count_ == 0; }
    /// Removes and returns everyone typing in the channel.
    std::vector<UserId> stop_all(ChannelId channel);
    /// Removes and returns those who have timed out.
    std::vector<Key> expire(std::chrono::milliseconds now);

  private:
    struct Typist {
        UserId user;
        SessionId session = 0;
        std::chrono::milliseconds until{0};
    };
    using Typists = std::unordered_map<ChannelId, std::vector<Typist>>;

    void erase_if_empty(Typists::iterator channel);

    Typists typists_;  // none of the lists is empty
    std::size_t count_ = 0;
};

}  // namespace cariosan::realtime
