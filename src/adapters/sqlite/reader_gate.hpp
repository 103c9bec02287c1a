/// Lets readers in one by one, and keeps them out for the short time a checkpoint needs the log for itself.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace cariosan::sqlite {

/// Thread-safe. Waiting is bounded on both sides, in real time.
class ReaderGate {
  public:
    /// Enters, after waiting for the gate to open. False if it stayed closed for `limit`.
    bool enter(std::chrono::milliseconds limit);
    void leave() noexcept;

    /// Closes the gate and waits for those inside to leave. False if they did not within `limit`; it is open again then.
    bool close(std::chrono::milliseconds limit);
    void open() noexcept;

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::int64_t inside_ = 0;
    bool closed_ = false;
};

}  // namespace cariosan::sqlite
