#pragma once

#include <cariosan/coordination.hpp>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace cariosan::engine {

/// The thread that speaks to `Coordination` for those who must not wait. Calls run in the order in which they came.
///
/// Bound: what the hub asks of it, which is once per connection that ends, per user that goes, and per renewal.
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
