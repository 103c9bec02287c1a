#include "capi/items/wake_descriptor.hpp"

#include <poll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <limits>

namespace cariosan::capi {

Result<std::unique_ptr<WakeDescriptor>> WakeDescriptor::open() {
    const int descriptor = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (descriptor < 0) return Error(ErrorCode::unavailable, "no file descriptor is available for waking up");
    return std::unique_ptr<WakeDescriptor>(new WakeDescriptor(descriptor));
}

WakeDescriptor::~WakeDescriptor() { ::close(descriptor_); }

/// Zero disarms the timer. Setting it makes the descriptor unreadable until it expires.
void WakeDescriptor::expire_after(std::chrono::nanoseconds delay) const noexcept {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(delay);
    itimerspec timer{};
    timer.it_value.tv_sec = static_cast<time_t>(seconds.count());
    timer.it_value.tv_nsec = static_cast<long>((delay - seconds).count());
    ::timerfd_settime(descriptor_, 0, &timer, nullptr);
}

void WakeDescriptor::signal() noexcept {
    if (signalled_) return;
    const std::lock_guard lock(mutex_);
    if (!signalled_.exchange(true)) expire_after(std::chrono::nanoseconds(1));
}

void WakeDescriptor::reset() noexcept {
    const std::lock_guard lock(mutex_);
    signalled_ = false;
    expire_after(std::chrono::nanoseconds(0));
}

void WakeDescriptor::set_deadline(std::optional<Time> deadline) noexcept {
    const std::lock_guard lock(mutex_);
    if (signalled_) return;
    if (!deadline) return expire_after(std::chrono::nanoseconds(0));
    expire_after(
        std::max(std::chrono::nanoseconds(1), std::chrono::nanoseconds(*deadline - Time::clock::now())));
}

void WakeDescriptor::wait(std::optional<Time> until) const noexcept {
    int timeout = -1;
    if (until) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(*until - Time::clock::now()).count();
        timeout = static_cast<int>(std::clamp<decltype(left)>(left, 0, std::numeric_limits<int>::max()));
    }
    // The result does not matter, not even an interruption: the caller checks again.
    pollfd watched{descriptor_, POLLIN, 0};
    ::poll(&watched, 1, timeout);
}

}  // namespace cariosan::capi
