#pragma once

#include <cstddef>
#include <deque>
#include <functional>

namespace cariosan::protocol {

/// Lets so many of a lane's reads be under way at once; the others wait, in their order. For what thousands of clients ask in
/// the same moment, as when a server has come back: without it they would fill the engine's queue, so that everyone else's
/// commands would be refused, and what was read for them would fill the memory until the lane's thread has sent it. On the
/// lane's thread.
class ReadGate {
  public:
    explicit ReadGate(std::size_t most) : most_(most) {}

    /// Calls `start` now or later. It answers false if there is nothing to read any more; else `end` is called once when it
    /// has been read.
    void begin(std::function<bool()> start);
    void end();
    /// How many wait.
    std::size_t waiting() const noexcept { return waiting_.size(); }

  private:
    void go_on();

    const std::size_t most_;
    std::size_t under_way_ = 0;
    bool going_on_ = false;  ///< reads are being started, some of which may end at once
    std::deque<std::function<bool()>> waiting_;
};

}  // namespace cariosan::protocol
