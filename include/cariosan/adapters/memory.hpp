/// Joins engines of one process that share one storage: for tests, and for hosts that run several engines side by side.
/// Part of `cariosan::core`.
#pragma once

#include <cariosan/clock.hpp>
#include <cariosan/coordination.hpp>
#include <cariosan/event_bus.hpp>
#include <memory>

namespace cariosan {

/// What the nodes of one process share. Thread-safe. The objects it creates keep what they need alive, so they may outlive it.
class MemoryCluster {
  public:
    virtual ~MemoryCluster() = default;

    /// The bus for one more node; each engine needs its own. Messages reach the other nodes on the publishing thread; nothing
    /// is queued, lost, repeated or reordered here.
    virtual std::shared_ptr<EventBus> event_bus() = 0;
    /// The coordination for one more node. Always reachable; waits for nothing but a lock.
    virtual std::shared_ptr<Coordination> coordination() = 0;
};

/// `clock` decides when leases end. If absent, the steady clock of the process does.
std::shared_ptr<MemoryCluster> memory_cluster(std::shared_ptr<Clock> clock = nullptr);

}  // namespace cariosan
