#pragma once

#include <cariosan/coordination.hpp>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace cariosan::engine {

/// The thread that calls `Coordination` for threads that must not wait. Calls run in order.
///
/// Bound: the hub's calls, one per closed connection, per departing user, and per renewal.
class Coordinator {
  public:
    using Call = std::function<void(Coordination&)>;

    explicit Coordinator(Coordination& coordination) : coordination_(coordination), thread_([this] { work(); }) {}

    /// From any thread. Not run after `stop`.
    void post(Call call);
    /// Runs what waits, gives everything back, and ends the thread.
    void stop();

  private:
    void work();

    Coordination& coordination_;
    std::mutex mutex_;
    std::condition_variable available_;
    std::vector<Call> calls_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace cariosan::engine
