#pragma once

#include <cariosan/types.hpp>
#include <chrono>
#include <cstddef>
#include <unordered_map>
#include <vector>

namespace cariosan::realtime {

/// Who is typing where (section 5 of the protocol): a start holds for six seconds, then the server says `stop` itself.
/// Bound: one entry per local user and channel it is subscribed to, at most `kMaxTyping` in all; beyond, typing is not
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
    bool start(const Key& key, std::chrono::milliseconds now);
    /// True if the user was typing.
    bool stop(const Key& key);
    /// Forgets and answers all who are typing in the channel.
    std::vector<UserId> stop_all(ChannelId channel);
    /// Forgets and answers those whose time is over.
    std::vector<Key> expire(std::chrono::milliseconds now);

  private:
    struct Typist {
        UserId user;
        std::chrono::milliseconds until{0};
    };
    std::unordered_map<ChannelId, std::vector<Typist>> typists_;  // none of them is empty
    std::size_t count_ = 0;
};

}  // namespace cariosan::realtime
