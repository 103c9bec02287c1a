// Members: joining, leaving, roles, limits, muting.
#include <set>

#include "conformance/world.hpp"

namespace cariosan::test {

STORAGE_TEST("members who join together share a revision and start at the newest message") {
    World world(kind.make());
    const auto users = world.add_users(4);
    const ChannelId group = world.add_group({users[0]});
    world.send(group, users[0]);
    world.send(group, users[0]);
    mutation::AddMembers add = world.adding(group, {users[2], users[0], users[1]});
    const Committed done = world.run(add);
    CHECK(done.changed);
    CHECK(done.rev == 4);
    const auto& committed = object<CommittedMembers>(done);
    CHECK(committed.channel.member_count == 3);
    CHECK(committed.channel.receipt_rev == 1);
    REQUIRE(committed.members.size() == 2);
    CHECK(committed.members[0].user.id == users[2]);
    CHECK(committed.members[1].user.id == users[1]);
    for (const Member& member : committed.members) {
        CHECK(member.rev == 4);
        CHECK(member.role == Role::member);
        CHECK(member.joined_at == add.at);
        CHECK_FALSE(member.user.name.empty());
    }
    world.reopen();
    CHECK(show(world.channel(group)) == show(committed.channel));
    const MyChannel mine = world.mine(group, users[1]);
    CHECK(mine.last_read_seq == 2);
    CHECK(mine.unread_count == 0);
    const ChangePage page = world.changes(group, users[0], {.since = 4});
    REQUIRE(page.receipts.size() == 2);
    for (const Receipt& receipt : page.receipts) {
        CHECK(receipt.last_read_seq == 2);
        CHECK(receipt.last_delivered_seq == 2);
        CHECK(receipt.receipt_rev == 1);
    }

    const std::string before = world.dump(group);
    const Committed again = world.run(world.adding(group, {users[1], users[2]}));
    CHECK_FALSE(again.changed);
    CHECK(again.rev == 4);
    CHECK(object<CommittedMembers>(again).members.empty());
    CHECK(world.dump(group) == before);
}

STORAGE_TEST("a group without an admin gets one when its first member is added") {
    World world(kind.make());
    const auto users = world.add_users(4);
    const ChannelId group = world.add_group({});
    const Committed first = world.run(world.adding(group, {users[2], users[0]}));
    const auto& committed = object<CommittedMembers>(first);
    REQUIRE(committed.members.size() == 2);
    CHECK(committed.members[0].user.id == users[2]);
    CHECK(committed.members[0].role == Role::admin);
    CHECK(committed.members[1].role == Role::member);
    CHECK(world.membership(group, users[2])->role == Role::admin);
    // Now there is one.
    world.run(world.adding(group, {users[1]}));
    CHECK(world.membership(group, users[1])->role == Role::member);
    // It can do what admins do.
    auto add = world.adding(group, {users[3]});
    add.actor = users[2];
    CHECK(world.run(add).changed);

    // Everyone leaves, and one member comes back.
    for (const UserId user : {users[0], users[1], users[3], users[2]}) world.run(world.removing(group, user));
    world.run(world.adding(group, {users[1]}));
    CHECK(world.membership(group, users[1])->role == Role::admin);

    // The only member gives up their role; the next one to join becomes admin.
    world.run(world.role(group, users[1], Role::member));
    world.run(world.adding(group, {users[0]}));
    CHECK(world.membership(group, users[0])->role == Role::admin);
    CHECK(world.membership(group, users[1])->role == Role::member);
}

STORAGE_TEST("a group whose members were all deleted gets an admin when a member is added") {
    World world(kind.make());
    const auto users = world.add_users(3);
    const ChannelId group = world.add_group({users[0]});
    world.run(mutation::DeleteUser{.workspace = world.workspace, .user = users[0], .at = world.tick()});
    // From the deletion until its membership ends, the deleted user is replaced like any last admin.
    world.run(world.adding(group, {users[1]}));
    const auto ending = world.read([&](Reader& r) {
        return must(r.user_data().ending_memberships(world.workspace, users[0], 10));
    });
    REQUIRE(ending.size() == 1);
    CHECK(ending[0].successor == users[1]);
    world.run(world.role(group, users[1], Role::admin));
    world.run(world.removing(group, users[0]));
    world.run(world.removing(group, users[1]));
    world.run(world.adding(group, {users[2]}));
    CHECK(world.membership(group, users[2])->role == Role::admin);
}

STORAGE_TEST("a former member stays in the changes and can come back") {
    World world(kind.make());
    const auto users = world.add_users(3);
    const ChannelId group = world.add_group(users);
    world.run(world.reading(group, users[1]));
    world.send(group, users[0]);
    world.run(mutation::SetPreferences{
        .workspace = world.workspace, .channel = group, .user = users[1], .muted = true});
    world.run(world.role(group, users[1], Role::admin));
    const Committed left = world.run(world.removing(group, users[1]));
    CHECK(left.rev == 4);
    REQUIRE(object<CommittedMembers>(left).members.size() == 1);
    const Member gone = object<CommittedMembers>(left).members[0];
    CHECK(gone.left);
    CHECK(gone.rev == 4);
    CHECK(gone.user.id == users[1]);
    CHECK(object<CommittedMembers>(left).channel.member_count == 2);
    CHECK_FALSE(world.membership(group, users[1]));
    CHECK(world.members(group).size() == 2);
    const ChangePage page = world.changes(group, users[0], {.since = 3});
    REQUIRE(page.members.size() == 1);
    CHECK(page.members[0].left);
    CHECK(page.members[0].user.id == users[1]);
    CHECK(page.members[0].user.external_id.empty());
    CHECK(code_of(world.attempt(world.removing(group, users[1]))) == ErrorCode::not_found);
    CHECK(code_of(world.attempt(world.message(group, users[1]))) == ErrorCode::not_a_member);

    world.send(group, users[0]);
    const std::int64_t receipts = world.channel(group).receipt_rev;
    const Committed back = world.run(world.adding(group, {users[1]}));
    CHECK(back.rev == 6);
    CHECK(object<CommittedMembers>(back).channel.receipt_rev == receipts + 1);
    const auto membership = world.membership(group, users[1]);
    REQUIRE(membership);
    CHECK(membership->role == Role::member);
    CHECK_FALSE(membership->muted);
    CHECK(membership->last_read_seq == 2);
    CHECK(membership->rev == 6);
    const ChangePage after = world.changes(group, users[1], {.since = 5, .receipts_since = receipts});
    REQUIRE(after.members.size() == 1);
    CHECK_FALSE(after.members[0].left);
    REQUIRE(after.receipts.size() == 1);
    CHECK(after.receipts[0].last_read_seq == 2);
    CHECK_FALSE(after.receipts[0].last_read_at);
}

STORAGE_TEST("leaving and coming back within one batch") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group(users);
    const auto answers = world.commit({world.message(group, users[1]), world.removing(group, users[1]),
                                       world.message(group, users[1]), world.message(group, users[0]),
                                       world.adding(group, {users[1]}), world.message(group, users[1]),
                                       world.reading(group, users[0])});
    CHECK(must(answers[0]).rev == 2);
    CHECK(must(answers[1]).rev == 3);
    CHECK(code_of(answers[2]) == ErrorCode::not_a_member);
    CHECK(must(answers[3]).rev == 4);
    CHECK(must(answers[4]).rev == 5);
    CHECK(must(answers[5]).rev == 6);
    CHECK(object<Message>(must(answers[5])).seq == 3);
    CHECK(world.membership(group, users[1])->last_read_seq == 3);
    // The member who joined and the one who read share the batch's receipt revision.
    CHECK(world.channel(group).receipt_rev == 1);
    CHECK(object<CommittedReceipt>(must(answers[6])).state.receipt.receipt_rev == 1);
    world.reopen();
    CHECK(world.membership(group, users[1])->rev == 5);
    CHECK(world.messages(group).size() == 3);
}

STORAGE_TEST("only admins add and remove members") {
    World world(kind.make());
    const auto users = world.add_users(4);
    const ChannelId group = world.add_group({users[0], users[1]});
    const std::string before = world.dump(group);
    const auto refused = [&](auto mutation, UserId actor, ErrorCode code) {
        mutation.actor = actor;
        CHECK(code_of(world.attempt(mutation)) == code);
    };
    for (const auto& [actor, code] :
         {std::pair(users[1], ErrorCode::not_admin), std::pair(users[2], ErrorCode::not_a_member),
          std::pair(id_of<UserId>(555555), ErrorCode::not_a_member)}) {
        refused(world.adding(group, {users[2]}), actor, code);
        refused(world.removing(group, users[0]), actor, code);
        refused(world.role(group, users[1], Role::admin), actor, code);
    }
    refused(world.removing(group, users[2]), users[2], ErrorCode::not_a_member);
    CHECK(world.dump(group) == before);
    auto add = world.adding(group, {users[2]});
    add.actor = users[0];
    CHECK(world.run(add).rev == 2);
    auto leave = world.removing(group, users[2]);
    leave.actor = users[2];
    CHECK(world.run(leave).rev == 3);
    CHECK(code_of(world.attempt(world.role(group, users[3], Role::admin))) == ErrorCode::not_found);
    CHECK(code_of(world.attempt(world.removing(group, id_of<UserId>(555555)))) == ErrorCode::not_found);
}

STORAGE_TEST("a channel with members keeps an admin") {
    World world(kind.make());
    const auto users = world.add_users(3);
    const ChannelId group = world.add_group(users);
    const std::string before = world.dump(group);
    CHECK(code_of(world.attempt(world.role(group, users[0], Role::member))) == ErrorCode::conflict);
    CHECK(code_of(world.attempt(world.removing(group, users[0]))) == ErrorCode::conflict);
    auto leave = world.removing(group, users[0]);
    leave.actor = users[0];
    CHECK(code_of(world.attempt(leave)) == ErrorCode::conflict);
    CHECK(world.dump(group) == before);

    const Committed same = world.run(world.role(group, users[0], Role::admin));
    CHECK_FALSE(same.changed);
    CHECK(same.rev == 1);
    const Committed promoted = world.run(world.role(group, users[1], Role::admin));
    CHECK(promoted.rev == 2);
    REQUIRE(object<CommittedMembers>(promoted).members.size() == 1);
    CHECK(object<CommittedMembers>(promoted).members[0].role == Role::admin);
    CHECK(object<CommittedMembers>(promoted).members[0].rev == 2);
    CHECK(world.run(leave).rev == 3);
    // An admin who has left is no longer one.
    CHECK(code_of(world.attempt(world.removing(group, users[1]))) == ErrorCode::conflict);
    world.run(world.removing(group, users[2]));
    // A user who is alone may do anything.
    CHECK(world.run(world.role(group, users[1], Role::member)).changed);
    CHECK(world.run(world.role(group, users[1], Role::admin)).changed);
    CHECK(world.run(world.removing(group, users[1])).changed);
    CHECK(world.channel(group).member_count == 0);
}

STORAGE_TEST("the two members of a direct channel are fixed") {
    World world(kind.make());
    const auto users = world.add_users(3);
    const ChannelId direct = world.add_direct(users[0], users[1]);
    const std::string before = world.dump(direct);
    CHECK(code_of(world.attempt(world.adding(direct, {users[2]}))) == ErrorCode::validation_error);
    CHECK(code_of(world.attempt(world.removing(direct, users[0]))) == ErrorCode::validation_error);
    CHECK(code_of(world.attempt(world.role(direct, users[0], Role::admin))) == ErrorCode::validation_error);
    CHECK_FALSE(world.run(world.adding(direct, {users[0], users[1]})).changed);
    CHECK(world.dump(direct) == before);
}

STORAGE_TEST("limits of members and memberships") {
    World world(kind.make());
    const auto users = world.add_users(5);
    const ChannelId group = world.add_group({users[0], users[1]});
    const auto limit_of = [](const Result<Committed>& result) {
        CHECK(code_of(result) == ErrorCode::validation_error);
        REQUIRE(result.error().detail("limit") != nullptr);
        return std::get<std::int64_t>(result.error().detail("limit")->value);
    };
    const std::string before = world.dump(group);
    auto add = world.adding(group, {users[2], users[3]});
    add.max_members = 3;
    CHECK(limit_of(world.attempt(add)) == 3);
    CHECK(world.dump(group) == before);
    // Existing members are not counted twice.
    add.users = {users[0], users[1], users[2]};
    CHECK(world.run(add).changed);
    add.users = {users[0], users[1], users[2]};
    CHECK_FALSE(world.run(add).changed);

    world.add_group({users[4]});
    auto limited = world.adding(group, {users[3], users[4]});
    limited.max_memberships = 1;
    CHECK(limit_of(world.attempt(limited)) == 1);
    CHECK_FALSE(world.membership(group, users[3]));
    limited.max_memberships = 2;
    CHECK(world.run(limited).changed);
    CHECK(world.channel(group).member_count == 5);

    // Two joins in one batch: the second sees the first.
    const ChannelId one = world.add_group({users[0]});
    const ChannelId two = world.add_group({users[0]});
    auto first = world.adding(one, {users[3]});
    auto second = world.adding(two, {users[3]});
    first.max_memberships = second.max_memberships = 2;
    const auto answers = world.commit({first, second});
    CHECK(answers[0].ok());
    CHECK(limit_of(answers[1]) == 2);
}

STORAGE_TEST("members are listed by user id in pages") {
    World world(kind.make());
    auto users = world.add_users(7);
    const ChannelId group = world.add_group({users[3], users[0]});
    world.run(world.adding(group, {users[6], users[1], users[5]}));
    world.run(world.adding(group, {users[2], users[4]}));
    world.run(world.removing(group, users[5]));
    users.erase(users.begin() + 5);
    std::vector<UserId> listed;
    std::optional<UserId> after;
    for (int pages = 0; pages < 10; ++pages) {
        const auto page = world.read([&](Reader& r) { return must(r.members().list(group, after, 2)); });
        if (page.empty()) break;
        CHECK(page.size() <= 2);
        for (const Member& one : page) listed.push_back(one.user.id);
        after = listed.back();
    }
    CHECK(listed == users);
    // The position to continue from need be neither a member nor a user.
    const auto from_between = world.read([&](Reader& r) {
        UserId below = users[4];
        below.uuid.bytes[15] = static_cast<std::uint8_t>(below.uuid.bytes[15] - 1);
        return must(r.members().list(group, below, 1));
    });
    REQUIRE(from_between.size() == 1);
    CHECK(from_between[0].user.id == users[4]);
}

STORAGE_TEST("a muted channel does not count in unread_total") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group(users);
    world.send(group, users[0]);
    mutation::SetPreferences mute{
        .workspace = world.workspace, .channel = group, .user = users[1], .muted = true};
    const Committed done = world.run(mute);
    CHECK(done.changed);
    CHECK(done.rev == 2);
    CHECK_FALSE(world.run(mute).changed);
    CHECK(world.channel(group).rev == 2);
    CHECK(world.membership(group, users[1])->muted);
    CHECK(world.mine(group, users[1]).preferences.muted);
    CHECK_FALSE(world.mine(group, users[0]).preferences.muted);
    const auto unread = [&] {
        return world.read(
            [&](Reader& r) { return must(r.channels().unread_total(world.workspace, users[1])); });
    };
    CHECK(unread() == 0);
    mute.muted = false;
    CHECK(world.run(mute).changed);
    CHECK(unread() == 1);
    mute.user = id_of<UserId>(555555);
    CHECK(code_of(world.attempt(mute)) == ErrorCode::not_a_member);
}

STORAGE_TEST("positions tell the revision at which a user joined") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group({users[0]});
    world.send(group, users[0]);
    world.run(world.adding(group, {users[1]}));
    const Message last = world.send(group, users[0]);
    world.run(world.role(group, users[1], Role::admin));
    const ChannelId other = world.add_group({users[1]});
    const auto positions =
        world.read([&](Reader& r) { return must(r.channels().positions_of(world.workspace, users[1])); });
    REQUIRE(positions.size() == 2);
    for (const ChannelPosition& position : positions) {
        const bool first = position.channel == group;
        CHECK((first || position.channel == other));
        CHECK(position.rev == (first ? 5 : 1));
        CHECK(position.member_rev == (first ? 3 : 1));
        CHECK(position.member_count == (first ? 2 : 1));
        CHECK(position.last_activity == (first ? last.created_at : world.channel(other).created_at));
    }
}

}  // namespace cariosan::test
