#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

namespace cariosan::realtime {

/// Finds objects by a key that each of them holds itself, for 8 to 14 bytes per object where a node of a
/// `std::unordered_map` takes 50: a hash table of pointers with open addressing, at most seven eighths full.
/// `KeyOf{}(thing)` is the key; it must not change while the object is in the index.
template <class T, class KeyOf>
class PointerIndex {
  public:
    /// Null if there is none.
    template <class Key>
    T* find(const Key& key) const {
        if (size_ == 0) return nullptr;
        for (std::size_t i = home_of(key); things_[i] != nullptr; i = next(i)) {
            if (KeyOf{}(*things_[i]) == key) return things_[i];
        }
        return nullptr;
    }

    /// No object with the same key may be in the index.
    void insert(T& thing) {
        if (length_for(size_ + 1) > length_) resize(size_ + size_ / 2 + 1);
        put(thing);
        ++size_;
    }

    /// The object must be in the index. Entries behind the gap that had been pushed past it move back, so that a search can
    /// still stop at the first gap.
    void erase(const T& thing) {
        std::size_t gap = home_of(KeyOf{}(thing));
        while (things_[gap] != &thing) gap = next(gap);
        for (std::size_t i = next(gap); things_[i] != nullptr; i = next(i)) {
            if (distance(home_of(KeyOf{}(*things_[i])), i) < distance(gap, i)) continue;
            things_[gap] = things_[i];
            gap = i;
        }
        things_[gap] = nullptr;
        --size_;
        constexpr std::size_t kSmall = 16;
        if (length_ > kSmall && size_ < length_ / 4) resize(size_ + size_ / 2 + 1);
    }

    /// Calls `visit(thing)` for each, in any order. `visit` must not change the index.
    template <class Visit>
    void for_each(Visit&& visit) const {
        for (std::size_t i = 0; i < length_; ++i) {
            if (things_[i] != nullptr) visit(*things_[i]);
        }
    }

    std::size_t size() const noexcept { return size_; }

  private:
    static std::size_t length_for(std::size_t size) { return size + size / 7 + 1; }

    template <class Key>
    std::size_t home_of(const Key& key) const {
        const std::uint64_t hash = std::uint64_t{std::hash<Key>{}(key)} * 0x9e3779b97f4a7c15U;
        return static_cast<std::size_t>(((hash >> 32U) * length_) >> 32U);
    }
    std::size_t next(std::size_t index) const noexcept { return index + 1 == length_ ? 0 : index + 1; }
    std::size_t distance(std::size_t from, std::size_t to) const noexcept {
        return to >= from ? to - from : to + length_ - from;
    }

    void put(T& thing) {
        std::size_t i = home_of(KeyOf{}(thing));
        while (things_[i] != nullptr) i = next(i);
        things_[i] = &thing;
    }

    void resize(std::size_t size) {
        const std::size_t before = std::exchange(length_, length_for(size));
        const std::unique_ptr<T*[]> things = std::exchange(things_, std::make_unique<T*[]>(length_));
        for (std::size_t i = 0; i < before; ++i) {
            if (things[i] != nullptr) put(*things[i]);
        }
    }

    std::unique_ptr<T*[]> things_;
    std::size_t size_ = 0;
    std::size_t length_ = 0;  ///< more than `size_`, or both are 0
};

}  // namespace cariosan::realtime
