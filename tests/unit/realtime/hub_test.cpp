#include <doctest/doctest.h>

#include "unit/realtime/hub_world.hpp"

using namespace cariosan;
using namespace cariosan::realtime;
using namespace std::chrono_literals;

using Kind = MembersEvent::Kind;

TEST_CASE("an event is encoded once and reaches all members on all lanes") {
    World world;
    FakeSubscriber& alice = world.admit(1, kAlice, {position(kShop, 4)}, 0);
    FakeSubscriber& phone = world.admit(2, kAlice, {position(kShop, 4)}, 1);
    FakeSubscriber& budi = world.admit(3, kBudi, {position(kShop, 4)}, 1);
    world.publish(message_event(kShop, 5, kAlice));
    CHECK(alice.take() == "5* ");
    CHECK(phone.take() == "5* ");
    CHECK(budi.take() == "5 ");
    CHECK(world.encoder.calls == 1);
    world.publish(message_event(kOther, 1, kAlice));
    CHECK(world.encoder.calls == 1);
}

TEST_CASE("new settings go to everyone of the workspace, and a session that starts begins with them") {
    World world;
    FakeSubscriber& alice = world.admit(1, kAlice, {});
    FakeSubscriber& budi = world.admit(2, kBudi, {position(kShop, 4)}, 1);
    FakeSubscriber& starting = world.open(3, kBudi);
    Event event;
    event.workspace = alice.handle().workspace;
    event.body = SettingsUpdated{{.max_message_bytes = 7}};
    world.publish(event);
    CHECK(alice.take() == "settings ");
    CHECK(budi.take() == "settings ");
    CHECK(starting.take() == "");
    world.load(3, {});
    CHECK(starting.take() == "ready(e) ");
    CHECK(starting.settings.max_message_bytes == 7);
    CHECK(world.admit(4, kBudi, {}).settings.max_message_bytes == 0);  // what it read, as nothing came in between
    event.workspace = WorkspaceId{kShop.uuid};
    world.publish(event);
    CHECK(alice.take() == "");
}

TEST_CASE("changed preferences go to all of their user's connections, and a session that starts is told their number") {
    World world;
    FakeSubscriber& alice = world.admit(1, kAlice, {position(kShop, 4)});
    FakeSubscriber& laptop = world.admit(2, kBudi, {position(kShop, 4)}, 1);
    FakeSubscriber& phone = world.admit(3, kBudi, {position(kShop, 4)});
    FakeSubscriber& starting = world.open(4, kBudi);
    Event event;
    event.workspace = alice.handle().workspace;
    event.channel = kShop;
    event.body = PreferencesChanged{kBudi, {.pinned = true, .preferences_rev = 6}};
    world.publish(event);
    event.body = PreferencesChanged{kBudi, {.preferences_rev = 7}};
    world.publish(event);
    const std::string shop = std::to_string(kShop.uuid.bytes[15]);
    CHECK(laptop.take() == "kept(" + shop + ",6) kept(" + shop + ",7) ");
    CHECK(phone.take() == "kept(" + shop + ",6) kept(" + shop + ",7) ");
    CHECK(alice.take() == "");
    CHECK(starting.take() == "");
    world.load(4, {});
    CHECK(starting.take() == "ready(e) ");
    CHECK(starting.preferences_rev == 7);
    CHECK(world.admit(5, kBudi, {}).preferences_rev == 0);  // what it read, as nothing came in between
}

TEST_CASE("an old event is dropped") {
    World world;
    FakeSubscriber& alice = world.admit(1, kAlice, {position(kShop, 4)});
    world.publish(message_event(kShop, 4, kBudi));
    world.publish(message_event(kShop, 5, kBudi));
    world.publish(message_event(kShop, 5, kBudi));
    CHECK(alice.take() == "5 ");
}

TEST_CASE("a joining member gets that event, a leaving one too, and nothing outside") {
    World world;
    FakeSubscriber& alice = world.admit(1, kAlice, {position(kShop, 4)});
    FakeSubscriber& budi = world.admit(2, kBudi, {});
    world.publish(message_event(kShop, 5, kAlice));
    world.publish(members_event(kShop, 6, Kind::joined, {kBudi}));
    world.publish(message_event(kShop, 7, kAlice));
    world.publish(members_event(kShop, 8, Kind::left, {kBudi}));
    world.publish(message_event(kShop, 9, kAlice));
    CHECK(budi.take() == "6 7 8 ");
    CHECK(alice.take() == "5* 6 7* 8 9* ");
}

TEST_CASE("a new channel reaches its members, and a deleted one is reported and forgotten") {
    World world;
    FakeSubscriber& alice = world.admit(1, kAlice, {});
    Event created = members_event(kShop, 1, Kind::joined, {});
    ChannelCreated body;
    body.members.resize(1);
    body.members[0].user.id = kAlice;
    created.body = body;
    world.publish(created);
    CHECK(alice.take() == "1 ");
    Event deleted = message_event(kShop, 2, kAlice);
    deleted.body = ChannelDeleted{};
    world.publish(deleted);
    CHECK(alice.take() == "2 ");
    world.publish(message_event(kShop, 3, kBudi));
    CHECK(alice.take().empty());
}

TEST_CASE("what happens while a session loads") {
    World world;
    FakeSubscriber& alice = world.open(1, kAlice);
    SUBCASE("a join after the snapshot counts") {
        world.publish(members_event(kShop, 3, Kind::joined, {kAlice}));
        world.load(1, {});
        CHECK(alice.take() == "ready(e) ");
        world.publish(message_event(kShop, 4, kBudi));
        CHECK(alice.take() == "4 ");
    }
    SUBCASE("a removal after the snapshot counts") {
        world.publish(members_event(kShop, 3, Kind::left, {kAlice}));
        world.load(1, {position(kShop, 2)});
        world.publish(message_event(kShop, 4, kBudi));
        CHECK(alice.take() == "ready(e) ");
    }
    SUBCASE("a removal before a rejoin already in the snapshot does not") {
        world.publish(members_event(kShop, 3, Kind::left, {kAlice}));
        world.load(1, {position(kShop, 4, 4)});
        world.publish(message_event(kShop, 5, kBudi));
        CHECK(alice.take() == "ready(e) 5 ");
    }
    SUBCASE("a join in the snapshot but not yet in the feed waits for the feed") {
        FakeSubscriber& budi = world.admit(2, kBudi, {position(kShop, 4)});
        world.load(1, {position(kShop, 6, 6)});
        CHECK(alice.take() == "ready(e) ");
        world.publish(message_event(kShop, 5, kBudi));
        CHECK(alice.take().empty());
        world.publish(members_event(kShop, 6, Kind::joined, {kAlice}));
        CHECK(alice.take() == "6 ");
        CHECK(budi.take() == "5* 6 ");
    }
    SUBCASE("it may end") {
        world.hub.detach(world.handles[1], world.now);
        world.load(1, {position(kShop, 2)});
        CHECK(alice.take().empty());
        CHECK(world.counters.sessions == 0);
    }
    SUBCASE("its user may not exist, or storage may fail") {
        world.hub.loaded(world.handles[1], not_found("user"));
        world.run();
        CHECK(alice.take() == "end(4403) ");
        world.hub.loaded(world.handles[1], Error(ErrorCode::unavailable, "disk"));
        world.run();
        CHECK(alice.take() == "end(1013) ");
    }
}

TEST_CASE("a gap is filled from storage, and nothing is delivered meanwhile") {
    World world;
    FakeSubscriber& alice = world.admit(1, kAlice, {position(kShop, 4)});
    FakeSubscriber& budi = world.admit(2, kBudi, {position(kShop, 4)});
    FakeSubscriber& citra = world.admit(3, user_id(13), {});
    world.publish(message_event(kShop, 6, kBudi));
    CHECK(world.source.repairs == std::vector<std::pair<ChannelId, std::int64_t>>{{kShop, 4}});
    world.publish(message_event(kShop, 7, kBudi));
    CHECK(alice.take().empty());
    CHECK(world.counters.feed_gaps == 1);

    SUBCASE("and what was missed changes the audience") {
        world.hub.repaired(kShop, FeedRepair{false, 7, 3, {user_id(13)}, {kBudi}});
        world.run();
        CHECK(alice.take() == "resync(1,4) ");
        CHECK(budi.take() == "resync(1,4) ");
        CHECK(citra.take().starts_with("resync(1,0) "));
        world.publish(message_event(kShop, 8, kAlice));
        CHECK(alice.take() == "8* ");
        CHECK(citra.take() == "8 ");
        CHECK(budi.take().empty());
        CHECK(world.source.repairs.size() == 1);
    }
    SUBCASE("with one read, if all that the read lacks are consecutive events") {
        world.publish(members_event(kShop, 8, Kind::joined, {kCitra}));
        world.publish(members_event(kShop, 9, Kind::left, {kBudi}));
        world.publish(message_event(kShop, 10, kAlice));
        world.hub.repaired(kShop, FeedRepair{false, 5, 2, {}, {}});
        world.run();
        CHECK(alice.take() == "resync(1,4) ");
        CHECK(budi.take() == "resync(1,4) ");
        CHECK(citra.take() == "resync(1,0) ");
        world.publish(message_event(kShop, 11, kAlice));
        CHECK(alice.take() == "11* ");
        CHECK(budi.take().empty());
        CHECK(citra.take() == "11 ");
        world.pass(20s);
        CHECK(world.source.repairs.size() == 1);
    }
    SUBCASE("with another read, if there is a gap after what the read contains") {
        world.publish(message_event(kShop, 9, kBudi));
        world.hub.repaired(kShop, FeedRepair{false, 7, 2, {}, {}});
        world.publish(message_event(kShop, 10, kBudi));
        CHECK(alice.take() == "resync(1,4) ");
        world.pass(500ms);
        REQUIRE(world.source.repairs.size() == 2);
        CHECK(world.source.repairs.back().second == 7);
        world.hub.repaired(kShop, FeedRepair{false, 8, 2, {}, {}});
        world.publish(message_event(kShop, 11, kBudi));
        CHECK(alice.take() == "resync(1,7) 11 ");
    }
    SUBCASE("with longer and longer delays, if storage fails") {
        std::vector<std::int64_t> pauses;
        for (int i = 0; i < 9; ++i) {
            const std::size_t reads = world.source.repairs.size();
            world.hub.repaired(kShop, Error(ErrorCode::unavailable, "disk"));
            const auto failed = world.now;
            for (int ticks = 0; ticks < 100 && world.source.repairs.size() == reads; ++ticks) world.pass(250ms);
            pauses.push_back((world.now - failed).count());
        }
        CHECK(pauses == std::vector<std::int64_t>{250, 500, 1'000, 2'000, 4'000, 8'000, 8'000, 8'000, 8'000});
        world.hub.repaired(kShop, FeedRepair{false, 7, 2, {}, {}});
        world.run();
        CHECK(alice.take() == "resync(1,4) ");
        world.pass(60s);
        CHECK(world.source.repairs.size() == 10);
    }
    SUBCASE("and the channel may have been deleted") {
        world.hub.repaired(kShop, FeedRepair{true, 0, 0, {}, {}});
        world.run();
        CHECK(alice.take() == "resync(1,4) ");
        world.publish(message_event(kShop, 9, kBudi));
        CHECK(alice.take().empty());
    }
}

TEST_CASE("transient events") {
    World world;
    FakeSubscriber& alice = world.admit(1, kAlice, {position(kShop, 4)}, 0);
    FakeSubscriber& budi = world.admit(2, kBudi, {position(kOther, 4)}, 1);
    Event event;
    event.workspace = kWorkspace;
    event.body = Mentioned{MessageId{}, kAlice, {kBudi, user_id(99)}};
    world.publish(event);
    CHECK(budi.take() == "mention ");
    UserUpdated updated;
    updated.user.id = kBudi;
    updated.channels = {kShop};
    event.body = updated;
    world.publish(event);
    CHECK(alice.take() == "user ");
    CHECK(budi.take() == "user ");
}

TEST_CASE("five connections per user: a long silent one makes room, otherwise the new one is refused") {
    World world;
    for (SessionId id = 1; id <= 5; ++id) world.admit(id, kAlice, {});
    SUBCASE("all are active") {
        FakeSubscriber& sixth = world.open(6, kAlice);
        world.run();
        CHECK(sixth.take() == "end(4429) ");
        CHECK(world.source.loads.size() == 5);
    }
    SUBCASE("one has been silent") {
        world.handles[3]->last_active_ms = (world.now - 36s).count();
        world.admit(6, kAlice, {});
        CHECK(world.sessions[2]->take() == "end(4408) ");
    }
    SUBCASE("another user has five of its own") { world.admit(7, kBudi, {}); }
    SUBCASE("a closing one makes room once, however long that takes") {
        world.handles[3]->last_active_ms = (world.now - 36s).count();
        world.admit(6, kAlice, {});
        for (SessionId id = 7; id < 50; ++id) {
            FakeSubscriber& more = world.open(id, kAlice);
            world.run();
            CHECK(more.take() == "end(4429) ");
        }
        CHECK(world.sessions[2]->take() == "end(4408) ");
        CHECK(world.source.loads.size() == 6);
        // A place becomes free when one of the five has ended, not when one ends that had already made room.
        world.detach(3);
        FakeSubscriber& refused = world.open(50, kAlice);
        world.run();
        CHECK(refused.take() == "end(4429) ");
        world.detach(1);
        world.admit(51, kAlice, {});
        FakeSubscriber& last = world.open(52, kAlice);
        world.run();
        CHECK(last.take() == "end(4429) ");
    }
    SUBCASE("one that closes by itself takes no place while it does") {
        world.hub.closing(world.handles[2]);
        world.admit(6, kAlice, {});
        FakeSubscriber& seventh = world.open(7, kAlice);
        world.run();
        CHECK(seventh.take() == "end(4429) ");
        world.detach(2);
        FakeSubscriber& eighth = world.open(8, kAlice);
        world.run();
        CHECK(eighth.take() == "end(4429) ");
    }
    SUBCASE("many in a row replace as many as were silent") {
        for (SessionId id = 1; id <= 5; ++id) world.handles[id]->last_active_ms = (world.now - 60s + std::chrono::seconds(id)).count();
        for (SessionId id = 6; id <= 10; ++id) {
            world.admit(id, kAlice, {});
            CHECK(world.sessions[id - 6]->take() == "end(4408) ");
        }
        FakeSubscriber& eleventh = world.open(11, kAlice);
        world.run();
        CHECK(eleventh.take() == "end(4429) ");
    }
    SUBCASE("one that could not start takes no place") {
        world.detach(5);
        FakeSubscriber& failed = world.open(6, kAlice);
        world.hub.loaded(world.handles[6], Error(ErrorCode::unavailable, "disk"));
        world.run();
        CHECK(failed.take() == "end(1013) ");
        world.admit(7, kAlice, {});
    }
}

TEST_CASE("the last connection takes the channel's feed with it") {
    World world;
    world.admit(1, kAlice, {position(kShop, 4)});
    world.admit(2, kAlice, {position(kShop, 4)}, 1);
    world.hub.detach(world.handles[1], world.now);
    world.publish(message_event(kShop, 5, kBudi));
    CHECK(world.encoder.calls == 1);
    world.hub.detach(world.handles[2], world.now);
    world.hub.detach(world.handles[2], world.now);
    world.publish(message_event(kShop, 6, kBudi));
    CHECK(world.encoder.calls == 1);
    CHECK(world.counters.sessions == 0);
}

TEST_CASE("draining reaches everyone") {
    World world;
    FakeSubscriber& alice = world.admit(1, kAlice, {});
    world.hub.drain(1s);
    world.run();
    CHECK(alice.take() == "draining ");
}

TEST_CASE("a receipt reaches everyone in a small channel and only its own user in a large one") {
    World world;
    FakeSubscriber& alice = world.admit(1, kAlice, {position(kShop, 4, 1, 100), position(kOther, 4, 1, 101)}, 0);
    FakeSubscriber& phone = world.admit(2, kAlice, {position(kShop, 4, 1, 100), position(kOther, 4, 1, 101)}, 1);
    FakeSubscriber& budi = world.admit(3, kBudi, {position(kShop, 4, 1, 100), position(kOther, 4, 1, 101)}, 1);
    world.publish(receipt_event(kShop, kAlice, 3));
    CHECK(alice.take() == "r3 ");
    CHECK(phone.take() == "r3 ");
    CHECK(budi.take() == "r3 ");
    world.publish(receipt_event(kOther, kAlice, 4));
    CHECK(alice.take() == "r4 ");
    CHECK(phone.take() == "r4 ");
    CHECK(budi.take().empty());
}

TEST_CASE("a hidden receipt only reaches its own user") {
    World world;
    FakeSubscriber& alice = world.admit(1, kAlice, {position(kShop, 4)}, 0);
    FakeSubscriber& budi = world.admit(2, kBudi, {position(kShop, 4)}, 0);
    world.publish(receipt_event(kShop, kAlice, 3, true));
    CHECK(alice.take() == "r3* ");
    CHECK(budi.take().empty());
}

TEST_CASE("a user who reads gets their new unread counts, and so does everyone who gets or loses a message") {
    World world;
    FakeSubscriber& alice = world.admit(1, kAlice, {position(kShop, 4), position(kOther, 1, 1, 101)}, 0);
    FakeSubscriber& budi = world.admit(2, kBudi, {position(kShop, 4)}, 0);
    const auto after_tick = [&](FakeSubscriber& one) {
        one.take();
        world.lanes[0]->tick();
        return one.take();
    };
    world.publish(receipt_event(kOther, kAlice, 3));
    CHECK(after_tick(alice) == "tick unread(2) ");
    CHECK(after_tick(budi) == "tick ");
    world.publish(members_event(kShop, 5, Kind::updated, {kAlice}));
    CHECK(after_tick(alice) == "tick ");
    world.publish(message_event(kShop, 6, kAlice));
    world.publish(message_event(kShop, 7, kAlice));
    budi.take();
    CHECK(after_tick(alice) == "tick unread(1) ");
    CHECK(budi.take() == "tick unread(1) ");
    Event deleted = message_event(kShop, 8, kAlice);
    deleted.body = MessageDeleted{};
    world.publish(deleted);
    CHECK(after_tick(budi) == "tick unread(1) ");
    CHECK(after_tick(budi) == "tick ");
}

TEST_CASE("unread counts wait while a session is too busy to send them") {
    World world;
    FakeSubscriber& alice = world.admit(1, kAlice, {position(kShop, 4), position(kOther, 1, 1, 101)}, 0);
    const auto after_tick = [&] {
        alice.take();
        world.lanes[0]->tick();
        return alice.take();
    };
    alice.busy = true;
    world.hub.unread_moved(kAlice, {kShop, kOther});
    world.run();
    for (int i = 0; i < 3; ++i) CHECK(after_tick() == "tick ");
    alice.busy = false;
    const std::string first = after_tick();
    CHECK(first + after_tick() == "tick unread(2) tick unread(1) ");
    CHECK(after_tick() == "tick ");
}

TEST_CASE("the connections of a deleted user end, even one that is loading, and others are notified") {
    World world;
    FakeSubscriber& alice = world.admit(1, kAlice, {position(kShop, 4)}, 0);
    FakeSubscriber& phone = world.admit(2, kAlice, {position(kShop, 4)}, 1);
    FakeSubscriber& budi = world.admit(3, kBudi, {position(kShop, 4)}, 1);
    FakeSubscriber& loading = world.open(4, kAlice, 1);
    Event event;
    event.workspace = kWorkspace;
    event.body = UserDeleted{kAlice, {kShop, kOther}};
    world.publish(event);
    CHECK(alice.take().starts_with("end(4403) "));
    CHECK(phone.take().starts_with("end(4403) "));
    CHECK(loading.take() == "end(4403) ");
    CHECK(budi.take() == "0 ");
}

TEST_CASE("the connections of a deleted workspace end, and no others") {
    World world;
    FakeSubscriber& alice = world.admit(1, kAlice, {position(kShop, 4)}, 0);
    FakeSubscriber& budi = world.admit(2, kBudi, {}, 1);
    Event event;
    event.workspace = WorkspaceId{uuid_of(201)};
    event.body = WorkspaceDeleted{};
    world.publish(event);
    CHECK(alice.take().empty());
    event.workspace = kWorkspace;
    world.publish(event);
    CHECK(alice.take() == "end(4403) ");
    CHECK(budi.take() == "end(4403) ");
}
