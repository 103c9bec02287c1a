// Channels: creating, settings, deleting, listing.
#include <algorithm>

#include "conformance/world.hpp"

namespace cariosan::test {

STORAGE_TEST("a new group has revision 1 and all its members") {
    World world(kind.make());
    const auto users = world.add_users(3);
    mutation::CreateChannel create = world.group(users);
    create.name = kOddText;
    create.metadata = R"({"k":"v"})";
    create.avatar_url = "https://example.org/c.png";
    create.admin = users[1];
    const Committed made = world.run(create);
    CHECK(made.created);
    CHECK(made.changed);
    CHECK(made.rev == 1);
    const auto& committed = object<CommittedChannel>(made);
    const Channel& channel = committed.channel;
    CHECK(channel.id == create.new_id);
    CHECK(channel.rev == 1);
    CHECK(channel.settings_rev == 1);
    CHECK(channel.receipt_rev == 0);
    CHECK(channel.last_seq == 0);
    CHECK(channel.member_count == 3);
    CHECK(channel.name == kOddText);
    CHECK(channel.metadata == create.metadata);
    CHECK(channel.created_at == create.at);
    REQUIRE(committed.members.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
        const Member& member = committed.members[i];
        CHECK(member.user.id == users[i]);
        CHECK_FALSE(member.user.external_id.empty());
        CHECK(member.role == (i == 1 ? Role::admin : Role::member));
        CHECK(member.rev == 1);
        CHECK(member.joined_at == create.at);
    }
    world.reopen();
    CHECK(show(world.channel(create.new_id)) == show(channel));
    const auto found = world.read([&](Reader& r) {
        return must_find(r.channels().find_external(world.workspace, *create.external_id));
    });
    CHECK(show(found) == show(channel));
    const auto members = world.members(create.new_id);
    REQUIRE(members.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) CHECK(show(members[i]) == show(committed.members[i]));
}

STORAGE_TEST("creating a group with a known external_id returns it unchanged, whoever asks") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const mutation::CreateChannel create = world.group(users);
    world.run(create);
    world.send(create.new_id, users[0]);
    const std::string before = world.dump(create.new_id);
    mutation::CreateChannel again = world.group({id_of<UserId>(424242)});
    again.external_id = create.external_id;
    again.name = "Other name";
    const Committed known = world.run(again);
    CHECK_FALSE(known.created);
    CHECK_FALSE(known.changed);
    CHECK(known.rev == 2);
    CHECK(object<CommittedChannel>(known).channel.id == create.new_id);
    CHECK(object<CommittedChannel>(known).members.empty());
    CHECK(world.dump(create.new_id) == before);
    CHECK_FALSE(world.has_channel(again.new_id));
}

STORAGE_TEST("a pair has one direct channel, whoever asks first") {
    World world(kind.make());
    const auto users = world.add_users(3);
    const ChannelId direct = world.add_direct(users[0], users[1]);
    CHECK(world.add_direct(users[1], users[0]) == direct);
    CHECK(world.add_direct(users[0], users[2]) != direct);
    CHECK(world.channel(direct).type == ChannelType::direct);
    CHECK_FALSE(world.channel(direct).external_id);

    // Within one batch as well.
    const auto more = world.add_users(2);
    mutation::CreateChannel one = world.group(more);
    one.type = ChannelType::direct;
    one.external_id.reset();
    one.admin.reset();
    mutation::CreateChannel two = one;
    two.new_id = world.next_id<ChannelId>();
    std::ranges::reverse(two.members);
    const auto answers = world.commit({one, two});
    CHECK(must(answers[0]).created);
    CHECK_FALSE(must(answers[1]).created);
    CHECK(object<CommittedChannel>(must(answers[1])).channel.id == one.new_id);
}

STORAGE_TEST("an external_id belongs to one channel") {
    World world(kind.make());
    const auto users = world.add_users(3);
    const mutation::CreateChannel group = world.group(users);
    world.run(group);

    mutation::CreateChannel direct = world.group({users[0], users[1]});
    direct.type = ChannelType::direct;
    direct.admin.reset();
    direct.external_id = group.external_id;
    auto refused = world.attempt(direct);
    CHECK(code_of(refused) == ErrorCode::conflict);
    CHECK(field_of(refused) == "external_id");
    direct.external_id = "pair";
    world.run(direct);
    mutation::CreateChannel other = world.group(users);
    other.external_id = "pair";
    CHECK(code_of(world.attempt(other)) == ErrorCode::conflict);
    other.external_id = group.new_id.to_string();
    refused = world.attempt(other);
    CHECK(code_of(refused) == ErrorCode::conflict);
    CHECK(field_of(refused) == "external_id");
    CHECK_FALSE(world.has_channel(other.new_id));
    other.external_id = id_of<ChannelId>(777777).to_string();
    CHECK(world.run(other).created);
}

STORAGE_TEST("a channel needs members from its workspace who have room for it") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const UserId foreign = world.add_user("foreign", world.add_workspace());
    mutation::CreateChannel create = world.group({users[0], foreign});
    CHECK(code_of(world.attempt(create)) == ErrorCode::not_found);
    create.members = users;
    create.admin = foreign;
    CHECK(field_of(world.attempt(create)) == "created_by");
    create.workspace = id_of<WorkspaceId>(999);
    CHECK(code_of(world.attempt(create)) == ErrorCode::not_found);

    world.add_group({users[0]});
    world.add_group({users[0]});
    mutation::CreateChannel third = world.group({users[1], users[0]});
    third.max_memberships = 2;
    const auto refused = world.attempt(third);
    CHECK(code_of(refused) == ErrorCode::validation_error);
    REQUIRE(refused.error().detail("limit") != nullptr);
    CHECK(std::get<std::int64_t>(refused.error().detail("limit")->value) == 2);
    CHECK_FALSE(world.has_channel(third.new_id));
    CHECK(world.read([&](Reader& r) { return must(r.channels().positions_of(world.workspace, users[1])); })
              .empty());
    third.max_memberships = 3;
    CHECK(world.run(third).created);
}

STORAGE_TEST("deleted and left channels do not count as memberships") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId one = world.add_group(users);
    const ChannelId two = world.add_group(users);
    mutation::CreateChannel third = world.group(users);
    third.max_memberships = 2;
    CHECK(code_of(world.attempt(third)) == ErrorCode::validation_error);
    // At once, long before the rows are purged.
    world.run(mutation::DeleteChannel{.workspace = world.workspace, .channel = one, .at = world.tick()});
    CHECK(world.run(third).created);
    mutation::CreateChannel fourth = world.group({users[1]});
    fourth.max_memberships = 2;
    CHECK(code_of(world.attempt(fourth)) == ErrorCode::validation_error);
    world.run(world.removing(two, users[1]));
    CHECK(world.run(fourth).created);
    while (must(world.storage().maintain())) {
    }
    mutation::CreateChannel fifth = world.group({users[1]});
    fifth.max_memberships = 2;
    CHECK(code_of(world.attempt(fifth)) == ErrorCode::validation_error);
}

STORAGE_TEST("settings only change the revision if something differs") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group(users);
    mutation::UpdateChannel update{.workspace = world.workspace, .channel = group, .at = world.tick()};
    update.name = "Group";
    const Committed same = world.run(update);
    CHECK_FALSE(same.changed);
    CHECK(same.rev == 1);
    world.send(group, users[0]);
    update.name = kOddText;
    update.avatar_url = std::optional<std::string>("https://example.org/x.png");
    update.metadata = R"({"n":1})";
    const Committed changed = world.run(update);
    CHECK(changed.changed);
    CHECK(changed.rev == 3);
    CHECK(object<CommittedChannel>(changed).members.empty());
    CHECK(object<CommittedChannel>(changed).channel.settings_rev == 3);
    CHECK(show(world.channel(group)) == show(object<CommittedChannel>(changed).channel));
    mutation::UpdateChannel bare{.workspace = world.workspace, .channel = group, .at = world.tick()};
    bare.avatar_url = std::optional<std::string>();
    CHECK(world.run(bare).rev == 4);
    world.reopen();
    const Channel found = world.channel(group);
    CHECK(found.name == kOddText);
    CHECK_FALSE(found.avatar_url);
    CHECK(found.settings_rev == 4);
    CHECK(found.metadata == R"({"n":1})");
}

STORAGE_TEST("admins, and both users of a direct channel, may change settings") {
    World world(kind.make());
    const auto users = world.add_users(3);
    const ChannelId group = world.add_group({users[0], users[1]});
    mutation::UpdateChannel update{
        .workspace = world.workspace, .channel = group, .name = "X", .at = world.tick()};
    update.actor = users[1];
    CHECK(code_of(world.attempt(update)) == ErrorCode::not_admin);
    update.actor = users[2];
    CHECK(code_of(world.attempt(update)) == ErrorCode::not_a_member);
    CHECK(world.channel(group).rev == 1);
    update.actor = users[0];
    CHECK(world.run(update).rev == 2);
    update.channel = world.add_direct(users[0], users[1]);
    update.actor = users[1];
    CHECK(world.run(update).rev == 2);
    update.actor = users[2];
    CHECK(code_of(world.attempt(update)) == ErrorCode::not_a_member);
}

STORAGE_TEST("a deleted channel disappears for every reader at once and is purged later") {
    World world(kind.make());
    const auto users = world.add_users(3);
    mutation::CreateChannel create = world.group(users);
    world.run(create);
    const ChannelId group = create.new_id;
    const ChannelId direct = world.add_direct(users[0], users[1]);
    const ChannelId kept = world.add_group(users);
    const Message message = world.send(group, users[0]);
    std::vector<Mutation> many;
    for (int i = 0; i < 700; ++i) {
        many.emplace_back(world.message(group, users[static_cast<std::size_t>(i) % 3], kOddText));
        if (i % 5 == 0) std::get<mutation::SendMessage>(many.back()).mentions = {{users[1], "", ""}};
    }
    for (const auto& answer : world.commit(many)) REQUIRE(answer.ok());
    mutation::SendMessage late = world.message(group, users[0]);
    const auto answers = world.commit(
        {mutation::DeleteChannel{.workspace = world.workspace, .channel = group, .at = world.tick()}, late,
         mutation::DeleteChannel{.workspace = world.workspace, .channel = group, .at = world.tick()}});
    const Committed deleted = must(answers[0]);
    CHECK(deleted.rev == 702 + 1);
    CHECK(object<CommittedChannel>(deleted).channel.rev == deleted.rev);
    CHECK(object<CommittedChannel>(deleted).channel.external_id == create.external_id);
    CHECK(code_of(answers[1]) == ErrorCode::not_found);
    CHECK(code_of(answers[2]) == ErrorCode::not_found);

    const auto gone = [&](Reader& r) {
        CHECK_FALSE(must(r.channels().find(world.workspace, group)));
        CHECK_FALSE(must(r.channels().find_external(world.workspace, *create.external_id)));
        CHECK(must(r.channels().list(world.workspace, std::nullopt, 10)).size() == 2);
        CHECK(must(r.channels().list_of(world.workspace, users[2], {.limit = 10, .members = 5})).size() == 1);
        CHECK_FALSE(must(r.channels().find_of(world.workspace, users[0], group, 5)));
        CHECK(must(r.channels().positions_of(world.workspace, users[2])).size() == 1);
        CHECK(must(r.channels().unread_total(world.workspace, users[2])) == 0);
        CHECK_FALSE(must(r.members().find(group, users[0])));
        CHECK(must(r.members().list(group, std::nullopt, 10)).empty());
        CHECK_FALSE(must(r.messages().find(group, message.id)));
        CHECK(must(r.messages().page(group, {.from = 1, .to = 1000})).empty());
        return 0;
    };
    world.read(gone);
    int steps = 0;
    while (must(world.storage().maintain())) {
        ++steps;
        world.read(gone);
        REQUIRE(steps < 1000);
    }
    CHECK(steps >= 3);
    world.reopen();
    world.read(gone);
    CHECK_FALSE(must(world.storage().maintain()));

    // Both names are free again, and everything else is untouched.
    mutation::CreateChannel recreated = world.group(users);
    recreated.external_id = create.external_id;
    CHECK(world.run(recreated).created);
    world.run(mutation::DeleteChannel{.workspace = world.workspace, .channel = direct, .at = world.tick()});
    CHECK(world.add_direct(users[1], users[0]) != direct);
    CHECK(world.send(kept, users[1]).seq == 1);
}

STORAGE_TEST("no mutation finds channels of another workspace") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group(users);
    const std::string before = world.dump(group);
    const WorkspaceId other = world.add_workspace();
    const auto stranger = world.add_user("stranger", other);
    const auto elsewhere = [&](auto mutation) {
        mutation.workspace = other;
        return mutation;
    };
    const Timestamp at = world.tick();
    const auto answers = world.commit({
        // First an existing one, so that the batch has it cached.
        world.reading(group, users[0]),
        elsewhere(world.message(group, users[0])),
        elsewhere(world.message(group, stranger)),
        elsewhere(world.adding(group, {stranger})),
        elsewhere(world.removing(group, users[1])),
        elsewhere(world.role(group, users[1], Role::admin)),
        elsewhere(world.reading(group, users[0])),
        mutation::SetPreferences{.workspace = other, .channel = group, .user = users[0], .muted = true},
        mutation::UpdateChannel{.workspace = other, .channel = group, .name = "X", .at = at},
        mutation::DeleteChannel{.workspace = other, .channel = group, .at = at},
    });
    CHECK(answers[0].ok());
    for (std::size_t i = 1; i < answers.size(); ++i) CHECK(code_of(answers[i]) == ErrorCode::not_found);
    CHECK(world.dump(group) == before);
    CHECK(code_of(world.attempt(world.adding(group, {stranger}))) == ErrorCode::not_found);
    CHECK(code_of(world.attempt(world.message(group, stranger))) == ErrorCode::not_found);
    world.read([&](Reader& r) {
        CHECK_FALSE(must(r.channels().find(other, group)));
        CHECK(must(r.channels().list(other, std::nullopt, 10)).empty());
        return 0;
    });
}

}  // namespace cariosan::test
