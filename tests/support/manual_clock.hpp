#pragma once

#include <atomic>
#include <cariosan/clock.hpp>
#include <chrono>
#include <cstdint>

namespace cariosan::test {

/// A clock that stands still until the test advances it.
class ManualClock final : public Clock {
  public:
    Timestamp now() override { return {wall_.load()}; }
    std::chrono::milliseconds elapsed() override { return std::chrono::milliseconds(elapsed_.load()); }
    void advance(std::chrono::milliseconds by) {
        wall_ += by.count();
        elapsed_ += by.count();
    }

    /// Sets the wall clock; elapsed time is not affected.
    void jump(std::chrono::milliseconds by) { wall_ += by.count(); }

  private:
    std::atomic<std::int64_t> wall_{1'790'000'000'000};
    std::atomic<std::int64_t> elapsed_{1'000'000};
};

}  // namespace cariosan::test
