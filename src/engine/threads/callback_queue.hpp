#pragma once

#include <atomic>
#include <cariosan/error.hpp>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace cariosan::engine {

/// Host callbacks on their way to the one thread that may run them: the engine's own, or the host's in `poll`. Bounded by its
/// sources: commands in flight, which are accepted only while fewer than a bound are `waiting`, texts at the moderator, and one
/// entry per subscription.
class CallbackQueue {
  public:
    /// `wake`, if set, is called when the queue stops being empty.
    explicit CallbackQueue(std::function<void()> wake) : wake_(std::move(wake)) {}

    /// Takes the calls, in order, and leaves the list empty. Once `run_until_closed` has returned no thread collects them any
    /// more, so they run here.
    void push(std::vector<std::function<void()>>& calls);
    void push(std::function<void()> call);

    /// Runs at most `max` waiting calls on this thread, and returns how many: none after `close`. `misuse` while another thread
    /// runs them, or from within one of them: two threads could not keep their order.
    Result<std::size_t> run(std::size_t max);
    /// Waits for calls and runs them until `close` is called and the queue is empty.
    void run_until_closed();
    void close();

    /// How many calls wait for their turn.
    std::size_t waiting() const noexcept { return waiting_; }
    /// Whether this thread is inside a callback.
    bool on_this_thread() const { return running_.load() == std::this_thread::get_id(); }

  private:
    class Turn;
    void notify(bool was_empty);
    std::size_t run_some(std::size_t max);
    bool taken() const { return running_.load() != std::thread::id(); }

    std::function<void()> wake_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> calls_;
    std::atomic<std::size_t> waiting_{0};  // the size of `calls_`, written with the lock held
    bool closed_ = false;
    bool ended_ = false;
    std::atomic<std::thread::id> running_{};  // written with the lock held
};

}  // namespace cariosan::engine
