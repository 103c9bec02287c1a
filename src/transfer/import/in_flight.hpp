/// Limits how many submitted commands may be unanswered at once.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace cariosan::transfer {

/// `enter` waits for room; `leave` is called once per `enter`, from any thread. Must outlive everything that entered: its
/// owner calls `wait_until_empty`.
class InFlight {
  public:
    explicit InFlight(std::size_t most) : most_(most) {}

    void enter() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return count_ < most_; });
        ++count_;
    }

    void leave() {
        // Notified under the lock: the waiting owner may destroy this as soon as it sees the count.
        const std::lock_guard lock(mutex_);
        --count_;
        changed_.notify_all();
    }

    void wait_until_empty() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return count_ == 0; });
    }

  private:
    const std::size_t most_;
    std::size_t count_ = 0;
    std::mutex mutex_;
    std::condition_variable changed_;
};

}  // namespace cariosan::transfer
