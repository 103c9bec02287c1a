// When users were last seen, and who shares a channel with whom.
#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

std::vector<UserPresence> sharing(World& world, UserId viewer, const std::vector<UserId>& users) {
    WorkBudget budget(1'000'000);
    const SharingUsers sharing =
        world.read([&](Reader& r) { return must(r.users().sharing(world.workspace, viewer, users, budget)); });
    CHECK(sharing.judged == users.size());
    return sharing.found;
}

std::optional<Timestamp> last_seen(World& world, UserId user) {
    const auto found = sharing(world, user, {user});
    REQUIRE(found.size() == 1);
    CHECK(found[0].user_id == user);
    CHECK_FALSE(found[0].online);
    return found[0].last_seen_at;
}

std::vector<UserId> ids(const std::vector<UserPresence>& users) {
    std::vector<UserId> list;
    for (const UserPresence& each : users) list.push_back(each.user_id);
    return list;
}

}  // namespace

STORAGE_TEST("last-seen times only move forward, for many users at once, and are stored") {
    World world(kind.make());
    const auto users = world.add_users(3);
    world.add_group(users);
    CHECK_FALSE(last_seen(world, users[0]));
    const Committed done =
        world.run(mutation::RecordLastSeen{{{users[0], {50}}, {id_of<UserId>(999), {60}}, {users[1], {70}}}});
    CHECK(done.rev == 0);
    CHECK(last_seen(world, users[0]) == Timestamp{50});
    CHECK(last_seen(world, users[1]) == Timestamp{70});
    CHECK_FALSE(last_seen(world, users[2]));
    world.run(mutation::RecordLastSeen{{{users[0], {49}}, {users[1], {71}}}});
    world.reopen();
    CHECK(last_seen(world, users[0]) == Timestamp{50});
    CHECK(last_seen(world, users[1]) == Timestamp{71});
    CHECK_FALSE(world.run(mutation::RecordLastSeen{}).changed);
}

STORAGE_TEST("only users who share a channel now are found") {
    World world(kind.make());
    const auto users = world.add_users(5);
    const ChannelId group = world.add_group({users[0], users[1], users[2]});
    const ChannelId other = world.add_group({users[0], users[3]});
    world.add_direct(users[0], users[4]);
    CHECK(ids(sharing(world, users[0], {users[4], users[3], users[2], users[1], id_of<UserId>(999)})) ==
          std::vector{users[4], users[3], users[2], users[1]});
    CHECK(ids(sharing(world, users[1], users)) == std::vector{users[0], users[1], users[2]});
    world.run(world.removing(group, users[2]));
    CHECK(ids(sharing(world, users[1], users)) == std::vector{users[0], users[1]});
    CHECK(sharing(world, users[2], users).empty());
    world.run(mutation::DeleteChannel{.workspace = world.workspace, .channel = other, .at = world.tick()});
    CHECK(sharing(world, users[3], users).empty());
    CHECK(ids(sharing(world, users[0], users)) == std::vector{users[0], users[1], users[4]});
    // Blocks hide both from each other.
    world.run(world.blocking(users[0], users[1]));
    CHECK(ids(sharing(world, users[0], users)) == std::vector{users[0], users[4]});
    CHECK(ids(sharing(world, users[1], users)) == std::vector{users[1]});
    world.run(world.unblocking(users[0], users[1]));
    CHECK(ids(sharing(world, users[1], users)) == std::vector{users[0], users[1]});
    // Another workspace knows none of them.
    const WorkspaceId elsewhere = world.add_workspace();
    world.read([&](Reader& r) {
        WorkBudget budget(1'000);
        CHECK(must(r.users().sharing(elsewhere, users[0], users, budget)).found.empty());
        return 0;
    });
}

}  // namespace cariosan::test
