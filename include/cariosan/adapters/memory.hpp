/// Joins engines of one process that share one storage: for tests, and for hosts that run several engines side by side.
/// Part of `cariosan::core`.
#pragma once

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
};

std::shared_ptr<MemoryCluster> memory_cluster();

}  // namespace cariosan
