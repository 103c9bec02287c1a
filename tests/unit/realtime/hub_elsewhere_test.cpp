// Users of other nodes who are gone without an announcement: who is told, and what keeps it from being told.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "core/events/event_topics.hpp"
#include "unit/realtime/hub_world.hpp"

using namespace cariosan;
using namespace cariosan::realtime;
using namespace std::chrono_literals;

namespace {

using Ids = std::vector<UserId>;

struct CountingNodes : FakeNodes {
    bool coordinates() const override { return true; }
    void absent(std::vector<UserId> users) override { ended.insert(ended.end(), users.begin(), users.end()); }
    void present(std::vector<UserId> users) override { asked.push_back(std::move(users)); }

    Ids ended;
    std::vector<Ids> asked;
};

PresenceChanged::Change change_of(UserId user, bool online, std::vector<ChannelId> channels) {
    PresenceChanged::Change change;
    change.presence = {.user_id = user, .external_id = name_of(user), .online = online, .last_seen_at = {}};
    change.channels = std::move(channels);
    return change;
}

/// A hub beside other nodes, with Alice in the shop.
struct ElsewhereWorld : CountingNodes, World {
    ElsewhereWorld() : World(this) { join(1, kAlice, kShop); }

    /// Begins and admits a session.
    FakeSubscriber& join(SessionId id, UserId user, ChannelId channel) {
        FakeSubscriber& session = open(id, user);
        confirm();
        hub.listed(handles[id], std::vector{channel});
        confirm();
        load(id, {position(channel, 4)});
        session.take();
        return session;
    }
    void confirm() {
        std::vector<BusTopic> fresh;
        for (const BusTopic& topic : subscribed_topics) {
            if (confirmed.insert(topic.id).second) fresh.push_back(topic);
        }
        hub.subscribed(fresh);
    }
    void announce(UserId user, bool online, std::vector<ChannelId> channels = {kShop}) {
        Event event;
        event.workspace = kWorkspace;
        event.body = PresenceChanged{{change_of(user, online, std::move(channels))}};
        publish(event);
    }
    /// Lets time pass, while the coordination service answers this about everyone.
    void pass_while(Present answer, std::chrono::milliseconds time) {
        for (const auto end = now + time; now < end;) {
            pass(250ms);
            presence.wall.milliseconds += 250;
            for (const Ids& users : std::exchange(asked, {})) hub.present(users, std::vector(users.size(), answer));
            run();
        }
    }
    void answer_read(PresenceChanged::Change change) {
        REQUIRE(source.presence_asked == Ids{change.presence.user_id});
        source.presence_asked.clear();
        const UserId user = change.presence.user_id;
        hub.presence_read(user, std::move(change));
    }
    std::string shown(std::size_t session = 0) { return sessions[session]->take_offered(); }

    std::set<Uuid> confirmed;
};

constexpr auto kLease = Coordination::kLease;

}  // namespace

TEST_CASE("a user of a node that died is shown as offline, once, after at most a lease") {
    ElsewhereWorld world;
    world.announce(kBudi, true);
    world.pass_while(Present::yes, 60s);
    CHECK(world.shown() == "[12+] ");
    const Timestamp died = world.presence.wall;
    world.pass_while(Present::no, kLease);
    PresenceChanged::Change change = change_of(kBudi, false, {kShop});
    change.presence.last_seen_at = Timestamp{died.milliseconds - 3'600'000};  // an earlier visit
    world.answer_read(change);
    world.pass_while(Present::no, 2s);
    CHECK(world.shown() == "[12-] ");
    // Their last-seen time is recorded here, as nobody else does it.
    REQUIRE(world.presence.records.size() == 1);
    REQUIRE(world.presence.records[0].size() == 1);
    CHECK(world.presence.records[0][0].user == kBudi);
    CHECK(std::abs(world.presence.records[0][0].at.milliseconds - died.milliseconds) <= kLease.count());
    world.pass_while(Present::no, 10min);
    CHECK(world.shown().empty());
    CHECK(world.source.presence_asked.empty());
}

TEST_CASE("the last-seen time that a living node recorded is kept") {
    ElsewhereWorld world;
    world.announce(kBudi, true);
    world.pass_while(Present::no, kLease + 1s);
    PresenceChanged::Change change = change_of(kBudi, false, {kShop});
    change.presence.last_seen_at = Timestamp{world.presence.wall.milliseconds - 40'000};
    world.answer_read(change);
    world.pass(2s);
    CHECK(world.shown().ends_with("[12-] "));
    CHECK(world.presence.records.empty());
}

TEST_CASE("those are told who would have received the announcement") {
    ElsewhereWorld world;
    world.join(2, kCitra, kOther);
    std::vector<UserPresence> followed{{.user_id = kBudi, .external_id = "12", .online = true, .last_seen_at = {}}};
    bool told = true;
    SUBCASE("a member of a small channel") {
        world.announce(kBudi, true);
        world.pass(2s);
        CHECK(world.shown(0) == "[12+] ");
        world.pass_while(Present::no, kLease);
        world.answer_read(change_of(kBudi, false, {kShop}));
        world.pass(2s);
        CHECK(world.shown(0) == "[12-] ");
        CHECK(world.shown(1).empty());
        return;
    }
    // Their node was there before the connection; only the answer to `presence.subscribe` has shown them.
    world.hub.watch(world.handles[2], followed);
    CHECK(followed[0].online);
    world.pass_while(Present::no, kLease + 1s);
    PresenceChanged::Change change = change_of(kBudi, false, {});
    SUBCASE("who follows the user and shares a channel") { change.others = {kOther}; }
    SUBCASE("unless they share none any more") { told = false; }
    SUBCASE("unless the user has blocked them") {
        change.others = {kOther};
        change.blocked = {kCitra};
        told = false;
    }
    world.answer_read(change);
    world.pass(2s);
    CHECK(world.shown(0).empty());
    CHECK(world.shown(1) == (told ? "[12-] " : ""));
}

TEST_CASE("users that a read has shown as online are asked about, if anyone here could be told") {
    ElsewhereWorld world;
    const UserId user = kBudi;
    WorkspaceId workspace = kWorkspace;
    bool asked = true;
    SUBCASE("of a workspace with sessions here") {}
    SUBCASE("not of another one") {
        workspace.uuid.bytes[3] = 7;
        asked = false;
    }
    SUBCASE("not those who are here") {
        world.join(2, kBudi, kShop);
        asked = false;
    }
    world.hub.found_elsewhere(workspace, {&user, 1});
    world.pass(kLease);
    CHECK(world.asked.empty() != asked);
}

TEST_CASE("a user who is there again meanwhile is not shown as offline") {
    ElsewhereWorld world;
    world.announce(kBudi, true);
    world.pass_while(Present::yes, 10s);
    CHECK(world.shown() == "[12+] ");
    SUBCASE("before the second answer") {
        world.pass_while(Present::no, OnlineElsewhere::kInterval);
        world.pass_while(Present::yes, 1min);
        CHECK(world.source.presence_asked.empty());
        CHECK(world.shown().empty());
    }
    SUBCASE("announced while it is read who sees them") {
        world.pass_while(Present::no, kLease);
        world.announce(kBudi, true);
        world.answer_read(change_of(kBudi, false, {kShop}));
        world.pass_while(Present::yes, 1min);
        CHECK(world.shown() == "[12+] ");
    }
    SUBCASE("here, while it is read") {
        world.pass_while(Present::no, kLease);
        world.join(2, kBudi, kShop);
        world.answer_read(change_of(kBudi, false, {kShop}));
        world.pass_while(Present::yes, 1min);
        CHECK(world.shown() == "[12+] ");
        CHECK(world.presence.records.empty());
    }
}

TEST_CASE("nobody is shown as offline while the coordination service is away") {
    ElsewhereWorld world;
    world.announce(kBudi, true);
    world.pass_while(Present::unknown, 10min);
    CHECK(world.shown() == "[12+] ");
    CHECK(world.source.presence_asked.empty());
}

TEST_CASE("a user who was announced as offline is asked about once more") {
    ElsewhereWorld world;
    world.announce(kBudi, true);
    world.pass_while(Present::yes, 2s);
    world.announce(kBudi, false);
    world.pass_while(Present::no, OnlineElsewhere::kInterval);
    CHECK(world.shown() == "[12+] [12-] ");
    world.pass(1min);
    CHECK(world.asked.empty());
}

TEST_CASE("a user is shown as online again if the announcement that they came was overtaken by one that they left") {
    ElsewhereWorld world;
    SUBCASE("another node") {
        world.announce(kBudi, true);
        world.pass_while(Present::yes, 2s);
        world.announce(kBudi, true);
        world.announce(kBudi, false);
        world.pass_while(Present::yes, 2s);
        CHECK(world.shown() == "[12+] [12-] ");
    }
    SUBCASE("this node") {
        world.join(2, kBudi, kShop);
        world.pass_while(Present::yes, 2s);
        world.detach(2);
        world.pass_while(Present::yes, 11s);
        REQUIRE(world.ended == Ids{kBudi});
        world.announce(kBudi, true);
        world.pass_while(Present::yes, 2s);
        world.hub.absent(world.ended, {false});
        world.pass_while(Present::yes, 2s);
        CHECK(world.shown().ends_with("[12-] "));
    }
    world.pass_while(Present::yes, OnlineElsewhere::kInterval);
    world.answer_read(change_of(kBudi, false, {kShop}));
    world.pass_while(Present::yes, 2s);
    CHECK(world.shown() == "[12+] ");
    world.pass_while(Present::no, kLease);
    world.answer_read(change_of(kBudi, false, {kShop}));
    world.pass_while(Present::no, 2s);
    CHECK(world.shown() == "[12-] ");
}

TEST_CASE("a user who leaves this node and stays on another is watched over there") {
    ElsewhereWorld world;
    world.join(2, kBudi, kShop);
    world.pass_while(Present::yes, 20s);
    CHECK(world.shown() == "[12+] ");
    world.detach(2);
    world.pass_while(Present::yes, 11s);
    REQUIRE(world.ended == Ids{kBudi});
    world.hub.absent(world.ended, {true});
    // Whoever asks to follow them before this node has forgotten them learns that they are online.
    std::vector<UserPresence> followed{{.user_id = kBudi, .external_id = "12", .online = true, .last_seen_at = {}}};
    world.hub.watch(world.handles[1], followed);
    CHECK(followed[0].online);
    world.pass_while(Present::yes, 1min);
    CHECK(world.shown().empty());
    world.pass_while(Present::no, kLease);
    world.answer_read(change_of(kBudi, false, {kShop}));
    world.pass(2s);
    CHECK(world.shown() == "[12-] ");
}

TEST_CASE("a read that fails is repeated, and nothing is told about a user who no longer exists") {
    ElsewhereWorld world;
    world.announce(kBudi, true);
    world.pass_while(Present::no, kLease + 1s);
    CHECK(world.shown() == "[12+] ");
    REQUIRE(world.source.presence_asked == Ids{kBudi});
    world.source.presence_asked.clear();
    SUBCASE("fails") {
        world.hub.presence_read(kBudi, Error(ErrorCode::unavailable, "disk"));
        world.pass(1s);
        world.answer_read(change_of(kBudi, false, {kShop}));
        world.pass(2s);
        CHECK(world.shown() == "[12-] ");
    }
    SUBCASE("deleted") {
        world.hub.presence_read(kBudi, Error(ErrorCode::not_found, "no user"));
        world.pass_while(Present::no, 1min);
        CHECK(world.source.presence_asked.empty());
        CHECK(world.shown().empty());
    }
}

TEST_CASE("users of a node that only seemed dead are shown as online again") {
    ElsewhereWorld world;
    world.announce(kBudi, true);
    world.pass_while(Present::no, kLease + 1s);
    world.answer_read(change_of(kBudi, false, {kShop}));
    world.pass_while(Present::no, 1min);
    CHECK(world.shown() == "[12+] [12-] ");
    world.pass_while(Present::yes, OnlineElsewhere::kInterval);
    world.answer_read(change_of(kBudi, false, {kShop}));
    world.pass_while(Present::yes, 2s);
    CHECK(world.shown() == "[12+] ");
    world.pass_while(Present::no, kLease);
    world.answer_read(change_of(kBudi, false, {kShop}));
    world.pass_while(Present::no, 2s);
    CHECK(world.shown() == "[12-] ");
}

TEST_CASE("when a node with many users dies, a few are read at a time, and not faster than sessions are told") {
    ElsewhereWorld world;
    constexpr std::size_t kUsers = 3'000;
    for (std::size_t i = 0; i < kUsers; ++i) {
        UserId user = kBudi;
        user.uuid.bytes[14] = static_cast<std::uint8_t>(1 + i / 256);
        user.uuid.bytes[15] = static_cast<std::uint8_t>(i % 256);
        world.announce(user, true);
    }
    world.pass_while(Present::yes, 20s);
    CHECK(std::ranges::count(world.shown(), '+') == kUsers);
    world.pass_while(Present::no, kLease);
    std::size_t most = 0;
    std::size_t read = 0;
    // As fast as storage answers, and no time passes.
    const auto answer_reads = [&] {
        for (Ids asked = std::exchange(world.source.presence_asked, {}); !asked.empty();
             asked = std::exchange(world.source.presence_asked, {})) {
            most = std::max(most, asked.size());
            read += asked.size();
            for (const UserId user : asked) world.hub.presence_read(user, change_of(user, false, {kShop}));
        }
    };
    answer_reads();
    CHECK(most == RereadQueue<UserId>::kMostUnderWay);
    CHECK(read >= 1'000);
    CHECK(read < 1'000 + RereadQueue<UserId>::kMostUnderWay);
    for (int i = 0; i < 40; ++i) {
        world.pass_while(Present::no, 250ms);
        answer_reads();
    }
    world.pass(2s);
    CHECK(read == kUsers);
    CHECK(std::ranges::count(world.shown(), '-') == kUsers);
}
