#pragma once

#include <doctest/doctest.h>

#include <cariosan/adapters/memory.hpp>
#include <cariosan/coordination.hpp>
#include <cariosan/event_bus.hpp>
#include <chrono>
#include <memory>

#include "support/manual_clock.hpp"

namespace cariosan::conformance {

// Kinds of buses and of coordination, each with as many nodes as a test needs. To add an adapter, add a class here and a
// word below; every test then runs for it.

class MemoryBusKind {
  public:
    std::shared_ptr<EventBus> node() { return cluster_->event_bus(); }

  private:
    std::shared_ptr<MemoryCluster> cluster_ = memory_cluster();
};

class MemoryCoordinationKind {
  public:
    std::shared_ptr<Coordination> node() { return cluster_->coordination(); }
    /// Lets time pass, for leases.
    void pass(std::chrono::milliseconds time) { clock_->advance(time); }

  private:
    std::shared_ptr<test::ManualClock> clock_ = std::make_shared<test::ManualClock>();
    std::shared_ptr<MemoryCluster> cluster_ = memory_cluster(clock_);
};

}  // namespace cariosan::conformance

#define CARIOSAN_BUS_KINDS MemoryBusKind
#define CARIOSAN_COORDINATION_KINDS MemoryCoordinationKind

#define BUS_TEST(name) TEST_CASE_TEMPLATE(name, Kind, CARIOSAN_BUS_KINDS)
#define COORDINATION_TEST(name) TEST_CASE_TEMPLATE(name, Kind, CARIOSAN_COORDINATION_KINDS)
