#pragma once

#include <cariosan/types.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <unordered_map>
#include <vector>

namespace cariosan::realtime {

/// Who is typing where (section 5 of the protocol): a start holds for six seconds, then the server says `stop` itself.
/// Bound: one entry per local user and channel it is subscribed to, at most `kMaxTyping` in all; beyond, typing is not
/// shown.
class TypingTracker {
  public:
    static constexpr std::chrono::milliseconds kTimeout{6'000};
    static constexpr std::size_t kMaxTyping = 100'000;

    struct Key {
        ChannelId channel;
        UserId user;
        bool operator==(const Key&) const = default;
    };

    /// True if this is news to the others; a repeated start only extends.
    bool start(const Key& key, std::chrono::milliseconds now);
    /// True if the user was typing.
    bool stop(const Key& key);
    /// Forgets and answers those whose time is over.
    std::vector<Key> expire(std::chrono::milliseconds now);

  private:
    struct Hash {
        std::size_t operator()(const Key& key) const noexcept {
            return std::hash<ChannelId>{}(key.channel) ^ (std::hash<UserId>{}(key.user) << 1U);
        }
    };
    std::unordered_map<Key, std::chrono::milliseconds, Hash> until_;
};

}  // namespace cariosan::realtime
