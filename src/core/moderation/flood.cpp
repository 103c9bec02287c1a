#include "core/moderation/flood.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace cariosan::core::moderation {
namespace {

/// Equal on all nodes. Different for two texts of one user in one channel; for other keys, different but for rare collisions.
Uuid name_of(const FloodKey& key) {
    std::uint64_t hash = 14695981039346656037U;
    for (const Uuid* uuid : {&key.user.uuid, &key.channel.uuid}) {
        for (const std::uint8_t byte : uuid->bytes) hash = (hash ^ byte) * 1099511628211U;
    }
    Uuid name;
    for (std::size_t i = 0; i < 8; ++i) {
        name.bytes[i] = static_cast<std::uint8_t>(hash >> (8 * i));
        name.bytes[8 + i] = static_cast<std::uint8_t>(key.text >> (8 * i));
    }
    return name;
}

}  // namespace

MemoryFloodCounter::MemoryFloodCounter(std::size_t max_keys, std::function<void()> stored)
    : generation_size_(max_keys / 2), stored_(std::move(stored)) {}

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
    if (end_attempt(key, send, stored)) stored_();
}

/// True if there is something new to report.
bool MemoryFloodCounter::end_attempt(const FloodKey& key, FloodSend send, bool stored) {
    const std::lock_guard lock(mutex_);
    Places* const places = keys_.find(key);
    if (places == nullptr) return false;
    const auto place = std::ranges::find(*places, send, &Place::send);
    if (place == places->end() || place->unsettled == 0) return false;  // its window is over
    --place->unsettled;
    const bool is_news = stored && !std::exchange(place->stored, place->stored || stored);
    const std::chrono::milliseconds at = place->at;
    if (place->unsettled == 0 && !place->stored) places->erase(place);
    if (places->empty()) keys_.erase(key);
    if (!is_news || !stored_ || unreported_.size() >= kMostReported) return false;
    unreported_.push_back({key, send, at});
    return true;
}

FloodReport MemoryFloodCounter::report(std::chrono::milliseconds now) {
    const std::lock_guard lock(mutex_);
    FloodReport report;
    for (const Stored& each : std::exchange(unreported_, {})) {
        report.keys.push_back(each.key);
        report.marks.push_back({.what = name_of(each.key), .which = each.send, .age = now - each.at, .window = longest_window_});
    }
    return report;
}

void MemoryFloodCounter::learn(const FloodReport& report, const std::vector<std::vector<Marked>>& elsewhere,
                               std::chrono::milliseconds now) {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < elsewhere.size(); ++i) {
        Places& places = places_of(report.keys[i], now);
        for (const Marked& mark : elsewhere[i]) {
            if (std::ranges::find(places, mark.which, &Place::send) != places.end()) continue;
            if (std::ssize(places) >= kMostPlaces) break;
            places.push_back({.at = now - mark.age, .send = mark.which, .stored = true});
        }
        if (places.empty()) keys_.erase(report.keys[i]);
    }
}

std::size_t MemoryFloodCounter::size() const {
    const std::lock_guard lock(mutex_);
    return keys_.size();
}

MemoryFloodCounter::Places& MemoryFloodCounter::places_of(const FloodKey& key, std::chrono::milliseconds now) {
    keys_.expire(now, longest_window_);
    return keys_.use(key, generation_size_, now);
}

std::size_t MemoryFloodCounter::Hash::operator()(const FloodKey& key) const noexcept {
    const std::size_t user = std::hash<UserId>{}(key.user);
    const std::size_t channel = std::hash<ChannelId>{}(key.channel);
    return (user * 31 + channel) * 31 + static_cast<std::size_t>(key.text);
}

}  // namespace cariosan::core::moderation
