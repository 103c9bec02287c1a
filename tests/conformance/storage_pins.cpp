// Pinned messages: who pins, how many, and what is left of a pin.
#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

mutation::PinMessage pinning(World& world, const Message& message, UserId actor, bool pinned = true) {
    return {.workspace = world.workspace,
            .channel = message.channel_id,
            .message = message.id,
            .actor = actor,
            .pinned = pinned,
            .at = world.tick()};
}

std::vector<Message> pins_of(World& world, ChannelId channel, std::optional<UserId> viewer = std::nullopt) {
    Viewpoint seen_by;
    seen_by.user = viewer;
    return world.read([&](Reader& r) { return must(r.messages().pins(channel, seen_by)); });
}

}  // namespace

STORAGE_TEST("an admin pins a message, and everyone reads who did and when") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group(users);
    const Message first = world.send(group, users[1]);
    const Message second = world.send(group, users[1]);

    CHECK(code_of(world.attempt(pinning(world, first, users[1]))) == ErrorCode::not_admin);
    const auto pin = pinning(world, first, users[0]);
    const Committed done = world.run(pin);
    CHECK(done.changed);
    CHECK(done.rev == second.rev + 1);
    const Message pinned = object<Message>(done);
    CHECK(pinned.rev == done.rev);
    REQUIRE(pinned.pin);
    CHECK(pinned.pin->at == pin.at);
    CHECK(pinned.pin->by.id == users[0]);
    CHECK(pinned.pin->by.name.starts_with("Name of"));
    CHECK_FALSE(pinned.edited_at);
    CHECK_FALSE(world.run(pinning(world, first, users[0])).changed);

    world.run(pinning(world, second, users[0]));
    world.reopen();
    const auto pins = pins_of(world, group);
    REQUIRE(pins.size() == 2);
    CHECK(pins[0].id == second.id);
    CHECK(show(pins[1]) == show(pinned));
    CHECK(stored_message(world, group, first.id).pin->by.id == users[0]);

    const Committed undone = world.run(pinning(world, first, users[0], false));
    CHECK(undone.changed);
    CHECK_FALSE(object<Message>(undone).pin);
    CHECK_FALSE(world.run(pinning(world, first, users[0], false)).changed);
    CHECK(pins_of(world, group).size() == 1);
}

STORAGE_TEST("in a direct channel both pin") {
    World world(kind.make());
    const auto users = world.add_users(3);
    const ChannelId pair = world.add_direct(users[0], users[1]);
    const Message message = world.send(pair, users[0]);
    CHECK(world.run(pinning(world, message, users[1])).changed);
    CHECK(world.run(pinning(world, message, users[0], false)).changed);
    CHECK(code_of(world.attempt(pinning(world, message, users[2]))) == ErrorCode::not_a_member);
}

STORAGE_TEST("a channel has a limited number of pins, and an unsent message has none") {
    World world(kind.make());
    const auto users = world.add_users(1);
    const ChannelId group = world.add_group(users);
    std::vector<Message> messages;
    for (int i = 0; i < 3; ++i) messages.push_back(world.send(group, users[0]));
    auto pin = pinning(world, messages[0], users[0]);
    pin.max_pins = 2;
    world.run(pin);
    pin.message = messages[1].id;
    world.run(pin);
    pin.message = messages[2].id;
    const auto over = world.attempt(pin);
    CHECK(code_of(over) == ErrorCode::validation_error);
    CHECK(std::get<std::int64_t>(over.error().detail("limit")->value) == 2);

    CHECK_FALSE(object<Message>(world.run(world.deleting(messages[0], users[0]))).pin);
    CHECK(world.run(pin).changed);
    CHECK(code_of(world.attempt(pinning(world, messages[0], users[0]))) == ErrorCode::not_found);
    CHECK(pins_of(world, group).size() == 2);
}

STORAGE_TEST("pins by users whom the reader has blocked are left out, and one who pinned may be gone") {
    World world(kind.make());
    const auto users = world.add_users(3);
    const ChannelId group = world.add_group(users);
    const Message mine = world.send(group, users[1]);
    const Message theirs = world.send(group, users[2]);
    world.run(pinning(world, mine, users[0]));
    world.run(pinning(world, theirs, users[0]));
    world.run(world.blocking(users[1], users[2]));
    REQUIRE(pins_of(world, group, users[1]).size() == 1);
    CHECK(pins_of(world, group, users[1])[0].id == mine.id);

    world.run(mutation::DeleteUser{.workspace = world.workspace, .user = users[0], .at = world.tick()});
    const auto pins = pins_of(world, group);
    REQUIRE(pins.size() == 2);
    CHECK(pins[0].pin->by.deleted);
    CHECK(pins[0].pin->by.name.empty());
}

}  // namespace cariosan::test
