// WebSocket conversations through the gateway, over a real engine with SQLite in memory and without sockets.
#include <doctest/doctest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "protocol/json_writer.hpp"
#include "support/test_data.hpp"
#include "unit/protocol/gateway_world.hpp"

namespace cariosan {
namespace {

using test::at;
using test::GatewayWorld;
using test::number_at;
using test::TestClient;
using test::text_at;

namespace json = boost::json;

struct Shop : GatewayWorld {
    explicit Shop(Options options = {}) : GatewayWorld(std::move(options)) {
        make_user("alice", "Alice");
        make_user("bob", "Budi");
        make_user("eve", "Eve");
        make_group("order_1", {"alice", "bob"});
    }
    void send(std::string_view user_name, std::string_view content, std::string_view channel = "order_1") {
        const auto sent =
            engine().run(Caller::user(workspace().id, std::string(user_name)),
                         SendMessage{.channel = std::string(channel), .content = std::string(content)});
        REQUIRE(sent);
    }
};

std::string json_string(std::string_view text) {
    std::string out;
    protocol::append_json_string(out, text);
    return out;
}

/// The type and error code of a frame, such as "error VALIDATION_ERROR".
std::string kind(const json::value& frame) {
    const std::string code = text_at(frame, "data.code");
    return text_at(frame, "type") + (code.empty() ? "" : " " + code);
}

TEST_CASE_FIXTURE(Shop, "a conversation begins with connection.ready") {
    send("alice", "unread");
    TestClient bob(*this, "bob");
    const auto ready = bob.next();
    CHECK(text_at(ready, "type") == "connection.ready");
    CHECK(text_at(ready, "data.user.external_id") == "bob");
    CHECK(text_at(ready, "data.epoch") == engine().epoch());
    CHECK(number_at(ready, "data.unread_total") == 1);
    CHECK(number_at(ready, "data.blocks_rev") == 0);
    CHECK(number_at(ready, "data.heartbeat_seconds") == 30);
    CHECK(text_at(ready, "data.server_time") == clock().now().to_string());
    CHECK_FALSE(text_at(ready, "data.connection_id").empty());
    CHECK(bob.types_until_pong().empty());
}

TEST_CASE_FIXTURE(Shop, "ping is answered with its id, of whatever kind") {
    TestClient bob(*this, "bob");
    bob.next("connection.ready");
    bob.send(R"({"type":"ping","id":"a\"b"})");
    CHECK(bob.sink().texts.back() == R"({"type":"pong","id":"a\"b","data":{}})");
    bob.send(R"({"id":7,"type":"ping","data":null})");
    CHECK(bob.sink().texts.back() == R"({"type":"pong","id":7,"data":{}})");
    bob.send(R"({"type":"ping","data":{}})");
    CHECK(bob.sink().texts.back() == R"({"type":"pong","data":{}})");
}

TEST_CASE_FIXTURE(Shop, "a sent message is acknowledged and reaches everyone once") {
    TestClient alice(*this, "alice");
    TestClient bob(*this, "bob");
    alice.next("connection.ready");
    alice.send(
        R"({"type":"message.send","id":"1","data":{"channel":"order_1","content":"Halo","idempotency_key":"k"}})");
    // The answer and the event may overtake each other.
    json::value ack = alice.next();
    json::value own = alice.next();
    if (text_at(ack, "type") != "ack") std::swap(ack, own);
    CHECK(text_at(ack, "id") == "1");
    CHECK(number_at(ack, "data.rev") == 2);
    CHECK(number_at(ack, "data.message.seq") == 1);
    CHECK(text_at(ack, "data.message.idempotency_key") == "k");
    CHECK_FALSE(at(ack, "data").as_object().contains("duplicate"));
    CHECK(text_at(own, "type") == "message.created");
    CHECK(text_at(own, "data.message.idempotency_key") == "k");

    const auto theirs = bob.next("message.created");
    CHECK(number_at(theirs, "data.rev") == 2);
    CHECK(text_at(theirs, "data.channel_id") == channel_id("order_1"));
    CHECK(text_at(theirs, "data.channel_external_id") == "order_1");
    CHECK(text_at(theirs, "data.message.content") == "Halo");
    CHECK_FALSE(at(theirs, "data.message").as_object().contains("idempotency_key"));

    alice.send(
        R"({"type":"message.send","id":"2","data":{"channel":"order_1","content":"Halo","idempotency_key":"k"}})");
    const auto again = alice.next();
    CHECK(text_at(again, "type") == "ack");
    CHECK(text_at(again, "id") == "2");
    CHECK(at(again, "data.duplicate") == json::value(true));
    CHECK(number_at(again, "data.rev") == 2);
    CHECK(bob.types_until_pong().empty());
}

TEST_CASE_FIXTURE(Shop, "what a client may not do is refused with its id") {
    TestClient eve(*this, "eve");
    eve.next("connection.ready");
    const auto refused = [&](std::string_view frame) {
        eve.send(frame);
        return eve.next();
    };
    const auto not_member =
        refused(R"({"type":"message.send","id":"x","data":{"channel":"order_1","content":"Hi"}})");
    CHECK(kind(not_member) == "error NOT_A_MEMBER");
    CHECK(text_at(not_member, "id") == "x");
    CHECK(at(not_member, "data.retryable") == json::value(false));
    CHECK(kind(refused(R"({"type":"message.send","id":"y","data":{"channel":"order_1"}})")) ==
          "error VALIDATION_ERROR");
    CHECK(kind(refused(R"({"type":"message.send","id":"y"})")) == "error VALIDATION_ERROR");
    CHECK(kind(refused(R"({"type":"message.send","data":{"channel":"nothing","content":"Hi"}})")) ==
          "error NOT_FOUND");
    CHECK(text_at(refused(R"({"type":"nothing","id":"z"})"), "data.details.field") == "type");
    // Commands that are not for the WebSocket.
    CHECK(text_at(refused(R"({"type":"me.get","id":"z"})"), "data.details.field") == "type");
    CHECK(text_at(refused(R"({"type":"workspace.create","data":{"name":"x"}})"), "data.details.field") ==
          "type");
}

TEST_CASE_FIXTURE(Shop, "the tenth malformed frame ends it") {
    TestClient bob(*this, "bob");
    bob.next("connection.ready");
    const std::string_view bad[] = {"",
                                    "x",
                                    "[]",
                                    "1",
                                    R"({"type":1})",
                                    R"({})",
                                    R"({"type":"ping","id":{}})",
                                    R"({"type":"ping","data":[]})",
                                    R"({"type":"ping","type":"ping"})"};
    for (const std::string_view text : bad) {
        CAPTURE(text);
        bob.send(text);
        CHECK(kind(bob.next()) == "error VALIDATION_ERROR");
    }
    CHECK(bob.sink().close_code == 0);
    bob.send("{");
    CHECK(kind(bob.next()) == "error VALIDATION_ERROR");
    CHECK(bob.sink().close_code == 4400);
    bob.send(R"({"type":"ping"})");
    CHECK(bob.sink().texts.size() == 11);
}

TEST_CASE_FIXTURE(Shop, "frames sent before the greeting wait for it") {
    auto outcome = admit_token(token("bob"));
    TestClient bob(*this, std::move(outcome.admission));
    bob.send(R"({"type":"ping","id":1})");
    bob.send(R"({"type":"message.send","id":2,"data":{"channel":"order_1","content":"early"}})");
    CHECK(bob.sink().texts.empty());
    CHECK(text_at(bob.next(), "type") == "connection.ready");
    CHECK(text_at(bob.next(), "type") == "pong");
    CHECK(number_at(bob.next("ack"), "id") == 2);

    auto flood = admit_token(token("bob"));
    TestClient loud(*this, std::move(flood.admission));
    for (int i = 0; i < 65; ++i) loud.send(R"({"type":"ping"})");
    CHECK(loud.sink().close_code == 1013);
}

TEST_CASE_FIXTURE(Shop, "typing is shown to the others, by either name of the channel") {
    TestClient alice(*this, "alice");
    TestClient bob(*this, "bob");
    alice.send(R"({"type":"typing.start","data":{"channel":"order_1"}})");
    const auto started = bob.next("typing.start");
    CHECK(text_at(started, "data.user_id") == user_id("alice"));
    CHECK(text_at(started, "data.channel_id") == channel_id("order_1"));
    alice.send(R"({"type":"typing.stop","data":{"channel":)" + json_string(channel_id("order_1")) + "}}");
    bob.next("typing.stop");
    alice.next("connection.ready");
    CHECK(alice.types_until_pong().empty());
    alice.send(R"({"type":"typing.start"})");
    CHECK(kind(alice.next()) == "error VALIDATION_ERROR");
}

TEST_CASE_FIXTURE(Shop, "reading is acknowledged as over REST") {
    send("alice", "1");
    TestClient bob(*this, "bob");
    bob.send(R"({"type":"message.read","id":1,"data":{"channel":"order_1"}})");
    const auto ack = bob.next("ack");
    CHECK(number_at(ack, "data.receipt_rev") == 1);
    CHECK(number_at(ack, "data.receipt.last_read_seq") == 1);
    CHECK(number_at(ack, "data.unread_count") == 0);
    CHECK_FALSE(at(ack, "data").as_object().contains("rev"));
}

TEST_CASE_FIXTURE(Shop, "silence ends it after 90 seconds, a sign of life does not") {
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

TEST_CASE_FIXTURE(Shop, "a token that is not refreshed ends it") {
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

TEST_CASE("frames come at 20 a second with a burst of 60") {
    Shop shop({.gateway = {}, .limits = {}, .rates = {}});
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
    // Who goes on regardless is sent away.
    for (int i = 0; i < 60; ++i) bob.send(R"({"type":"ping"})");
    CHECK(bob.sink().close_code == 4429);
}

TEST_CASE_FIXTURE(Shop, "only so many commands may wait for their answer") {
    TestClient bob(*this, "bob");
    bob.next("connection.ready");
    for (int i = 0; i < 257; ++i) {
        bob.send(R"({"type":"message.send","id":)" + std::to_string(i) +
                 R"(,"data":{"channel":"order_1","content":"x"}})");
    }
    const auto refused = bob.next("error");
    CHECK(kind(refused) == "error RATE_LIMITED");
    CHECK(number_at(refused, "id") == 256);
    // One connection's sends keep their order.
    for (std::int64_t i = 0; i < 256; ++i) {
        const auto ack = bob.next("ack");
        CHECK(number_at(ack, "id") == i);
        CHECK(number_at(ack, "data.message.seq") == i + 1);
    }
    bob.send(R"({"type":"message.send","id":999,"data":{"channel":"order_1","content":"x"}})");
    CHECK(number_at(bob.next("ack"), "id") == 999);
}

TEST_CASE_FIXTURE(Shop, "a client that does not read is closed with 4008") {
    TestClient bob(*this, "bob");
    TestClient alice(*this, "alice");
    bob.sink().set_backlog((1 << 20) + 1);
    send("alice", "x");
    CHECK(bob.wait_closed() == 4008);
    alice.next("message.created");
    CHECK(engine().metrics().sessions_slow == 1);
}

TEST_CASE("of all that wait too much, the largest is closed") {
    GatewayOptions options;
    options.max_backlog_bytes = 1 << 20;
    options.max_total_backlog_bytes = 1 << 20;
    Shop shop({.gateway = std::move(options), .limits = {}});
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

TEST_CASE_FIXTURE(Shop, "draining is told, and nobody new is let in") {
    TestClient bob(*this, "bob");
    const std::string late = token("alice");
    gateway().drain(std::chrono::milliseconds(1500));
    CHECK(number_at(bob.next("server.draining"), "data.reconnect_after_ms") == 1500);
    const auto refused = admit_token(late);
    CHECK_FALSE(refused.admission);
    CHECK(refused.refusal.status == 503);
}

TEST_CASE_FIXTURE(Shop, "handshakes are judged before they are answered") {
    CHECK(admit_token(token("bob")).admission->subprotocol() == "cariosan.v1");
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

TEST_CASE_FIXTURE(Shop,
                  "a user has five connections, and a sixth while none of them is silent is sent away") {
    std::vector<std::unique_ptr<TestClient>> clients;
    for (int i = 0; i < 5; ++i) clients.push_back(std::make_unique<TestClient>(*this, "bob"));
    TestClient sixth(*this, "bob");
    CHECK(sixth.wait_closed() == 4429);
    const auto error = sixth.next();
    CHECK(kind(error) == "error RATE_LIMITED");
    CHECK(number_at(error, "data.retry_after_ms") > 0);
    clock().advance(std::chrono::seconds(36));
    for (int i = 1; i < 5; ++i) clients[static_cast<std::size_t>(i)]->session().alive();
    TestClient seventh(*this, "bob");
    CHECK(clients[0]->wait_closed() == 4408);
    CHECK(kind(seventh.next()) == "connection.ready");
}

TEST_CASE_FIXTURE(Shop, "members hear of their coming and going, and nothing after it") {
    TestClient eve(*this, "eve");
    eve.next("connection.ready");
    CHECK(backend("POST", "/v1/channels/order_1/members", R"({"external_ids":["eve"]})").status == 200);
    const auto joined = eve.next();
    CHECK(kind(joined) == "member.joined");
    CHECK(text_at(joined, "data.members.0.user.external_id") == "eve");
    send("alice", "welcome");
    CHECK(kind(eve.next()) == "message.created");
    CHECK(backend("DELETE", "/v1/channels/order_1/members/eve").status == 200);
    const auto left = eve.next();
    CHECK(kind(left) == "member.left");
    CHECK(at(left, "data.members.0.left") == json::value(true));
    TestClient bob(*this, "bob");
    send("alice", "without eve");
    bob.next("message.created");
    CHECK(eve.types_until_pong().empty());
    // A direct channel tells both at once, with everyone in it.
    CHECK(
        backend("POST", "/v1/channels", R"({"type":"direct","member_external_ids":["eve","bob"]})").status ==
        201);
    const auto created = eve.next();
    CHECK(kind(created) == "channel.created");
    CHECK(at(created, "data.members").as_array().size() == 2);
    CHECK(backend("DELETE", "/v1/channels/" + text_at(created, "data.channel.id")).status == 204);
    CHECK(kind(eve.next()) == "channel.deleted");
}

TEST_CASE_FIXTURE(Shop, "mentions and new names are told to whom they concern") {
    TestClient bob(*this, "bob");
    TestClient eve(*this, "eve");
    const auto sent =
        user("alice", "POST", "/v1/channels/order_1/messages", R"({"content":"@bob","mentions":["bob"]})");
    CHECK(sent.status == 201);
    CHECK(text_at(bob.next("mention"), "data.message_id") == text_at(sent.body, "id"));
    CHECK(backend("POST", "/v1/users", R"({"external_id":"alice","name":"Alicia"})").status == 200);
    CHECK(text_at(bob.next("user.updated"), "data.user.name") == "Alicia");
    eve.next("connection.ready");
    CHECK(eve.types_until_pong().empty());
}

TEST_CASE_FIXTURE(Shop, "an answer that comes after the end finds nobody and harms nobody") {
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
    run_until([&] {
        return !alice.sink().texts.empty() &&
               alice.sink().texts.back().find(R"("content":"last")") != std::string::npos;
    });
}

TEST_CASE_FIXTURE(Shop, "nothing that is JSON, or nearly, does harm") {
    const auto folder = test::test_data("torture/json");
    if (!folder) return;
    for (const auto& entry : std::filesystem::directory_iterator(*folder)) {
        if (!entry.is_regular_file()) continue;
        std::ifstream file(entry.path(), std::ios::binary);
        const std::string text{std::istreambuf_iterator<char>(file), {}};
        TestClient bob(*this, "bob");
        bob.next("connection.ready");
        bob.send(text);
        CHECK(kind(bob.next()) == "error VALIDATION_ERROR");
        // As the data of a frame it can still be wrong, but never more than that.
        bob.send(R"({"type":"message.send","data":{"channel":"order_1","content":"x","metadata":)" + text +
                 "}}");
        const std::string answer = kind(bob.next());
        CAPTURE(entry.path().filename().string());
        CHECK((answer == "error VALIDATION_ERROR" || answer == "ack" || answer == "message.created"));
    }
}

}  // namespace
}  // namespace cariosan
