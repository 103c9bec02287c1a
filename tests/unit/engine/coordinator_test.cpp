#include "engine/threads/coordinator.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <cariosan/adapters/memory.hpp>
#include <future>
#include <memory>
#include <string>

namespace cariosan::engine {
namespace {

/// The regular call is far off: what runs was asked for.
constexpr std::chrono::hours kFarOff{24};

TEST_CASE("the coordinator makes the regular call at once when hurried") {
    const auto coordination = memory_cluster()->coordination();
    std::promise<void> made;
    std::atomic<int> calls{0};
    Coordinator coordinator(*coordination, [&](Coordination&) {
        if (++calls == 1) made.set_value();
    }, kFarOff);
    coordinator.hurry();
    CHECK(made.get_future().wait_for(std::chrono::seconds(60)) == std::future_status::ready);
    coordinator.stop();
    CHECK(calls >= 1);
}

TEST_CASE("the coordinator runs calls in order, makes the regular call once more when it stops, and leaves last") {
    const auto cluster = memory_cluster();
    const auto coordination = cluster->coordination();
    const auto other = cluster->coordination();
    const UserId user{Uuid::parse("0190a7c2-0000-7000-8000-000000000002").value()};
    const NodeConnection connection{.user = user, .id = 1};
    std::string order;
    Coordinator coordinator(*coordination, [&](Coordination&) { order += 'r'; }, kFarOff);
    coordinator.post([&](Coordination& mine) { order += mine.connect(connection, {}) ? 'a' : 'x'; });
    coordinator.post([&](Coordination&) { order += other->present({&user, 1})[0] == Present::yes ? 'b' : 'x'; });
    coordinator.stop();
    CHECK(std::erase(order, 'r') > 0);
    CHECK(order == "ab");
    CHECK(other->present({&user, 1})[0] == Present::no);
    coordinator.post([&](Coordination&) { order += 'c'; });
    CHECK(order == "ab");
}

}  // namespace
}  // namespace cariosan::engine
