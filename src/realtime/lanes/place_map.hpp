#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace cariosan::realtime {

/// Maps the slot numbers (`Slots`) of channels or users to positions in their lists. One look-up answers "is this one of my
/// 10,000 channels" and "where am I among its 100,000 members", for about eight bytes per entry: a hash table with open
/// addressing, at most seven eighths full. A single entry, which is all that most users have, needs no table.
class PlaceMap {
  public:
    PlaceMap() noexcept : only_() {}
    ~PlaceMap() { clear(); }
    PlaceMap(const PlaceMap&) = delete;
    PlaceMap& operator=(const PlaceMap&) = delete;

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
        for (const Entry& entry : entries()) {
            if (entry.slot != kNone) visit(entry.slot, entry.place);
        }
    }
    /// Whether `judge(slot)` is true for any entry.
    template <class Judge>
    bool any_of(Judge&& judge) const {
        for (const Entry& entry : entries()) {
            if (entry.slot != kNone && judge(entry.slot)) return true;
        }
        return false;
    }

  private:
    static constexpr std::uint32_t kNone = 0xffffffff;
    struct Entry {
        std::uint32_t slot = kNone;
        std::uint32_t place = 0;
    };

    bool has_table() const noexcept { return capacity_ > 0; }
    std::span<const Entry> entries() const noexcept { return has_table() ? std::span(table_, capacity_) : std::span(&only_, 1); }
    std::uint32_t home_of(std::uint32_t slot) const noexcept;
    std::uint32_t next(std::uint32_t index) const noexcept { return index + 1 == capacity_ ? 0 : index + 1; }
    void resize(std::size_t size);

    void put(std::uint32_t slot, std::uint32_t place) noexcept;

    union {
        Entry only_;    ///< without a table
        Entry* table_;  ///< of `capacity_` entries, at least one of them free
    };
    std::uint32_t size_ = 0;
    std::uint32_t capacity_ = 0;  ///< 0: there is no table
};

}  // namespace cariosan::realtime
