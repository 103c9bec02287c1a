#include "core/moderation/flood.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace cariosan::core::moderation {

MemoryFloodCounter::MemoryFloodCounter(std::size_t max_keys)
    : generation_size_(std::max<std::size_t>(1, max_keys / 2)) {}

bool MemoryFloodCounter::take(const FloodKey& key, const FloodLimit& limit, FloodSend send,
                              std::chrono::milliseconds now) {
    const std::lock_guard lock(mutex_);
    longest_window_ = std::max(longest_window_, limit.window);
    Places& places = places_of(key, now);
    std::erase_if(places, [&](const Place& place) { return now - place.at >= limit.window; });
    auto place = std::ranges::find(places, send, &Place::send);
    if (place == places.end()) {
        if (std::ssize(places) >= std::min(limit.max_repeats, kMostPlaces)) return false;
        place = places.insert(place, Place{.at = now, .send = send});
    }
    ++place->unsettled;
    return true;
}

void MemoryFloodCounter::settle(const FloodKey& key, FloodSend send, bool stored) {
    const std::lock_guard lock(mutex_);
    for (Keys* keys : {&young_, &old_}) {
        const auto found = keys->find(key);
        if (found == keys->end()) continue;
        Places& places = found->second;
        const auto place = std::ranges::find(places, send, &Place::send);
        if (place == places.end() || place->unsettled == 0) return;  // its window is over
        --place->unsettled;
        place->stored = place->stored || stored;
        if (place->unsettled == 0 && !place->stored) places.erase(place);
        if (places.empty()) keys->erase(found);
        return;
    }
}

std::size_t MemoryFloodCounter::size() const {
    const std::lock_guard lock(mutex_);
    return young_.size() + old_.size();
}

MemoryFloodCounter::Places& MemoryFloodCounter::places_of(const FloodKey& key, std::chrono::milliseconds now) {
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
    Places places;
    if (const auto found = old_.find(key); found != old_.end()) {
        places = std::move(found->second);
        old_.erase(found);
    }
    return young_.emplace(key, std::move(places)).first->second;
}

std::size_t MemoryFloodCounter::Hash::operator()(const FloodKey& key) const noexcept {
    const std::size_t user = std::hash<UserId>{}(key.user);
    const std::size_t channel = std::hash<ChannelId>{}(key.channel);
    return (user * 31 + channel) * 31 + static_cast<std::size_t>(key.text);
}

}  // namespace cariosan::core::moderation
