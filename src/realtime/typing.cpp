#include "realtime/typing.hpp"

#include <algorithm>
#include <iterator>

namespace cariosan::realtime {

bool TypingTracker::start(const Key& key, std::chrono::milliseconds now) {
    if (const auto channel = typists_.find(key.channel); channel != typists_.end()) {
        const auto found = std::ranges::find(channel->second, key.user, &Typist::user);
        if (found != channel->second.end()) {
            found->until = now + kTimeout;
            return false;
        }
    }
    if (count_ >= kMaxTyping) return false;
    typists_[key.channel].push_back({key.user, now + kTimeout});
    ++count_;
    return true;
}

bool TypingTracker::stop(const Key& key) {
    const auto channel = typists_.find(key.channel);
    if (channel == typists_.end()) return false;
    if (std::erase_if(channel->second, [&](const Typist& each) { return each.user == key.user; }) == 0) return false;
    if (channel->second.empty()) typists_.erase(channel);
    --count_;
    return true;
}

std::vector<UserId> TypingTracker::stop_all(ChannelId channel) {
    std::vector<UserId> users;
    const auto found = typists_.find(channel);
    if (found == typists_.end()) return users;
    for (const Typist& each : found->second) users.push_back(each.user);
    count_ -= users.size();
    typists_.erase(found);
    return users;
}

std::vector<TypingTracker::Key> TypingTracker::expire(std::chrono::milliseconds now) {
    std::vector<Key> over;
    for (auto channel = typists_.begin(); channel != typists_.end();) {
        std::erase_if(channel->second, [&](const Typist& each) {
            if (each.until > now) return false;
            over.push_back({channel->first, each.user});
            return true;
        });
        channel = channel->second.empty() ? typists_.erase(channel) : std::next(channel);
    }
    count_ -= over.size();
    return over;
}

}  // namespace cariosan::realtime
