#include "realtime/presence.hpp"

#include <doctest/doctest.h>

#include <random>
#include <set>

#include "unit/realtime/fakes.hpp"

using namespace cariosan;
using namespace cariosan::realtime;
using namespace std::chrono_literals;

namespace {

/// A tracker and its notifications as text: "11+" online, "11-" offline.
struct Tracked {
    FakePresenceStore store;
    PresenceTracker tracker{store, true};
    std::chrono::milliseconds now{1'000'000};

    void come(UserId user) { tracker.connected(user, std::to_string(user.uuid.bytes[15])); }
    void go(UserId user) { tracker.disconnected(user, now); }
    void wait(std::chrono::milliseconds time) {
        now += time;
        store.wall.milliseconds += time.count();
        tracker.tick(now);
    }
    std::string reports() {
        std::string text;
        if (!tracker.begin_delivery(now)) return "nothing";
        while (const auto change = tracker.next()) {
            if (!change->is_news) continue;
            text += change->presence.external_id + (change->presence.online ? "+ " : "- ");
        }
        return text;
    }
};

}  // namespace

TEST_CASE("a user coming online is reported at once, then again after two seconds at the earliest") {
    Tracked world;
    world.come(kAlice);
    CHECK(world.reports() == "11+ ");
    world.come(kBudi);
    world.wait(1'999ms);
    CHECK(world.reports() == "nothing");
    world.wait(1ms);
    CHECK(world.reports() == "12+ ");
    CHECK(world.reports() == "nothing");
}

TEST_CASE("a user back within ten seconds was never away") {
    Tracked world;
    world.come(kAlice);
    CHECK(world.reports() == "11+ ");
    world.go(kAlice);
    world.wait(9'999ms);
    world.tracker.reconnected(kAlice);
    world.come(kAlice);
    world.wait(60s);
    CHECK(world.reports() == "nothing");
    CHECK(world.store.records.empty());
    CHECK(world.store.shown[kAlice].online);

    // The time counts from the last disconnect.
    world.go(kAlice);
    world.wait(5s);
    world.come(kAlice);
    world.go(kAlice);
    world.wait(9'999ms);
    CHECK(world.reports() == "nothing");
    world.wait(1ms);
    CHECK(world.reports() == "11- ");
    CHECK_FALSE(world.tracker.knows(kAlice));
}

TEST_CASE("a user whose node died is last seen when the node was last known to have them, unless it recorded that itself") {
    Tracked world;
    const auto ago = [&](std::chrono::seconds time) { return Timestamp{world.store.wall.milliseconds - std::chrono::milliseconds(time).count()}; };
    CHECK(world.tracker.lost(kAlice, std::nullopt, 20s) == ago(20s));
    CHECK(world.tracker.lost(kBudi, ago(51s), 20s) == ago(20s));
    CHECK(world.tracker.lost(kCitra, ago(50s), 20s) == ago(50s));
    const Timestamp heard_of = ago(20s);
    world.wait(1s);
    REQUIRE(world.store.records.size() == 1);
    REQUIRE(world.store.records[0].size() == 2);
    CHECK(world.store.records[0][0].user == kAlice);
    CHECK(world.store.records[0][1].user == kBudi);
    for (const LastSeen& each : world.store.records[0]) CHECK(each.at == heard_of);
}

TEST_CASE("the last-seen time is when the last connection closed, and is recorded") {
    Tracked world;
    world.come(kAlice);
    const Timestamp gone = world.store.wall;
    world.go(kAlice);
    world.wait(9'999ms);
    CHECK(world.store.records.empty());
    CHECK(world.tracker.present({.user_id = kAlice}).online);
    world.wait(1ms);
    REQUIRE(world.store.records.size() == 1);
    REQUIRE(world.store.records[0].size() == 1);
    CHECK(world.store.records[0][0].user == kAlice);
    CHECK(world.store.records[0][0].at == gone);
    CHECK(world.store.shown[kAlice].last_seen == gone);
    const UserPresence present = world.tracker.present({.user_id = kAlice});
    CHECK_FALSE(present.online);
    CHECK(present.last_seen_at == gone);
}

TEST_CASE("only the latest state is reported, and only if it differs") {
    Tracked world;
    world.come(kBudi);
    CHECK(world.reports() == "12+ ");
    world.come(kAlice);
    world.go(kAlice);
    world.wait(10s);
    CHECK(world.reports().empty());
    CHECK_FALSE(world.tracker.knows(kAlice));
    CHECK(world.store.records.size() == 1);

    world.go(kBudi);
    world.wait(10s);
    world.come(kBudi);
    CHECK(world.reports().empty());
    CHECK(world.tracker.knows(kBudi));
    CHECK(world.store.shown[kBudi].online);
}

TEST_CASE("users who left are recorded together, a thousand at a time, once a second") {
    Tracked world;
    const auto user = [](int i) {
        UserId id = kAlice;
        id.uuid.bytes[13] = static_cast<std::uint8_t>(i / 256);
        id.uuid.bytes[14] = static_cast<std::uint8_t>(i % 256);
        return id;
    };
    for (int i = 0; i < 1'500; ++i) world.come(user(i));
    for (int i = 0; i < 1'500; ++i) world.go(user(i));
    world.wait(10s);
    REQUIRE(world.store.records.size() == 1);
    CHECK(world.store.records[0].size() == 1'000);
    world.wait(999ms);
    CHECK(world.store.records.size() == 1);
    world.wait(1ms);
    REQUIRE(world.store.records.size() == 2);
    CHECK(world.store.records[1].size() == 500);

    world.tracker.not_recorded(world.store.records[1]);
    world.wait(1s);
    REQUIRE(world.store.records.size() == 3);
    CHECK(world.store.records[2].size() == 500);
    world.wait(10s);
    CHECK(world.store.records.size() == 3);
}

TEST_CASE("at the end, last-seen is now for everyone online, or when they left") {
    Tracked world;
    world.come(kAlice);
    world.come(kBudi);
    const Timestamp went = world.store.wall;
    world.go(kBudi);
    world.wait(3s);
    world.tracker.close();
    REQUIRE(world.store.records.size() == 1);
    REQUIRE(world.store.records[0].size() == 2);
    for (const LastSeen& each : world.store.records[0]) CHECK(each.at == (each.user == kBudi ? went : world.store.wall));
    CHECK_FALSE(world.store.shown[kAlice].online);
    world.tracker.close();
    CHECK(world.store.records.size() == 1);
}

TEST_CASE("stored states just read are brought up to date") {
    Tracked world;
    world.come(kAlice);
    const UserPresence online = world.tracker.present({.user_id = kAlice, .last_seen_at = Timestamp{5}});
    CHECK(online.online);
    CHECK_FALSE(online.last_seen_at);
    const UserPresence stored = world.tracker.present({.user_id = kBudi, .last_seen_at = Timestamp{5}});
    CHECK_FALSE(stored.online);
    CHECK(stored.last_seen_at == Timestamp{5});
    const UserPresence gone = world.tracker.present({.user_id = kBudi, .online = true});
    CHECK_FALSE(gone.online);
    CHECK(gone.last_seen_at == world.store.wall);
}

TEST_CASE("connections subscribe to users until they or the connection end it") {
    PresenceWatchers watchers;
    const SessionHandleRef one = handle_of(1, kAlice);
    const SessionHandleRef two = handle_of(2, kAlice);
    watchers.add(one, kBudi);
    watchers.add(one, kBudi);
    watchers.add(two, kBudi);
    watchers.add(two, user_id(13));
    CHECK(watchers.of(kBudi).size() == 2);
    watchers.remove(*one, kBudi);
    watchers.remove(*one, kBudi);
    REQUIRE(watchers.of(kBudi).size() == 1);
    CHECK(watchers.of(kBudi)[0] == two);
    watchers.remove(*two);
    CHECK(watchers.of(kBudi).empty());
    CHECK(watchers.of(user_id(13)).empty());
}

TEST_CASE("subscriptions stay correct while many come and go") {
    std::mt19937 random(11);  // NOLINT: the same every time
    PresenceWatchers watchers;
    std::vector<SessionHandleRef> sessions;
    for (SessionId id = 1; id <= 30; ++id) sessions.push_back(handle_of(id, kAlice));
    std::set<std::pair<UserId, SessionId>> model;
    for (int step = 0; step < 3'000; ++step) {
        const SessionHandleRef& session = sessions[random() % sessions.size()];
        const UserId user = user_id(static_cast<std::uint8_t>(random() % 6));
        if (random() % 10 == 0) {
            watchers.remove(*session);
            std::erase_if(model, [&](const auto& each) { return each.second == session->id; });
        } else if (random() % 3 == 0) {
            watchers.remove(*session, user);
            model.erase({user, session->id});
        } else {
            watchers.add(session, user);
            model.emplace(user, session->id);
        }
        std::set<std::pair<UserId, SessionId>> found;
        for (std::uint8_t i = 0; i < 6; ++i) {
            for (const SessionHandleRef& each : watchers.of(user_id(i))) CHECK(found.emplace(user_id(i), each->id).second);
        }
        REQUIRE(found == model);
    }
}
