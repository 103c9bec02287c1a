// Silences: who is kept from writing, where, and until when.
#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

std::string until_of(const Result<Committed>& refused) {
    REQUIRE(code_of(refused) == ErrorCode::muted);
    const ErrorDetail* until = refused.error().detail("until");
    return until != nullptr ? std::get<std::string>(until->value) : "";
}

std::vector<Silence> silences_at(World& world, Timestamp now,
                                 std::optional<SilenceReader::Key> after = std::nullopt,
                                 std::int64_t limit = 100) {
    return world.read(
        [&](Reader& r) { return must(r.silences().list(world.workspace, after, limit, now)).silences; });
}

SilenceState state_of(World& world, ChannelId channel, UserId user, Timestamp now) {
    return world.read([&](Reader& r) { return must(r.silences().find(channel, user, now)); });
}

}  // namespace

STORAGE_TEST("a silenced user can neither send nor edit, but can react") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group(users);
    mutation::SendMessage known = world.message(group, users[1]);
    known.idempotency_key = "key";
    const Message before = object<Message>(world.run(known));
    auto silence = world.silencing(users[1]);
    silence.reason = "rude";
    const Committed done = world.run(silence);
    CHECK(done.created);
    CHECK(done.changed);
    CHECK(done.rev == 0);
    const Silence& made = object<Silence>(done);
    CHECK(made.user.id == users[1]);
    CHECK(made.user.name.starts_with("Name of"));
    CHECK_FALSE(made.channel_id);
    CHECK_FALSE(made.until);
    CHECK(made.reason == "rude");
    CHECK(made.created_at == silence.at);

    const std::string untouched = world.dump(group);
    CHECK(until_of(world.attempt(world.message(group, users[1]))).empty());
    CHECK(until_of(world.attempt(world.editing(before, users[1], "x"))).empty());
    CHECK(world.dump(group) == untouched);
    CHECK(world.run(known).duplicate);
    CHECK(world.run(world.message(group, users[0])).changed);
    CHECK(world.run(world.reacting(before, users[1], "a")).changed);
    mutation::SendMessage trusted = world.message(group, users[1]);
    trusted.as_user = false;
    CHECK(world.run(trusted).changed);
    CHECK(world.run(world.deleting(before, users[1])).changed);

    const Committed lifted = world.run(world.unsilencing(users[1]));
    CHECK(lifted.changed);
    CHECK_FALSE(world.run(world.unsilencing(users[1])).changed);
    CHECK(world.run(world.message(group, users[1])).changed);
}

STORAGE_TEST("a silence in a channel has no effect elsewhere") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group(users);
    const ChannelId other = world.add_group(users);
    const Silence silence = object<Silence>(world.run(world.silencing(users[1], group)));
    CHECK(silence.channel_id == group);
    CHECK(silence.channel_external_id == world.channel(group).external_id);
    CHECK(code_of(world.attempt(world.message(group, users[1]))) == ErrorCode::muted);
    CHECK(world.attempt(world.message(other, users[1])).ok());
    // The silence in the workspace is a separate one.
    CHECK_FALSE(world.run(world.unsilencing(users[1])).changed);
    CHECK(code_of(world.attempt(world.message(group, users[1]))) == ErrorCode::muted);
    CHECK(world.run(world.unsilencing(users[1], group)).changed);
    CHECK(world.attempt(world.message(group, users[1])).ok());
}

STORAGE_TEST("a silence expires, and of two, the one that ends later counts") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group(users);
    const auto send_at = [&](Timestamp at) {
        mutation::SendMessage send = world.message(group, users[1]);
        send.at = at;
        return world.attempt(send);
    };
    auto here = world.silencing(users[1], group);
    here.until = Timestamp{here.at.milliseconds + 10'000};
    world.run(here);
    auto everywhere = world.silencing(users[1]);
    everywhere.until = Timestamp{here.at.milliseconds + 20'000};
    world.run(everywhere);
    CHECK(until_of(send_at({here.until->milliseconds - 1})) == everywhere.until->to_string());
    CHECK(until_of(send_at({everywhere.until->milliseconds - 1})) == everywhere.until->to_string());
    CHECK(state_of(world, group, users[1], here.at).until == everywhere.until);
    CHECK(send_at(*everywhere.until).ok());
    CHECK_FALSE(state_of(world, group, users[1], *everywhere.until).silenced);
    CHECK_FALSE(state_of(world, group, users[0], here.at).silenced);

    here.until.reset();
    const Committed longer = world.run(here);
    CHECK(longer.changed);
    CHECK_FALSE(longer.created);
    CHECK_FALSE(world.run(here).changed);
    CHECK(until_of(send_at(*everywhere.until)).empty());
    const SilenceState state = state_of(world, group, users[1], here.at);
    CHECK(state.silenced);
    CHECK_FALSE(state.until);
}

STORAGE_TEST("a silence applies to later mutations of its own batch") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group(users);
    const auto answers = world.commit({world.message(group, users[1]), world.silencing(users[1], group),
                                       world.message(group, users[1]), world.unsilencing(users[1], group),
                                       world.message(group, users[1])});
    CHECK(answers[0].ok());
    CHECK(code_of(answers[2]) == ErrorCode::muted);
    CHECK(answers[4].ok());
    CHECK(answers[4]->rev == 3);
}

STORAGE_TEST("silencing somebody who does not exist is refused") {
    World world(kind.make());
    const UserId user = world.add_user("a");
    const WorkspaceId other = world.add_workspace();
    const UserId stranger = world.add_user("b", other);
    CHECK(code_of(world.attempt(world.silencing(stranger))) == ErrorCode::not_found);
    CHECK(code_of(world.attempt(world.unsilencing(stranger))) == ErrorCode::not_found);
    CHECK(code_of(world.attempt(world.silencing(user, id_of<ChannelId>(555555)))) == ErrorCode::not_found);
    CHECK(silences_at(world, world.tick()).empty());
}

STORAGE_TEST("active silences are listed by user and channel") {
    const auto clock = std::make_shared<ManualClock>();
    World world(kind.make(), {.clock = clock});
    const auto users = world.add_users(3);
    const ChannelId first = world.add_group(users);
    const ChannelId second = world.add_group(users);
    const Timestamp now = world.tick();
    for (const UserId user : {users[2], users[0]}) {
        world.run(world.silencing(user, second));
        world.run(world.silencing(user));
        auto passing = world.silencing(user, first);
        passing.until = Timestamp{now.milliseconds + 60'000};
        world.run(passing);
    }
    const auto show_all = [&](const std::vector<Silence>& silences) {
        std::string text;
        for (const Silence& silence : silences) {
            text += silence.user.id == users[0] ? "0" : silence.user.id == users[2] ? "2" : "?";
            text += !silence.channel_id ? "w " : silence.channel_id == first ? "f " : "s ";
        }
        return text;
    };
    CHECK(show_all(silences_at(world, now)) == "0w 0f 0s 2w 2f 2s ");
    CHECK(show_all(silences_at(world, now, std::nullopt, 2)) == "0w 0f ");
    CHECK(show_all(silences_at(world, now, SilenceReader::Key{users[0], first}, 2)) == "0s 2w ");
    CHECK(show_all(silences_at(world, now, SilenceReader::Key{users[0], ChannelId{}}, 1)) == "0f ");
    CHECK(show_all(silences_at(world, {now.milliseconds + 60'000})) == "0w 0s 2w 2s ");
    world.run(mutation::DeleteChannel{.workspace = world.workspace, .channel = second, .at = world.tick()});
    CHECK(show_all(silences_at(world, now)) == "0w 0f 2w 2f ");
    while (must(world.storage().maintain())) {
    }
    world.reopen({.clock = clock});
    CHECK(show_all(silences_at(world, now)) == "0w 0f 2w 2f ");
    CHECK(world
              .read([&](Reader& r) {
                  return must(r.silences().list(world.add_workspace(), std::nullopt, 9, now));
              })
              .silences.empty());
}

}  // namespace cariosan::test
