#include "adapters/sqlite/checkpoint_gate.hpp"

namespace cariosan::sqlite {

bool CheckpointGate::enter(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, limit, [&] { return !closed_; })) return false;
    ++inside_;
    return true;
}

void CheckpointGate::leave() noexcept {
    const std::lock_guard lock(mutex_);
    --inside_;
    if (closed_ && inside_ == 0) changed_.notify_all();
}

bool CheckpointGate::close(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    closed_ = true;
    if (changed_.wait_for(lock, limit, [&] { return inside_ == 0; })) return true;
    closed_ = false;
    changed_.notify_all();
    return false;
}

void CheckpointGate::open() noexcept {
    const std::lock_guard lock(mutex_);
    closed_ = false;
    changed_.notify_all();
}

}  // namespace cariosan::sqlite
