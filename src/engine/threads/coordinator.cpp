#include "engine/threads/coordinator.hpp"

#include <utility>

namespace cariosan::engine {

void Coordinator::post(Call call) {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    calls_.push_back(std::move(call));
    available_.notify_one();
}

void Coordinator::hurry() {
    const std::lock_guard lock(mutex_);
    if (std::exchange(hurried_, true)) return;
    available_.notify_one();
}

void Coordinator::work() {
    for (bool ending = false; !ending;) {
        std::vector<Call> calls;
        {
            std::unique_lock lock(mutex_);
            available_.wait_for(lock, interval_, [this] { return stopping_ || hurried_ || !calls_.empty(); });
            calls.swap(calls_);
            hurried_ = false;
            ending = stopping_;
        }
        for (const Call& call : calls) call(coordination_);
        regularly_(coordination_);
    }
    coordination_.leave();
}

void Coordinator::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        available_.notify_one();
    }
    thread_.join();
}

}  // namespace cariosan::engine
