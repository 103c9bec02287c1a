#pragma once

#include <cariosan/session.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>

#include "protocol/holdings.hpp"
#include "protocol/fair_read_queue.hpp"
#include "realtime/lanes/lane_hub.hpp"
#include "realtime/lanes/lane_queue.hpp"

namespace cariosan::protocol {

class WaitingSync;

/// Implements the public `Lane`: the sessions of one I/O thread, and that thread's part of the hub.
class LaneImpl final : public Lane {
  public:
    LaneImpl(std::function<void()> wake, HeldTotals& totals);

    std::unique_ptr<Holding> hold(Held kind, std::function<void()> drop) override;
    std::size_t bound(Held kind) const override;
    void run() override;
    void tick() override;
    void stop_waiting() override;
    ~LaneImpl() override;

    /// Owns a request that waits, until `let_go`.
    void keep(std::shared_ptr<WaitingSync> waiting);
    void let_go(realtime::SessionId waiting) { waiting_.erase(waiting); }

    const realtime::LaneQueueRef& queue() const noexcept { return queue_; }
    realtime::LaneHub& hub() noexcept { return hub_; }
    /// Limits the reads for connecting, synchronising and REST.
    FairReadQueue& reads() noexcept { return reads_; }

    std::uint8_t index = 0;

  private:
    /// Enough to keep the reader threads busy while the lane does other work.
    static constexpr std::size_t kReadsAtOnce = 64;
    static constexpr std::size_t kReadsPerCaller = 8;

    realtime::LaneQueueRef queue_;
    realtime::LaneHub hub_;
    LaneHoldings requests_;
    LaneHoldings output_;
    FairReadQueue reads_{kReadsAtOnce, kReadsPerCaller};
    std::unordered_map<realtime::SessionId, std::shared_ptr<WaitingSync>> waiting_;
};

}  // namespace cariosan::protocol
