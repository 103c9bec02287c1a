#include "realtime/lanes/place_map.hpp"

#include <cassert>
#include <utility>

namespace cariosan::realtime {
namespace {

/// The table length for this many entries: short probe sequences need free entries.
std::uint32_t length_for(std::size_t size) { return static_cast<std::uint32_t>(size + size / 7 + 1); }

}  // namespace

/// Slots are consecutive numbers: multiplying by the golden ratio spreads them evenly over any length.
std::uint32_t PlaceMap::home_of(std::uint32_t slot) const noexcept {
    const std::uint32_t hash = slot * 0x9e3779b1U;
    return static_cast<std::uint32_t>((std::uint64_t{hash} * capacity_) >> 32U);
}

std::uint32_t* PlaceMap::find(std::uint32_t slot) noexcept {
    if (size_ == 0) return nullptr;
    for (std::uint32_t i = home_of(slot); entries_[i].slot != kNone; i = next(i)) {
        if (entries_[i].slot == slot) return &entries_[i].place;
    }
    return nullptr;
}

void PlaceMap::reserve(std::size_t size) {
    if (length_for(size) > capacity_) resize(size);
}

void PlaceMap::resize(std::size_t size) {
    const std::uint32_t before = std::exchange(capacity_, length_for(size));
    const std::unique_ptr<Entry[]> entries = std::exchange(entries_, std::make_unique<Entry[]>(capacity_));
    size_ = 0;
    for (std::uint32_t i = 0; i < before; ++i) {
        if (entries[i].slot != kNone) insert(entries[i].slot, entries[i].place);
    }
}

void PlaceMap::insert(std::uint32_t slot, std::uint32_t place) {
    assert(slot != kNone && !contains(slot));
    if (length_for(size_ + std::size_t{1}) > capacity_) resize(size_ + size_ / 2 + std::size_t{1});
    std::uint32_t i = home_of(slot);
    while (entries_[i].slot != kNone) i = next(i);
    entries_[i] = {slot, place};
    ++size_;
}

/// Entries behind the gap that had been pushed past it move back, so that a search can still stop at the first gap.
void PlaceMap::erase(std::uint32_t slot) {
    std::uint32_t gap = home_of(slot);
    while (entries_[gap].slot != slot) gap = next(gap);
    const auto distance = [this](std::uint32_t from, std::uint32_t to) { return to >= from ? to - from : to + capacity_ - from; };
    for (std::uint32_t i = next(gap); entries_[i].slot != kNone; i = next(i)) {
        if (distance(home_of(entries_[i].slot), i) < distance(gap, i)) continue;
        entries_[gap] = entries_[i];
        gap = i;
    }
    entries_[gap] = {};
    --size_;
    constexpr std::uint32_t kSmall = 16;
    if (size_ == 0) {
        clear();
    } else if (capacity_ > kSmall && size_ < capacity_ / 4) {
        resize(size_ + size_ / 2 + std::size_t{1});
    }
}

void PlaceMap::clear() noexcept {
    entries_.reset();
    size_ = 0;
    capacity_ = 0;
}

}  // namespace cariosan::realtime
