#include "engine/callback_queue.hpp"

#include <iterator>
#include <utility>

namespace cariosan::engine {

void CallbackQueue::notify(bool was_empty) {
    available_.notify_one();
    if (was_empty && wake_) wake_();
}

void CallbackQueue::push(std::vector<std::function<void()>>& calls) {
    bool was_empty = false;
    {
        const std::lock_guard lock(mutex_);
        was_empty = calls_.empty();
        calls_.insert(calls_.end(), std::make_move_iterator(calls.begin()), std::make_move_iterator(calls.end()));
    }
    calls.clear();
    notify(was_empty);
}

void CallbackQueue::push(std::function<void()> call) {
    bool was_empty = false;
    {
        const std::lock_guard lock(mutex_);
        was_empty = calls_.empty();
        calls_.push_back(std::move(call));
    }
    notify(was_empty);
}

std::size_t CallbackQueue::run(std::size_t max) {
    const auto outer = running_.exchange(std::this_thread::get_id());
    std::size_t count = 0;
    for (; count < max; ++count) {
        std::function<void()> call;
        {
            const std::lock_guard lock(mutex_);
            if (calls_.empty()) break;
            call = std::move(calls_.front());
            calls_.pop_front();
        }
        call();
    }
    running_ = outer;
    return count;
}

void CallbackQueue::run_until_closed() {
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            available_.wait(lock, [this] { return closed_ || !calls_.empty(); });
            if (calls_.empty()) return;
        }
        run(256);
    }
}

void CallbackQueue::close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    available_.notify_all();
}

}  // namespace cariosan::engine
