// Parents, quotes and mentions of messages.
#include "conformance/world.hpp"

namespace cariosan::test {

STORAGE_TEST("a parent is a message of the same channel") {
    World world(kind.make());
    const auto users = world.add_users(1);
    const ChannelId group = world.add_group(users);
    const ChannelId other = world.add_group(users);
    const Message elsewhere = world.send(other, users[0]);
    const std::string before = world.dump(group);
    mutation::SendMessage reply = world.message(group, users[0]);
    reply.parent = elsewhere.id;
    auto refused = world.attempt(reply);
    CHECK(code_of(refused) == ErrorCode::validation_error);
    CHECK(field_of(refused) == "parent_id");
    reply.parent = id_of<MessageId>(555555);
    CHECK(field_of(world.attempt(reply)) == "parent_id");
    CHECK(world.dump(group) == before);

    // An unsent message of another channel cannot be a parent either.
    world.run(world.deleting(elsewhere, users[0]));
    reply.parent = elsewhere.id;
    CHECK(field_of(world.attempt(reply)) == "parent_id");

    // A message of the same batch can.
    const mutation::SendMessage parent = world.message(group, users[0], "parent");
    reply.parent = parent.id;
    const auto answers = world.commit({parent, reply});
    CHECK(object<Message>(must(answers[1])).quoted_message->content == "parent");
}

STORAGE_TEST("a reply to a message unsent just before is stored and quotes a deleted message") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group(users);
    const auto answer_to = [&](const Message& parent, UserId author) {
        mutation::SendMessage reply = world.message(group, author, "a reply");
        reply.parent = parent.id;
        return reply;
    };
    const Message unsent = world.send(group, users[1], "parent");
    // In one batch, and after it has been gone for a while.
    const auto answers = world.commit({world.deleting(unsent, users[1]), answer_to(unsent, users[0])});
    const Message late = object<Message>(world.run(answer_to(unsent, users[0])));
    for (const Message& reply : {object<Message>(must(answers[1])), late}) {
        CHECK(reply.content == "a reply");
        CHECK(reply.parent_id == unsent.id);
        REQUIRE(reply.quoted_message);
        CHECK(reply.quoted_message->deleted);
        CHECK(reply.quoted_message->content.empty());
        CHECK(reply.quoted_message->user_id == users[1]);
        CHECK(show(stored_message(world, group, reply.id)) == show(reply));
    }
    // The parent's author is deleted and erased: before and after the message is blanked.
    const Message orphan = world.send(group, users[1], "left behind");
    world.run(mutation::DeleteUser{.workspace = world.workspace, .user = users[1], .erase = true, .at = world.tick()});
    const Message of_deleted = object<Message>(world.run(answer_to(orphan, users[0])));
    CHECK(of_deleted.quoted_message->deleted);
    CHECK(of_deleted.quoted_message->content.empty());
    CHECK(of_deleted.quoted_message->user_name.empty());
    world.run(world.deleting(orphan, std::nullopt));
    const Message of_erased = object<Message>(world.run(answer_to(orphan, users[0])));
    CHECK(of_erased.quoted_message->deleted);
    CHECK(show(stored_message(world, group, of_erased.id)) == show(of_erased));
}

STORAGE_TEST("what quotes a message that was unsent in the same batch quotes a deleted one") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group(users);
    mutation::SendMessage keyed = with_key(world.message(group, users[1], "secret"), "key");
    keyed.mentions = {{users[0], "", ""}};
    const Message unsent = object<Message>(world.run(keyed));
    world.run(world.reacting(unsent, users[0], "a"));
    const auto answer_to = [&](const Message& parent, std::string content) {
        mutation::SendMessage reply = with_key(world.message(group, users[0], content), content);
        reply.parent = parent.id;
        return reply;
    };
    const mutation::SendMessage first = answer_to(unsent, "first");
    const Message deleted_too = object<Message>(world.run(first));
    const Message edited = object<Message>(world.run(answer_to(unsent, "second")));
    const Message apart = object<Message>(world.run(answer_to(deleted_too, "third")));
    mutation::SendMessage import = with_key(world.message(group, users[0], "import"), "import");
    import.imported = true;
    import.parent_key = "key";
    const auto answers = world.commit({first, world.deleting(unsent, users[1]), first, world.deleting(deleted_too, users[0]),
                                       world.deleting(unsent, users[1]), answer_to(unsent, "late"), import,
                                       world.deleting(apart, users[0]), world.editing(edited, users[0], "changed"), first});
    CHECK(object<Message>(must(answers[0])).quoted_message->content == "secret");
    for (const std::size_t quoting : {2U, 3U, 5U, 6U, 7U, 8U, 9U}) {
        CAPTURE(quoting);
        const auto& message = object<Message>(must(answers[quoting]));
        REQUIRE(message.quoted_message);
        CHECK(message.quoted_message->deleted);
        CHECK(message.quoted_message->content.empty());
    }
    const Committed again = must(answers[4]);
    CHECK_FALSE(again.changed);
    CHECK(object<Message>(again).rev == object<Message>(must(answers[1])).rev);
    CHECK(must(answers[2]).duplicate);
    CHECK(object<Message>(must(answers[2])).content == "first");
    CHECK(must(answers[9]).duplicate);
    CHECK(object<Message>(must(answers[9])).deleted_at);
    for (const std::size_t last : {1U, 3U, 5U, 6U, 7U, 8U}) {
        CAPTURE(last);
        const auto& message = object<Message>(must(answers[last]));
        CHECK(show(stored_message(world, group, message.id)) == show(message));
    }
}

STORAGE_TEST("a quote is cut at 200 code points") {
    World world(kind.make());
    const auto users = world.add_users(1);
    const ChannelId group = world.add_group(users);
    std::string content;
    for (int i = 0; i < 201; ++i) content += "\xF0\x9F\x98\x80";
    const Message parent = world.send(group, users[0], content);
    mutation::SendMessage reply = world.message(group, users[0]);
    reply.parent = parent.id;
    const Committed done = world.run(reply);
    const auto expect = content.substr(0, 800);
    CHECK(object<Message>(done).quoted_message->content == expect);
    CHECK(stored_message(world, group, reply.id).quoted_message->content == expect);
    CHECK(stored_message(world, group, parent.id).content == content);
}

STORAGE_TEST("only members are mentioned, and mentions are counted above the read position") {
    World world(kind.make());
    const auto users = world.add_users(3);
    const ChannelId group = world.add_group({users[0], users[1]});
    const std::string before = world.dump(group);
    mutation::SendMessage send = world.message(group, users[0]);
    send.mentions = {{users[1], "", ""}, {users[2], "", ""}};
    auto refused = world.attempt(send);
    CHECK(code_of(refused) == ErrorCode::validation_error);
    CHECK(field_of(refused) == "mentions");
    send.mentions = {{id_of<UserId>(555555), "", ""}};
    CHECK(field_of(world.attempt(send)) == "mentions");
    CHECK(world.dump(group) == before);

    std::vector<Mutation> batch;
    for (int i = 0; i < 130; ++i) {
        batch.emplace_back(world.message(group, users[0]));
        if (i % 10 != 0) std::get<mutation::SendMessage>(batch.back()).mentions = {{users[1], "", ""}};
    }
    for (const auto& answer : world.commit(batch)) REQUIRE(answer.ok());
    CHECK(world.mine(group, users[1]).mention_count == 100);
    CHECK(world.mine(group, users[0]).mention_count == 0);
    const Committed read = world.run(world.reading(group, users[1], 100));
    CHECK(object<CommittedReceipt>(read).state.unread_count == 30);
    CHECK(object<CommittedReceipt>(read).state.mention_count == 27);
    CHECK(world.mine(group, users[1]).mention_count == 27);
    CHECK(object<CommittedReceipt>(world.run(world.reading(group, users[1]))).state.mention_count == 0);
}

}  // namespace cariosan::test
