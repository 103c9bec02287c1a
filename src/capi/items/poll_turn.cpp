#include "capi/items/poll_turn.hpp"

namespace cariosan::capi {

Result<PollTurn::Entry> PollTurn::enter(std::optional<Time> until) {
    std::unique_lock lock(mutex_);
    if (polling_) return Error(ErrorCode::misuse, "another thread is polling this engine");
    const auto closed = [this] { return state_ != State::closing; };
    if (until) {
        if (!changed_.wait_until(lock, *until, closed)) return Entry::timed_out;
    } else {
        changed_.wait(lock, closed);
    }
    // Several threads may have waited for closing to end.
    if (polling_) return Error(ErrorCode::misuse, "another thread is polling this engine");
    polling_ = true;
    return Entry::entered;
}

void PollTurn::leave() {
    const std::lock_guard lock(mutex_);
    polling_ = false;
    changed_.notify_all();
}

bool PollTurn::begin_close(const std::function<void()>& wake) {
    std::unique_lock lock(mutex_);
    if (state_ != State::open) {
        changed_.wait(lock, [this] { return state_ == State::closed; });
        return false;
    }
    state_ = State::closing;
    wake();
    changed_.wait(lock, [this] { return !polling_; });
    return true;
}

void PollTurn::end_close() {
    const std::lock_guard lock(mutex_);
    state_ = State::closed;
    changed_.notify_all();
}

bool PollTurn::closing() const {
    const std::lock_guard lock(mutex_);
    return state_ == State::closing;
}

bool PollTurn::refusing() const {
    const std::lock_guard lock(mutex_);
    return state_ != State::open;
}

bool PollTurn::closed() const {
    const std::lock_guard lock(mutex_);
    return state_ == State::closed;
}

}  // namespace cariosan::capi
