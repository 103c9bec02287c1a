#include <cariosan/adapters/memory.hpp>
#include <utility>

#include "adapters/memory/coordination_memory.hpp"
#include "adapters/memory/event_bus_memory.hpp"

namespace cariosan {
namespace {

class Cluster final : public MemoryCluster {
  public:
    explicit Cluster(std::shared_ptr<Clock> clock) : counts_(std::make_shared<memory::Counts>(std::move(clock))) {}

    std::shared_ptr<EventBus> event_bus() override { return std::make_shared<memory::MemoryNodeBus>(exchange_); }
    std::shared_ptr<Coordination> coordination() override {
        return std::make_shared<memory::MemoryCoordination>(counts_);
    }

  private:
    const std::shared_ptr<memory::Exchange> exchange_ = std::make_shared<memory::Exchange>();
    const std::shared_ptr<memory::Counts> counts_;
};

}  // namespace

std::shared_ptr<MemoryCluster> memory_cluster(std::shared_ptr<Clock> clock) {
    return std::make_shared<Cluster>(std::move(clock));
}

}  // namespace cariosan
