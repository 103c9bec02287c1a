#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace cariosan::realtime {

/// Maps the slot numbers (`Slots`) of channels or users to positions in their lists. One look-up answers "is this one of my
/// 10,000 channels" and "where am I among its 100,000 members", for about eight bytes per entry: a hash table with open
/// addressing, at most seven eighths full.
class PlaceMap {
  public:
    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }
    /// Makes room for exactly this many entries in all.
    void reserve(std::size_t size);

    /// Null if absent. Valid until the next `insert`, `erase` or `clear`.
    std::uint32_t* find(std::uint32_t slot) noexcept;
    bool contains(std::uint32_t slot) const noexcept { return const_cast<PlaceMap*>(this)->find(slot) != nullptr; }
    /// The slot must not be in the map.
    void insert(std::uint32_t slot, std::uint32_t place);
    /// The slot must be in the map.
    void erase(std::uint32_t slot);
    void clear() noexcept;

    /// Calls `visit(slot, place)` for each, in any order. `visit` must not change this map.
    template <class Visit>
    void for_each(Visit&& visit) const {
        for (std::uint32_t i = 0; i < capacity_; ++i) {
            if (entries_[i].slot != kNone) visit(entries_[i].slot, entries_[i].place);
        }
    }
    /// Whether `judge(slot)` is true for any entry.
    template <class Judge>
    bool any_of(Judge&& judge) const {
        for (std::uint32_t i = 0; i < capacity_; ++i) {
            if (entries_[i].slot != kNone && judge(entries_[i].slot)) return true;
        }
        return false;
    }

  private:
    static constexpr std::uint32_t kNone = 0xffffffff;
    struct Entry {
        std::uint32_t slot = kNone;
        std::uint32_t place = 0;
    };

    std::uint32_t home_of(std::uint32_t slot) const noexcept;
    std::uint32_t next(std::uint32_t index) const noexcept { return index + 1 == capacity_ ? 0 : index + 1; }
    void resize(std::size_t size);

    std::unique_ptr<Entry[]> entries_;
    std::uint32_t size_ = 0;
    std::uint32_t capacity_ = 0;  ///< more than `size_`, or both are 0
};

}  // namespace cariosan::realtime
