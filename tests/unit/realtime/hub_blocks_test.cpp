// What users who have blocked somebody are shown, and how the hub keeps their block lists.
#include <doctest/doctest.h>

#include "unit/realtime/hub_world.hpp"

using namespace cariosan;
using namespace cariosan::realtime;
using namespace std::chrono_literals;

namespace {

const UserId kDewi = user_id(14);

Event block_event(UserId user, UserId blocked, bool on, std::int64_t rev) {
    Event event;
    event.workspace = kWorkspace;
    event.body = BlockUpdated{.user_id = user, .blocked_user = blocked, .blocked = on, .blocks_rev = rev};
    return event;
}

Event quoting(Event event, UserId quoted) {
    auto& message = std::get<MessageCreated>(event.body).message;
    message.quoted_message.emplace();
    message.quoted_message->user_id = quoted;
    return event;
}

/// Alice, Budi and Citra are in the shop, Dewi elsewhere. Each has one session, Alice and Citra on the second lane.
struct Blocking : World {
    FakeSubscriber& open(UserId user, std::uint8_t lane = 0) { return World::open(sessions.size() + 1, user, lane); }
    void load(const FakeSubscriber& session, BlockedUsers blocks, ChannelId channel = kShop) {
        SessionSnapshot loaded;
        loaded.start.epoch = "e";
        loaded.positions = {position(channel, 4, 1, 3)};
        loaded.blocks = std::move(blocks);
        hub.loaded(handles[session.handle().id], std::move(loaded));
        run();
    }
    FakeSubscriber& admit(UserId user, BlockedUsers blocks = {}, std::uint8_t lane = 0, ChannelId channel = kShop) {
        FakeSubscriber& session = open(user, lane);
        load(session, std::move(blocks), channel);
        session.take();
        return session;
    }
    void typing(const FakeSubscriber& session, bool started) {
        hub.typing(session.handle(), kShop, started, now);
        run();
    }
};

}  // namespace

TEST_CASE("a user who blocks the author gets only the revision of a message") {
    Blocking world;
    FakeSubscriber& alice = world.admit(kAlice, {.rev = 1, .users = {kBudi}}, 1);
    FakeSubscriber& phone = world.admit(kAlice, {.rev = 1, .users = {kBudi}}, 0);
    FakeSubscriber& budi = world.admit(kBudi);
    FakeSubscriber& citra = world.admit(kCitra, {}, 1);
    world.publish(message_event(kShop, 5, kBudi));
    CHECK(alice.take() == "5r ");
    CHECK(phone.take() == "5r ");
    CHECK(budi.take() == "5* ");
    CHECK(citra.take() == "5 ");
    CHECK(world.encoder.calls == 1);
    CHECK(world.encoder.hidings == 1);
    world.publish(message_event(kShop, 6, kAlice));
    world.publish(message_event(kShop, 7, kCitra));
    CHECK(alice.take() == "6* 7 ");
    CHECK(budi.take() == "6 7 ");

    Event deleted = message_event(kShop, 8, kBudi);
    deleted.body = MessageDeleted{.message_id = {}, .seq = 1, .deleted_at = {}, .author = kBudi};
    world.publish(deleted);
    Event updated = message_event(kShop, 9, kBudi);
    updated.body = MessageUpdated{std::get<MessageCreated>(message_event(kShop, 9, kBudi).body).message};
    world.publish(updated);
    CHECK(alice.take() == "8r 9r ");
    CHECK(citra.take() == "6 7* 8 9 ");
}

TEST_CASE("nothing is encoded twice if nobody here has blocked the author") {
    Blocking world;
    world.admit(kDewi, {.rev = 1, .users = {kBudi}}, 0, kOther);
    FakeSubscriber& alice = world.admit(kAlice, {.rev = 1, .users = {kDewi}});
    world.publish(message_event(kShop, 5, kBudi));
    CHECK(alice.take() == "5 ");
    CHECK(world.encoder.hidings == 0);
}

TEST_CASE("a quote of a blocked author is hidden, even from the reply's author") {
    Blocking world;
    FakeSubscriber& alice = world.admit(kAlice, {.rev = 1, .users = {kBudi}}, 1);
    FakeSubscriber& budi = world.admit(kBudi);
    FakeSubscriber& citra = world.admit(kCitra, {}, 1);
    world.publish(quoting(message_event(kShop, 5, kCitra), kBudi));
    CHECK(alice.take() == "5q ");
    CHECK(budi.take() == "5 ");
    CHECK(citra.take() == "5* ");
    world.publish(quoting(message_event(kShop, 6, kAlice), kBudi));
    CHECK(alice.take() == "6q* ");
    CHECK(citra.take() == "6 ");
    // For the user's own message, hiding the quote takes precedence.
    world.publish(quoting(message_event(kShop, 7, kBudi), kBudi));
    CHECK(alice.take() == "7r ");
    world.publish(quoting(message_event(kShop, 8, kBudi), kAlice));
    CHECK(alice.take() == "8r ");
    CHECK(citra.take() == "7 8 ");
}

TEST_CASE("a reaction of a blocked user has no name, and a reaction to its message is not shown") {
    Blocking world;
    FakeSubscriber& alice = world.admit(kAlice, {.rev = 1, .users = {kBudi}}, 1);
    FakeSubscriber& citra = world.admit(kCitra);
    const auto react = [&](std::int64_t rev, UserId reactor, UserId author) {
        Event event = message_event(kShop, rev, author);
        event.body = ReactionChanged{
            .added = true, .message_id = {}, .user_id = reactor, .emoji = {}, .reactions = {}, .author = author};
        world.publish(event);
    };
    react(5, kBudi, kCitra);
    react(6, kCitra, kBudi);
    react(7, kBudi, kBudi);
    react(8, kCitra, kAlice);
    CHECK(alice.take() == "5u 6r 7r 8 ");
    CHECK(citra.take() == "5 6 7 8 ");
}

TEST_CASE("frames of one run keep their order around exceptions") {
    Blocking world;
    FakeSubscriber& alice = world.admit(kAlice, {.rev = 1, .users = {kBudi}});
    FakeSubscriber& citra = world.admit(kCitra);
    for (std::int64_t rev = 5; rev < 8; ++rev) world.hub.publish(message_event(kShop, rev, rev == 6 ? kBudi : kDewi));
    world.run();
    CHECK(alice.take() == "5 6r 7 ");
    CHECK(citra.take() == "5 6 7 ");
    CHECK(citra.deliveries == 1);
}

TEST_CASE("a mention by a blocked user is not delivered") {
    Blocking world;
    FakeSubscriber& alice = world.admit(kAlice, {.rev = 1, .users = {kBudi}});
    FakeSubscriber& citra = world.admit(kCitra);
    Event event;
    event.channel = kShop;
    event.body = Mentioned{.message_id = {}, .by = kBudi, .users = {kAlice, kCitra}};
    world.publish(event);
    CHECK(alice.take().empty());
    CHECK(citra.take() == "mention ");
}

TEST_CASE("typing is hidden in both directions, and a user seen typing is seen stopping") {
    Blocking world;
    FakeSubscriber& alice = world.admit(kAlice, {}, 1);
    FakeSubscriber& budi = world.admit(kBudi);
    FakeSubscriber& citra = world.admit(kCitra);
    world.typing(alice, true);
    world.typing(budi, true);
    CHECK(alice.take() == "t+ ");
    CHECK(budi.take() == "t+ ");
    CHECK(citra.take() == "t+ t+ ");
    world.publish(block_event(kAlice, kBudi, true, 1));
    CHECK(alice.take() == "t- block1 ");
    CHECK(budi.take() == "t- ");
    CHECK(citra.take() == "t- t- ");
    CHECK(world.hub.blocked_between(kAlice, kBudi));
    CHECK(world.hub.blocked_between(kBudi, kAlice));
    CHECK_FALSE(world.hub.blocked_between(kCitra, kBudi));
    world.typing(alice, true);
    world.typing(budi, true);
    world.typing(alice, false);
    CHECK(alice.take().empty());
    CHECK(budi.take().empty());
    CHECK(citra.take() == "t+ t+ t- ");
}

TEST_CASE("a block applies after events that were handed out before it") {
    Blocking world;
    FakeSubscriber& alice = world.admit(kAlice);
    FakeSubscriber& tablet = world.admit(kAlice, {}, 1);
    world.hub.publish(message_event(kShop, 5, kBudi));
    world.hub.publish(block_event(kAlice, kBudi, true, 1));
    world.hub.publish(message_event(kShop, 6, kBudi));
    world.hub.publish(block_event(kAlice, kBudi, false, 2));
    world.hub.publish(message_event(kShop, 7, kBudi));
    world.run();
    CHECK(alice.take() == "5 block1 6r unblock2 7 ");
    CHECK(tablet.take() == "5 block1 6r unblock2 7 ");
    CHECK_FALSE(world.hub.blocked_between(kAlice, kBudi));
    // An old one again.
    world.publish(block_event(kAlice, kBudi, true, 1));
    CHECK(alice.take().empty());
}

TEST_CASE("a block made while a session loads is in its list") {
    Blocking world;
    FakeSubscriber& alice = world.open(kAlice);
    world.publish(block_event(kAlice, kBudi, true, 3));
    world.publish(block_event(kAlice, kCitra, true, 4));
    world.load(alice, {.rev = 3, .users = {kBudi, kDewi}});
    CHECK(alice.take() == "ready(e) ");
    CHECK(alice.blocks_rev == 4);
    for (const UserId author : {kBudi, kCitra, kDewi}) CHECK(world.hub.blocked_between(kAlice, author));

    // A second session does not restore an older list, and its greeting says what the first one knows.
    FakeSubscriber& phone = world.open(kAlice);
    world.publish(block_event(kAlice, kDewi, false, 5));
    CHECK(alice.take() == "unblock5 ");
    world.load(phone, {.rev = 4, .users = {kBudi, kCitra, kDewi}});
    CHECK(phone.blocks_rev == 5);
    CHECK_FALSE(world.hub.blocked_between(kAlice, kDewi));
}

TEST_CASE("the first block ever is sent at once, and while another session of the user loads") {
    Blocking world;
    FakeSubscriber& alice = world.admit(kAlice);
    world.admit(kBudi);
    FakeSubscriber& phone = world.open(kAlice, 1);
    world.publish(block_event(kAlice, kBudi, true, 1));
    CHECK(alice.take() == "block1 ");
    CHECK(world.hub.blocked_between(kAlice, kBudi));
    world.load(phone, {});  // read before it
    CHECK(world.hub.blocked_between(kAlice, kBudi));
    // An older change is passed over, and one too new is a gap.
    world.publish(block_event(kBudi, kCitra, true, 0));
    CHECK_FALSE(world.hub.blocked_between(kBudi, kCitra));
    world.publish(block_event(kBudi, kCitra, true, 2));
    CHECK_FALSE(world.hub.blocked_between(kBudi, kCitra));
    world.publish(block_event(kBudi, kCitra, true, 1));
    CHECK(world.hub.blocked_between(kBudi, kCitra));
}

TEST_CASE("a lost block is read again and delivered") {
    Blocking world;
    FakeSubscriber& alice = world.admit(kAlice, {.rev = 1, .users = {kBudi}});
    world.publish(block_event(kAlice, kDewi, true, 4));
    CHECK(alice.take().empty());
    CHECK(world.source.rereads == std::vector{kAlice});
    world.hub.reread(kAlice, Error(ErrorCode::unavailable, "not now"));
    world.pass(1s);
    CHECK(world.source.rereads == std::vector{kAlice, kAlice});
    world.hub.reread(kAlice, UserState{{position(kShop, 4, 1, 3)}, {.rev = 4, .users = {kCitra, kDewi}}});
    world.run();
    CHECK(alice.take() == "unblock4 block4 block4 ");
    CHECK_FALSE(world.hub.blocked_between(kAlice, kBudi));
    CHECK(world.hub.blocked_between(kAlice, kCitra));
}

TEST_CASE("blocking or unblocking updates the unread counts it changed, starting with the first channel") {
    Blocking world;
    FakeSubscriber& alice = world.admit(kAlice);
    FakeSubscriber& tablet = world.admit(kAlice, {}, 1);
    FakeSubscriber& budi = world.admit(kBudi);
    using Asked = std::vector<std::pair<UserId, std::optional<UserId>>>;
    world.publish(block_event(kAlice, kBudi, true, 1));
    CHECK(std::exchange(world.source.unread_asked, {}) == Asked{{kAlice, kBudi}});
    world.hub.unread_moved(kAlice, {kOther, kShop});
    world.run();
    for (FakeSubscriber* each : {&alice, &tablet, &budi}) each->take();
    for (const char* expected : {"tick unread(2) ", "tick unread(1) ", "tick "}) {
        for (const auto& lane : world.lanes) lane->tick();
        CHECK(alice.take() == expected);
        CHECK(tablet.take() == expected);
        CHECK(budi.take() == "tick ");
    }
    world.publish(block_event(kAlice, kBudi, true, 1));  // again
    CHECK(world.source.unread_asked.empty());
    world.publish(block_event(kAlice, kBudi, false, 2));
    CHECK(std::exchange(world.source.unread_asked, {}) == Asked{{kAlice, kBudi}});
    world.publish(block_event(kDewi, kBudi, true, 1));  // no user of this node
    CHECK(world.source.unread_asked.empty());

    // Of lost changes only the final state counts, with one read.
    world.reread(kAlice, UserState{{position(kShop, 4, 1, 3)}, {.rev = 5, .users = {kBudi, kCitra}}});
    CHECK(std::exchange(world.source.unread_asked, {}) == Asked{{kAlice, std::nullopt}});
    world.reread(kAlice, UserState{{position(kShop, 4, 1, 3)}, {.rev = 6, .users = {kBudi}}});
    CHECK(std::exchange(world.source.unread_asked, {}) == Asked{{kAlice, kCitra}});
    world.reread(kAlice, UserState{{position(kShop, 4, 1, 3)}, {.rev = 6, .users = {kBudi}}});
    CHECK(world.source.unread_asked.empty());
}

TEST_CASE("a user without sessions blocks nobody here") {
    Blocking world;
    FakeSubscriber& alice = world.admit(kAlice, {.rev = 1, .users = {kBudi}});
    CHECK(world.hub.blocked_between(kBudi, kAlice));
    world.detach(1);
    world.pass(13s);  // until then it is only considered away
    CHECK_FALSE(world.hub.blocked_between(kBudi, kAlice));
    world.publish(block_event(kAlice, kCitra, true, 2));
    CHECK(alice.take().empty());
    CHECK_FALSE(world.hub.blocked_between(kAlice, kCitra));
}
