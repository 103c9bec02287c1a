/// Joins engines of one process that share one storage: for tests, and for hosts that run several engines side by side.
/// Part of `cariosan::core`.
#pragma once

#include <cariosan/clock.hpp>
#include <cariosan/coordination.hpp>
#include <cariosan/event_bus.hpp>
#include <memory>

namespace cariosan {

/// What the nodes of one process have in common. Thread-safe. The parts it hands out keep what they need alive, so it may
/// be destroyed before them.
class MemoryCluster {
  public:
    virtual ~MemoryCluster() = default;

    /// The bus of one more node: each engine takes its own. Messages are handed to the other nodes on the thread that
    /// publishes; nothing is queued, lost, repeated or reordered here.
    virtual std::shared_ptr<EventBus> event_bus() = 0;
    /// The coordination of one more node. Never away, and waits for nothing but a lock.
    virtual std::shared_ptr<Coordination> coordination() = 0;
};

/// `clock` says when leases end. Nothing: the steady clock of the process.
std::shared_ptr<MemoryCluster> memory_cluster(std::shared_ptr<Clock> clock = nullptr);

}  // namespace cariosan
