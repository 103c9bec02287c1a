// Large channels: what is delivered together, what does not wait, and who is notified at once.
#include <doctest/doctest.h>

#include "unit/realtime/hub_world.hpp"

using namespace cariosan;
using namespace cariosan::realtime;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t kLarge = 1'001;
const UserId kNewcomer = user_id(14);

ChannelPosition crowd(std::int64_t rev) { return position(kShop, rev, 1, kLarge); }
Event joined(std::int64_t rev, UserId user, std::int64_t members = kLarge) {
    return members_event(kShop, rev, MembersEvent::Kind::joined, {user}, members);
}
Event left(std::int64_t rev, UserId user, std::int64_t members = kLarge) {
    return members_event(kShop, rev, MembersEvent::Kind::left, {user}, members);
}

}  // namespace

TEST_CASE("reactions and members of a large channel are delivered together within a second") {
    World world;
    FakeSubscriber& alice = world.admit(1, kAlice, {crowd(4)});
    FakeSubscriber& budi = world.admit(2, kBudi, {crowd(4)}, 1);
    world.pass(250ms);
    world.publish(reaction_event(kShop, 5));
    world.pass(500ms);
    world.publish(members_event(kShop, 6, MembersEvent::Kind::updated, {kAlice}, kLarge));
    world.pass(250ms);
    CHECK(alice.take().empty());
    world.pass(250ms);
    CHECK(alice.take() == "(4,6: 5 6 ) ");
    CHECK(budi.take() == "(4,6: 5 6 ) ");
    world.pass(5s);
    world.publish(reaction_event(kShop, 7));
    world.pass(1s);
    CHECK(alice.take() == "(6,7: 7 ) ");
}

TEST_CASE("any other event in the channel delivers them first") {
    World world;
    FakeSubscriber& alice = world.admit(1, kAlice, {crowd(4)});
    world.publish(reaction_event(kShop, 5));
    world.publish(message_event(kShop, 6, kBudi));
    CHECK(alice.take() == "(4,5: 5 ) 6 ");
    world.publish(reaction_event(kShop, 7));
    Event deleted = message_event(kShop, 8, kAlice);
    deleted.body = ChannelDeleted{};
    world.publish(deleted);
    CHECK(alice.take() == "(6,7: 7 ) 8 ");
    world.pass(5s);
    CHECK(alice.take().empty());
}

TEST_CASE("a channel of a thousand is not large") {
    World world;
    FakeSubscriber& alice = world.admit(1, kAlice, {position(kShop, 4, 1, 1'000)});
    world.publish(reaction_event(kShop, 5));
    CHECK(alice.take() == "5 ");
    world.publish(joined(6, kBudi, 1'001));
    CHECK(alice.take().empty());
    // After this member has left, the channel is no longer large, so that is delivered at once, after what was held.
    world.publish(left(7, kBudi, 1'000));
    CHECK(alice.take() == "(5,6: 6 ) 7 ");
}

TEST_CASE("an added member is notified at once, and not again") {
    World world;
    FakeSubscriber& alice = world.admit(1, kAlice, {crowd(4)});
    FakeSubscriber& budi = world.admit(2, kBudi, {});
    FakeSubscriber& dewi = world.admit(3, kNewcomer, {});
    world.publish(reaction_event(kShop, 5));
    world.publish(joined(6, kBudi));
    CHECK(budi.take() == "6 ");
    SUBCASE("if nothing came after it") {
        world.pass(1s);
        CHECK(alice.take() == "(4,6: 5 6 ) ");
        CHECK(budi.take().empty());
        world.publish(message_event(kShop, 7, kAlice));
        CHECK(budi.take() == "7 ");
    }
    SUBCASE("but with all others of what came after it") {
        world.publish(joined(7, kNewcomer));
        world.pass(1s);
        CHECK(alice.take() == "(4,7: 5 6 7 ) ");
        CHECK(budi.take() == "(4,7: 5 6 7 ) ");
        CHECK(dewi.take() == "7 ");
    }
    SUBCASE("behind a gap, it learns that from the read") {
        world.publish(joined(8, kNewcomer));
        CHECK(dewi.take().empty());
        world.hub.repaired(kShop, FeedRepair{false, 8, kLarge, {kNewcomer}, {}});
        world.run();
        CHECK(alice.take() == "(4,6: 5 6 ) resync(1,6) ");
        CHECK(dewi.take().starts_with("resync(1,0) "));
    }
}

TEST_CASE("a removed member gets only that, at once") {
    World world;
    FakeSubscriber& alice = world.admit(1, kAlice, {crowd(4)});
    FakeSubscriber& budi = world.admit(2, kBudi, {crowd(4)});
    world.publish(reaction_event(kShop, 5));
    world.publish(left(6, kBudi));
    CHECK(budi.take() == "6 ");
    world.publish(reaction_event(kShop, 7));
    world.pass(1s);
    CHECK(alice.take() == "(4,7: 5 6 7 ) ");
    CHECK(budi.take().empty());
    // The last one here.
    world.publish(left(8, kAlice));
    CHECK(alice.take() == "8 ");
    world.pass(2s);
    CHECK(alice.take().empty());
}

TEST_CASE("a removed or added member is notified after what was handed out before, even within one turn of its lane") {
    World world;
    FakeSubscriber& alice = world.admit(1, kAlice, {crowd(4)});
    FakeSubscriber& budi = world.admit(2, kBudi, {crowd(4)});
    // Both reach the lane together.
    world.hub.publish(message_event(kShop, 5, kAlice));
    world.hub.publish(left(6, kBudi));
    world.hub.publish(message_event(kShop, 7, kAlice));
    world.hub.publish(joined(8, kBudi));
    world.hub.publish(message_event(kShop, 9, kAlice));
    world.hub.publish(left(10, kBudi));
    world.hub.publish(reaction_event(kShop, 11));
    world.run();
    world.pass(1s);
    CHECK(budi.take() == "5 6 8 9 10 ");
    CHECK(alice.take() == "5* (5,6: 6 ) 7* (7,8: 8 ) 9* (9,11: 10 11 ) ");
}

TEST_CASE("a returning member gets nothing of what was held when they were removed") {
    World world;
    FakeSubscriber& alice = world.admit(1, kAlice, {crowd(4)});
    FakeSubscriber& budi = world.admit(2, kBudi, {crowd(4)}, 1);
    world.publish(reaction_event(kShop, 5));
    world.publish(left(6, kBudi));
    world.publish(reaction_event(kShop, 7));
    world.publish(joined(8, kBudi));
    world.publish(reaction_event(kShop, 9));
    world.pass(1s);
    CHECK(alice.take() == "(4,7: 5 6 7 ) (7,9: 8 9 ) ");
    CHECK(budi.take() == "6 8 (7,9: 8 9 ) ");
}

TEST_CASE("a session reading the channel learns from the read that it was removed or added") {
    World world;
    world.admit(1, kAlice, {crowd(4)});
    FakeSubscriber& budi = world.admit(2, kBudi, {crowd(4)});
    LaneHub& lane = *world.lanes[0];
    REQUIRE(lane.hold(budi, kShop));
    world.publish(left(5, kBudi));
    CHECK(budi.take().empty());
    CHECK_FALSE(lane.subscribed(budi, kShop));

    world.publish(joined(6, kBudi));
    CHECK(budi.take() == "6 ");
    REQUIRE(lane.hold(budi, kShop));
    world.publish(reaction_event(kShop, 7));
    world.pass(1s);
    CHECK(budi.take().empty());
    CHECK_FALSE(lane.release(budi, kShop, 6));
    CHECK(lane.release(budi, kShop, 7));
    world.publish(message_event(kShop, 8, kAlice));
    CHECK(budi.take() == "8 ");
}

TEST_CASE("a user who learned of their joining from a read is not notified again") {
    World world;
    world.admit(1, kAlice, {crowd(4)});
    FakeSubscriber& budi = world.admit(2, kBudi, {});
    CHECK(world.lanes[0]->release(budi, kShop, 6));  // the read was ahead of the feed
    world.publish(joined(5, kBudi));
    world.publish(reaction_event(kShop, 6));
    world.publish(message_event(kShop, 7, kAlice));
    CHECK(budi.take() == "7 ");
}

TEST_CASE("the amount held is bounded") {
    World world;
    FakeSubscriber& alice = world.admit(1, kAlice, {crowd(0)});
    for (std::int64_t rev = 1; rev < 100; ++rev) world.publish(reaction_event(kShop, rev));
    CHECK(alice.take().empty());
    world.publish(reaction_event(kShop, 100));
    CHECK(alice.take().starts_with("(0,100: 1 2 3 "));
    world.publish(reaction_event(kShop, 101));
    world.pass(1s);
    CHECK(alice.take() == "(100,101: 101 ) ");
}

TEST_CASE("a session that subscribes while something is held gets all of it") {
    World world;
    FakeSubscriber& alice = world.admit(1, kAlice, {crowd(4)});
    world.publish(reaction_event(kShop, 5));
    FakeSubscriber& budi = world.admit(2, kBudi, {crowd(5)});
    world.publish(reaction_event(kShop, 6));
    world.pass(1s);
    CHECK(budi.take() == "(4,6: 5 6 ) ");
    CHECK(alice.take() == "(4,6: 5 6 ) ");
}

TEST_CASE("events from when nobody was subscribed are not covered later") {
    World world;
    world.admit(1, kAlice, {crowd(4)});
    world.publish(reaction_event(kShop, 5));
    world.detach(1);
    world.publish(reaction_event(kShop, 6));
    FakeSubscriber& again = world.admit(2, kAlice, {crowd(6)}, 1);
    world.publish(reaction_event(kShop, 7));
    world.pass(1s);
    CHECK(again.take() == "(6,7: 7 ) ");
}

TEST_CASE("a user who blocked somebody gets a frame of their own, with what they may see") {
    World world;
    FakeSubscriber& alice = world.admit(1, kAlice, {crowd(4)});
    FakeSubscriber& budi = world.admit(2, kBudi, {crowd(4)});
    world.publish(reaction_event(kShop, 5));
    world.reread(kAlice, {{crowd(5)}, {.rev = 1, .users = {kNewcomer}}});
    CHECK(budi.take() == "(4,5: 5 ) ");  // what came before the block is delivered before it
    CHECK(alice.take().starts_with("(4,5: 5 ) "));
    Event reaction = reaction_event(kShop, 6);
    std::get<ReactionChanged>(reaction.body).user_id = kNewcomer;
    world.publish(reaction);
    world.publish(reaction_event(kShop, 7));
    world.pass(1s);
    CHECK(budi.take() == "(5,7: 6 7 ) ");
    CHECK(alice.take() == "(5,7: 6u 7 ) ");
}
