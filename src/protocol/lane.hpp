#pragma once

#include <cariosan/session.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "protocol/holdings.hpp"
#include "protocol/read_gate.hpp"
#include "realtime/lanes/lane_hub.hpp"
#include "realtime/lanes/lane_queue.hpp"

namespace cariosan::protocol {

/// `Lane` of the public interface: the hub's part of one I/O thread, and that thread's sessions.
class LaneImpl final : public Lane {
  public:
    LaneImpl(std::function<void()> wake, HeldTotals& totals);

    std::unique_ptr<Holding> hold(Held kind, std::function<void()> drop) override;
    std::size_t bound(Held kind) const override;
    void run() override;
    void tick() override;

    const realtime::LaneQueueRef& queue() const noexcept { return queue_; }
    realtime::LaneHub& hub() noexcept { return hub_; }
    /// For the reads of connecting, synchronising and REST.
    ReadGate& reads() noexcept { return reads_; }

    std::uint8_t index = 0;

  private:
    /// Enough to keep the readers busy while the lane does other things.
    static constexpr std::size_t kReadsAtOnce = 64;
    static constexpr std::size_t kReadsOfOne = 8;

    realtime::LaneQueueRef queue_;
    realtime::LaneHub hub_;
    LaneHoldings requests_;
    LaneHoldings output_;
    ReadGate reads_{kReadsAtOnce, kReadsOfOne};
};

}  // namespace cariosan::protocol
