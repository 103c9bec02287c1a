#pragma once

#include <cstdint>
#include <vector>

namespace cariosan::realtime {

/// Numbers objects with stable addresses, and finds them by number. A number is half the size of a pointer, which pays where many
/// places refer to an object. The numbers of removed objects are reused.
template <class T>
class Slots {
  public:
    std::uint32_t take(T& thing) {
        if (free_.empty()) {
            things_.push_back(&thing);
            return static_cast<std::uint32_t>(things_.size() - 1);
        }
        const std::uint32_t slot = free_.back();
        free_.pop_back();
        things_[slot] = &thing;
        return slot;
    }
    void give_back(std::uint32_t slot) {
        things_[slot] = nullptr;
        free_.push_back(slot);
    }
    T& operator[](std::uint32_t slot) const { return *things_[slot]; }

  private:
    std::vector<T*> things_;
    std::vector<std::uint32_t> free_;
};

}  // namespace cariosan::realtime
