#include "engine/threads/callback_queue.hpp"

#include <iterator>
#include <utility>

namespace cariosan::engine {

/// Held by the thread that runs calls, however it leaves. Construct it with the lock held.
class CallbackQueue::Turn {
  public:
    explicit Turn(CallbackQueue& queue) : queue_(queue) { queue_.running_ = std::this_thread::get_id(); }
    ~Turn() {
        const std::lock_guard lock(queue_.mutex_);
        queue_.running_ = std::thread::id();
        queue_.changed_.notify_all();
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

  private:
    CallbackQueue& queue_;
};

void CallbackQueue::notify(bool was_empty) {
    changed_.notify_one();
    if (was_empty && wake_) wake_();
}

void CallbackQueue::push(std::vector<std::function<void()>>& calls) {
    bool was_empty = false;
    {
        std::unique_lock lock(mutex_);
        if (ended_) {
            lock.unlock();
            for (const auto& call : std::exchange(calls, {})) call();
            return;
        }
        was_empty = calls_.empty();
        calls_.insert(calls_.end(), std::make_move_iterator(calls.begin()), std::make_move_iterator(calls.end()));
        waiting_ = calls_.size();
    }
    calls.clear();
    notify(was_empty);
}

void CallbackQueue::push(std::function<void()> call) {
    std::vector<std::function<void()>> calls;
    calls.push_back(std::move(call));
    push(calls);
}

Result<std::size_t> CallbackQueue::run(std::size_t max) {
    std::unique_lock lock(mutex_);
    if (taken()) return Error(ErrorCode::misuse, "callbacks are being run already");
    if (closed_) return std::size_t{0};
    const Turn turn(*this);
    lock.unlock();
    return run_some(max);
}

std::size_t CallbackQueue::run_some(std::size_t max) {
    std::size_t count = 0;
    for (; count < max; ++count) {
        std::function<void()> call;
        {
            const std::lock_guard lock(mutex_);
            if (calls_.empty()) break;
            call = std::move(calls_.front());
            calls_.pop_front();
            waiting_ = calls_.size();
        }
        call();
    }
    return count;
}

void CallbackQueue::run_until_closed() {
    for (;;) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return !taken() && (closed_ || !calls_.empty()); });
        if (calls_.empty()) {
            ended_ = true;
            return;
        }
        const Turn turn(*this);
        lock.unlock();
        run_some(256);
    }
}

void CallbackQueue::close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
}

}  // namespace cariosan::engine
