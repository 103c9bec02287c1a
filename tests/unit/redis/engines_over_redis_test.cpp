// Two engines with one storage, joined by a private Redis: what sessions see while it is there, gone, and back.
#include <cariosan/adapters/redis.hpp>
#include <string>

#include "support/private_redis.hpp"
#include "unit/protocol/two_nodes.hpp"

namespace cariosan {
namespace {

using namespace test;

#define OVER_REDIS(name) TEST_CASE(name* doctest::skip(!PrivateRedis::is_installed()))

NodeServices over(const PrivateRedis& server) {
    const auto redis = open_redis({.url = server.url()});
    REQUIRE(redis);
    return {[redis = *redis] { return redis->event_bus(); }, [redis = *redis] { return redis->coordination(); }};
}

/// Whether the frame brings a message with this content, live or read.
auto brings(std::string content) {
    return [content = std::move(content)](const boost::json::value& frame) {
        if (text_at(frame, "type") == "message.created") return text_at(frame, "data.message.content") == content;
        if (text_at(frame, "type") != "channel.sync") return false;
        for (const auto& message : list_at(frame, "data.messages")) {
            if (text_at(message, "content") == content) return true;
        }
        return false;
    };
}

std::string away_at(GatewayWorld& node) {
    const Reply ready = node.request({.method = "GET", .target = "/readyz", .headers = {}, .body = {}});
    CHECK(ready.status == 200);
    return ready.text;
}

}  // namespace

TEST_CASE("engines over Redis have a server to start") {
    if (!PrivateRedis::is_installed()) std::puts("skipped: engines over Redis, redis-server is not installed");
}

OVER_REDIS("two engines over Redis share messages and presence") {
    PrivateRedis server;
    TwoNodes nodes(over(server));
    TestClient bob(nodes.second, "bob");
    bob.next("connection.ready");
    TestClient alice(nodes.first, "alice");
    alice.next("connection.ready");
    nodes.next(bob, nodes.presence_of("alice", "online"));
    nodes.run_until([&] { return nodes.status_of(nodes.second, "bob", "alice") == "online"; });
    send_to(nodes.first, "alice", "Halo");
    nodes.next(bob, brings("Halo"));
    send_to(nodes.second, "bob", "Hai");
    nodes.next(alice, brings("Hai"));
    nodes.run_until([&] { return away_at(nodes.first) == R"({"status":"ok"})"; });
    CHECK(nodes.second.engine().metrics().bus_received > 0);
}

OVER_REDIS("an engine whose Redis is gone says so and serves its clients and finds what the other one commits") {
    PrivateRedis server;
    TwoNodes nodes(over(server));
    TestClient alice(nodes.first, "alice");
    alice.next("connection.ready");
    TestClient bob(nodes.second, "bob");
    bob.next("connection.ready");
    server.kill();
    nodes.run_until([&] {
        return away_at(nodes.first) == R"({"status":"ok","away":["bus","coordination"]})" &&
               nodes.second.engine().metrics().bus_away == 1;
    });
    send_to(nodes.first, "alice", "Sendiri");
    nodes.next(alice, brings("Sendiri"));
    nodes.next(bob, brings("Sendiri"));
    server.start();
    nodes.run_until([&] {
        return away_at(nodes.first) == R"({"status":"ok"})" && away_at(nodes.second) == R"({"status":"ok"})";
    });
    send_to(nodes.first, "alice", "Bersama");
    nodes.next(bob, brings("Bersama"));
    const std::uint64_t received = nodes.second.engine().metrics().bus_received;
    nodes.run_until([&] {
        send_to(nodes.first, "alice", "Lagi");
        return nodes.second.engine().metrics().bus_received > received;
    });
}

}  // namespace cariosan
