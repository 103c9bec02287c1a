// Two nodes over one storage, each an engine with a gateway, joined by a bus.
#include <doctest/doctest.h>

#include <boost/json/parse.hpp>
#include <cariosan/adapters/memory.hpp>
#include <chrono>
#include <map>
#include <set>
#include <string>

#include "support/faulty_bus.hpp"
#include "unit/protocol/session_shop.hpp"

namespace cariosan {
namespace {

using namespace test;

struct TwoNodes {
    explicit TwoNodes(BusFaults faults = {}, unsigned seed = 1)
        : first_bus(std::make_shared<FaultyBus>(cluster->event_bus(), faults, seed)),
          second_bus(std::make_shared<FaultyBus>(cluster->event_bus(), faults, seed + 1000)),
          first({.event_bus = first_bus}),
          second({.event_bus = second_bus, .joins = &first}) {}

    /// As `GatewayWorld::run_until`, on both nodes, while time passes.
    void run_until(const std::function<bool()>& condition) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (!condition()) {
            REQUIRE(std::chrono::steady_clock::now() < end);
            first.run_briefly();
            second.run_briefly();
            first.clock().advance(std::chrono::milliseconds(5));
        }
    }

    std::shared_ptr<MemoryCluster> cluster = memory_cluster();
    std::shared_ptr<FaultyBus> first_bus;
    std::shared_ptr<FaultyBus> second_bus;
    SessionShop first;
    GatewayWorld second;
};

void send_to(GatewayWorld& node, std::string_view user, std::string_view content, std::string_view channel = "order_1") {
    REQUIRE(node.engine().run(Caller::user(node.workspace().id, std::string(user)),
                              SendMessage{.channel = std::string(channel), .content = std::string(content)}));
}

TEST_CASE("a message sent on one node reaches a session on the other as if it had been sent there") {
    TwoNodes nodes;
    TestClient alice(nodes.first, "alice");
    TestClient bob(nodes.second, "bob");
    alice.next("connection.ready");
    bob.next("connection.ready");
    send_to(nodes.first, "alice", "Halo");
    const auto at_bob = bob.next("message.created");
    const auto at_alice = alice.next("message.created");
    CHECK(text_at(at_bob, "data.message.content") == "Halo");
    CHECK(text_at(at_bob, "data.message.id") == text_at(at_alice, "data.message.id"));
    CHECK(number_at(at_bob, "data.rev") == number_at(at_alice, "data.rev"));
    send_to(nodes.second, "bob", "Hai");
    CHECK(text_at(alice.next("message.created"), "data.message.content") == "Hai");
    CHECK(text_at(bob.next("message.created"), "data.message.content") == "Hai");
    CHECK(nodes.second.engine().metrics().bus_received > 0);
    CHECK(nodes.second.engine().metrics().bus_unreadable == 0);
}

TEST_CASE("who is added on another node hears the channel from then on") {
    TwoNodes nodes;
    TestClient eve(nodes.second, "eve");
    eve.next("connection.ready");
    REQUIRE(nodes.first.engine().run(Caller::backend(nodes.first.workspace().id),
                                     AddMembers{.channel = "order_1", .external_ids = {"eve"}}));
    CHECK(text_at(eve.next("member.joined"), "data.members.0.user.external_id") == "eve");
    send_to(nodes.first, "alice", "Selamat datang");
    // The channel may not have been heard yet when it was sent: then it is read.
    for (;;) {
        const auto frame = eve.next();
        if (text_at(frame, "type") == "message.created" || !list_at(frame, "data.messages").empty()) break;
    }
}

/// Which messages a client has been shown, by `seq`, live or by reading.
struct Shown {
    void read(const std::string& text) {
        const auto frame = boost::json::parse(text);
        if (text_at(frame, "type") == "message.created") {
            ++live;
            CHECK(seqs.insert(number_at(frame, "data.message.seq")).second);
        } else if (text_at(frame, "type") == "channel.sync") {
            for (const auto& message : list_at(frame, "data.messages")) seqs.insert(number_at(message, "seq"));
        }
    }
    std::set<std::int64_t> seqs;
    int live = 0;
};

TEST_CASE("losses, repeats and another order on the bus: every session sees every message, and none twice") {
    constexpr std::int64_t kMessages = 120;
    int live = 0;
    for (unsigned seed = 1; seed <= 5; ++seed) {
        CAPTURE(seed);
        TwoNodes nodes({.lost = 15, .repeated = 15, .held_back = 15}, seed);
        TestClient alice(nodes.first, "alice");
        TestClient bob(nodes.second, "bob");
        alice.next("connection.ready");
        bob.next("connection.ready");
        std::mt19937 random(seed);
        for (std::int64_t i = 1; i < kMessages; ++i) {
            GatewayWorld& node = random() % 2 == 0 ? static_cast<GatewayWorld&>(nodes.first) : nodes.second;
            send_to(node, random() % 2 == 0 ? "alice" : "bob", "pesan " + std::to_string(i));
        }
        CHECK(nodes.first_bus->lost + nodes.second_bus->lost > 0);
        CHECK(nodes.first_bus->repeated + nodes.second_bus->repeated > 0);
        CHECK(nodes.first_bus->reordered + nodes.second_bus->reordered > 0);
        nodes.first_bus->heal();
        nodes.second_bus->heal();
        // What comes next shows what is missing.
        send_to(nodes.first, "alice", "terakhir");
        send_to(nodes.second, "bob", "sungguh terakhir");
        std::map<TestClient*, Shown> shown;
        std::map<TestClient*, std::size_t> read;
        nodes.run_until([&] {
            bool complete = true;
            for (TestClient* client : {&alice, &bob}) {
                for (std::size_t& i = read[client]; i < client->sink().texts.size(); ++i) {
                    shown[client].read(client->sink().texts[i]);
                }
                complete = complete && std::ssize(shown[client].seqs) == kMessages + 1;
            }
            return complete;
        });
        for (auto& [client, each] : shown) live += each.live;
    }
    CHECK(live > 0);
}

}  // namespace
}  // namespace cariosan
