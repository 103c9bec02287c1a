// The count of all unread messages, which several kinds of frame carry: the last one that a client got is the right one.
#include <doctest/doctest.h>

#include "protocol/lane.hpp"
#include "realtime/subscriber.hpp"
#include "unit/protocol/session_shop.hpp"

namespace cariosan {
namespace {

using namespace test;

SessionShop::Options with(std::shared_ptr<HeldCount> held) {
    SessionShop::Options options;
    options.held_count = std::move(held);
    return options;
}

/// Bob has one unread message in "order_1".
struct UnreadShop : SessionShop {
    explicit UnreadShop(std::shared_ptr<HeldCount> with_held = std::make_shared<HeldCount>())
        : SessionShop(with(with_held)), held(std::move(with_held)) {
        send("alice", "unread");
        bob = std::make_unique<TestClient>(*this, "bob");
        bob->next("connection.ready");
        order = *ChannelId::parse(channel_id("order_1"));
        make_group("order_2", {"alice", "bob"});
        bob->next("channel.created");
    }
    /// With a channel, the total is read together with its changes.
    std::string sync(bool with_channel) {
        const std::string channels = with_channel ? "\"" + channel_id("order_2") + "\":[0,0]" : "";
        return R"({"type":"sync","id":"s","data":{"epoch":")" + engine().epoch() + R"(","channels":{)" + channels + "}}}";
    }
    void ask_unread() { subscriber().unread_moved(order); }
    void change_preferences() { subscriber().preferences_changed(order, {.pinned = true, .preferences_rev = 1}); }
    realtime::Subscriber& subscriber() { return dynamic_cast<realtime::Subscriber&>(bob->session()); }
    void at_lane(realtime::LaneTask task) {
        std::vector<realtime::LaneTask> tasks;
        tasks.push_back(std::move(task));
        dynamic_cast<protocol::LaneImpl&>(lane()).queue()->push(tasks);
        lane().run();
    }
    /// Everything that was begun before, and can end while one read is held back, has ended and reached the client.
    void pass_by() {
        for (int i = 0; i < 20; ++i) REQUIRE(user("alice", "GET", "/v1/me").status == 200);
    }
    /// The totals that the client got since, in order, with the last one.
    std::vector<std::int64_t> totals_until(std::string_view last) {
        std::vector<std::int64_t> totals;
        for (;;) {
            const json::value frame = bob->next();
            if (const std::int64_t total = number_at(frame, "data.unread_total"); total >= 0) totals.push_back(total);
            if (text_at(frame, "type") == last) return totals;
        }
    }

    std::shared_ptr<HeldCount> held;
    std::unique_ptr<TestClient> bob;
    ChannelId order;
};

TEST_CASE_FIXTURE(UnreadShop, "a count that was read earlier is not sent after one that was read later") {
    std::string last;
    held->hold_next();
    SUBCASE("unread, then preferences") {
        ask_unread();
        last = "channel.preferences";
    }
    SUBCASE("unread, then the end of a sync without a channel") {
        ask_unread();
        last = "sync.done";
    }
    SUBCASE("unread, then the end of a sync with a channel") {
        ask_unread();
        last = "sync.done with a channel";
    }
    SUBCASE("preferences, then unread") {
        change_preferences();
        last = "unread";
    }
    SUBCASE("the end of a sync without a channel, then unread") {
        bob->send(sync(false));
        last = "unread";
    }
    SUBCASE("the end of a sync with a channel, then preferences") {
        bob->send(sync(true));
        last = "channel.preferences";
    }
    held->wait_until_held();
    // It was counted before this, which needs no reader: the one that is held might be its.
    send("alice", "another");
    if (last == "channel.preferences") change_preferences();
    if (last == "unread") ask_unread();
    if (last.starts_with("sync.done")) bob->send(sync(last != "sync.done"));
    pass_by();
    held->let_go();
    CHECK(totals_until(last.substr(0, last.find(' '))) == std::vector<std::int64_t>{1, 2});
}

TEST_CASE_FIXTURE(SessionShop, "whoever leaves a channel is told the count without it") {
    make_group("order_2", {"alice", "bob"});
    for (const char* channel : {"order_1", "order_2", "order_2"}) send("alice", "unread", channel);
    TestClient bob(*this, "bob");
    CHECK(number_at(bob.next("connection.ready"), "data.unread_total") == 3);
    const std::string channel = channel_id("order_2");
    const char* ending = "member.left";
    SUBCASE("by being removed") { CHECK(backend("DELETE", "/v1/channels/order_2/members/bob").status == 200); }
    SUBCASE("by leaving") { CHECK(user("bob", "DELETE", "/v1/me/channels/order_2").status == 204); }
    SUBCASE("by its deletion") {
        CHECK(backend("DELETE", "/v1/channels/order_2").status == 204);
        ending = "channel.deleted";
    }
    bob.next(ending);
    lane().tick();
    const json::value unread = bob.next("unread");
    CHECK(text_at(unread, "data.channel_id") == channel);
    CHECK(number_at(unread, "data.unread_count") == 0);
    CHECK(number_at(unread, "data.mention_count") == 0);
    CHECK(number_at(unread, "data.unread_total") == 1);
}

TEST_CASE_FIXTURE(UnreadShop, "counts that were read with another membership than the client knows are read again") {
    const UserId user = *UserId::parse(user_id("bob"));
    at_lane(realtime::UnsubscribeUser{user, order, false});
    lane().tick();
    pass_by();
    CHECK(bob->types_until_pong().empty());
    at_lane(realtime::SubscribeUser{user, order, false});
    lane().tick();
    const json::value unread = bob->next("unread");
    CHECK(number_at(unread, "data.unread_count") == 1);
    CHECK(number_at(unread, "data.unread_total") == 1);
}

TEST_CASE_FIXTURE(UnreadShop, "preferences that were sent without the count are followed by it") {
    constexpr int kTooMany = 65;
    for (int i = 1; i <= kTooMany; ++i) subscriber().preferences_changed(order, {.preferences_rev = i});
    for (int i = 1; i <= kTooMany; ++i) CHECK(number_at(bob->next("channel.preferences"), "data.unread_total") == -1);
    lane().tick();
    CHECK(number_at(bob->next("unread"), "data.unread_total") == 1);
}

}  // namespace
}  // namespace cariosan
