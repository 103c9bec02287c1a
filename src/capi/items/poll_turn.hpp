#pragma once

#include <cariosan/error.hpp>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>

namespace cariosan::capi {

/// Whose turn it is with what belongs to the polling thread: one thread polls at a time, and closing takes precedence.
/// Thread-safe.
class PollTurn {
  public:
    using Time = std::chrono::steady_clock::time_point;
    enum class Entry : bool { entered, timed_out };

    /// Waits while the engine is being closed, until `until` (nothing: as long as it takes). `misuse` if another thread
    /// polls. Whoever has entered leaves.
    Result<Entry> enter(std::optional<Time> until);
    void leave();

    /// Takes the turn for good, or returns false: it is closed already, or was closed by another thread in the
    /// meantime. `wake` makes the polling thread look.
    bool begin_close(const std::function<void()>& wake);
    void end_close();

    /// The polling thread should leave.
    bool closing() const;
    /// Nothing new is taken: it is being closed, or closed.
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
