#pragma once

#include <cariosan/types.hpp>
#include <cstddef>
#include <deque>
#include <functional>
#include <unordered_map>

namespace cariosan::protocol {

/// Limits how many of a lane's reads are in progress at once; the others wait. This matters when thousands of clients ask at the
/// same time, as after a restart: their reads would fill the engine's queue, so that everyone else's commands were refused, and
/// the results would fill the memory until the lane's thread has sent them.
///
/// Waiting callers take turns, one read each, in order of arrival, and each may have only `max_per_caller` reads in progress. So a
/// caller with many reads delays only itself; others wait for at most `max_per_caller` of its reads and one read of each other
/// caller. The number of waiting reads is bounded by the connections: one request each, and one read of its `sync`.
///
/// On the lane's thread.
class FairReadQueue {
  public:
    /// The caller: a user, or a backend's workspace.
    using Identity = Uuid;

    FairReadQueue(std::size_t most, std::size_t max_per_caller) : most_(most), max_per_caller_(max_per_caller) {}

    /// Calls `start` now or later. `start` returns false if nothing needs to be read any more; otherwise the caller must call `end`
    /// once, with the same identity, when the read is done.
    void begin(const Identity& identity, std::function<bool()> start);
    void end(const Identity& identity);
    /// The number of waiting reads.
    std::size_t waiting() const noexcept { return waiting_; }
    /// The number of callers with a waiting or running read.
    std::size_t identities() const noexcept { return queues_.size(); }

  private:
    struct Queue {
        std::deque<std::function<bool()>> waiting;
        std::size_t under_way = 0;
        bool in_turn = false;
    };

    void go_on();
    void leave(const Identity& identity);
    void take_turn(const Identity& identity);

    const std::size_t most_;
    const std::size_t max_per_caller_;
    std::size_t under_way_ = 0;
    std::size_t waiting_ = 0;
    bool going_on_ = false;  ///< reads are being started; some may end within `start`
    std::unordered_map<Identity, Queue> queues_;
    std::deque<Identity> turns_;  ///< the callers whose next read may start, each once
};

}  // namespace cariosan::protocol
