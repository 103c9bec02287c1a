// WebSocket sessions through the gateway: their limits, and how they end.
#include <doctest/doctest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "unit/protocol/session_shop.hpp"

namespace cariosan {
namespace {

using namespace test;

TEST_CASE_FIXTURE(SessionShop, "a session ends after 90 seconds of silence, and any sign of life prevents that") {
    TestClient bob(*this, "bob");
    clock().advance(std::chrono::seconds(80));
    bob.session().alive();
    clock().advance(std::chrono::seconds(80));
    lane().tick();
    CHECK(bob.sink().close_code == 0);
    bob.send(R"({"type":"ping"})");
    clock().advance(std::chrono::seconds(90));
    lane().tick();
    CHECK(bob.sink().close_code == 0);
    clock().advance(std::chrono::milliseconds(1));
    lane().tick();
    CHECK(bob.sink().close_code == 4408);
}

TEST_CASE_FIXTURE(SessionShop, "a silent client is pinged once per 45 seconds of silence") {
    TestClient bob(*this, "bob");
    const auto pings_after = [&](std::chrono::milliseconds time) {
        clock().advance(time);
        lane().tick();
        return bob.sink().pings;
    };
    CHECK(pings_after(std::chrono::milliseconds(44'999)) == 0);
    CHECK(pings_after(std::chrono::milliseconds(1)) == 1);
    CHECK(pings_after(std::chrono::seconds(40)) == 1);
    bob.session().alive();
    CHECK(pings_after(std::chrono::seconds(44)) == 1);
    bob.send(R"({"type":"ping"})");
    CHECK(pings_after(std::chrono::seconds(44)) == 1);
    CHECK(pings_after(std::chrono::seconds(1)) == 2);
    CHECK(bob.sink().close_code == 0);
    CHECK(pings_after(std::chrono::seconds(46)) == 2);
    CHECK(bob.sink().close_code == 4408);
    CHECK(pings_after(std::chrono::seconds(60)) == 2);
}

TEST_CASE_FIXTURE(SessionShop, "a session ends if its token is not refreshed") {
    TestClient alice(*this, "alice");
    TestClient bob(*this, "bob");
    for (int minute = 0; minute < 59; ++minute) {
        clock().advance(std::chrono::minutes(1));
        alice.session().alive();
        bob.session().alive();
    }
    alice.next("connection.ready");
    alice.send(R"({"type":"auth.refresh","id":1,"data":{"token":)" + json_string(token("bob")) + "}}");
    CHECK(kind(alice.next()) == "error FORBIDDEN");
    alice.send(R"({"type":"auth.refresh","id":1,"data":{"token":"x"}})");
    CHECK(kind(alice.next()) == "error UNAUTHORIZED");
    alice.send(R"({"type":"auth.refresh","id":1,"data":{}})");
    CHECK(kind(alice.next()) == "error VALIDATION_ERROR");
    alice.send(R"({"type":"auth.refresh","id":1,"data":{"token":)" + json_string(token("alice")) + "}}");
    CHECK(kind(alice.next()) == "ack");

    clock().advance(std::chrono::seconds(119));
    alice.session().alive();
    bob.session().alive();
    lane().tick();
    CHECK(bob.sink().close_code == 0);
    clock().advance(std::chrono::seconds(1));
    lane().tick();
    CHECK(bob.sink().close_code == 4401);
    CHECK(alice.sink().close_code == 0);
}

TEST_CASE("frames are limited to 20 a second with a burst of 60") {
    SessionShop shop({.gateway = {}, .limits = {}, .rates = {}});
    TestClient bob(shop, "bob");
    bob.next("connection.ready");
    for (int i = 0; i < 60; ++i) {
        bob.send(R"({"type":"ping"})");
        CHECK(kind(bob.next()) == "pong");
    }
    bob.send(R"({"type":"ping","id":"p"})");
    const auto refused = bob.next();
    CHECK(kind(refused) == "error RATE_LIMITED");
    CHECK(text_at(refused, "id") == "p");
    CHECK(number_at(refused, "data.retry_after_ms") == 50);
    shop.clock().advance(std::chrono::milliseconds(50));
    bob.send(R"({"type":"ping"})");
    CHECK(kind(bob.next()) == "pong");
    // A client that does not stop is disconnected.
    for (int i = 0; i < 60; ++i) bob.send(R"({"type":"ping"})");
    CHECK(bob.sink().close_code == 4429);
}

TEST_CASE_FIXTURE(SessionShop, "only a limited number of commands may wait for their answer") {
    TestClient bob(*this, "bob");
    bob.next("connection.ready");
    for (int i = 0; i < 257; ++i) {
        bob.send(R"({"type":"message.send","id":)" + std::to_string(i) +
                 R"(,"data":{"channel":"order_1","content":"x"}})");
    }
    const auto refused = bob.next("error");
    CHECK(kind(refused) == "error RATE_LIMITED");
    CHECK(number_at(refused, "id") == 256);
    // The sends of one connection keep their order.
    for (std::int64_t i = 0; i < 256; ++i) {
        const auto ack = bob.next("ack");
        CHECK(number_at(ack, "id") == i);
        CHECK(number_at(ack, "data.message.seq") == i + 1);
    }
    bob.send(R"({"type":"message.send","id":999,"data":{"channel":"order_1","content":"x"}})");
    CHECK(number_at(bob.next("ack"), "id") == 999);
}

TEST_CASE_FIXTURE(SessionShop, "a client that does not read is closed with 4008") {
    TestClient bob(*this, "bob");
    TestClient alice(*this, "alice");
    bob.sink().set_backlog((1 << 20) + 1);
    send("alice", "x");
    CHECK(bob.wait_closed() == 4008);
    alice.next("message.created");
    CHECK(engine().metrics().sessions_slow == 1);
}

TEST_CASE("if too much output waits in total, the largest connection is closed") {
    GatewayOptions options;
    options.max_backlog_bytes = 1 << 20;
    options.max_total_backlog_bytes = 1 << 20;
    SessionShop shop({.gateway = std::move(options), .limits = {}});
    TestClient alice(shop, "alice");
    TestClient bob(shop, "bob");
    alice.sink().set_backlog(600 << 10);
    shop.lane().tick();
    CHECK(alice.sink().close_code == 0);
    bob.sink().set_backlog(500 << 10);
    shop.lane().tick();
    CHECK(alice.sink().close_code == 4008);
    CHECK(bob.sink().close_code == 0);
    shop.lane().tick();
    CHECK(bob.sink().close_code == 0);
}

TEST_CASE("output of a closing connection stays counted until it is gone") {
    GatewayOptions options;
    options.max_backlog_bytes = 1 << 20;
    options.max_total_backlog_bytes = 1 << 20;
    SessionShop shop({.gateway = std::move(options), .limits = {}});
    TestClient alice(shop, "alice");
    TestClient bob(shop, "bob");
    alice.sink().set_backlog(900 << 10);
    for (int i = 0; i < 10; ++i) alice.send("nonsense");
    REQUIRE(alice.sink().close_code == 4400);
    CHECK(alice.sink().backlog() == 900 << 10);
    bob.sink().set_backlog(200 << 10);
    shop.lane().tick();
    CHECK(alice.sink().backlog() == 0);  // the connection was cut
    CHECK(bob.sink().close_code == 0);
    bob.sink().set_backlog(1 << 20);
    shop.lane().tick();
    CHECK(bob.sink().close_code == 0);
}

TEST_CASE("an unread HTTP response counts with the sessions, and the largest of all is closed") {
    GatewayOptions options;
    options.max_backlog_bytes = 1 << 20;
    options.max_total_backlog_bytes = 1 << 20;
    SessionShop shop({.gateway = std::move(options), .limits = {}});
    TestClient bob(shop, "bob");
    bob.sink().set_backlog(300 << 10);
    shop.lane().tick();
    std::unique_ptr<Holding> answer;
    bool dropped = false;
    answer = shop.lane().hold(Held::output, [&] {
        dropped = true;
        answer.reset();
    });
    answer->resize(800 << 10);
    CHECK(dropped);
    CHECK(bob.sink().close_code == 0);
    answer = shop.lane().hold(Held::output, [] {});
    answer->resize(200 << 10);
    bob.sink().set_backlog(900 << 10);
    shop.lane().tick();
    CHECK(bob.sink().close_code == 4008);
}

TEST_CASE_FIXTURE(SessionShop, "clients are notified of draining, and nobody new is admitted") {
    TestClient bob(*this, "bob");
    const std::string late = token("alice");
    gateway().drain(std::chrono::milliseconds(1500));
    CHECK(number_at(bob.next("server.draining"), "data.reconnect_after_ms") == 1500);
    const auto refused = admit_token(late);
    CHECK_FALSE(refused.admission);
    CHECK(refused.refusal.status == 503);
}

TEST_CASE_FIXTURE(SessionShop, "handshakes are checked before they are answered") {
    CHECK(admit_versioned(token("bob")).admission->subprotocol() == "cariosan.v1");
    CHECK(admit_token("nonsense").refusal.status == 401);
    HttpRequest without;
    without.method = "GET";
    without.target = "/v1/ws";
    CHECK(admit(without).refusal.status == 401);
    without.headers = {{"Sec-WebSocket-Protocol", "cariosan.jwt." + token("bob")},
                       {"Origin", "https://evil.example"},
                       {"Host", "chat.example"}};
    const auto foreign = admit(without);
    CHECK(foreign.refusal.status == 403);
    CHECK(text_at(json::parse(foreign.refusal.body), "error.code") == "FORBIDDEN");
    User nobody;
    nobody.id = *UserId::parse("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b");
    CHECK(admit_token(gateway().issue_token(workspace().id, nobody, std::chrono::hours(1))).refusal.status ==
          401);
}

TEST_CASE_FIXTURE(SessionShop, "an answer after the end of a session is dropped") {
    {
        TestClient bob(*this, "bob");
        for (int i = 0; i < 10; ++i) {
            bob.send(R"({"type":"message.send","data":{"channel":"order_1","content":"x"}})");
        }
        bob.send(R"({"type":"sync","data":{"complete":true}})");
    }
    TestClient alice(*this, "alice");
    alice.next("connection.ready");
    send("bob", "last");
    // What was sent before may be committed afterwards: another connection sent it.
    while (text_at(alice.next("message.created"), "data.message.content") != "last") {
    }
}

TEST_CASE_FIXTURE(SessionShop, "a client that offers cariosan.v1 receives the reason of its refusal, in a frame and by the close") {
    struct Verdict {
        std::string code;
        std::uint16_t close = 0;
    };
    const auto verdict = [&](UpgradeOutcome outcome) {
        REQUIRE(outcome.admission);
        CHECK(outcome.admission->subprotocol() == "cariosan.v1");
        TestClient client(*this, std::move(outcome.admission));
        const json::value frame = client.next();
        CHECK(text_at(frame, "type") == "error");
        return Verdict{text_at(frame, "data.code"), client.wait_closed()};
    };
    Verdict refused = verdict(admit_versioned("nonsense"));
    CHECK(refused.code == "UNAUTHORIZED");
    CHECK(refused.close == close_code::kUnauthorized);

    HttpRequest without;
    without.method = "GET";
    without.target = "/v1/ws";
    without.headers.push_back({"Sec-WebSocket-Protocol", "cariosan.v1"});
    refused = verdict(admit(without));
    CHECK(refused.close == close_code::kUnauthorized);

    // The origin, which only browsers send, is checked first: a page of another origin gets no socket.
    HttpRequest foreign = without;
    foreign.headers.push_back({"Host", "chat.example"});
    foreign.headers.push_back({"Origin", "https://evil.example"});
    CHECK(admit(std::move(foreign)).refusal.status == 403);

    gateway().drain(std::chrono::seconds(1));
    refused = verdict(admit_versioned(token("bob")));
    CHECK(refused.code == "UNAVAILABLE");
    CHECK(refused.close == close_code::kOverloaded);
}

}  // namespace
}  // namespace cariosan
