#pragma once

#include <atomic>
#include <cstddef>
#include <optional>
#include <utility>

namespace cariosan::folder {

/// Counts what is under way at once, up to a bound. Thread-safe; must outlive its places.
class Places {
  public:
    explicit Places(std::size_t most) : most_(most) {}

    /// One of the places, given back when it is destroyed.
    class Place {
      public:
        explicit Place(Places& from) noexcept : from_(&from) {}
        Place(Place&& other) noexcept : from_(std::exchange(other.from_, nullptr)) {}
        Place& operator=(Place&&) = delete;
        ~Place() {
            if (from_ != nullptr) --from_->taken_;
        }

      private:
        Places* from_;
    };

    /// Absent if all are taken.
    std::optional<Place> take() noexcept {
        if (taken_.fetch_add(1) < most_) return std::optional<Place>(std::in_place, *this);
        --taken_;
        return std::nullopt;
    }

  private:
    const std::size_t most_;
    std::atomic<std::size_t> taken_{0};
};

}  // namespace cariosan::folder
