// Presence through the gateway: subscriptions, their limits, and what is omitted for a connection that lags behind.
#include "unit/protocol/session_shop.hpp"

namespace cariosan {
namespace {

using namespace test;

/// A group "crowd" of alice and more users than a connection may subscribe to.
struct CrowdedShop : SessionShop {
    CrowdedShop() {
        for (int i = 0; i < 201; ++i) make_user("u" + std::to_string(i), "U");
        make_group("crowd", {"alice"});
        for (int from = 0; from < 201; from += 67) {
            AddMembers add{.channel = "crowd"};
            for (int i = from; i < from + 67; ++i) add.external_ids.push_back("u" + std::to_string(i));
            REQUIRE(engine().run(Caller::backend(workspace().id), add));
        }
    }
    static std::string following(int from, int to) {
        std::string list;
        for (int i = from; i < to; ++i) list += (list.empty() ? "" : ",") + json_string("u" + std::to_string(i));
        return R"({"type":"presence.subscribe","id":1,"data":{"users":[)" + list + "]}}";
    }
};

TEST_CASE_FIXTURE(CrowdedShop, "a connection subscribes to at most 200 users") {
    TestClient alice(*this, "alice");
    alice.next("connection.ready");
    alice.send(following(0, 201));
    auto answered = alice.next();
    CHECK(kind(answered) == "error VALIDATION_ERROR");
    CHECK(number_at(answered, "data.details.limit") == 200);
    alice.send(following(0, 150));
    CHECK(list_at(alice.next("ack"), "data.users").size() == 150);
    alice.send(following(100, 200));
    CHECK(list_at(alice.next("ack"), "data.users").size() == 100);
    alice.send(following(200, 201));
    answered = alice.next();
    CHECK(kind(answered) == "error VALIDATION_ERROR");
    CHECK(text_at(answered, "data.details.field") == "users");
    CHECK(number_at(answered, "data.details.limit") == 200);
    alice.send(R"({"type":"presence.unsubscribe","id":2,"data":{"users":["u7","nobody"]}})");
    CHECK(kind(alice.next()) == "ack");
    alice.send(following(200, 201));
    CHECK(list_at(alice.next("ack"), "data.users").size() == 1);

    // In such a large channel, only users who were subscribed to are reported.
    TestClient dropped(*this, "u7");
    TestClient followed(*this, "u200");
    clock().advance(std::chrono::seconds(2));
    const auto update = list_at(alice.next("presence.update"), "data.users");
    REQUIRE(update.size() == 1);
    CHECK(text_at(update[0], "external_id") == "u200");
    CHECK(text_at(update[0], "status") == "online");
    CHECK(at(update[0], "last_seen_at").is_null());
}

TEST_CASE_FIXTURE(SessionShop, "the answer to a subscription contains the current states") {
    TestClient alice(*this, "alice");
    TestClient bob(*this, "bob");
    alice.send(R"({"type":"presence.subscribe","id":1,"data":{"users":["bob","eve","nobody"]}})");
    const auto users = list_at(alice.next("ack"), "data.users");
    REQUIRE(users.size() == 1);
    CHECK(text_at(users[0], "user_id") == user_id("bob"));
    CHECK(text_at(users[0], "status") == "online");
    for (const char* wrong : {R"({"type":"presence.subscribe"})", R"({"type":"presence.subscribe","data":{"users":"bob"}})",
                              R"({"type":"presence.subscribe","data":{"users":[]}})",
                              R"({"type":"presence.unsubscribe","data":{"users":[1]}})"}) {
        alice.send(wrong);
        const auto refused = alice.next("error");
        CHECK(text_at(refused, "data.details.field") == "users");
    }
}

TEST_CASE_FIXTURE(SessionShop, "a connection that lags behind gets no presence") {
    TestClient alice(*this, "alice");
    TestClient eve(*this, "eve");
    alice.next("connection.ready");
    make_group("both", {"alice", "eve"});
    alice.next("channel.created");
    eve.next("channel.created");
    alice.sink().set_backlog(100 * 1024);
    TestClient bob(*this, "bob");
    clock().advance(std::chrono::seconds(2));
    bob.next("presence.update");  // from the same batch
    alice.sink().set_backlog(0);
    CHECK(alice.types_until_pong().empty());
}

TEST_CASE_FIXTURE(SessionShop, "when a user leaves, its last-seen time is available in REST and on the wire") {
    TestClient alice(*this, "alice");
    auto bob = std::make_unique<TestClient>(*this, "bob");
    clock().advance(std::chrono::seconds(2));
    CHECK(text_at(alice.next("presence.update"), "data.users.0.status") == "online");
    const std::string gone = clock().now().to_string();
    bob.reset();
    const auto ask = [&] { return at(user("alice", "GET", "/v1/presence?users=bob").body, "presence.0"); };
    clock().advance(std::chrono::milliseconds(9'999));
    CHECK(text_at(ask(), "status") == "online");
    clock().advance(std::chrono::milliseconds(250));
    const auto update = at(alice.next("presence.update"), "data.users.0");
    CHECK(text_at(update, "status") == "offline");
    CHECK(text_at(ask(), "status") == "offline");
    CHECK(ask() == update);
    CHECK(text_at(update, "last_seen_at") >= gone);
}

}  // namespace
}  // namespace cariosan
