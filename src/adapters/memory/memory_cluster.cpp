#include <cariosan/adapters/memory.hpp>

#include "adapters/memory/event_bus_memory.hpp"

namespace cariosan {
namespace {

class Cluster final : public MemoryCluster {
  public:
    std::shared_ptr<EventBus> event_bus() override { return std::make_shared<memory::MemoryNodeBus>(exchange_); }

  private:
    const std::shared_ptr<memory::Exchange> exchange_ = std::make_shared<memory::Exchange>();
};

}  // namespace

std::shared_ptr<MemoryCluster> memory_cluster() { return std::make_shared<Cluster>(); }

}  // namespace cariosan
