#pragma once

#include <cariosan/types.hpp>
#include <chrono>
#include <cstddef>
#include <unordered_map>
#include <vector>

#include "realtime/session_handle.hpp"

namespace cariosan::realtime {

/// Who is typing where (section 5 of the protocol): a start holds for six seconds, then the server says `stop` itself.
/// A user types as long as one of its sessions does, so each session is counted by itself.
/// Bound: one entry per local session and channel it is subscribed to, at most `kMaxTyping` in all; beyond, typing is not
/// shown. A channel has few of them, as nobody is shown typing in large ones.
class TypingTracker {
  public:
    static constexpr std::chrono::milliseconds kTimeout{6'000};
    static constexpr std::size_t kMaxTyping = 100'000;

    struct Key {
        ChannelId channel;
        UserId user;
    };

    /// True if this is news to the others; a repeated start only extends.
    bool start(const Key& key, SessionId session, std::chrono::milliseconds now);
    /// True if the user was typing.
    bool stop(const Key& key);
    /// True if the user was typing in this session and is in none any more.
    bool stop(const Key& key, SessionId session);
    bool empty() const noexcept { return count_ == 0; }
    /// Forgets and answers all who are typing in the channel.
    std::vector<UserId> stop_all(ChannelId channel);
    /// Forgets and answers those whose time is over.
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
