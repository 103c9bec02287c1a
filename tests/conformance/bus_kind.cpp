#include "conformance/bus_kind.hpp"

#include <cariosan/adapters/memory.hpp>

namespace cariosan::conformance {

struct MemoryBusKind::State {
    std::shared_ptr<MemoryCluster> cluster = memory_cluster();
};

MemoryBusKind::MemoryBusKind() : state_(std::make_unique<State>()) {}
MemoryBusKind::~MemoryBusKind() = default;
std::shared_ptr<EventBus> MemoryBusKind::node() { return state_->cluster->event_bus(); }

}  // namespace cariosan::conformance
