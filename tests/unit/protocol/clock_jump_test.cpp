// Somebody sets the wall clock while the server runs. Elapsed time continues as before.
#include <algorithm>
#include <array>
#include <chrono>
#include <optional>

#include "unit/protocol/session_shop.hpp"

namespace cariosan {
namespace {

using namespace test;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr std::chrono::hours kTenYears{24 * 3652};
constexpr std::array<milliseconds, 4> kJumps = {1h, -1h, kTenYears, -kTenYears};

struct JumpShop : SessionShop {
    JumpShop() : SessionShop({.gateway = {}, .limits = {}, .rates = {}}) {}

    Result<Message> say(std::string_view text = "x") {
        return engine().run(Caller::user(workspace().id, "alice"),
                            SendMessage{.channel = "order_1", .content = std::string(text)});
    }
    Timestamp said_at() {
        const auto said = say();
        REQUIRE(said);
        return said->created_at;
    }
};

TEST_CASE("a jump of the wall clock neither ends a connection before its token expires nor extends it") {
    for (const milliseconds jump : kJumps) {
        CAPTURE(jump.count());
        SessionShop shop;
        TestClient alice(shop, "alice");
        TestClient bob(shop, "bob");
        const auto pass = [&](std::chrono::seconds time) {
            for (; time > 0s; time -= 30s) {
                shop.clock().advance(std::min(time, 30s));
                alice.session().alive();
                bob.session().alive();
                shop.lane().tick();
            }
        };
        pass(30min);
        shop.clock().jump(jump);
        pass(20min);
        CHECK(alice.sink().close_code == 0);
        // A token issued by the new clock is judged by it.
        alice.send(R"({"type":"auth.refresh","id":1,"data":{"token":)" + json_string(shop.token("alice")) + "}}");
        alice.next("ack");
        pass(10min + 59s);
        CHECK(bob.sink().close_code == 0);
        pass(1s);
        CHECK(bob.sink().close_code == 4401);
        CHECK(alice.sink().close_code == 0);
        shop.clock().jump(-jump);
        pass(49min + 59s);
        CHECK(alice.sink().close_code == 0);
        pass(1s);
        CHECK(alice.sink().close_code == 4401);
    }
}

TEST_CASE_FIXTURE(JumpShop, "the time of messages follows the wall clock") {
    for (const milliseconds jump : kJumps) {
        CAPTURE(jump.count());
        for (const milliseconds by : {jump, -jump}) {
            said_at();
            clock().jump(by);
            CHECK(said_at() == clock().now());
        }
    }
    // So small a step back cannot be detected: time stands still until the clock has caught up.
    const Timestamp last = said_at();
    clock().jump(-60s);
    CHECK(said_at() == last);
    clock().advance(60s + 1ms);
    CHECK(said_at() == clock().now());
}

TEST_CASE_FIXTURE(JumpShop, "rate limits use elapsed time") {
    for (int i = 0; i < 60; ++i) REQUIRE(say());
    for (const milliseconds jump : kJumps) {
        clock().jump(jump);
        CHECK(say().error().code == ErrorCode::rate_limited);
    }
    clock().advance(1s);
    CHECK(say());
    CHECK_FALSE(say());
}

TEST_CASE("typing, presence and keep-alive continue through a jump") {
    for (const milliseconds jump : kJumps) {
        CAPTURE(jump.count());
        JumpShop shop;
        TestClient bob(shop, "bob");
        std::optional<TestClient> alice;
        alice.emplace(shop, "alice");
        shop.clock().advance(2s);
        bob.next("presence.update");

        alice->send(R"({"type":"typing.start","data":{"channel":"order_1"}})");
        bob.next("typing.start");
        shop.clock().jump(jump);
        shop.clock().advance(5s);
        CHECK(std::ranges::count(bob.types_until_pong(), "typing.stop") == 0);
        shop.clock().advance(1s);
        bob.next("typing.stop");

        bob.session().alive();
        alice->session().alive();
        shop.clock().jump(jump);
        shop.clock().advance(44s);
        shop.lane().tick();
        CHECK(bob.sink().pings == 0);
        shop.clock().advance(1s);
        shop.lane().tick();
        CHECK(bob.sink().pings == 1);

        alice.reset();
        CHECK(bob.types_until_pong().empty());
        shop.clock().jump(-jump);
        shop.clock().advance(60s);
        const auto gone = list_at(bob.next("presence.update"), "data.users");
        REQUIRE(gone.size() == 1);
        CHECK(text_at(gone[0], "status") == "offline");
        const auto seen = shop.user("bob", "GET", "/v1/presence?users=alice");
        CHECK(text_at(list_at(seen.body, "presence")[0], "last_seen_at") == text_at(gone[0], "last_seen_at"));
    }
}

TEST_CASE_FIXTURE(JumpShop, "a silence ends when the wall clock says so") {
    const auto silence = [&](std::string_view body) {
        REQUIRE(backend("PUT", "/v1/users/alice/mute", body).status == 200);
    };
    silence(R"({"seconds":1800})");
    clock().jump(-1h);
    CHECK(say().error().code == ErrorCode::muted);
    clock().jump(1h);
    CHECK(say().error().code == ErrorCode::muted);
    clock().jump(30min);
    CHECK(say());
    silence("{}");
    clock().jump(kTenYears);
    CHECK(say().error().code == ErrorCode::muted);
}

}  // namespace
}  // namespace cariosan
