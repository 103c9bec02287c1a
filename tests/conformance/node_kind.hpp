#pragma once

#include <doctest/doctest.h>

#include <cariosan/adapters/memory.hpp>
#include <cariosan/coordination.hpp>
#include <cariosan/event_bus.hpp>
#include <chrono>
#include <memory>

#include "support/manual_clock.hpp"
#ifdef CARIOSAN_TABLE_KIND
#include "capi/parts/table_bus.hpp"
#include "conformance/c_bus.h"
#endif
#ifdef CARIOSAN_REDIS_KIND
#include <string>

#include "adapters/redis/redis_nodes.hpp"
#include "support/private_redis.hpp"
#endif

namespace cariosan::conformance {

// Kinds of buses and of coordination, each with as many nodes as a test needs. To add an adapter, add a class here and a
// word below; every test then runs for it.

class MemoryBusKind {
  public:
    std::shared_ptr<EventBus> node() { return cluster_->event_bus(); }

  private:
    std::shared_ptr<MemoryCluster> cluster_ = memory_cluster();
};

#ifdef CARIOSAN_TABLE_KIND

/// A bus written in C, behind the table that a host hands to the C library.
class TableBusKind {
  public:
    std::shared_ptr<EventBus> node() {
        const cariosan_event_bus_part part = c_exchange_node(exchange_.get());
        REQUIRE(part.context != nullptr);
        return std::make_shared<capi::TableBus>(part);
    }

  private:
    std::shared_ptr<c_exchange> exchange_{c_exchange_make(), c_exchange_free};
};

#endif

class MemoryCoordinationKind {
  public:
    std::shared_ptr<Coordination> node() { return cluster_->coordination(); }
    /// Lets time pass, for leases.
    void pass(std::chrono::milliseconds time) { clock_->advance(time); }

  private:
    std::shared_ptr<test::ManualClock> clock_ = std::make_shared<test::ManualClock>();
    std::shared_ptr<MemoryCluster> cluster_ = memory_cluster(clock_);
};

#ifdef CARIOSAN_REDIS_KIND

/// All kinds of a process share one server, each with a prefix of its own.
class RedisKind {
  public:
    std::shared_ptr<Redis> open(std::shared_ptr<Clock> clock) const {
        // Patient, so that a slow machine fails no test.
        return redis::make_redis({.socket = server().socket()}, {.prefix = prefix_}, std::move(clock), std::chrono::seconds(30));
    }

  private:
    static const test::PrivateRedis& server() {
        static const test::PrivateRedis shared;
        return shared;
    }
    static std::string next_prefix() {
        static int last = 0;
        return "test" + std::to_string(++last);
    }

    const std::string prefix_ = next_prefix();
};

class RedisBusKind {
  public:
    std::shared_ptr<EventBus> node() { return redis_->event_bus(); }

  private:
    std::shared_ptr<Redis> redis_ = RedisKind().open(nullptr);
};

class RedisCoordinationKind {
  public:
    std::shared_ptr<Coordination> node() { return redis_->coordination(); }
    void pass(std::chrono::milliseconds time) { clock_->advance(time); }

  private:
    std::shared_ptr<test::ManualClock> clock_ = std::make_shared<test::ManualClock>();
    std::shared_ptr<Redis> redis_ = RedisKind().open(clock_);
};

#define CARIOSAN_BUS_KINDS RedisBusKind
#define CARIOSAN_COORDINATION_KINDS RedisCoordinationKind
#define CARIOSAN_NODE_SERVICE_IS_THERE test::PrivateRedis::is_installed()

#else

#ifdef CARIOSAN_TABLE_KIND
#define CARIOSAN_BUS_KINDS MemoryBusKind, TableBusKind
#else
#define CARIOSAN_BUS_KINDS MemoryBusKind
#endif
#define CARIOSAN_COORDINATION_KINDS MemoryCoordinationKind
#define CARIOSAN_NODE_SERVICE_IS_THERE true

#endif

}  // namespace cariosan::conformance

#define BUS_TEST(name) \
    TEST_CASE_TEMPLATE(name* doctest::skip(!(CARIOSAN_NODE_SERVICE_IS_THERE)), Kind, CARIOSAN_BUS_KINDS)
#define COORDINATION_TEST(name) \
    TEST_CASE_TEMPLATE(name* doctest::skip(!(CARIOSAN_NODE_SERVICE_IS_THERE)), Kind, CARIOSAN_COORDINATION_KINDS)
