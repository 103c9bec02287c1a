// Whether writes succeed is known even without traffic, and checking costs little.
#include <doctest/doctest.h>

#include "support/manual_clock.hpp"
#include "unit/engine/gate_storage.hpp"

namespace cariosan {
namespace {

using namespace std::chrono_literals;

Error full() { return Error(ErrorCode::unavailable, "the server's storage is full").with("reason", "storage_full"); }

}  // namespace

TEST_CASE("a check notices that a disk accepts no writes, and that it does again") {
    const auto clock = std::make_shared<test::ManualClock>();
    Shop shop({.clock = clock});
    clock->advance(2s);
    CHECK(shop.engine->check().ok());
    shop.gate->fail_probes(full());
    clock->advance(2s);
    const auto failing = shop.engine->check();
    REQUIRE_FALSE(failing.ok());
    CHECK(failing.error().code == ErrorCode::unavailable);
    CHECK(failing.error().message == "the server's storage is full");
    CHECK(shop.history().empty());  // reads continue
    shop.gate->fail_probes(std::nullopt);
    clock->advance(2s);
    CHECK(shop.engine->check().ok());
}

TEST_CASE("a failed commit is known at once, and only a successful probe clears it") {
    const auto clock = std::make_shared<test::ManualClock>();
    Shop shop({.clock = clock});
    shop.gate->fail_probes(full());
    shop.gate->fail_next(full());
    CHECK_FALSE(shop.engine->run(shop.alice(), Shop::message("lost")).ok());
    CHECK_FALSE(shop.engine->check().ok());
    CHECK(shop.engine->run(shop.alice(), Shop::message("small enough")).ok());
    CHECK_FALSE(shop.engine->check().ok());
    clock->advance(2s);
    CHECK_FALSE(shop.engine->check().ok());
    shop.gate->fail_probes(std::nullopt);
    clock->advance(2s);
    CHECK(shop.engine->check().ok());
}

TEST_CASE("frequent checks cost one write a second") {
    const auto clock = std::make_shared<test::ManualClock>();
    Shop shop({.clock = clock});
    clock->advance(2s);
    for (int i = 0; i < 50; ++i) CHECK(shop.engine->check().ok());
    CHECK(shop.gate->probes() == 1);
    clock->advance(2s);
    for (int i = 0; i < 50; ++i) CHECK(shop.engine->check().ok());
    CHECK(shop.gate->probes() == 2);
}

}  // namespace cariosan
