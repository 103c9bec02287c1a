#include "realtime/typing.hpp"

#include <algorithm>
#include <iterator>

namespace cariosan::realtime {

bool TypingTracker::start(const Key& key, SessionId session, std::chrono::milliseconds now) {
    bool is_typing = false;
    if (const auto channel = typists_.find(key.channel); channel != typists_.end()) {
        for (Typist& each : channel->second) {
            if (each.user != key.user) continue;
            is_typing = true;
            if (each.session != session) continue;
            each.until = now + kTimeout;
            return false;
        }
    }
    if (count_ >= kMaxTyping) return false;
    typists_[key.channel].push_back({key.user, session, now + kTimeout});
    ++count_;
    return !is_typing;
}

bool TypingTracker::stop(const Key& key) {
    const auto channel = typists_.find(key.channel);
    if (channel == typists_.end()) return false;
    const std::size_t ended = std::erase_if(channel->second, [&](const Typist& each) { return each.user == key.user; });
    count_ -= ended;
    erase_if_empty(channel);
    return ended != 0;
}

bool TypingTracker::stop(const Key& key, SessionId session) {
    const auto channel = typists_.find(key.channel);
    if (channel == typists_.end()) return false;
    const std::size_t ended = std::erase_if(
        channel->second, [&](const Typist& each) { return each.user == key.user && each.session == session; });
    count_ -= ended;
    const bool still = std::ranges::find(channel->second, key.user, &Typist::user) != channel->second.end();
    erase_if_empty(channel);
    return ended != 0 && !still;
}

std::vector<UserId> TypingTracker::stop_all(ChannelId channel) {
    std::vector<UserId> users;
    const auto found = typists_.find(channel);
    if (found == typists_.end()) return users;
    for (const Typist& each : found->second) {
        if (std::ranges::find(users, each.user) == users.end()) users.push_back(each.user);
    }
    count_ -= found->second.size();
    typists_.erase(found);
    return users;
}

std::vector<TypingTracker::Key> TypingTracker::expire(std::chrono::milliseconds now) {
    std::vector<Key> over;
    for (auto channel = typists_.begin(); channel != typists_.end();) {
        std::vector<Typist>& typists = channel->second;
        const auto expired =
            std::partition(typists.begin(), typists.end(), [&](const Typist& each) { return each.until > now; });
        for (auto each = expired; each != typists.end(); ++each) {
            // A user stops typing when none of the user's sessions is typing.
            const auto is_same = [&](const Typist& other) { return other.user == each->user; };
            if (std::none_of(typists.begin(), each, is_same)) over.push_back({channel->first, each->user});
        }
        count_ -= static_cast<std::size_t>(typists.end() - expired);
        typists.erase(expired, typists.end());
        channel = typists.empty() ? typists_.erase(channel) : std::next(channel);
    }
    return over;
}

void TypingTracker::erase_if_empty(Typists::iterator channel) {
    if (channel->second.empty()) typists_.erase(channel);
}

}  // namespace cariosan::realtime
