#pragma once

#include <cariosan/coordination.hpp>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace cariosan::engine {

/// The thread that calls `Coordination` for threads that must not wait. Calls run in order. The regular call runs every quarter
/// of a second, and soon after `hurry`.
///
/// Bound: the hub's calls, one per closed connection, per departing user, and per renewal.
class Coordinator {
  public:
    using Call = std::function<void(Coordination&)>;

    static constexpr std::chrono::milliseconds kInterval{250};

    Coordinator(Coordination& coordination, Call regularly, std::chrono::milliseconds interval = kInterval)
        : coordination_(coordination), regularly_(std::move(regularly)), interval_(interval), thread_([this] { work(); }) {}

    /// From any thread. Not run after `stop`.
    void post(Call call);
    /// From any thread. Makes the regular call now.
    void hurry();
    /// Runs what waits, gives everything back, and ends the thread.
    void stop();

  private:
    void work();

    Coordination& coordination_;
    const Call regularly_;
    const std::chrono::milliseconds interval_;
    std::mutex mutex_;
    std::condition_variable available_;
    std::vector<Call> calls_;
    bool hurried_ = false;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace cariosan::engine
