// A user shown typing is later shown stopping, whatever ends it.
#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

#include "unit/realtime/hub_world.hpp"

using namespace cariosan;
using namespace cariosan::realtime;
using namespace std::chrono_literals;

using Kind = MembersEvent::Kind;

namespace {

/// Alice types on one of two connections, and Budi sees it.
struct TypingWorld : World {
    static constexpr SessionId kLaptop = 1;
    static constexpr SessionId kPhone = 2;

    TypingWorld()
        : laptop(admit(kLaptop, kAlice, {position(kShop, 4), position(kOther, 1)})),
          phone(admit(kPhone, kAlice, {position(kShop, 4), position(kOther, 1)}, 1)),
          budi(admit(3, kBudi, {position(kShop, 4), position(kOther, 1)}, 1)) {
        type(kLaptop, true);
        CHECK(budi.take() == "t+ ");
    }
    void type(SessionId session, bool started, ChannelId channel = kShop) {
        hub.typing(*handles[session], channel, started, now);
        run();
    }
    void silence(UserId user, std::optional<ChannelId> channel = {}) {
        Event event;
        event.workspace = kWorkspace;
        event.body = UserSilenced{user, channel};
        publish(event);
    }
    void remove_channel() {
        Event deleted = message_event(kShop, 5, kAlice);
        deleted.body = ChannelDeleted{};
        publish(deleted);
    }
    void block(UserId user, UserId blocked) {
        Event event;
        event.workspace = kWorkspace;
        event.body = BlockUpdated{.user_id = user, .blocked_user = blocked, .blocked = true, .blocks_rev = 1};
        publish(event);
    }
    void repair(FeedRepair repair) {
        publish(message_event(kShop, 6, kCitra));
        hub.repaired(kShop, std::move(repair));
        run();
    }

    FakeSubscriber& laptop;
    FakeSubscriber& phone;
    FakeSubscriber& budi;
};

struct Cause {
    std::string name;
    std::function<void(TypingWorld&)> happens;
    std::string received;  ///< what Budi received
};

const std::vector<Cause> kCauses = {
    {"the time is over", [](TypingWorld& world) { world.pass(6s); }, "t- "},
    {"the client says so", [](TypingWorld& world) { world.type(world.kLaptop, false); }, "t- "},
    {"the connection is lost while another stays", [](TypingWorld& world) { world.detach(world.kLaptop); },
     "t- "},
    {"both connections are lost",
     [](TypingWorld& world) {
         world.detach(world.kPhone);
         world.detach(world.kLaptop);
     },
     "t- "},
    {"the server closes the connection, which takes its time to go",
     [](TypingWorld& world) {
         world.hub.closing(world.handles[world.kLaptop]);
         world.run();
     },
     "t- "},
    {"a message is sent, which comes behind it",
     [](TypingWorld& world) { world.publish(message_event(kShop, 5, kAlice)); }, "t- 5 "},
    {"a message is sent that must be read first",
     [](TypingWorld& world) { world.publish(message_event(kShop, 6, kAlice)); }, "t- "},
    {"the typist leaves or is removed",
     [](TypingWorld& world) { world.publish(members_event(kShop, 5, Kind::left, {kAlice})); }, "t- 5 "},
    {"a repair finds the typist removed",
     [](TypingWorld& world) {
         world.repair({false, 6, 1, {}, {kAlice}});
     },
     "resync(1,4) t- "},
    {"a read finds the typist in no channel", [](TypingWorld& world) { world.reread(kAlice, {}); }, "t- "},
    {"the typist is silenced everywhere", [](TypingWorld& world) { world.silence(kAlice); }, "t- "},
    {"the typist is silenced in the channel", [](TypingWorld& world) { world.silence(kAlice, kShop); },
     "t- "},
    {"the viewer blocks the typist", [](TypingWorld& world) { world.block(kBudi, kAlice); }, "t- block1 "},
    {"the typist blocks the viewer", [](TypingWorld& world) { world.block(kAlice, kBudi); }, "t- "},
    {"the channel is deleted", [](TypingWorld& world) { world.remove_channel(); }, "t- 5 "},
    {"a repair finds the channel deleted", [](TypingWorld& world) { world.repair({.deleted = true}); },
     "resync(1,4) t- "},
    {"the channel grows large",
     [](TypingWorld& world) { world.publish(members_event(kShop, 5, Kind::joined, {kCitra}, 101)); },
     "t- 5 "},
    {"a repair finds that the channel has grown large",
     [](TypingWorld& world) {
         world.repair({false, 6, 101, {}, {}});
     },
     "t- resync(1,4) "},
};

}  // namespace

TEST_CASE("a user shown typing is shown stopping once, whatever ends it") {
    for (const Cause& cause : kCauses) {
        CAPTURE(cause.name);
        TypingWorld world;
        cause.happens(world);
        CHECK(world.budi.take() == cause.received);
        world.pass(7s);
        CHECK(world.budi.take().find("t- ") == std::string::npos);
        CHECK(world.phone.take().find("t") == std::string::npos);
    }
}

TEST_CASE("other users' events and other channels do not end typing") {
    TypingWorld world;
    world.publish(message_event(kShop, 5, kBudi));
    world.publish(message_event(kOther, 2, kAlice));
    world.silence(kBudi);
    world.silence(kAlice, kOther);
    world.type(world.kLaptop, false, kOther);
    world.detach(world.kPhone);
    CHECK(world.budi.take() == "5* 2 ");
    world.pass(6s);
    CHECK(world.budi.take() == "t- ");
}

TEST_CASE("a user types as long as one of their connections does") {
    TypingWorld world;
    world.pass(3s);
    world.type(world.kPhone, true);
    CHECK(world.budi.take().empty());
    SUBCASE("which says so") {
        world.type(world.kLaptop, false);
        CHECK(world.budi.take().empty());
        world.type(world.kPhone, false);
        CHECK(world.budi.take() == "t- ");
    }
    SUBCASE("which is lost") {
        world.detach(world.kLaptop);
        CHECK(world.budi.take().empty());
        world.detach(world.kPhone);
        CHECK(world.budi.take() == "t- ");
    }
    SUBCASE("whose time expires") {
        world.pass(5s);
        CHECK(world.budi.take().empty());
        world.pass(1s);
        CHECK(world.budi.take() == "t- ");
    }
    SUBCASE("both at once") {
        world.type(world.kLaptop, true);
        world.pass(6s);
        CHECK(world.budi.take() == "t- ");
    }
    SUBCASE("and has stopped on all when it sends") {
        world.publish(message_event(kShop, 5, kAlice));
        CHECK(world.budi.take() == "t- 5 ");
        world.type(world.kPhone, true);
        CHECK(world.budi.take() == "t+ ");
    }
}

TEST_CASE("a repeated start extends typing, and six seconds are counted from it") {
    TypingWorld world;
    world.pass(4s);
    world.type(world.kLaptop, true);
    world.hub.tick(world.now + 5'999ms);
    world.run();
    CHECK(world.budi.take().empty());
    world.hub.tick(world.now + 6'000ms);
    world.run();
    CHECK(world.budi.take() == "t- ");
    world.type(world.kLaptop, false);
    CHECK(world.budi.take().empty());
    CHECK(world.laptop.take().empty());
}

TEST_CASE("only members of channels that are not large can type") {
    World world;
    world.admit(1, kAlice, {position(kShop, 4, 1, 101)});
    FakeSubscriber& budi = world.admit(2, kBudi, {position(kShop, 4, 1, 101), position(kOther, 1)});
    world.hub.typing(*world.handles[1], kShop, true, world.now);
    world.hub.typing(*world.handles[1], kOther, true, world.now);
    world.run();
    CHECK(budi.take().empty());
    world.publish(members_event(kShop, 5, Kind::left, {user_id(50)}, 100));
    world.hub.typing(*world.handles[1], kShop, true, world.now);
    world.run();
    CHECK(budi.take() == "5 t+ ");
}

TEST_CASE("how many members a channel that shows typing has is a limit of the host's") {
    for (const std::int64_t most : {2, 3}) {
        CAPTURE(most);
        World world(nullptr, {.typing_members = most});
        world.admit(1, kAlice, {position(kShop, 4, 1, 3)});
        FakeSubscriber& budi = world.admit(2, kBudi, {position(kShop, 4, 1, 3)});
        world.hub.typing(*world.handles[1], kShop, true, world.now);
        world.run();
        CHECK(budi.take() == (most == 3 ? "t+ " : ""));
    }
}
