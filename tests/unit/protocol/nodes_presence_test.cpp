// Two nodes, one of which dies or is not heard: what the other one shows its clients about users who were there.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "unit/protocol/two_nodes.hpp"

namespace cariosan {
namespace {

using namespace test;
using namespace std::chrono_literals;

/// Alice is on the first node; Bob, who shares a channel with her, watches on the second.
struct WatchedNodes : TwoNodes {
    WatchedNodes() { step = 100ms; }

    void alice_comes() {
        const std::uint64_t published = first.engine().metrics().bus_published;
        alice.emplace(first, "alice");
        run_until([&] { return first.engine().metrics().bus_published > published; });
    }
    /// On both nodes, before Alice comes: Bob is told by the bus.
    void bob_comes() {
        bob.emplace(second, "bob");
        bob->next("connection.ready");
    }
    /// To everyone else it looks as if the process had been killed.
    void kill_first() {
        first_bus->cut();
        first_coordination->cut();
    }
    std::ptrdiff_t times_shown(const std::string& status) {
        const auto wanted = presence_of("alice", status);
        return std::ranges::count_if(bob->sink().texts, [&](const std::string& text) { return wanted(boost::json::parse(text)); });
    }
    /// As Bob is told, or as Bob reads.
    std::string last_seen_in(const boost::json::value& frame) {
        for (const auto& each : list_at(frame, "data.users")) {
            if (text_at(each, "external_id") == "alice") return text_at(each, "last_seen_at");
        }
        return {};
    }
    std::string last_seen() { return text_at(second.user("bob", "GET", "/v1/presence?users=alice").body, "presence.0.last_seen_at"); }

    std::optional<TestClient> alice;
    std::optional<TestClient> bob;
};

}  // namespace

TEST_CASE("a user whose node was killed is shown as offline to those who watch on another node, once") {
    WatchedNodes nodes;
    SUBCASE("whom the bus told that the user came") {
        nodes.bob_comes();
        nodes.alice_comes();
        nodes.next(*nodes.bob, nodes.presence_of("alice", "online"));
    }
    SUBCASE("whom the answer to presence.subscribe told that the user was there") {
        nodes.alice_comes();
        nodes.bob_comes();
        nodes.bob->send(R"({"type":"presence.subscribe","id":1,"data":{"users":["alice"]}})");
        CHECK(text_at(nodes.bob->next("ack"), "data.users.0.status") == "online");
    }
    SUBCASE("who read that the user was there") {
        nodes.alice_comes();
        nodes.bob_comes();
        CHECK(nodes.status_of(nodes.second, "bob", "alice") == "online");
    }
    nodes.kill_first();
    const auto told = nodes.next(*nodes.bob, nodes.presence_of("alice", "offline"));
    CHECK(nodes.status_of(nodes.second, "bob", "alice") == "offline");
    // The second node also records when she was last seen.
    const std::string last_seen = nodes.last_seen_in(told);
    CHECK_FALSE(last_seen.empty());
    nodes.run_until([&] { return nodes.last_seen() == last_seen; });
    nodes.pass(60s);
    CHECK(nodes.times_shown("offline") == 1);
}

TEST_CASE("a user who is on another node within a lease after theirs was killed is not shown as offline") {
    WatchedNodes nodes;
    nodes.bob_comes();
    nodes.alice_comes();
    nodes.next(*nodes.bob, nodes.presence_of("alice", "online"));
    std::optional<TestClient> here;
    const auto third = nodes.services.coordination();
    const NodeConnection there{.user = UserId{Uuid::parse(nodes.first.user_id("alice")).value()}, .id = 1};
    bool on_third = false;
    SUBCASE("on that of those who watch") {
        nodes.kill_first();
        here.emplace(nodes.second, "alice");
        here->next("connection.ready");
    }
    SUBCASE("on a third one") {
        on_third = true;
        REQUIRE(third->connect(there, {}));
        nodes.kill_first();
    }
    const auto end = nodes.clock->elapsed() + 60s;
    nodes.run_until([&] {
        if (on_third) third->renew({&there, 1});
        return nodes.clock->elapsed() > end;
    });
    CHECK(nodes.times_shown("offline") == 0);
    CHECK(nodes.status_of(nodes.second, "bob", "alice") == "online");
    // That one is killed as well.
    if (on_third) nodes.next(*nodes.bob, nodes.presence_of("alice", "offline"));
}

TEST_CASE("a user is shown as offline even if the bus lost that a living node said so") {
    WatchedNodes nodes;
    nodes.bob_comes();
    nodes.alice_comes();
    nodes.next(*nodes.bob, nodes.presence_of("alice", "online"));
    nodes.first_bus->cut();
    nodes.alice.reset();
    const auto told = nodes.next(*nodes.bob, nodes.presence_of("alice", "offline"));
    CHECK_FALSE(nodes.last_seen_in(told).empty());
    nodes.run_until([&] { return nodes.last_seen() == nodes.last_seen_in(told); });
    nodes.pass(60s);
    CHECK(nodes.times_shown("offline") == 1);
}

TEST_CASE("while the coordination is away nobody is shown as offline") {
    WatchedNodes nodes;
    nodes.bob_comes();
    nodes.alice_comes();
    nodes.next(*nodes.bob, nodes.presence_of("alice", "online"));
    nodes.first_coordination->cut();
    nodes.second_coordination->cut();
    nodes.pass(90s);
    CHECK(nodes.times_shown("offline") == 0);
}

TEST_CASE("a node that was cut off for longer than a lease seems dead, and its users are shown as online when it is back") {
    WatchedNodes nodes;
    nodes.bob_comes();
    nodes.alice_comes();
    nodes.next(*nodes.bob, nodes.presence_of("alice", "online"));
    nodes.kill_first();
    nodes.next(*nodes.bob, nodes.presence_of("alice", "offline"));
    nodes.first_bus->heal();
    nodes.first_coordination->heal();
    nodes.next(*nodes.bob, nodes.presence_of("alice", "online"));
    CHECK(nodes.status_of(nodes.second, "bob", "alice") == "online");
}

}  // namespace cariosan
