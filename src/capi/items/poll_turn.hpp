#pragma once

#include <cariosan/error.hpp>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>

namespace cariosan::capi {

/// Exclusive access to the state of the polling thread: one thread polls at a time, and closing takes precedence.
/// Thread-safe.
class PollTurn {
  public:
    using Time = std::chrono::steady_clock::time_point;
    enum class Entry : bool { entered, timed_out };

    /// Waits while the engine is being closed, at most until `until` (absent: without limit). `misuse` if another thread is
    /// polling. After `entered`, call `leave`.
    Result<Entry> enter(std::optional<Time> until);
    void leave();

    /// Waits for the polling thread to leave, and takes its turn for good. False if the engine is closed already, or was closed by
    /// another thread in the meantime. `wake` wakes the polling thread.
    bool begin_close(const std::function<void()>& wake);
    void end_close();

    /// Whether the polling thread should leave.
    bool closing() const;
    /// Whether new calls are refused: the engine is closed or being closed.
    bool refusing() const;
    bool closed() const;

  private:
    enum class State : std::uint8_t { open, closing, closed };

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    State state_ = State::open;
    bool polling_ = false;
};

}  // namespace cariosan::capi
