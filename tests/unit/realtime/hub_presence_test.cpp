// Who is notified about whose presence, and in how many frames.
#include <doctest/doctest.h>

#include "unit/realtime/hub_world.hpp"

using namespace cariosan;
using namespace cariosan::realtime;
using namespace std::chrono_literals;

namespace {


UserPresence asked(UserId user) {
    UserPresence presence;
    presence.user_id = user;
    return presence;
}

void block(World& world, UserId user, UserId blocked, std::int64_t rev, bool on = true) {
    Event event;
    event.workspace = kWorkspace;
    event.body = BlockUpdated{.user_id = user, .blocked_user = blocked, .blocked = on, .blocks_rev = rev};
    world.publish(std::move(event));
}

}  // namespace

TEST_CASE("members of a channel see each other's presence, not their own, and strangers see nothing") {
    World world;
    FakeSubscriber& alice = world.admit(1, kAlice, {position(kShop, 4)}, 0);
    FakeSubscriber& phone = world.admit(2, kAlice, {position(kShop, 4)}, 1);
    FakeSubscriber& budi = world.admit(3, kBudi, {position(kShop, 4)}, 1);
    FakeSubscriber& citra = world.admit(4, kCitra, {position(kOther, 4)}, 1);
    world.pass(2s);
    CHECK(alice.take_offered() == "[12+] ");
    CHECK(phone.take_offered() == "[12+] ");
    CHECK(budi.take_offered() == "[11+] ");
    CHECK(citra.take_offered().empty());

    // One of two connections causes no notification, and neither does a connection that returns in time.
    world.detach(1);
    world.pass(15s);
    world.detach(2);
    world.pass(9s);
    world.open(5, kAlice);
    world.pass(2s);
    world.load(5, {position(kShop, 4)});
    world.pass(30s);
    CHECK(budi.take_offered().empty());

    world.detach(5);
    world.pass(9'750ms);
    CHECK(budi.take_offered().empty());
    world.pass(250ms);
    CHECK(budi.take_offered() == "[11-] ");
    CHECK(world.presence.records.size() == 1);
}

TEST_CASE("a user who is away keeps their place in their channels until everyone was notified") {
    World world;
    FakeSubscriber& budi = world.admit(1, kBudi, {position(kShop, 4)});
    FakeSubscriber& citra = world.admit(2, kCitra, {position(kOther, 4)});
    world.admit(3, kAlice, {position(kShop, 4)});
    world.pass(2s);
    budi.take_offered();
    world.detach(3);
    // Meanwhile it moves from one channel to the other.
    world.publish(members_event(kShop, 5, MembersEvent::Kind::left, {kAlice}));
    world.publish(members_event(kOther, 5, MembersEvent::Kind::joined, {kAlice}));
    world.pass(10s);
    CHECK(budi.take_offered().empty());
    CHECK(citra.take_offered() == "[11-] ");
    // Its place is released: nobody is subscribed to this channel any more.
    world.detach(2);
    world.pass(12s);
    const int encoded = world.encoder.calls;
    world.publish(message_event(kOther, 6, kBudi));
    CHECK(world.encoder.calls == encoded);
    CHECK(world.source.repairs.empty());
}

TEST_CASE("large channels, and those below the 200 with the latest activity, notify nobody") {
    World world;
    SUBCASE("large ones") {
        FakeSubscriber& budi = world.admit(1, kBudi, {position(kShop, 4, 1, 100)});
        FakeSubscriber& citra = world.admit(2, kCitra, {position(kOther, 4, 1, 101)});
        world.pass(2s);
        world.admit(3, kAlice, {position(kShop, 4, 1, 100), position(kOther, 4, 1, 101)});
        world.pass(2s);
        CHECK(budi.take_offered() == "[11+] ");
        CHECK(citra.take_offered().empty());
    }
    SUBCASE("old ones") {
        FakeSubscriber& budi = world.admit(1, kBudi, {position(kShop, 4, 1, 2, 5)});
        FakeSubscriber& citra = world.admit(2, kCitra, {position(kOther, 4, 1, 2, 6)});
        world.pass(2s);
        std::vector<ChannelPosition> mine{position(kShop, 4, 1, 2, 5), position(kOther, 4, 1, 2, 6)};
        for (std::uint8_t i = 0; i < 199; ++i) mine.push_back(position(channel_id(static_cast<std::uint8_t>(50 + i)), 1, 1, 2, 7));
        world.admit(3, kAlice, mine);
        world.pass(2s);
        CHECK(budi.take_offered().empty());
        CHECK(citra.take_offered() == "[11+] ");
        // A message makes the channel one of the latest.
        Event event = message_event(kShop, 5, kBudi);
        std::get<MessageCreated>(event.body).message.created_at = {8};
        world.publish(event);
        world.detach(3);
        world.pass(10s);
        CHECK(budi.take_offered() == "[11-] ");
        CHECK(citra.take_offered().empty());
    }
}

TEST_CASE("a connection subscribes to users with whom it shares a channel, checked at each notification") {
    World world;
    const std::int64_t large = 5'000;
    FakeSubscriber& budi = world.admit(1, kBudi, {position(kShop, 4, 1, large)}, 1);
    std::vector<UserPresence> users{asked(kAlice), asked(kCitra), asked(kBudi)};
    world.hub.watch(world.handles[1], users);
    for (const UserPresence& each : users) CHECK(each.online == (each.user_id == kBudi));
    world.admit(2, kAlice, {position(kShop, 4, 1, large)});
    world.admit(3, kCitra, {position(kOther, 4)});
    world.pass(2s);
    CHECK(budi.take_offered() == "[11+] ");

    SUBCASE("until one of them leaves") {
        world.publish(members_event(kShop, 5, MembersEvent::Kind::left, {kAlice}, large));
        world.detach(2);
        world.pass(12s);
        CHECK(budi.take_offered().empty());
    }
    SUBCASE("until it says so") {
        world.hub.unwatch(*world.handles[1], {kAlice});
        world.detach(2);
        world.pass(12s);
        CHECK(budi.take_offered().empty());
    }
    SUBCASE("until it ends, and another one of the same user is not subscribed") {
        FakeSubscriber& phone = world.admit(4, kBudi, {position(kShop, 4, 1, large)}, 1);
        world.detach(1);
        world.detach(2);
        world.pass(12s);
        CHECK(phone.take_offered().empty());
    }
    SUBCASE("a subscription to a user who has already left has no effect") {
        world.hub.detach(world.handles[2], world.now);
        std::vector<UserPresence> more{asked(kBudi)};
        world.hub.watch(world.handles[2], more);
        world.detach(1);
        world.pass(12s);
        CHECK_FALSE(more[0].online);
    }
}

TEST_CASE("a block hides presence from both users, whatever else would show it") {
    World world;
    FakeSubscriber& alice = world.admit(1, kAlice, {position(kShop, 4)});
    FakeSubscriber& budi = world.admit(2, kBudi, {position(kShop, 4)});
    FakeSubscriber& citra = world.admit(3, kCitra, {position(kShop, 4)});
    world.reread(kAlice, {{position(kShop, 4)}, {.rev = 1, .users = {kBudi}}});
    std::vector<UserPresence> users{asked(kAlice)};
    world.hub.watch(world.handles[2], users);
    world.pass(2s);
    CHECK(alice.take_offered() == "[13+] ");
    CHECK(budi.take_offered() == "[13+] ");
    CHECK(citra.take_offered() == "[11+,12+] ");
    world.detach(1);
    world.pass(12s);
    CHECK(budi.take_offered().empty());
    CHECK(citra.take_offered() == "[11-] ");
}

TEST_CASE("a new block shows each the other as offline, and a lifted one shows the actual state") {
    World world;
    FakeSubscriber& alice = world.admit(1, kAlice, {position(kShop, 4)});
    FakeSubscriber& budi = world.admit(2, kBudi, {position(kShop, 4)});
    FakeSubscriber& citra = world.admit(3, kCitra, {position(kShop, 4)});
    world.pass(2s);
    for (FakeSubscriber* each : {&alice, &budi, &citra}) each->take_offered();
    block(world, kAlice, kBudi, 1);
    world.pass(2s);
    CHECK(alice.take_offered() == "[12-] ");
    CHECK(budi.take_offered() == "[11-] ");
    CHECK(citra.take_offered().empty());

    SUBCASE("both are still there") {
        block(world, kAlice, kBudi, 2, false);
        world.pass(2s);
        CHECK(alice.take_offered() == "[12+] ");
        CHECK(budi.take_offered() == "[11+] ");
    }
    SUBCASE("one has left meanwhile") {
        world.detach(2);
        world.pass(12s);
        CHECK(alice.take_offered().empty());
        block(world, kAlice, kBudi, 2, false);
        world.pass(2s);
        CHECK(alice.take_offered().empty());
    }
    SUBCASE("the block comes and goes within one turn") {
        block(world, kAlice, kBudi, 2, false);
        block(world, kAlice, kBudi, 3);
        world.pass(2s);
        CHECK(alice.take_offered().find("[12-") == 0);
        CHECK(alice.take_offered().find('+') == std::string::npos);
    }
    CHECK(citra.take_offered().find("11") == std::string::npos);
}

TEST_CASE("a frame reached in several ways is sent once") {
    World world;
    FakeSubscriber& budi = world.admit(1, kBudi, {position(kShop, 4), position(kOther, 4)});
    std::vector<UserPresence> users{asked(kAlice)};
    world.hub.watch(world.handles[1], users);
    world.admit(2, kAlice, {position(kShop, 4), position(kOther, 4)});
    world.admit(3, kCitra, {position(kOther, 4)});
    world.pass(4s);
    CHECK(budi.take_offered() == "[11+,13+] ");
    CHECK(budi.offers == 1);
}

TEST_CASE("a thousand users who come online together cost a thousand frames") {
    World world;
    constexpr int kUsers = 1'000;
    constexpr int kChannels = 10;  // with 100 members each
    const auto user = [](int i) {
        UserId id = kAlice;
        id.uuid.bytes[14] = static_cast<std::uint8_t>(i / 256);
        id.uuid.bytes[15] = static_cast<std::uint8_t>(i % 256);
        return id;
    };
    for (int i = 0; i < kUsers; ++i) {
        const ChannelId channel = channel_id(static_cast<std::uint8_t>(50 + i % kChannels));
        world.admit(static_cast<SessionId>(i + 1), user(i), {position(channel, 1, 1, 100)}, static_cast<std::uint8_t>(i % 2));
    }
    world.pass(10s);
    int frames = 0;
    std::size_t notices = 0;
    for (const auto& session : world.sessions) {
        frames += session->offers;
        const std::string text = session->take_offered();
        notices += static_cast<std::size_t>(std::ranges::count(text, '+'));
    }
    MESSAGE(kUsers << " users come online together: " << frames << " frames with " << notices << " notices");
    CHECK(frames == kUsers);
    CHECK(notices == kUsers * (kUsers / kChannels - 1));
}

TEST_CASE("the cost of one batch is bounded, and the rest comes later") {
    World world;
    constexpr int kUsers = 1'200;
    const auto user = [](int i) {
        UserId id = kAlice;
        id.uuid.bytes[14] = static_cast<std::uint8_t>(1 + i / 256);
        id.uuid.bytes[15] = static_cast<std::uint8_t>(i % 256);
        return id;
    };
    FakeSubscriber& budi = world.admit(1, kBudi, {position(kShop, 1)});
    for (int i = 0; i < kUsers; ++i) world.admit(static_cast<SessionId>(i + 2), user(i), {position(kShop, 1)}, 1);
    // A member of all, among 1,201 subscribers: 166 users are 200,000 visits.
    world.pass(250ms);
    CHECK(std::ranges::count(budi.take_offered(), '+') == 166);
    world.pass(1'750ms);
    CHECK(budi.take_offered().empty());
    world.pass(250ms);
    CHECK(std::ranges::count(budi.take_offered(), '+') == 167);
    world.pass(20s);
    CHECK(std::ranges::count(budi.take_offered(), '+') == kUsers - 166 - 167);
}

TEST_CASE("the host limits which channels show who is online") {
    const auto received = [](const Limits& limits) {
        World world(nullptr, limits);
        world.admit(1, kAlice, {position(kShop, 4, 1, 3, 1), position(kOther, 4, 1, 2, 2)});
        FakeSubscriber& budi = world.admit(2, kBudi, {position(kShop, 4, 1, 3, 1)});
        FakeSubscriber& citra = world.admit(3, kCitra, {position(kOther, 4, 1, 2, 2)});
        world.pass(2s);
        return std::pair(budi.take_offered(), citra.take_offered());
    };
    CHECK(received({}) == std::pair<std::string, std::string>("[11+] ", "[11+] "));
    CHECK(received({.presence_members = 2}) == std::pair<std::string, std::string>("", "[11+] "));
    CHECK(received({.presence_channels = 1}) == std::pair<std::string, std::string>("", "[11+] "));
}
