#pragma once

#include <atomic>
#include <cariosan/error.hpp>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>

namespace cariosan::capi {

/// A descriptor that is readable while there is something to poll for: after a signal, or once a deadline has
/// passed. One kernel timer (timerfd) serves both, so a host needs to watch nothing else. Thread-safe.
class WakeDescriptor {
  public:
    using Time = std::chrono::steady_clock::time_point;

    /// `unavailable` if the process has no descriptor left.
    static Result<std::unique_ptr<WakeDescriptor>> open();
    ~WakeDescriptor();
    WakeDescriptor(const WakeDescriptor&) = delete;
    WakeDescriptor& operator=(const WakeDescriptor&) = delete;

    int get() const noexcept { return descriptor_; }

    /// Makes it readable. Cheap if it already is.
    void signal() noexcept;
    /// Clears the signals so far. Check afterwards for everything that a signal can mean.
    void reset() noexcept;
    /// Makes it readable from this time on; absent: no deadline. A signal since the last `reset` stays in effect.
    void set_deadline(std::optional<Time> deadline) noexcept;
    /// Waits until it is readable or the time has come. If `until` is absent, waits without limit.
    void wait(std::optional<Time> until) const noexcept;

  private:
    explicit WakeDescriptor(int descriptor) : descriptor_(descriptor) {}
    void expire_after(std::chrono::nanoseconds delay) const noexcept;

    const int descriptor_;
    std::mutex mutex_;
    std::atomic<bool> signalled_{false};
};

}  // namespace cariosan::capi
