// Two nodes that count together: connections, rates and repeated texts, whatever their coordination does.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <string>

#include "unit/protocol/two_nodes.hpp"

namespace cariosan {
namespace {

using namespace test;

TEST_CASE("a user has five connections on all nodes together") {
    TwoNodes nodes;
    std::vector<std::unique_ptr<TestClient>> clients;
    for (int i = 0; i < 5; ++i) {
        GatewayWorld& node = i % 2 == 0 ? static_cast<GatewayWorld&>(nodes.first) : nodes.second;
        clients.push_back(std::make_unique<TestClient>(node, "alice"));
        clients.back()->next("connection.ready");
    }
    TestClient sixth(nodes.second, "alice");
    CHECK(sixth.wait_closed() == close_code::kTooMany);
    // A connection that was silent for long gives up its place, on whichever node it is.
    const auto keep_alive = [&] {
        for (std::size_t i = 1; i < clients.size(); ++i) clients[i]->send(R"({"type":"ping"})");
    };
    const auto end = nodes.clock->elapsed() + std::chrono::seconds(40);
    nodes.run_until([&] {
        nodes.clock->advance(std::chrono::milliseconds(500));
        keep_alive();
        return nodes.clock->elapsed() > end;
    });
    TestClient newer(nodes.second, "alice");
    newer.next("connection.ready");
    nodes.run_until([&] {
        keep_alive();
        return clients[0]->sink().close_code != 0;
    });
    CHECK(clients[0]->sink().close_code == close_code::kIdle);
    for (std::size_t i = 1; i < clients.size(); ++i) CHECK(clients[i]->sink().close_code == 0);
}

TEST_CASE("while the coordination is away nobody is refused a place, and once it is back all places count") {
    TwoNodes nodes;
    nodes.first_coordination->cut();
    nodes.second_coordination->cut();
    CHECK(nodes.first.engine().metrics().coordination_away == 1);
    std::vector<std::unique_ptr<TestClient>> clients;
    for (int i = 0; i < 8; ++i) {
        GatewayWorld& node = i < 4 ? static_cast<GatewayWorld&>(nodes.first) : nodes.second;
        clients.push_back(std::make_unique<TestClient>(node, "alice"));
        clients.back()->next("connection.ready");
    }
    nodes.first_coordination->heal();
    nodes.second_coordination->heal();
    CHECK(nodes.first.engine().metrics().coordination_away == 0);
    const auto pass = [&](std::chrono::seconds time) {
        const auto end = nodes.clock->elapsed() + time;
        nodes.run_until([&] {
            for (const auto& client : clients) client->send(R"({"type":"ping"})");
            nodes.clock->advance(std::chrono::milliseconds(500));
            return nodes.clock->elapsed() > end;
        });
    };
    pass(std::chrono::seconds(25));  // each node renews its places every five
    for (const auto& client : clients) CHECK(client->sink().close_code == 0);
    TestClient ninth(nodes.second, "alice");
    CHECK(ninth.wait_closed() == close_code::kTooMany);
    // Connections above the limit are not closed, but their places are not filled again either.
    clients.resize(4);
    pass(std::chrono::seconds(15));
    TestClient fifth(nodes.second, "alice");
    fifth.next("connection.ready");
}

TEST_CASE("calls to the coordination are lost, repeated, late or unanswered: users connect, and the counts agree afterwards") {
    for (unsigned seed = 1; seed <= 3; ++seed) {
        CAPTURE(seed);
        TwoNodes nodes({}, seed, {.enabled = false}, {.lost = 20, .unanswered = 20, .repeated = 20, .held_back = 20});
        const auto pass = [&](std::chrono::seconds time) {
            const auto end = nodes.clock->elapsed() + time;
            nodes.run_until([&] {
                nodes.clock->advance(std::chrono::milliseconds(500));
                return nodes.clock->elapsed() > end;
            });
        };
        const auto node_of = [&](unsigned i) -> GatewayWorld& {
            return i % 2 == 0 ? static_cast<GatewayWorld&>(nodes.first) : nodes.second;
        };
        for (unsigned i = 0; i < 8; ++i) {
            TestClient alice(node_of(i / 2), "alice");
            TestClient bob(node_of(i), "bob");
            alice.next("connection.ready");
            bob.next("connection.ready");
            pass(std::chrono::seconds(16));  // so that lost disconnects do not add up to five within a lease
        }
        for (const auto& each : {nodes.first_coordination, nodes.second_coordination}) {
            CHECK(each->lost + each->unanswered > 0);
            CHECK(each->repeated + each->reordered > 0);
            each->heal();
        }
        pass(std::chrono::seconds(45));  // a lease and a renewal
        CHECK(nodes.status_of(nodes.first, "bob", "alice") == "offline");
        CHECK(nodes.status_of(nodes.second, "bob", "alice") == "offline");
        std::vector<std::unique_ptr<TestClient>> clients;
        for (unsigned i = 0; i < 5; ++i) {
            clients.push_back(std::make_unique<TestClient>(node_of(i), "alice"));
            clients.back()->next("connection.ready");
        }
        TestClient sixth(nodes.second, "alice");
        CHECK(sixth.wait_closed() == close_code::kTooMany);
        CHECK(nodes.status_of(nodes.first, "bob", "alice") == "online");
        CHECK(nodes.status_of(nodes.second, "bob", "alice") == "online");
    }
}

TEST_CASE("a user has one rate on both nodes, plus at most a lease") {
    TwoNodes nodes({}, 1, {.enabled = true});
    const auto send_on = [&](GatewayWorld& node, int most) {
        int sent = 0;
        for (; sent < most; ++sent) {
            const auto answer = node.engine().run(Caller::user(node.workspace().id, "alice"),
                                                  SendMessage{.channel = "order_1", .content = std::to_string(sent)});
            if (answer) continue;
            CHECK(answer.error().code == ErrorCode::rate_limited);
            break;
        }
        return sent;
    };
    CHECK(send_on(nodes.first, 200) == 60);
    const auto observer = nodes.services.coordination();
    const TokensTaken alice{.owner = Uuid::parse(nodes.first.user_id("alice")).value(), .interval = std::chrono::seconds(1)};
    nodes.run_briefly_until([&] { return observer->take({&alice, 1})[0] >= std::chrono::seconds(60); });
    const int lease = send_on(nodes.second, 60 / 8);
    CHECK(lease > 0);
    nodes.run_briefly_until([&] { return nodes.second.engine().metrics().counts_shared > 0; });
    CHECK(send_on(nodes.second, 200) == 0);
}

TEST_CASE("a text may be repeated as often as the rule says on both nodes together, plus one extra on the other node") {
    TwoNodes nodes;
    UpdateWorkspace rules;
    rules.moderation = ModerationPatch{};
    rules.moderation->enabled = true;
    rules.moderation->flood.max_repeats = 2;
    REQUIRE(nodes.first.engine().run(Caller::backend(nodes.first.workspace().id), rules));
    const auto say_on = [&](GatewayWorld& node) {
        const std::uint64_t shared = node.engine().metrics().counts_shared;
        const auto answer = node.engine().run(Caller::user(node.workspace().id, "alice"),
                                              SendMessage{.channel = "order_1", .content = "beli beli beli"});
        if (answer) nodes.run_briefly_until([&] { return node.engine().metrics().counts_shared > shared; });
        return answer.ok();
    };
    CHECK(say_on(nodes.first));
    CHECK(say_on(nodes.first));
    CHECK_FALSE(say_on(nodes.first));
    CHECK(say_on(nodes.second));
    CHECK_FALSE(say_on(nodes.second));
}

}  // namespace
}  // namespace cariosan
