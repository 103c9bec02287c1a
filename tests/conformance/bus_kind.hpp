#pragma once

#include <doctest/doctest.h>

#include <cariosan/event_bus.hpp>
#include <memory>

namespace cariosan::conformance {

/// One kind of bus, with as many nodes as a test asks for. Another adapter is one class here and one line in
/// `CARIOSAN_BUS_KINDS`; every `BUS_TEST` then runs for it.
class BusKind {
  public:
    virtual ~BusKind() = default;
    virtual std::shared_ptr<EventBus> node() = 0;
};

class MemoryBusKind final : public BusKind {
  public:
    MemoryBusKind();
    ~MemoryBusKind() override;
    std::shared_ptr<EventBus> node() override;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace cariosan::conformance

#define CARIOSAN_BUS_KINDS MemoryBusKind

#define BUS_TEST(name) TEST_CASE_TEMPLATE(name, Kind, CARIOSAN_BUS_KINDS)
