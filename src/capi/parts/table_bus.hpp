#pragma once

#include <cariosan/cariosan_parts.h>

#include <atomic>
#include <cariosan/event_bus.hpp>
#include <memory>

/// What `cariosan_bus*` points to: where a host's bus delivers to.
struct cariosan_bus {
    std::atomic<cariosan::BusListener*> listener{nullptr};
};

namespace cariosan::capi {

/// The bus of a host.
class TableBus final : public EventBus {
  public:
    explicit TableBus(const cariosan_event_bus_part& part) : part_(part) {}

    void start(BusListener& listener) override;
    void stop() override;
    void subscribe(std::span<const BusTopic> topics) override;
    void unsubscribe(std::span<const BusTopic> topics) override;
    void publish(std::span<const BusMessage> messages) override;
    bool is_away() const override { return part_.is_away != nullptr && part_.is_away(part_.context) != 0; }

  private:
    const cariosan_event_bus_part part_;
    cariosan_bus end_;
};

}  // namespace cariosan::capi
