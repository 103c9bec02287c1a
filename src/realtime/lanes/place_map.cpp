#include "realtime/lanes/place_map.hpp"

#include <cassert>
#include <memory>
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
    if (!has_table()) return only_.slot == slot ? &only_.place : nullptr;
    for (std::uint32_t i = home_of(slot); table_[i].slot != kNone; i = next(i)) {
        if (table_[i].slot == slot) return &table_[i].place;
    }
    return nullptr;
}

void PlaceMap::reserve(std::size_t size) {
    if (size > 1 && length_for(size) > capacity_) resize(size);
}

void PlaceMap::resize(std::size_t size) {
    const std::uint32_t length = length_for(size);
    auto table = std::make_unique<Entry[]>(length);
    const std::unique_ptr<Entry[]> before(has_table() ? table_ : nullptr);
    const Entry only = has_table() ? Entry() : only_;
    const std::span<const Entry> entries = before ? std::span<const Entry>(before.get(), capacity_) : std::span(&only, 1);
    table_ = table.release();
    capacity_ = length;
    for (const Entry& entry : entries) {
        if (entry.slot != kNone) put(entry.slot, entry.place);
    }
}

void PlaceMap::put(std::uint32_t slot, std::uint32_t place) noexcept {
    std::uint32_t i = home_of(slot);
    while (table_[i].slot != kNone) i = next(i);
    table_[i] = {slot, place};
}

void PlaceMap::insert(std::uint32_t slot, std::uint32_t place) {
    assert(slot != kNone && !contains(slot));
    if (!has_table() && size_ == 0) {
        only_ = {slot, place};
    } else {
        if (length_for(size_ + std::size_t{1}) > capacity_) resize(size_ + size_ / 2 + std::size_t{1});
        put(slot, place);
    }
    ++size_;
}

/// Entries behind the gap that had been pushed past it move back, so that a search can still stop at the first gap.
void PlaceMap::erase(std::uint32_t slot) {
    if (!has_table()) return clear();
    std::uint32_t gap = home_of(slot);
    while (table_[gap].slot != slot) gap = next(gap);
    const auto distance = [this](std::uint32_t from, std::uint32_t to) { return to >= from ? to - from : to + capacity_ - from; };
    for (std::uint32_t i = next(gap); table_[i].slot != kNone; i = next(i)) {
        if (distance(home_of(table_[i].slot), i) < distance(gap, i)) continue;
        table_[gap] = table_[i];
        gap = i;
    }
    table_[gap] = {};
    --size_;
    constexpr std::uint32_t kSmall = 16;
    if (size_ == 0) {
        clear();
    } else if (capacity_ > kSmall && size_ < capacity_ / 4) {
        resize(size_ + size_ / 2 + std::size_t{1});
    }
}

void PlaceMap::clear() noexcept {
    if (has_table()) delete[] table_;
    only_ = {};
    size_ = 0;
    capacity_ = 0;
}

}  // namespace cariosan::realtime
