#include "realtime/lanes/topic.hpp"

#include <cassert>

namespace cariosan::realtime {

void Topic::add(Subscriber& subscriber) {
    subscriber.places_.insert(slot, static_cast<std::uint32_t>(live.size()));
    live.push_back(&subscriber);
}

void Topic::remove(Subscriber& subscriber) {
    remove_at(*subscriber.places_.find(slot));
    subscriber.places_.erase(slot);
}

Topic::Held* Topic::find_held(Subscriber& subscriber) noexcept {
    const std::uint32_t* place = subscriber.places_.find(slot);
    return place == nullptr || (*place & kHeld) == 0 ? nullptr : &held[*place & ~kHeld];
}

Topic::Held& Topic::hold(Subscriber& subscriber) {
    std::uint32_t& place = *subscriber.places_.find(slot);
    assert((place & kHeld) == 0);
    remove_at(place);
    place = static_cast<std::uint32_t>(held.size()) | kHeld;
    held.push_back({.subscriber = &subscriber});
    return held.back();
}

void Topic::make_live(Subscriber& subscriber) {
    std::uint32_t& place = *subscriber.places_.find(slot);
    assert((place & kHeld) != 0);
    remove_at(place);
    place = static_cast<std::uint32_t>(live.size());
    live.push_back(&subscriber);
}

/// Fills the place with the last one of the list.
void Topic::remove_at(std::uint32_t place) {
    const std::uint32_t index = place & ~kHeld;
    if ((place & kHeld) != 0) {
        *held.back().subscriber->places_.find(slot) = place;
        held[index] = held.back();
        held.pop_back();
    } else {
        *live.back()->places_.find(slot) = place;
        live[index] = live.back();
        live.pop_back();
    }
}

}  // namespace cariosan::realtime
