// Suspended users: what is stored, and that they send nothing.
#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

mutation::SuspendUser suspending(World& world, UserId user, std::optional<Timestamp> until = std::nullopt) {
    return {.workspace = world.workspace, .user = user, .until = until, .reason = "fraud", .at = world.tick()};
}
mutation::RestoreUser restoring(World& world, UserId user) {
    return {.workspace = world.workspace, .user = user, .at = world.tick()};
}
User stored_user(World& world, UserId id) {
    return world.read([&](Reader& r) { return must_find(r.users().find(world.workspace, id)); });
}

}  // namespace

STORAGE_TEST("a suspension is stored with the user, who sends nothing until it is lifted") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group(users);
    auto known = with_key(world.message(group, users[1]), "key");
    world.run(known);
    const auto suspend = suspending(world, users[1]);
    const Committed done = world.run(suspend);
    CHECK(done.changed);
    const User user = object<CommittedUser>(done).user;
    CHECK(user.suspension == Suspension{.until = {}, .reason = "fraud", .created_at = suspend.at});
    CHECK_FALSE(world.run(suspending(world, users[1])).changed);

    world.reopen();
    CHECK(stored_user(world, users[1]).suspension == user.suspension);
    CHECK(world.read([&](Reader& r) { return must(r.users().list(world.workspace, users[0], 1)); })[0].suspension == user.suspension);
    const auto refused = world.attempt(world.message(group, users[1]));
    CHECK(code_of(refused) == ErrorCode::suspended);
    CHECK(std::holds_alternative<std::nullptr_t>(refused.error().detail("until")->value));
    CHECK(world.run(known).duplicate);
    auto trusted = world.message(group, users[1]);
    trusted.as_user = false;
    CHECK(world.run(trusted).changed);

    CHECK(world.run(restoring(world, users[1])).changed);
    CHECK_FALSE(world.run(restoring(world, users[1])).changed);
    CHECK_FALSE(stored_user(world, users[1]).suspension);
    CHECK(world.run(world.message(group, users[1])).changed);
}

STORAGE_TEST("a suspension ends by itself, and holds in the batch that makes it") {
    World world(kind.make());
    const auto users = world.add_users(1);
    const ChannelId group = world.add_group(users);
    const Timestamp until{world.tick().milliseconds + 1000};
    auto early = world.message(group, users[0]);
    early.at = {until.milliseconds - 1};
    auto late = world.message(group, users[0]);
    late.at = until;
    const auto done = world.storage().commit(std::vector<Mutation>{suspending(world, users[0], until), early, late});
    CHECK(done[0].ok());
    CHECK(code_of(done[1]) == ErrorCode::suspended);
    CHECK(std::get<std::string>(done[1].error().detail("until")->value) == until.to_string());
    CHECK(done[2].ok());
}

STORAGE_TEST("an update keeps a suspension, and a deletion forgets its reason") {
    World world(kind.make());
    const auto users = world.add_users(1);
    world.run(suspending(world, users[0]));
    mutation::UpdateUser update{.workspace = world.workspace, .user = users[0], .name = "New", .at = world.tick()};
    CHECK(object<CommittedUser>(world.run(update)).user.suspension.has_value());
    world.run(mutation::DeleteUser{.workspace = world.workspace, .user = users[0], .at = world.tick()});
    CHECK(code_of(world.attempt(suspending(world, users[0]))) == ErrorCode::not_found);
}

}  // namespace cariosan::test
