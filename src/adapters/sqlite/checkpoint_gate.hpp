/// Lets readers in, and keeps them out for the short time in which a checkpoint needs the log to itself.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace cariosan::sqlite {

/// Thread-safe. Both sides wait for a bounded (real) time.
class CheckpointGate {
  public:
    /// Enters, waiting for the gate to open if it is closed. False if it stayed closed for `limit`.
    bool enter(std::chrono::milliseconds limit);
    void leave() noexcept;

    /// Closes the gate and waits for the readers inside to leave. If they do not within `limit`, reopens it and
    /// returns false.
    bool close(std::chrono::milliseconds limit);
    void open() noexcept;

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::int64_t inside_ = 0;
    bool closed_ = false;
};

}  // namespace cariosan::sqlite
