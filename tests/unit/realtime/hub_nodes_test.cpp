// A hub that shares its storage with other nodes: in which order it subscribes, reads and admits, and how it handles events
// that overtake each other.
#include <doctest/doctest.h>

#include <algorithm>

#include "core/events/event_topics.hpp"
#include "unit/realtime/hub_world.hpp"

using namespace cariosan;
using namespace cariosan::realtime;
using namespace std::chrono_literals;

namespace {

struct NodeWorld : FakeNodes, World {
    NodeWorld() : World(this) {}

    void stand(const BusTopic& topic) {
        REQUIRE(std::ranges::find(subscribed_topics, topic) != subscribed_topics.end());
        hub.subscribed({&topic, 1});
        run();
    }
    bool subscribes_to(const BusTopic& topic) const { return std::ranges::find(subscribed_topics, topic) != subscribed_topics.end(); }
    void list(SessionId id, std::vector<ChannelId> channels) {
        hub.listed(handles[id], std::move(channels));
        run();
    }
    /// Begins a session of the user, up to the point where storage is read for it.
    FakeSubscriber& open_and_stand(SessionId id, UserId user, const std::vector<ChannelId>& channels) {
        FakeSubscriber& session = open(id, user);
        for (const BusTopic& topic : {core::topic_of(user), core::topic_of(kWorkspace)}) stand(topic);
        list(id, channels);
        for (const ChannelId channel : channels) stand(core::topic_of(channel));
        REQUIRE(source.loads.size() == 1);
        return session;
    }
    FakeSubscriber& admit_at(std::int64_t rev) {
        FakeSubscriber& session = open_and_stand(1, kAlice, {kShop});
        load(1, {position(kShop, rev)});
        CHECK(session.take() == "ready(e) ");
        return session;
    }
    void pass_a_moment(std::chrono::milliseconds time) {
        now += time;
        hub.advance(now);
        run();
    }
};

Event by_other(std::int64_t rev) { return message_event(kShop, rev, kBudi); }

}  // namespace

TEST_CASE("storage is read for a session only when all of its subscriptions are active") {
    NodeWorld world;
    FakeSubscriber& session = world.open(1, kAlice);
    CHECK(world.source.lists.size() == 1);
    world.stand(core::topic_of(kAlice));
    world.list(1, {kShop, kOther});
    world.stand(core::topic_of(kOther));
    world.stand(core::topic_of(kShop));
    CHECK(world.source.loads.empty());
    world.stand(core::topic_of(kWorkspace));
    REQUIRE(world.source.loads.size() == 1);
    world.load(1, {position(kShop, 5), position(kOther, 7)});
    CHECK(session.take() == "ready(e) ");
    world.publish(by_other(6));
    CHECK(session.take() == "6 ");
    CHECK(world.source.repairs.empty());
    CHECK(world.source.rereads.empty());
}

TEST_CASE("what another node commits while a session starts is received or read, at any time, and nothing is read twice") {
    // Event 6 is committed in each phase in turn. Before the channel's subscription is active, nobody receives it.
    enum class Gap : std::uint8_t { before_listing, before_standing, before_reading, before_answer, after };
    for (const Gap gap : {Gap::before_listing, Gap::before_standing, Gap::before_reading, Gap::before_answer, Gap::after}) {
        CAPTURE(static_cast<int>(gap));
        NodeWorld world;
        std::int64_t stored = 5;
        const auto commit_in = [&](Gap now) {
            if (gap != now) return;
            stored = 6;
            if (now >= Gap::before_reading) world.publish(by_other(6));
        };
        FakeSubscriber& session = world.open(1, kAlice);
        world.stand(core::topic_of(kAlice));
        world.stand(core::topic_of(kWorkspace));
        commit_in(Gap::before_listing);
        world.list(1, {kShop});
        commit_in(Gap::before_standing);
        world.stand(core::topic_of(kShop));
        commit_in(Gap::before_reading);
        REQUIRE(world.source.loads.size() == 1);
        const std::int64_t read = stored;
        commit_in(Gap::before_answer);
        world.load(1, {position(kShop, read)});
        commit_in(Gap::after);
        // A ready client reads up to where the session's feed begins, and receives the rest live.
        world.publish(by_other(7));
        world.pass(1s);
        if (world.source.repairs.size() == 1) {
            CHECK(gap == Gap::before_answer);  // received before anybody was subscribed: the gap shows it
            CHECK(world.source.repairs[0].second == 5);
            world.hub.repaired(kShop, FeedRepair{.rev = 7});
            world.run();
            CHECK(session.take() == "ready(e) resync(1,5) ");
        } else {
            CHECK(world.source.repairs.empty());
            CHECK(session.take() == (gap == Gap::after ? "ready(e) 6 7 " : "ready(e) 7 "));
        }
    }
}

TEST_CASE("if a topic is resubscribed while a session's storage is read, its channel is compared again") {
    NodeWorld world;
    FakeSubscriber& session = world.open_and_stand(1, kAlice, {kShop});
    world.stand(core::topic_of(kShop));
    CHECK(world.source.repairs.empty());
    world.load(1, {position(kShop, 5)});
    REQUIRE(world.source.repairs.size() == 1);
    world.hub.repaired(kShop, FeedRepair{.rev = 6});
    world.run();
    CHECK(session.take() == "ready(e) resync(1,5) ");
}

TEST_CASE("a bus that does not answer delays a session by a second, and later subscriptions are compared with storage") {
    NodeWorld world;
    FakeSubscriber& session = world.open(1, kAlice);
    world.list(1, {kShop});
    world.pass(750ms);
    CHECK(world.source.loads.empty());
    world.pass(250ms);
    REQUIRE(world.source.loads.size() == 1);
    world.pass(2s);
    CHECK(world.source.loads.size() == 1);
    world.load(1, {position(kShop, 5)});
    CHECK(session.take() == "ready(e) ");
    CHECK(world.source.repairs.empty());
    world.stand(core::topic_of(kShop));
    CHECK(world.source.repairs.size() == 1);
    world.stand(core::topic_of(kAlice));
    CHECK(world.source.rereads.size() == 1);
}

TEST_CASE("if a workspace is resubscribed, its users are read again, because they may have been deleted") {
    NodeWorld world;
    world.admit_at(5);
    CHECK(world.source.rereads.empty());
    world.stand(core::topic_of(kWorkspace));
    REQUIRE(world.source.rereads.size() == 1);
    world.hub.reread(kAlice, Error(ErrorCode::not_found, "no user"));
    world.run();
    CHECK(world.sessions[0]->take() == "end(4403) ");
}

TEST_CASE("a session that ends while it starts leaves nothing behind") {
    NodeWorld world;
    world.open(1, kAlice);
    world.list(1, {kShop});
    CHECK(world.subscribed_topics.size() == 3);
    world.detach(1);
    CHECK(world.subscribed_topics.empty());
    world.pass(2s);
    CHECK(world.source.loads.empty());
    // So does one that fails.
    FakeSubscriber& session = world.open_and_stand(2, kAlice, {kShop});
    world.hub.loaded(world.handles[2], Error(ErrorCode::unavailable, "disk"));
    world.run();
    CHECK_FALSE(world.subscribes_to(core::topic_of(kShop)));
    world.detach(2);
    CHECK(world.subscribed_topics.empty());
    CHECK(session.take() == "end(1013) ");
}

TEST_CASE("events that overtake each other are put in order without a read") {
    NodeWorld world;
    FakeSubscriber& session = world.admit_at(5);
    for (const std::int64_t rev : {8, 7, 8, 10}) world.publish(by_other(rev));
    CHECK(session.take().empty());
    world.publish(by_other(6));
    CHECK(session.take() == "6 7 8 ");
    world.pass_a_moment(EarlyEvents::kPatience - 1ms);
    world.publish(by_other(9));
    CHECK(session.take() == "9 10 ");
    world.pass_a_moment(EarlyEvents::kPatience);
    CHECK(world.source.repairs.empty());
    CHECK(world.counters.feed_gaps == 0);
    CHECK(world.counters.events_early == 4);
}

TEST_CASE("what stays missing is read after a moment, once") {
    NodeWorld world;
    FakeSubscriber& session = world.admit_at(5);
    world.publish(by_other(7));
    world.publish(by_other(8));
    world.pass_a_moment(EarlyEvents::kPatience - 1ms);
    CHECK(world.source.repairs.empty());
    world.pass_a_moment(1ms);
    REQUIRE(world.source.repairs.size() == 1);
    CHECK(world.source.repairs[0].second == 5);
    world.publish(by_other(9));
    world.hub.repaired(kShop, FeedRepair{.rev = 8});
    world.run();
    CHECK(session.take() == "resync(1,5) ");
    world.publish(by_other(10));
    CHECK(session.take() == "10 ");
    CHECK(world.counters.feed_gaps == 1);
    CHECK_FALSE(world.hub.waits_for_earlier());
}

TEST_CASE("a limited number of events per channel wait for an earlier one") {
    NodeWorld world;
    world.admit_at(5);
    const auto most = static_cast<std::int64_t>(EarlyEvents::kMostOfChannel);
    for (std::int64_t i = 0; i < most; ++i) world.publish(by_other(7 + i));
    CHECK(world.source.repairs.empty());
    world.publish(by_other(7 + most));
    CHECK(world.source.repairs.size() == 1);
    CHECK_FALSE(world.hub.waits_for_earlier());
}

TEST_CASE("a limited number of events in all channels wait") {
    EarlyEvents early;
    std::size_t kept = 0;
    for (std::uint8_t channel = 0; channel < 100; ++channel) {
        for (std::int64_t rev = 1; rev <= 60; ++rev) {
            if (early.keep(message_event(channel_id(channel), rev, kBudi), 0ms)) ++kept;
        }
    }
    CHECK(kept == EarlyEvents::kMost);
    // When their time is over, they make room.
    CHECK_FALSE(early.next_overdue(EarlyEvents::kPatience - 1ms));
    std::size_t channels = 0;
    while (const auto channel = early.next_overdue(EarlyEvents::kPatience)) {
        CHECK_FALSE(early.take_all(*channel).empty());
        ++channels;
    }
    CHECK(channels == 69);
    CHECK(early.empty());
    CHECK(early.keep(by_other(1), 60ms));
}

TEST_CASE("a user who joins by a waiting event is not forgotten when the channel is dropped") {
    NodeWorld world;
    FakeSubscriber& alice = world.admit_at(5);
    world.open(2, kBudi);
    world.stand(core::topic_of(kBudi));
    world.list(2, {});
    world.load(2, {});
    world.publish(members_event(kShop, 8, MembersEvent::Kind::joined, {kBudi}));
    world.publish(members_event(kShop, 6, MembersEvent::Kind::left, {kAlice}));
    CHECK(alice.take() == "6 ");
    CHECK_FALSE(world.hub.waits_for_earlier());
    world.pass(1s);
    CHECK(world.source.rereads == std::vector{kBudi});
}

TEST_CASE("with one node, an event behind a gap does not wait") {
    World world;
    world.admit(1, kAlice, {position(kShop, 5)});
    world.publish(by_other(7));
    CHECK(world.source.repairs.size() == 1);
    CHECK(world.source.lists.empty());
}
