// How a user's connections learn of changed preferences.
#include <doctest/doctest.h>

#include "realtime/subscriber.hpp"
#include "unit/protocol/session_shop.hpp"

namespace cariosan {
namespace {

using namespace test;

struct PreferencesShop : SessionShop {
    void keep(bool pinned) {
        const auto done = engine().run(Caller::user(workspace().id, "bob"),
                                       UpdateMyChannel{.channel = "order_1", .pinned = pinned});
        REQUIRE(done);
    }
};

TEST_CASE_FIXTURE(PreferencesShop, "every connection gets every change of preferences, in order, with the count that it leaves") {
    send("alice", "unread");
    TestClient laptop(*this, "bob");
    TestClient phone(*this, "bob");
    for (TestClient* each : {&laptop, &phone}) CHECK(number_at(each->next("connection.ready"), "data.preferences_rev") == 0);
    constexpr int kChanges = 30;
    for (int i = 0; i < kChanges; ++i) keep(i % 2 == 0);
    CHECK(user("bob", "PATCH", "/v1/me/channels/order_1", R"({"muted":true})").status == 200);
    for (TestClient* each : {&laptop, &phone}) {
        for (int i = 1; i <= kChanges; ++i) {
            const auto frame = each->next("channel.preferences");
            CHECK(number_at(frame, "data.preferences_rev") == i);
            CHECK(at(frame, "data.pinned") == json::value(i % 2 == 1));
        }
        const auto last = each->next("channel.preferences");
        CHECK(number_at(last, "data.preferences_rev") == kChanges + 1);
        CHECK(number_at(last, "data.unread_total") == 0);
    }
    TestClient later(*this, "bob");
    CHECK(number_at(later.next("connection.ready"), "data.preferences_rev") == kChanges + 1);
}

TEST_CASE_FIXTURE(PreferencesShop, "changes that come faster than they are counted are sent without the count, and none is lost") {
    TestClient bob(*this, "bob");
    bob.next("connection.ready");
    const auto order = ChannelId::parse(channel_id("order_1"));
    REQUIRE(order);
    auto& subscriber = dynamic_cast<realtime::Subscriber&>(bob.session());
    constexpr int kChanges = 200;
    // The lane does not run meanwhile, so that they all wait for the read that began with the first: 64 at most.
    for (int i = 1; i <= kChanges; ++i) subscriber.preferences_changed(*order, {.preferences_rev = i});
    constexpr int kUncounted = 3 * 65;
    for (int i = 1; i <= kChanges; ++i) {
        CAPTURE(i);
        const auto frame = bob.next("channel.preferences");
        REQUIRE(number_at(frame, "data.preferences_rev") == i);
        CHECK(number_at(frame, "data.unread_total") == (i <= kUncounted ? -1 : 0));
    }
    CHECK(bob.types_until_pong().empty());
}

TEST_CASE_FIXTURE(PreferencesShop, "a page of sync carries the preferences of its channel") {
    keep(true);
    TestClient bob(*this, "bob");
    bob.next("connection.ready");
    bob.send(R"({"type":"sync","id":1,"data":{"epoch":"another","channels":{")" + channel_id("order_1") + R"(":[1,0]}}})");
    const auto page = bob.next("channel.sync");
    CHECK(at(page, "data.preferences.pinned") == json::value(true));
    CHECK(number_at(page, "data.preferences.preferences_rev") == 1);
}

}  // namespace
}  // namespace cariosan
