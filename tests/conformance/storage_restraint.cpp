// Frozen channels and slow mode: who has to wait, or may not write at all.
#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

/// Ann, the group's admin, and Ben; what both say and do there.
struct Group {
    explicit Group(const SuiteKind& kind) : world(kind.make()) {}

    World world;
    std::vector<UserId> users = world.add_users(2);
    UserId ann = users[0];
    UserId ben = users[1];
    ChannelId channel = world.add_group(users);

    mutation::UpdateChannel update() {
        return {.workspace = world.workspace, .channel = channel, .at = world.tick()};
    }
    void freeze(bool frozen) {
        auto change = update();
        change.frozen = frozen;
        CHECK(world.run(change).changed);
    }
    void slow_down(std::int64_t seconds) {
        auto change = update();
        change.slow_mode_seconds = seconds;
        CHECK(world.run(change).changed);
    }
    mutation::SendMessage message_at(UserId author, Timestamp at) {
        auto message = world.message(channel, author);
        message.at = at;
        return message;
    }
};

std::int64_t wait_of(const Result<Committed>& refused) {
    REQUIRE(code_of(refused) == ErrorCode::slow_mode);
    CHECK(refused.error().retryable);
    const ErrorDetail* wait = refused.error().detail("retry_after_ms");
    REQUIRE(wait != nullptr);
    return std::get<std::int64_t>(wait->value);
}

}  // namespace

STORAGE_TEST("in a frozen channel only admins and the backend send, edit and react, and everyone may unsend") {
    Group group(kind);
    World& world = group.world;
    auto known = world.message(group.channel, group.ben);
    known.idempotency_key = "key";
    const Message said = object<Message>(world.run(known));
    CHECK(world.run(world.reacting(said, group.ben, "a")).changed);
    group.freeze(true);
    CHECK(world.channel(group.channel).frozen);

    const std::string before = world.dump(group.channel);
    CHECK(code_of(world.attempt(world.message(group.channel, group.ben))) == ErrorCode::frozen);
    CHECK(code_of(world.attempt(world.editing(said, group.ben, "x"))) == ErrorCode::frozen);
    CHECK(code_of(world.attempt(world.reacting(said, group.ben, "b"))) == ErrorCode::frozen);
    CHECK(code_of(world.attempt(world.unreacting(said, group.ben, "a"))) == ErrorCode::frozen);
    CHECK(world.dump(group.channel) == before);
    CHECK(world.run(known).duplicate);

    const Message ruled = object<Message>(world.run(world.message(group.channel, group.ann)));
    CHECK(world.run(world.editing(ruled, group.ann, "x")).changed);
    CHECK(world.run(world.reacting(said, group.ann, "b")).changed);
    auto trusted = world.message(group.channel, group.ben);
    trusted.as_user = false;
    CHECK(world.run(trusted).changed);
    CHECK(world.run(world.deleting(said, group.ben)).changed);

    world.reopen();
    CHECK(code_of(world.attempt(world.message(group.channel, group.ben))) == ErrorCode::frozen);
    group.freeze(false);
    CHECK(world.run(world.message(group.channel, group.ben)).changed);
}

STORAGE_TEST("a direct channel has no admins: frozen, it is closed to both") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId pair = world.add_direct(users[0], users[1]);
    mutation::UpdateChannel freeze{.workspace = world.workspace, .channel = pair, .frozen = true, .at = world.tick()};
    CHECK(world.run(freeze).changed);
    for (const UserId& user : users) CHECK(code_of(world.attempt(world.message(pair, user))) == ErrorCode::frozen);
}

STORAGE_TEST("in slow mode a member waits between two messages, and an admin does not") {
    Group group(kind);
    World& world = group.world;
    const Timestamp start = world.tick();
    const auto after = [&](std::int64_t milliseconds) { return Timestamp{start.milliseconds + milliseconds}; };
    CHECK(world.run(group.message_at(group.ben, start)).changed);
    group.slow_down(30);
    // What was sent before slow mode does not count.
    CHECK(world.run(group.message_at(group.ben, after(1))).changed);
    CHECK(wait_of(world.attempt(group.message_at(group.ben, after(2)))) == 29'999);
    CHECK(wait_of(world.attempt(group.message_at(group.ben, after(30'000)))) == 1);
    CHECK(world.run(group.message_at(group.ann, after(3))).changed);
    CHECK(world.run(group.message_at(group.ann, after(4))).changed);
    auto trusted = group.message_at(group.ben, after(5));
    trusted.as_user = false;
    CHECK(world.run(trusted).changed);

    world.reopen();
    CHECK(wait_of(world.attempt(group.message_at(group.ben, after(10)))) == 29'991);
    CHECK(world.run(group.message_at(group.ben, after(30'001))).changed);
    group.slow_down(0);
    CHECK(world.run(group.message_at(group.ben, after(30'002))).changed);
}

STORAGE_TEST("a clock that was set back keeps nobody waiting for longer than the pause") {
    Group group(kind);
    World& world = group.world;
    group.slow_down(10);
    const Timestamp ahead{world.tick().milliseconds + 3'600'000};
    CHECK(world.run(group.message_at(group.ben, ahead)).changed);
    CHECK(wait_of(world.attempt(group.message_at(group.ben, world.tick()))) == 10'000);
}

STORAGE_TEST("two messages of one batch are as fast as two of two") {
    Group group(kind);
    World& world = group.world;
    group.slow_down(10);
    const std::vector<Mutation> batch{world.message(group.channel, group.ben), world.message(group.channel, group.ben)};
    const auto done = world.storage().commit(batch);
    CHECK(done[0].ok());
    CHECK(code_of(done[1]) == ErrorCode::slow_mode);
}

}  // namespace cariosan::test
