#include "core/moderation/flood.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace cariosan::core::moderation {

MemoryFloodCounter::MemoryFloodCounter(std::size_t max_keys)
    : generation_size_(std::max<std::size_t>(1, max_keys / 2)) {}

bool MemoryFloodCounter::pass(const FloodKey& key, const FloodLimit& limit, std::chrono::milliseconds now) {
    const std::lock_guard lock(mutex_);
    longest_window_ = std::max(longest_window_, limit.window);
    Times& times = times_of(key, now);
    std::erase_if(times, [&](std::chrono::milliseconds at) { return now - at >= limit.window; });
    if (std::ssize(times) >= std::min(limit.max_repeats, kMostTimes)) return false;
    times.push_back(now);
    return true;
}

std::size_t MemoryFloodCounter::size() const {
    const std::lock_guard lock(mutex_);
    return young_.size() + old_.size();
}

MemoryFloodCounter::Times& MemoryFloodCounter::times_of(const FloodKey& key, std::chrono::milliseconds now) {
    if (now - turned_at_ >= longest_window_) {
        // After two windows the younger generation is as forgotten as the older one.
        if (now - turned_at_ >= 2 * longest_window_) young_.clear();
        old_ = std::exchange(young_, {});
        turned_at_ = now;
    }
    if (const auto found = young_.find(key); found != young_.end()) return found->second;
    if (young_.size() >= generation_size_) {
        old_ = std::exchange(young_, {});
        turned_at_ = now;
    }
    Times times;
    if (const auto found = old_.find(key); found != old_.end()) {
        times = std::move(found->second);
        old_.erase(found);
    }
    return young_.emplace(key, std::move(times)).first->second;
}

std::size_t MemoryFloodCounter::Hash::operator()(const FloodKey& key) const noexcept {
    const std::size_t user = std::hash<UserId>{}(key.user);
    const std::size_t channel = std::hash<ChannelId>{}(key.channel);
    return (user * 31 + channel) * 31 + static_cast<std::size_t>(key.text);
}

}  // namespace cariosan::core::moderation
