/// When a lost connection is tried again: at once, then after pauses that double up to a second. Each pause is shortened at
/// random, so that nodes which lost the same server do not come back in step.
#pragma once

#include <algorithm>
#include <cariosan/clock.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

namespace cariosan::postgres {

/// Used by one thread at a time.
class Reconnecting {
  public:
    /// `random` gives numbers from 0 up to, but not including, 1.
    Reconnecting(std::shared_ptr<Clock> clock, std::function<double()> random)
        : clock_(std::move(clock)), random_(std::move(random)) {}

    bool may_try() const { return clock_->elapsed() >= next_; }
    void failed() {
        const auto shortened = static_cast<std::int64_t>(static_cast<double>(pause_.count()) * (1.0 - random_() / 2));
        next_ = clock_->elapsed() + std::chrono::milliseconds(shortened);
        pause_ = std::min(pause_ * 2, kLongest);
    }
    void succeeded() {
        pause_ = kFirst;
        next_ = {};
    }

  private:
    static constexpr std::chrono::milliseconds kFirst{50};
    static constexpr std::chrono::milliseconds kLongest{1000};

    std::shared_ptr<Clock> clock_;
    std::function<double()> random_;
    std::chrono::milliseconds pause_ = kFirst;
    std::chrono::milliseconds next_{0};
};

}  // namespace cariosan::postgres
