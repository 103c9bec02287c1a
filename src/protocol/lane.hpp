#pragma once

#include <atomic>
#include <cariosan/session.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "protocol/read_gate.hpp"
#include "realtime/lane_hub.hpp"
#include "realtime/lane_queue.hpp"

namespace cariosan::protocol {

class SocketSession;

/// Bytes that wait in all sinks together, as far as they are counted; see `SocketSession::count_backlog`.
using BacklogTotal = std::atomic<std::int64_t>;

/// `Lane` of the public interface: the hub's part of one I/O thread, and that thread's sessions.
class LaneImpl final : public Lane {
  public:
    LaneImpl(std::function<void()> wake, BacklogTotal& total, std::size_t max_total_backlog);

    void run() override;
    void tick() override;

    void add(SocketSession& session);
    void remove(SocketSession& session);
    /// Called when the total may have grown: closes this lane's largest sessions while it is too much.
    void relieve();

    const realtime::LaneQueueRef& queue() const noexcept { return queue_; }
    realtime::LaneHub& hub() noexcept { return hub_; }
    BacklogTotal& total() noexcept { return total_; }
    /// For what connecting and synchronising read.
    ReadGate& reads() noexcept { return reads_; }

    std::uint8_t index = 0;

  private:
    /// Enough to keep the readers busy while the lane does other things.
    static constexpr std::size_t kReadsAtOnce = 64;

    realtime::LaneQueueRef queue_;
    realtime::LaneHub hub_;
    BacklogTotal& total_;
    const std::int64_t max_total_backlog_;
    std::vector<SocketSession*> sessions_;
    ReadGate reads_{kReadsAtOnce};
};

}  // namespace cariosan::protocol
