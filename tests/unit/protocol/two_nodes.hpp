/// Two nodes with one storage, each an engine with a gateway, connected by a bus.
#pragma once

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>
#include <cariosan/adapters/memory.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "support/faulty_bus.hpp"
#include "support/faulty_coordination.hpp"
#include "unit/protocol/session_shop.hpp"

namespace cariosan::test {

/// What connects nodes: each call gives one more node its own.
struct NodeServices {
    std::function<std::shared_ptr<EventBus>()> event_bus;
    std::function<std::shared_ptr<Coordination>()> coordination;
};

struct TwoNodes {
    explicit TwoNodes(BusFaults faults = {}, unsigned seed = 1, Rates rates = {.enabled = false}, CoordinationFaults miscounts = {})
        : TwoNodes(NodeServices(), faults, seed, rates, miscounts) {}
    /// Without services, they are in memory.
    explicit TwoNodes(NodeServices given, BusFaults faults = {}, unsigned seed = 1, Rates rates = {.enabled = false},
                      CoordinationFaults miscounts = {})
        : services(given.event_bus ? std::move(given) : in_memory(clock)),
          first_bus(std::make_shared<FaultyBus>(services.event_bus(), faults, seed)),
          second_bus(std::make_shared<FaultyBus>(services.event_bus(), faults, seed + 1000)),
          first_coordination(std::make_shared<FaultyCoordination>(services.coordination(), miscounts, seed)),
          second_coordination(std::make_shared<FaultyCoordination>(services.coordination(), miscounts, seed + 1000)),
          first({.rates = rates, .event_bus = first_bus, .coordination = first_coordination, .clock = clock}),
          second({.rates = rates,
                  .event_bus = second_bus,
                  .coordination = second_coordination,
                  .clock = clock,
                  .joins = &first}) {}

    /// Like `GatewayWorld::run_until`, on both nodes, while time passes.
    void run_until(const std::function<bool()>& condition) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (!condition()) {
            REQUIRE(std::chrono::steady_clock::now() < end);
            first.run_briefly();
            second.run_briefly();
            clock->advance(step);
        }
    }
    void pass(std::chrono::milliseconds time) {
        const auto end = clock->elapsed() + time;
        run_until([&] { return clock->elapsed() >= end; });
    }
    /// Like `run_until`, while no time passes.
    void run_briefly_until(const std::function<bool()>& condition) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (!condition()) {
            REQUIRE(std::chrono::steady_clock::now() < end);
            first.run_briefly();
        }
    }
    /// Lets time pass until the client receives a frame for which `wanted` is true; skips others.
    template <class Wanted>
    boost::json::value next(TestClient& client, Wanted wanted) {
        std::size_t read = read_[&client];
        std::optional<boost::json::value> found;
        run_until([&] {
            for (; read < client.sink().texts.size() && !found; ++read) {
                auto frame = boost::json::parse(client.sink().texts[read]);
                if (wanted(frame)) found = std::move(frame);
            }
            return found.has_value();
        });
        read_[&client] = read;
        return *found;
    }
    auto presence_of(std::string user, std::string status) {
        return [user = std::move(user), status = std::move(status)](const boost::json::value& frame) {
            if (text_at(frame, "type") != "presence.update") return false;
            for (const auto& each : list_at(frame, "data.users")) {
                if (text_at(each, "external_id") == user && text_at(each, "status") == status) return true;
            }
            return false;
        };
    }
    std::string status_of(GatewayWorld& node, const std::string& viewer, const std::string& user) {
        return text_at(node.user(viewer, "GET", "/v1/presence?users=" + user).body, "presence.0.status");
    }

    std::chrono::milliseconds step{25};  ///< how much time passes between two looks at what has happened
    std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
    NodeServices services;
    std::shared_ptr<FaultyBus> first_bus;
    std::shared_ptr<FaultyBus> second_bus;
    std::shared_ptr<FaultyCoordination> first_coordination;
    std::shared_ptr<FaultyCoordination> second_coordination;
    SessionShop first;
    GatewayWorld second;

  private:
    static NodeServices in_memory(std::shared_ptr<Clock> clock) {
        auto cluster = memory_cluster(std::move(clock));
        return {[cluster] { return cluster->event_bus(); }, [cluster] { return cluster->coordination(); }};
    }

    std::map<TestClient*, std::size_t> read_;
};

inline void send_to(GatewayWorld& node, std::string_view user, std::string_view content, std::string_view channel = "order_1") {
    REQUIRE(node.engine().run(Caller::user(node.workspace().id, std::string(user)),
                              SendMessage{.channel = std::string(channel), .content = std::string(content)}));
}

}  // namespace cariosan::test
