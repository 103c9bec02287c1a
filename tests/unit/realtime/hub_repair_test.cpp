// Lost events: what is read again, how often, and what sessions learn from it.
#include <doctest/doctest.h>

#include <algorithm>

#include "unit/realtime/hub_world.hpp"

using namespace cariosan;
using namespace cariosan::realtime;
using namespace std::chrono_literals;

using Kind = MembersEvent::Kind;

namespace {

core::Loss everything() { return {.all = true}; }
core::Loss of_channel(ChannelId channel) { return {.channels = {{kWorkspace, channel}}}; }
core::Loss of_user(UserId user) { return {.users = {user}}; }

Event channel_created(ChannelId channel, std::vector<UserId> users) {
    Event event = members_event(channel, 1, Kind::joined, {});
    ChannelCreated body;
    for (const UserId user : users) {
        body.members.emplace_back();
        body.members.back().user.id = user;
    }
    body.channel.member_count = static_cast<std::int64_t>(users.size());
    event.body = std::move(body);
    return event;
}

Event receipt_of(UserId user, std::int64_t seq, std::int64_t receipt_rev) {
    Event event = receipt_event(kShop, user, seq);
    std::get<ReceiptMoved>(event.body).receipt.receipt_rev = receipt_rev;
    return event;
}

}  // namespace

// Channels.

TEST_CASE("receipts that may have been lost are read and sent again, from the last before which none is missing") {
    World world;
    FakeSubscriber& alice = world.admit(1, kAlice, {position(kShop, 4)});
    const auto lose = [&] {
        world.hub.lost(of_channel(kShop));
        world.pass(1s);
    };
    const auto answer = [&](std::vector<Receipt> receipts, std::int64_t receipt_rev) {
        world.hub.repaired(kShop, FeedRepair{.rev = 4, .member_count = 2, .receipts = std::move(receipts), .receipt_rev = receipt_rev});
        world.run();
    };
    using Since = std::vector<std::optional<std::int64_t>>;

    lose();
    REQUIRE(world.source.receipts_since == Since{0});
    alice.take();
    SUBCASE("each position is sent, and what came meanwhile counts") {
        answer({{.user_id = kBudi, .last_read_seq = 2, .last_delivered_seq = 2, .receipt_rev = 6},
                {.user_id = kAlice, .last_read_seq = 3, .last_delivered_seq = 4, .receipt_rev = 7}},
               9);
        CHECK(alice.take() == "r2 r3 r3 ");
        world.publish(receipt_of(kBudi, 4, 10));
        world.publish(receipt_of(kBudi, 6, 12));
        world.publish(receipt_of(kBudi, 5, 11));
        lose();
        CHECK(world.source.receipts_since == Since{0, 11});
    }
    SUBCASE("a read that failed is repeated with them") {
        world.hub.repaired(kShop, Error(ErrorCode::unavailable, "disk"));
        world.pass(1s);
        CHECK(world.source.receipts_since == Since{0, 0});
    }
    SUBCASE("a loss during the read asks for them once more") {
        world.hub.lost(of_channel(kShop));
        answer({}, 9);
        world.pass(1s);
        CHECK(world.source.receipts_since == Since{0, 9});
    }
    SUBCASE("an event that is missing alone does not") {
        answer({}, 9);
        world.publish(message_event(kShop, 6, kBudi));
        CHECK(world.source.receipts_since == Since{0, std::nullopt});
    }
}

TEST_CASE("a loss in a quiet channel costs one read, and a second loss during it one more") {
    World world;
    FakeSubscriber& alice = world.admit(1, kAlice, {position(kShop, 4)});
    const auto answer = [&] {
        world.hub.repaired(kShop, FeedRepair{false, 4, 2, {}, {}});
        world.run();
    };
    world.hub.lost(everything());
    REQUIRE(world.source.repairs.size() == 1);
    SUBCASE("one") {
        answer();
        world.pass(60s);
        CHECK(world.source.repairs.size() == 1);
    }
    SUBCASE("more during it") {
        world.hub.lost(everything());
        world.hub.lost(of_channel(kShop));
        CHECK(world.source.repairs.size() == 1);
        answer();
        world.pass(1s);
        REQUIRE(world.source.repairs.size() == 2);
        answer();
        world.pass(60s);
        CHECK(world.source.repairs.size() == 2);
    }
    CHECK(alice.take().empty());
    world.publish(message_event(kShop, 5, kBudi));
    CHECK(alice.take() == "5 ");
}

TEST_CASE("a read that began before a loss does not cover it") {
    World world;
    FakeSubscriber& alice = world.admit(1, kAlice, {position(kShop, 4)});
    world.hub.lost(everything());
    world.hub.lost(of_channel(kShop));  // revision 6, which the current read does not contain
    world.hub.repaired(kShop, FeedRepair{false, 5, 2, {}, {}});
    world.run();
    CHECK(alice.take() == "resync(1,4) ");
    world.pass(1s);
    REQUIRE(world.source.repairs.size() == 2);
    CHECK(world.source.repairs.back().second == 5);
    world.hub.repaired(kShop, FeedRepair{false, 6, 2, {}, {}});
    world.run();
    CHECK(alice.take() == "resync(1,5) ");
}

TEST_CASE("events continue while a channel is compared, and a session that missed nothing is not disturbed") {
    World world;
    FakeSubscriber& alice = world.admit(1, kAlice, {position(kShop, 4)});
    world.hub.lost(everything());
    world.publish(message_event(kShop, 5, kBudi));
    CHECK(alice.take() == "5 ");
    world.hub.repaired(kShop, FeedRepair{false, 5, 2, {}, {}});
    world.publish(message_event(kShop, 6, kBudi));
    CHECK(alice.take() == "6 ");
}

TEST_CASE("a loss concerns only the channels and users that it names") {
    World world;
    world.admit(1, kAlice, {position(kShop, 4), position(kOther, 4)});
    world.admit(2, kBudi, {position(kOther, 4)});
    world.hub.lost(of_channel(kOther));
    CHECK(world.source.repairs == std::vector<std::pair<ChannelId, std::int64_t>>{{kOther, 4}});
    CHECK(world.source.rereads.empty());
    world.hub.lost(of_user(kBudi));
    CHECK(world.source.rereads == std::vector{kBudi});
    world.hub.lost({.channels = {{kWorkspace, channel_id(9)}}, .users = {user_id(99)}});
    CHECK(world.source.repairs.size() == 1);
    CHECK(world.source.rereads.size() == 1);
}

TEST_CASE("after a large loss, a few reads run at a time, and each channel and user is read once") {
    World world;
    std::vector<ChannelPosition> positions;
    for (std::uint8_t i = 1; i <= 100; ++i) positions.push_back(position(channel_id(i), 1));
    world.admit(1, kAlice, positions);
    for (std::uint8_t i = 20; i < 120; ++i) world.admit(i, user_id(i), {});
    world.hub.lost(everything());
    CHECK(world.source.repairs.size() == RereadQueue<ChannelId>::kMostUnderWay);
    CHECK(world.source.rereads.size() == RereadQueue<UserId>::kMostUnderWay);
    for (std::size_t i = 0; i < 100; ++i) {
        REQUIRE(world.source.repairs.size() > i);
        world.hub.repaired(world.source.repairs[i].first, FeedRepair{false, 1, 2, {}, {}});
    }
    CHECK(world.source.repairs.size() == 100);
    for (std::size_t i = 0; i < 101; ++i) {
        REQUIRE(world.source.rereads.size() > i);
        const UserId user = world.source.rereads[i];
        world.hub.reread(user, UserState{user == kAlice ? positions : std::vector<ChannelPosition>{}, {}});
    }
    CHECK(world.source.rereads.size() == 101);
    world.pass(60s);
    CHECK(world.source.repairs.size() == 100);
    CHECK(world.source.rereads.size() == 101);
}

// Users.

TEST_CASE("a user whose joining was lost gets the channel's events from then on, and reads what it missed") {
    World world;
    FakeSubscriber& alice = world.admit(1, kAlice, {position(kShop, 4)}, 0);
    FakeSubscriber& phone = world.admit(2, kAlice, {position(kShop, 4)}, 1);
    world.hub.lost(everything());
    REQUIRE(world.source.rereads == std::vector{kAlice});
    world.hub.reread(kAlice, UserState{{position(kShop, 4), position(kOther, 7, 2)}, {}});
    world.run();
    for (FakeSubscriber* session : {&alice, &phone}) {
        CHECK(session->take() == "resync(2,0) ");
        CHECK(session->changes == std::vector<std::pair<int, bool>>{{2, true}});
    }
    world.publish(message_event(kOther, 8, kBudi));
    CHECK(alice.take() == "8 ");
    CHECK(phone.take() == "8 ");
    world.pass(60s);
    CHECK(world.source.rereads.size() == 1);
}

TEST_CASE("a user whose removal was lost gets nothing more, and learns of it by reading") {
    World world;
    FakeSubscriber& alice = world.admit(1, kAlice, {position(kShop, 4)});
    FakeSubscriber& budi = world.admit(2, kBudi, {position(kShop, 4)});
    world.reread(kAlice, {{}, {}});
    CHECK(alice.take() == "resync(1,0) ");
    CHECK(alice.changes == std::vector<std::pair<int, bool>>{{1, false}});
    world.publish(message_event(kShop, 5, kBudi));
    CHECK(alice.take().empty());
    CHECK(budi.take() == "5* ");
}

TEST_CASE("a user who joined and left within the loss learns that they are not a member") {
    World world;
    world.admit(1, kAlice, {position(kShop, 4)});
    FakeSubscriber& budi = world.admit(2, kBudi, {});
    world.publish(message_event(kShop, 7, kAlice));
    world.hub.repaired(kShop, FeedRepair{false, 7, 1, {}, {kBudi}});
    world.run();
    CHECK(budi.take() == "resync(1,0) ");
}

TEST_CASE("after a loss sessions get the settings again, unless newer ones came while they were read") {
    World world;
    FakeSubscriber& alice = world.admit(1, kAlice, {position(kShop, 4)});
    world.open(2, kAlice);
    Event event;
    event.workspace = kWorkspace;
    event.body = SettingsUpdated{};
    world.publish(event);
    CHECK(alice.take() == "settings ");
    world.hub.lost({.workspaces = {kWorkspace}});
    REQUIRE(world.source.rereads == std::vector{kAlice});
    const UserState read{{position(kShop, 4)}, {}, ClientSettings{.max_message_bytes = 7}};
    SUBCASE("sent") {
        world.hub.reread(kAlice, read);
        world.run();
        CHECK(alice.take() == "settings ");
    }
    SUBCASE("newer ones came") {
        world.publish(event);
        CHECK(alice.take() == "settings ");
        world.hub.reread(kAlice, read);
        world.run();
        CHECK(alice.take().empty());
    }
}

TEST_CASE("an event during a reread of a user is newer than its result") {
    World world;
    FakeSubscriber& alice = world.admit(1, kAlice, {position(kShop, 4)});
    world.hub.lost(everything());
    SUBCASE("a joining") {
        world.publish(members_event(kOther, 3, Kind::joined, {kAlice}));
        CHECK(alice.take() == "3 ");
        world.hub.reread(kAlice, UserState{{position(kShop, 4)}, {}});
        world.publish(message_event(kOther, 4, kBudi));
        CHECK(alice.take() == "4 ");
    }
    SUBCASE("a removal") {
        world.publish(members_event(kShop, 5, Kind::left, {kAlice}));
        CHECK(alice.take() == "5 ");
        world.hub.reread(kAlice, UserState{{position(kShop, 4)}, {}});
        world.publish(message_event(kShop, 6, kBudi));
        CHECK(alice.take().empty());
    }
    SUBCASE("a joining still on its way") {
        world.admit(2, kBudi, {position(kOther, 4)});
        world.hub.reread(kAlice, UserState{{position(kShop, 4), position(kOther, 5, 5)}, {}});
        world.run();
        CHECK(alice.take().empty());
        world.publish(members_event(kOther, 5, Kind::joined, {kAlice}));
        CHECK(alice.take() == "5 ");
    }
}

TEST_CASE("a session that is loading while its user is read again") {
    World world;
    FakeSubscriber& alice = world.open(1, kAlice);
    world.hub.lost(everything());
    REQUIRE(world.source.rereads == std::vector{kAlice});
    SUBCASE("receives what either read found") {
        world.hub.reread(kAlice, UserState{{position(kOther, 7, 2)}, {}});
        world.load(1, {});
    }
    SUBCASE("whichever comes first") {
        world.load(1, {});
        CHECK(alice.take() == "ready(e) ");
        world.hub.reread(kAlice, UserState{{position(kOther, 7, 2)}, {}});
        world.run();
        CHECK(alice.take() == "resync(2,0) ");
        alice.said = "ready(e) ";
    }
    CHECK(alice.take() == "ready(e) ");
    world.publish(message_event(kOther, 8, kBudi));
    CHECK(alice.take() == "8 ");
}

TEST_CASE("a user who joined a channel that was dropped before its repair is read again") {
    World world;
    FakeSubscriber& alice = world.admit(1, kAlice, {});
    world.admit(2, kBudi, {position(kShop, 4)});
    world.publish(members_event(kShop, 6, Kind::joined, {kAlice}));
    world.detach(2);
    world.pass(15s);
    world.hub.repaired(kShop, FeedRepair{false, 6, 2, {kAlice}, {}});
    REQUIRE(world.source.rereads == std::vector{kAlice});
    world.hub.reread(kAlice, UserState{{position(kShop, 6, 6)}, {}});
    world.publish(message_event(kShop, 7, kBudi));
    CHECK(alice.take() == "resync(1,0) 7 ");
}

TEST_CASE("a session whose first read began before a loss is compared once it has started") {
    World world;
    FakeSubscriber& alice = world.open(1, kAlice);
    world.hub.lost(of_user(kAlice));  // the removal from the shop
    world.hub.reread(kAlice, UserState{{}, {}});
    world.load(1, {position(kShop, 4)});
    CHECK(alice.take() == "ready(e) ");
    world.pass(1s);
    REQUIRE(world.source.rereads.size() == 2);
    world.hub.reread(kAlice, UserState{{}, {}});
    world.publish(message_event(kShop, 5, kBudi));
    CHECK(alice.take() == "resync(1,0) ");
    world.pass(60s);
    CHECK(world.source.rereads.size() == 2);
}

TEST_CASE("two contradictory reads are followed by a third") {
    World world;
    FakeSubscriber& alice = world.admit(1, kAlice, {});
    world.hub.lost(of_user(kAlice));
    world.open(2, kAlice, 1);
    world.load(2, {position(kShop, 4)});
    world.hub.reread(kAlice, UserState{{}, {}});
    world.publish(message_event(kShop, 5, kBudi));
    CHECK(alice.take() == "resync(1,0) 5 ");
    world.pass(1s);
    REQUIRE(world.source.rereads.size() == 2);
    SUBCASE("which finds the first one right") {
        world.hub.reread(kAlice, UserState{{}, {}});
        world.publish(message_event(kShop, 6, kBudi));
        CHECK(alice.take() == "resync(1,0) ");
    }
    SUBCASE("which finds the second one right") {
        world.hub.reread(kAlice, UserState{{position(kShop, 5)}, {}});
        world.publish(message_event(kShop, 6, kBudi));
        CHECK(alice.take() == "6 ");
    }
}

TEST_CASE("a read about a user who left and returned is discarded") {
    World world;
    world.admit(1, kAlice, {});
    world.hub.lost(of_user(kAlice));
    world.detach(1);
    world.pass(15s);  // until then it is only considered away
    FakeSubscriber& again = world.admit(2, kAlice, {});
    world.hub.reread(kAlice, UserState{{position(kShop, 4)}, {}});
    world.publish(message_event(kShop, 5, kBudi));
    CHECK(again.take().empty());
}

TEST_CASE("the sessions of a user who turns out to be deleted end") {
    World world;
    FakeSubscriber& alice = world.admit(1, kAlice, {position(kShop, 4)});
    world.hub.lost(everything());
    world.hub.reread(kAlice, not_found("user"));
    world.run();
    CHECK(alice.take() == "end(4403) ");
}

TEST_CASE("if a second session finds a channel that the first does not know about yet, the first one is notified") {
    World world;
    FakeSubscriber& first = world.admit(1, kAlice, {});
    world.open(2, kAlice);
    world.load(2, {position(kShop, 1)});  // faster than the event
    CHECK(first.take() == "resync(1,0) ");
    world.publish(channel_created(kShop, {kAlice, kBudi}));
    world.publish(message_event(kShop, 2, kBudi));
    CHECK(first.take() == "2 ");
}

TEST_CASE("a snapshot ahead of the events does not keep others from joining") {
    World world;
    FakeSubscriber& budi = world.admit(1, kBudi, {});
    FakeSubscriber& citra = world.admit(2, kCitra, {});
    FakeSubscriber& alice = world.open(3, kAlice);
    world.load(3, {position(kShop, 4)});
    CHECK(alice.take() == "ready(e) ");
    world.publish(channel_created(kShop, {kAlice, kBudi}));
    world.publish(members_event(kShop, 2, Kind::joined, {kCitra}));
    world.publish(members_event(kShop, 3, Kind::left, {kCitra}));
    world.publish(message_event(kShop, 4, kAlice));
    world.publish(message_event(kShop, 5, kAlice));
    CHECK(budi.take() == "resync(1,0) 5 ");
    CHECK(citra.take().starts_with("resync(1,0) "));
    CHECK(alice.take() == "5* ");
    // Once the events have caught up, nothing older counts.
    world.publish(members_event(kShop, 2, Kind::joined, {kCitra}));
    citra.take();
    world.publish(message_event(kShop, 6, kAlice));
    CHECK(citra.take().empty());
}
