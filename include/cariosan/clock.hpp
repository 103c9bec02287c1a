/// Time as the engine sees it. Injected, so that tests own it.
#pragma once

#include <cariosan/types.hpp>
#include <chrono>
#include <memory>

namespace cariosan {

/// A source of time. Called from any thread, often: implementations must be thread-safe and cheap.
class Clock {
  public:
    virtual ~Clock() = default;
    /// Wall-clock time, for what people see. May step backwards.
    virtual Timestamp now() = 0;
    /// Time since some fixed start, for deadlines and rates. Never goes back.
    virtual std::chrono::milliseconds elapsed() = 0;
    /// The time of `elapsed` as finely as it is known, to measure how long something takes.
    virtual std::chrono::microseconds elapsed_finely() { return elapsed(); }
};

/// The clocks of the operating system.
std::shared_ptr<Clock> system_clock();

}  // namespace cariosan
