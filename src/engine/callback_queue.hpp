#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace cariosan::engine {

/// Host callbacks on their way to the one thread that may run them: the engine's own, or the host's in `poll`.
/// Bounded by what feeds it: commands in flight, and one entry per subscription.
class CallbackQueue {
  public:
    /// `wake`, if there is one, is called when the queue stops being empty.
    explicit CallbackQueue(std::function<void()> wake) : wake_(std::move(wake)) {}

    /// Takes the calls, in order, and leaves the list empty.
    void push(std::vector<std::function<void()>>& calls);
    void push(std::function<void()> call);

    /// Runs at most `max` waiting calls on this thread, and answers how many.
    std::size_t run(std::size_t max);
    /// Runs calls until `close` and the queue is empty.
    void run_until_closed();
    void close();

    /// Whether this thread is inside a callback.
    bool on_this_thread() const { return running_.load() == std::this_thread::get_id(); }

  private:
    void notify(bool was_empty);

    std::function<void()> wake_;
    std::mutex mutex_;
    std::condition_variable available_;
    std::deque<std::function<void()>> calls_;
    bool closed_ = false;
    std::atomic<std::thread::id> running_{};
};

}  // namespace cariosan::engine
