// Deleted users: they disappear at once; what remains of them, and what is left to do.
#include <algorithm>

#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

mutation::DeleteUser without(World& world, UserId user, bool erase = false) {
    return {.workspace = world.workspace, .user = user, .erase = erase, .at = world.tick()};
}

mutation::UpsertUser making(World& world, const std::string& external_id) {
    return {.workspace = world.workspace,
            .new_id = world.next_id<UserId>(),
            .external_id = external_id,
            .name = external_id,
            .metadata = "{}",
            .at = world.tick()};
}

std::vector<PendingDeletion> deletions(World& world) {
    return world.read([](Reader& r) { return must(r.user_data().deletions(10)); });
}
std::vector<EndingMembership> ending(World& world, UserId user) {
    return world.read([&](Reader& r) { return must(r.user_data().ending_memberships(world.workspace, user, 10)); });
}

/// A whole list, in pages of `limit`.
template <class Read>
auto all_records(World& world, std::int64_t limit, Read read) {
    return world.read([&](Reader& r) {
        auto page = must(read(r.user_data(), RecordPosition{}, limit));
        auto records = page.records;
        while (page.next) {
            page = must(read(r.user_data(), *page.next, limit));
            REQUIRE(page.records.size() <= static_cast<std::size_t>(limit));
            std::ranges::copy(page.records, std::back_inserter(records));
        }
        return records;
    });
}

std::vector<ErasableMessage> erasable(World& world, UserId user, std::int64_t limit) {
    return all_records(world, limit, [&](UserDataReader& data, RecordPosition after, std::int64_t most) {
        return data.erasable_messages(world.workspace, user, after, most);
    });
}

bool is_deleted(const UserSummary& user, UserId id) {
    return user.id == id && user.deleted && user.external_id.empty() && user.name.empty() && !user.avatar_url;
}

}  // namespace

STORAGE_TEST("a deleted user disappears for every reader, and their messages stay without a name") {
    World world(kind.make());
    const UserId alice = world.add_user("alice");
    const UserId bob = world.add_user("bob");
    const ChannelId group = world.add_group({bob, alice});
    const Message parent = world.send(group, alice, "hello");
    mutation::SendMessage reply = world.message(group, bob, "hello alice");
    reply.parent = parent.id;
    reply.mentions = {{alice, "", ""}};
    world.run(reply);
    world.run(world.reacting(parent, alice, "x"));

    const Committed done = world.run(without(world, alice));
    CHECK(object<CommittedUser>(done).user.id == alice);
    CHECK(object<CommittedUser>(done).channels == std::vector<ChannelId>{group});
    const auto look = [&](Reader& r) {
        CHECK_FALSE(must(r.users().find(world.workspace, alice)));
        CHECK_FALSE(must(r.users().find_external(world.workspace, "alice")));
        CHECK(must(r.users().list(world.workspace, std::nullopt, 10)).size() == 1);
        CHECK(must(r.channels().list_of(world.workspace, alice, {.limit = 10, .members = 5})).empty());
        CHECK(must(r.channels().positions_of(world.workspace, alice)).empty());
        return 0;
    };
    world.read(look);
    for (int i = 0; i < 2; ++i) {
        const auto messages = world.messages(group);
        CHECK(messages[0].content == "hello");
        CHECK(is_deleted(messages[0].user, alice));
        CHECK_FALSE(messages[0].deleted_at);
        CHECK(messages[0].reactions.size() == 1);
        CHECK_FALSE(messages[1].user.deleted);
        CHECK(messages[1].quoted_message->user_id == alice);
        CHECK(messages[1].quoted_message->user_name.empty());
        CHECK(messages[1].mentions[0].user_id == alice);
        CHECK(messages[1].mentions[0].external_id.empty());
        // They are listed as a member until their membership has ended.
        const auto members = world.members(group);
        CHECK(std::ranges::any_of(members, [&](const Member& each) { return is_deleted(each.user, alice); }));
        world.reopen();
    }
    CHECK(code_of(world.attempt(without(world, alice))) == ErrorCode::not_found);
    mutation::DeleteUser elsewhere = without(world, bob);
    elsewhere.workspace = world.add_workspace();
    CHECK(code_of(world.attempt(elsewhere)) == ErrorCode::not_found);
    CHECK_FALSE(ending(world, alice).front().successor);
}

STORAGE_TEST("what an erased user wrote disappears for every reader with the commit that erases it") {
    World world(kind.make());
    const auto users = world.add_users(3);
    const ChannelId group = world.add_group({users[1], users[0], users[2]});
    mutation::SendMessage first = world.message(group, users[0], "secret");
    first.mentions = {{users[1], "", ""}};
    first.attachment_url = "https://files.example/secret";
    first.metadata = R"({"a":"secret"})";
    const Message written = object<Message>(world.run(first));
    world.run(world.reacting(written, users[1], "x"));
    mutation::SendMessage reply = world.message(group, users[1], "answer");
    reply.parent = written.id;
    const Message answer = object<Message>(world.run(reply));
    const Message last = world.send(group, users[0], "secret, too");

    const std::int64_t before = world.channel(group).rev;
    world.run(without(world, users[0], true));
    CHECK(world.channel(group).rev == before);
    const auto is_gone = [](const Message& message) {
        CHECK(message.deleted_at);
        CHECK(message.content.empty());
        CHECK_FALSE(message.attachment_url);
        CHECK(message.metadata == "{}");
        CHECK(message.mentions.empty());
        CHECK(message.reactions.empty());
    };
    const auto look = [&](Reader& r) {
        for (const Viewpoint& viewer : {Viewpoint(), Viewpoint(users[1])}) {
            is_gone(must_find(r.messages().find(group, written.id, viewer)));
            for (const bool ascending : {false, true}) {
                const auto page = must(r.messages().page(group, {.from = 1, .to = 10, .ascending = ascending}, viewer));
                REQUIRE(page.size() == 3);
                is_gone(page.front());
                is_gone(page.back());
                CHECK(page[1].content == "answer");
                CHECK_FALSE(page[1].deleted_at);
                CHECK(page[1].quoted_message->deleted);
                CHECK(page[1].quoted_message->content.empty());
            }
        }
        const Channel channel = must_find(r.channels().find(world.workspace, group));
        const ChangePage changes = must(r.changes().page(channel, users[1], {}));
        REQUIRE(changes.messages.size() == 3);
        for (const Message& message : changes.messages) {
            if (message.id == answer.id) {
                CHECK(message.quoted_message->deleted);
            } else {
                is_gone(message);
            }
        }
        const auto mine = must(r.channels().list_of(world.workspace, users[1], {.limit = 10, .members = 5}));
        is_gone(*mine.at(0).last_message);
        is_gone(*must_find(r.channels().find_of(world.workspace, users[1], group, 5)).last_message);
        const auto exported = must(r.user_data().messages(world.workspace, users[0], {}, 10)).records;
        REQUIRE(exported.size() == 2);
        for (const Message& message : exported) is_gone(message);
        CHECK(must(r.user_data().messages(world.workspace, users[1], {}, 10)).records.at(0).quoted_message->content.empty());
        return 0;
    };
    world.read(look);
    world.reopen();
    world.read(look);

    // Only the clean-up still changes them, each with a revision of its own.
    CHECK(code_of(world.attempt(world.reacting(written, users[1], "y"))) == ErrorCode::not_found);
    mutation::SendMessage late = world.message(group, users[1], "late answer");
    late.parent = written.id;
    const Message quoting = object<Message>(world.run(late));
    CHECK(quoting.quoted_message->deleted);
    CHECK(quoting.quoted_message->content.empty());
    CHECK(erasable(world, users[0], 10).size() == 2);
    const Committed erased = world.run(world.deleting(written, std::nullopt));
    CHECK(erased.changed);
    CHECK(erased.rev == quoting.rev + 1);
    is_gone(object<Message>(erased));
    CHECK(erasable(world, users[0], 10).size() == 1);
    world.run(world.deleting(last, std::nullopt));
    while (world.run(mutation::FinishDeletion{world.workspace, users[0]}).changed) {
    }
    world.read([&](Reader& r) {
        is_gone(must_find(r.messages().find(group, written.id, users[1])));
        is_gone(must_find(r.messages().find(group, last.id, users[1])));
        return 0;
    });
}

STORAGE_TEST("a deleted user's external_id is free at once, for a new user") {
    World world(kind.make());
    const UserId alice = world.add_user("alice");
    const auto answers = world.commit({without(world, alice), making(world, "alice")});
    REQUIRE(answers[1].ok());
    CHECK(answers[1]->created);
    const UserId again = object<CommittedUser>(*answers[1]).user.id;
    CHECK(again != alice);
    CHECK_FALSE(world.run(making(world, "alice")).created);
    // Several deleted users do not conflict with each other.
    world.run(without(world, again));
    CHECK(world.run(making(world, "alice")).created);
    CHECK(deletions(world).size() == 2);
}

STORAGE_TEST("a deleted user can do nothing any more, not even later in the batch that deletes it") {
    World world(kind.make());
    const auto users = world.add_users(3);
    const ChannelId group = world.add_group(users);
    const ChannelId other = world.add_group({users[1]});
    const Message own = world.send(group, users[0]);
    mutation::SendMessage mention = world.message(group, users[1]);
    mention.mentions = {{users[0], "", ""}};
    mutation::UpdateChannel rename{.workspace = world.workspace, .channel = group, .actor = users[0]};
    rename.name = "Mine";
    std::vector<Mutation> batch{world.reading(group, users[0]),
                                without(world, users[0]),
                                world.message(group, users[0]),
                                world.editing(own, users[0], "edited"),
                                world.deleting(own, users[0]),
                                world.reacting(own, users[0], "x"),
                                world.reading(group, users[0]),
                                rename,
                                world.role(group, users[0], Role::member),
                                world.adding(other, {users[0]}),
                                world.group(users),
                                mention};
    for (int i = 0; i < 2; ++i) {
        const auto answers = world.commit(batch);
        if (i == 0) CHECK(answers[1].ok());
        CHECK(code_of(answers[2]) == ErrorCode::not_found);
        for (std::size_t at = 3; at < 8; ++at) CHECK(code_of(answers[at]) == ErrorCode::not_a_member);
        for (std::size_t at = 8; at < 11; ++at) CHECK(code_of(answers[at]) == ErrorCode::not_found);
        CHECK(code_of(answers[11]) == ErrorCode::validation_error);
        world.reopen();
    }
}

STORAGE_TEST("a direct channel with a deleted user can only be read") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId direct = world.add_direct(users[0], users[1]);
    const Message mine = world.send(direct, users[0]);
    const Message reacted = world.send(direct, users[1]);
    world.run(world.reacting(reacted, users[0], "x"));
    CHECK(code_of(world.attempt(world.removing(direct, users[1]))) == ErrorCode::validation_error);
    world.run(without(world, users[1]));
    const auto refused = [&] {
        CHECK(code_of(world.attempt(world.message(direct, users[0]))) == ErrorCode::forbidden);
        CHECK(code_of(world.attempt(world.editing(mine, users[0], "edited"))) == ErrorCode::forbidden);
        CHECK(code_of(world.attempt(mutation::UpdateChannel{.workspace = world.workspace, .channel = direct, .actor = users[0],
                                                            .name = "x", .at = world.tick()})) == ErrorCode::forbidden);
        CHECK(code_of(world.attempt(world.reacting(reacted, users[0], "y"))) == ErrorCode::forbidden);
        const MyChannel shown = world.mine(direct, users[0]);
        REQUIRE(shown.members.size() == 1);
        CHECK(is_deleted(shown.members[0].user, users[1]));
        CHECK(world.messages(direct).size() == 2);
    };
    refused();
    REQUIRE(ending(world, users[1]).size() == 1);
    const Committed removed = world.run(world.removing(direct, users[1]));
    CHECK(object<CommittedMembers>(removed).members.front().left);
    CHECK(world.channel(direct).member_count == 1);
    CHECK(ending(world, users[1]).empty());
    refused();
    // Users can still unsend their own messages.
    world.run(world.unreacting(reacted, users[0], "x"));
    CHECK(world.run(world.deleting(mine, users[0])).changed);
    CHECK(world.run(world.reading(direct, users[0])).changed);
    // A known key is still answered, and a new pair with the successor is possible.
    const UserId again = object<CommittedUser>(world.run(making(world, "again"))).user.id;
    CHECK(world.add_direct(users[0], again) != direct);
}

STORAGE_TEST("when the last admin is deleted, the member with the longest membership becomes admin") {
    World world(kind.make());
    const auto users = world.add_users(5);
    const ChannelId group = world.add_group({users[0]});
    world.run(world.adding(group, {users[3]}));
    world.run(world.adding(group, {users[1]}));
    world.run(world.adding(group, {users[2], users[4]}));
    world.run(without(world, users[3]));
    world.run(without(world, users[0]));
    const auto pending = ending(world, users[0]);
    REQUIRE(pending.size() == 1);
    CHECK(pending[0].channel == group);
    // Not the one with a longer membership who was deleted too.
    REQUIRE(pending[0].successor);
    CHECK(*pending[0].successor == users[1]);
    CHECK(code_of(world.attempt(world.removing(group, users[0]))) == ErrorCode::conflict);
    const std::int64_t before = world.channel(group).rev;
    const auto answers =
        world.commit({world.role(group, users[1], Role::admin), world.removing(group, users[0])});
    CHECK(answers[0]->rev == before + 1);
    CHECK(answers[1]->rev == before + 2);
    CHECK(ending(world, users[0]).empty());
    // Deleted members do not need an admin.
    for (const std::size_t other : {2U, 4U}) world.run(world.removing(group, users[other]));
    CHECK(world.run(world.removing(group, users[1])).changed);
    CHECK(world.run(world.removing(group, users[3])).changed);
}

STORAGE_TEST("a deleted admin does not count as one") {
    World world(kind.make());
    const auto users = world.add_users(3);
    const ChannelId group = world.add_group(users);
    world.run(world.role(group, users[1], Role::admin));
    world.run(without(world, users[1]));
    CHECK(code_of(world.attempt(world.removing(group, users[0]))) == ErrorCode::conflict);
    CHECK(code_of(world.attempt(world.role(group, users[0], Role::member))) == ErrorCode::conflict);
    CHECK_FALSE(ending(world, users[1]).front().successor);
}

STORAGE_TEST("unfinished clean-up is remembered until it is finished") {
    World world(kind.make());
    const auto users = world.add_users(3);
    const ChannelId group = world.add_group(users);
    const ChannelId doomed = world.add_group(users);
    std::vector<Message> written;
    for (int i = 0; i < 5; ++i) {
        written.push_back(world.send(group, users[0]));
        world.send(group, users[1]);
    }
    world.send(doomed, users[0]);
    mutation::SendMessage mention = world.message(group, users[0]);
    mention.mentions = {{users[1], "", ""}, {users[2], "", ""}};
    world.run(mention);
    for (const UserId& user : users) world.run(world.reacting(written[0], user, "x"));
    CHECK(deletions(world).empty());
    world.run(world.silencing(users[0], group));
    world.run(without(world, users[0], true));
    world.run(without(world, users[1]));
    world.run(mutation::DeleteChannel{.workspace = world.workspace, .channel = doomed, .at = world.tick()});
    world.reopen();
    REQUIRE(deletions(world).size() == 2);
    CHECK(deletions(world)[0].user == users[0]);
    CHECK(deletions(world)[0].workspace == world.workspace);
    CHECK(deletions(world)[0].erase);
    CHECK_FALSE(deletions(world)[1].erase);
    CHECK(ending(world, users[0]).size() == 1);
    for (const std::int64_t limit : {1, 2, 100}) CHECK(erasable(world, users[0], limit).size() == 6);
    const auto first = erasable(world, users[0], 100);
    CHECK(first[0].message == written[0].id);
    CHECK(first[0].channel == group);
    CHECK(first[0].rows == 2 + 1 + 3);
    CHECK(first[5].rows == 2 + 2);
    world.run(world.deleting(written[2], std::nullopt));
    CHECK(erasable(world, users[0], 2).size() == 5);

    CHECK(world.run(mutation::FinishDeletion{world.workspace, users[0]}).changed);
    REQUIRE(deletions(world).size() == 2);  // one of them has a silence
    CHECK(world.run(mutation::FinishDeletion{world.workspace, users[0]}).changed);
    CHECK_FALSE(world.run(mutation::FinishDeletion{world.workspace, users[0]}).changed);
    CHECK_FALSE(world.run(mutation::FinishDeletion{world.workspace, users[2]}).changed);
    REQUIRE(deletions(world).size() == 1);
    world.run(mutation::DeleteWorkspace{.workspace = world.workspace, .at = world.tick()});
    CHECK(deletions(world).empty());
}

STORAGE_TEST("everything stored about a user can be listed") {
    World world(kind.make());
    const auto users = world.add_users(2);
    std::vector<ChannelId> groups;
    std::vector<Message> written;
    for (int i = 0; i < 3; ++i) {
        groups.push_back(world.add_group(users));
        written.push_back(world.send(groups.back(), users[0], "mine " + std::to_string(i)));
        const Message theirs = world.send(groups.back(), users[1], "theirs");
        world.run(world.reacting(theirs, users[0], "x" + std::to_string(i)));
        mutation::SendMessage mention = world.message(groups.back(), users[1]);
        mention.mentions = {{users[0], "", ""}};
        world.run(mention);
    }
    const ChannelId gone = world.add_group(users);
    world.run(world.reacting(world.send(gone, users[0]), users[0], "x"));
    world.run(mutation::DeleteChannel{.workspace = world.workspace, .channel = gone, .at = world.tick()});
    world.run(world.deleting(written[1], users[0]));
    world.run(world.removing(groups[2], users[1]));
    world.run(mutation::SetPreferences{.workspace = world.workspace, .channel = groups[0], .user = users[0], .muted = true});
    for (const ChannelId& channel : groups) world.run(world.silencing(users[0], channel));
    world.run(world.silencing(users[0]));
    for (const std::int64_t limit : {1, 2, 100}) {
        CAPTURE(limit);
        const auto memberships =
            all_records(world, limit, [&](UserDataReader& data, RecordPosition after, std::int64_t most) {
                return data.memberships(world.workspace, users[0], after, most);
            });
        REQUIRE(memberships.size() == 3);
        CHECK(memberships[0].channel_id == groups[0]);
        CHECK(memberships[0].role == Role::admin);
        CHECK(memberships[0].preferences.muted);
        CHECK(memberships[0].receipt.last_read_seq == 1);
        CHECK_FALSE(memberships[1].preferences.muted);
        const auto messages =
            all_records(world, limit, [&](UserDataReader& data, RecordPosition after, std::int64_t most) {
                return data.messages(world.workspace, users[0], after, most);
            });
        REQUIRE(messages.size() == 3);
        CHECK(messages[0].content == "mine 0");
        CHECK(messages[0].channel_id == groups[0]);
        CHECK(messages[1].deleted_at);
        const auto reactions =
            all_records(world, limit, [&](UserDataReader& data, RecordPosition after, std::int64_t most) {
                return data.reactions(world.workspace, users[0], after, most);
            });
        REQUIRE(reactions.size() == 3);
        CHECK(reactions[2].emoji == "x2");
        CHECK(reactions[2].channel_id == groups[2]);
        const auto mentions =
            all_records(world, limit, [&](UserDataReader& data, RecordPosition after, std::int64_t most) {
                return data.mentions(world.workspace, users[0], after, most);
            });
        const auto silences =
            all_records(world, limit, [&](UserDataReader& data, RecordPosition after, std::int64_t most) {
                return data.silences(world.workspace, users[0], after, most);
            });
        REQUIRE(silences.size() == 4);
        CHECK_FALSE(silences[0].channel_id);
        CHECK(silences[3].channel_id == groups[2]);
        REQUIRE(mentions.size() == 3);
        CHECK(mentions[1].channel_id == groups[1]);
    }
    const auto former = all_records(world, 10, [&](UserDataReader& data, RecordPosition after, std::int64_t most) {
        return data.memberships(world.workspace, users[1], after, most);
    });
    CHECK(former[2].left);
    const WorkspaceId other = world.add_workspace();
    CHECK(world.read([&](Reader& r) {
                   return must(r.user_data().messages(other, users[0], {}, 10)).records.size();
               }) == 0);
}

}  // namespace cariosan::test
