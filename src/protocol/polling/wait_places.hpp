#pragma once

#include <atomic>
#include <cstddef>

namespace cariosan::protocol {

/// Counts the requests of a gateway that wait for news, and keeps them within its bound. Thread-safe.
class WaitPlaces {
  public:
    explicit WaitPlaces(std::size_t most) : most_(most) {}
    WaitPlaces(const WaitPlaces&) = delete;
    WaitPlaces& operator=(const WaitPlaces&) = delete;

    /// False: all are taken.
    bool take() noexcept {
        if (taken_.fetch_add(1) < most_) return true;
        give_back();
        return false;
    }
    void give_back() noexcept { --taken_; }
    std::size_t taken() const noexcept { return taken_; }
    std::size_t most() const noexcept { return most_; }

  private:
    const std::size_t most_;
    std::atomic<std::size_t> taken_{0};
};

}  // namespace cariosan::protocol
