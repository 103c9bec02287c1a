// Sending: fields, order, time, idempotency.
#include "conformance/world.hpp"

namespace cariosan::test {

STORAGE_TEST("a message is stored with all its fields and comes back as it was acknowledged") {
    World world(kind.make());
    const auto users = world.add_users(3);
    mutation::CreateChannel create = world.group(users);
    world.run(create);
    const Message parent = world.send(create.new_id, users[1], kOddText);
    mutation::SendMessage send = with_key(world.message(create.new_id, users[0], kOddText), "key-1");
    send.type = MessageType::image;
    send.attachment_url = "https://example.org/a.png";
    send.metadata = R"({"deep":{"er":[null]}})";
    send.parent = parent.id;
    send.mentions = {{users[2], "", ""}, {users[0], "", ""}};
    const Committed done = world.run(send);
    CHECK(done.created);
    CHECK(done.changed);
    CHECK_FALSE(done.duplicate);
    CHECK(done.rev == 3);
    const Message& message = object<Message>(done);
    CHECK(message.id == send.id);
    CHECK(message.channel_id == create.new_id);
    CHECK(message.channel_external_id == create.external_id);
    CHECK(message.seq == 2);
    CHECK(message.rev == 3);
    CHECK(message.type == MessageType::image);
    CHECK(message.content == kOddText);
    CHECK(message.attachment_url == send.attachment_url);
    CHECK(message.metadata == send.metadata);
    CHECK(message.idempotency_key == "key-1");
    CHECK(message.created_at == send.at);
    CHECK_FALSE(message.edited_at);
    CHECK_FALSE(message.deleted_at);
    CHECK(message.user.id == users[0]);
    CHECK_FALSE(message.user.name.empty());
    CHECK(message.parent_id == parent.id);
    REQUIRE(message.quoted_message);
    CHECK(message.quoted_message->content == kOddText);
    CHECK(message.quoted_message->user_id == users[1]);
    CHECK_FALSE(message.quoted_message->user_name.empty());
    // In the order they were given.
    REQUIRE(message.mentions.size() == 2);
    CHECK(message.mentions[0].user_id == users[2]);
    CHECK_FALSE(message.mentions[0].external_id.empty());
    CHECK(message.mentions[1].user_id == users[0]);
    world.reopen();
    CHECK(show(stored_message(world, create.new_id, send.id)) == show(message));
    CHECK(show(world.messages(create.new_id)[1]) == show(message));
    CHECK(show(world.changes(create.new_id, users[0], {.since = 2}).messages.at(0)) == show(message));
    CHECK(show(*world.mine(create.new_id, users[1]).last_message) == show(message));
}

STORAGE_TEST("a message shows its author's profile as of the commit") {
    World world(kind.make());
    const UserId alice = world.add_user("alice");
    const ChannelId group = world.add_group({alice});
    mutation::UpsertUser rename{.workspace = world.workspace,
                                .new_id = world.next_id<UserId>(),
                                .external_id = "alice",
                                .name = "New name",
                                .avatar_url = "https://example.org/n.png",
                                .metadata = "{}",
                                .at = world.tick()};
    const auto answers = world.commit({world.message(group, alice), rename, world.message(group, alice)});
    CHECK(object<Message>(must(answers[0])).user.name == "Name of alice");
    const Message& second = object<Message>(must(answers[2]));
    CHECK(second.user.name == "New name");
    CHECK(second.user.avatar_url == "https://example.org/n.png");
    CHECK(world.messages(group)[0].user.name == "New name");
}

STORAGE_TEST("seq counts from 1 without gaps in each channel") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId one = world.add_group(users);
    const ChannelId two = world.add_group(users);
    std::vector<Mutation> batch;
    for (int i = 0; i < 10; ++i) {
        batch.emplace_back(world.message(one, users[0], std::to_string(i)));
        if (i % 2 == 0) batch.emplace_back(world.message(two, users[1], std::to_string(i)));
        // Refused messages use no seq.
        batch.emplace_back(world.message(one, id_of<UserId>(555555)));
        auto orphan = world.message(two, users[0]);
        orphan.parent = id_of<MessageId>(555555);
        batch.emplace_back(orphan);
    }
    const auto answers = world.commit(batch);
    std::int64_t seq_one = 0;
    std::int64_t seq_two = 0;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        if (!answers[i].ok()) continue;
        const Message& message = object<Message>(*answers[i]);
        auto& seq = message.channel_id == one ? seq_one : seq_two;
        CHECK(message.seq == ++seq);
        CHECK(message.rev == seq + 1);
        CHECK(answers[i]->rev == message.rev);
    }
    CHECK(seq_one == 10);
    CHECK(seq_two == 5);
    world.reopen();
    CHECK(world.channel(one).last_seq == 10);
    CHECK(world.channel(two).rev == 6);
    const auto messages = world.messages(one);
    for (std::size_t i = 0; i < messages.size(); ++i) {
        CHECK(messages[i].seq == static_cast<std::int64_t>(i) + 1);
        CHECK(messages[i].content == std::to_string(i));
    }
}

STORAGE_TEST("time never runs backwards in a channel except for imports") {
    World world(kind.make());
    const UserId user = world.add_user("u");
    const ChannelId group = world.add_group({user});
    const auto send_at = [&](std::int64_t at, bool imported = false) {
        mutation::SendMessage send = world.message(group, user);
        send.at = {at};
        send.imported = imported;
        return object<Message>(world.run(send)).created_at.milliseconds;
    };
    // The first message may be older than the channel itself.
    CHECK(send_at(1000) == 1000);
    CHECK(send_at(5000) == 5000);
    CHECK(send_at(4000) == 5000);
    CHECK(send_at(5001) == 5001);
    CHECK(send_at(10, true) == 10);
    CHECK(send_at(7) == 10);
    CHECK(world.mine(group, user).last_activity == Timestamp{10});
    mutation::SendMessage first = world.message(group, user);
    mutation::SendMessage second = world.message(group, user);
    first.at = {9000};
    second.at = {8000};
    const auto answers = world.commit({first, second});
    CHECK(object<Message>(must(answers[1])).created_at == Timestamp{9000});
}

STORAGE_TEST("if a channel's time is far ahead, its next message follows the clock again") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group(users);
    constexpr std::int64_t kNow = 1'700'000'000'000;
    constexpr std::int64_t kMinute = 60'000;
    const auto send_at = [&](std::int64_t at, bool imported = false) {
        mutation::SendMessage send = world.message(group, users[0]);
        send.at = {at};
        send.imported = imported;
        return object<Message>(world.run(send)).created_at.milliseconds;
    };
    CHECK(send_at(kNow) == kNow);
    // The clock was a minute ahead: time stands still until the clock has caught up.
    CHECK(send_at(kNow + kMinute) == kNow + kMinute);
    CHECK(send_at(kNow) == kNow + kMinute);
    CHECK(send_at(kNow + 1) == kNow + kMinute);
    // It was further ahead: time follows the clock at once.
    CHECK(send_at(kNow + 2 + kMinute + 1) == kNow + kMinute + 3);
    CHECK(send_at(kNow + 2) == kNow + 2);
    CHECK(send_at(kNow + 3) == kNow + 3);
    constexpr std::int64_t kYear9999 = 253'402'300'799'999;
    CHECK(send_at(kYear9999, true) == kYear9999);
    CHECK(world.mine(group, users[1]).last_activity == Timestamp{kYear9999});
    CHECK(send_at(kNow + 10) == kNow + 10);
    CHECK(world.mine(group, users[1]).last_activity == Timestamp{kNow + 10});
    // In one batch too, and in a channel that was read again.
    mutation::SendMessage far = world.message(group, users[0]);
    far.at = {kYear9999};
    mutation::SendMessage next = world.message(group, users[0]);
    next.at = {kNow + 20};
    const auto answers = world.commit({far, next});
    CHECK(object<Message>(must(answers[1])).created_at == Timestamp{kNow + 20});
    send_at(kYear9999);
    world.reopen();
    CHECK(send_at(kNow + 30) == kNow + 30);
}

STORAGE_TEST("a repeated key returns the first message, in the same batch and later") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group(users);
    const ChannelId other = world.add_group(users);
    const auto first = with_key(world.message(group, users[0], "one"), kOddText);
    auto again = with_key(world.message(group, users[0], "one"), kOddText);
    auto different = with_key(world.message(group, users[0], "two"), kOddText, 2);
    const auto answers = world.commit({first, again, different, world.message(group, users[0])});
    CHECK_FALSE(must(answers[0]).duplicate);
    const Committed duplicate = must(answers[1]);
    CHECK(duplicate.duplicate);
    CHECK_FALSE(duplicate.created);
    CHECK_FALSE(duplicate.changed);
    CHECK(duplicate.rev == 2);
    CHECK(show(object<Message>(duplicate)) == show(object<Message>(must(answers[0]))));
    CHECK(code_of(answers[2]) == ErrorCode::conflict);
    CHECK(object<Message>(must(answers[3])).seq == 2);

    world.reopen();
    again.id = world.next_id<MessageId>();
    const Committed later = world.run(again);
    CHECK(later.duplicate);
    CHECK(later.rev == 3);
    CHECK(object<Message>(later).id == first.id);
    CHECK(code_of(world.attempt(different)) == ErrorCode::conflict);
    CHECK(world.channel(group).last_seq == 2);

    // Another author or another channel has keys of its own.
    CHECK_FALSE(world.run(with_key(world.message(group, users[1]), kOddText)).duplicate);
    CHECK_FALSE(world.run(with_key(world.message(other, users[0]), kOddText)).duplicate);
    const auto sent = world.read([&](Reader& r) {
        CHECK_FALSE(must(r.messages().find_sent(group, users[0], "unknown")));
        CHECK_FALSE(must(r.messages().find_sent(other, users[1], kOddText)));
        return must_find(r.messages().find_sent(group, users[0], kOddText));
    });
    CHECK(sent.message.id == first.id);
    CHECK(sent.request_hash == first.request_hash);
}

STORAGE_TEST("a known key is checked before membership") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group(users);
    const auto send = with_key(world.message(group, users[1]), "k");
    world.run(send);
    world.run(world.removing(group, users[1]));
    const Committed known = world.run(send);
    CHECK(known.duplicate);
    CHECK(known.rev == 3);
    CHECK(code_of(world.attempt(with_key(world.message(group, users[1]), "k", 2))) == ErrorCode::conflict);
    CHECK(code_of(world.attempt(with_key(world.message(group, users[1]), "other"))) ==
          ErrorCode::not_a_member);
}

STORAGE_TEST("a duplicate shows the current state with mentions and quote") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group(users);
    const Message parent = world.send(group, users[1], "parent");
    auto send = with_key(world.message(group, users[0], "reply"), "k");
    send.parent = parent.id;
    send.mentions = {{users[1], "", ""}};
    const Committed first = world.run(send);
    const Committed again = world.run(send);
    CHECK(again.duplicate);
    CHECK(show(object<Message>(again)) == show(object<Message>(first)));
    CHECK(object<Message>(again).mentions.size() == 1);
}

STORAGE_TEST("to a removed member, a duplicate shows neither the quote nor the reactions") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group(users);
    const Message parent = world.send(group, users[0], "parent");
    auto send = with_key(world.message(group, users[1], "reply"), "k");
    send.parent = parent.id;
    const Message reply = object<Message>(world.run(send));
    world.run(world.reacting(reply, users[0], "a"));
    CHECK(object<Message>(world.run(send)).quoted_message);
    CHECK(object<Message>(world.run(send)).reactions.size() == 1);
    world.run(world.removing(group, users[1]));
    const Message shown = object<Message>(world.run(send));
    CHECK(shown.content == "reply");
    CHECK(shown.parent_id == parent.id);
    CHECK_FALSE(shown.quoted_message);
    CHECK(shown.reactions.empty());
}

STORAGE_TEST("an author must be a user of the workspace and, except for imports, a member") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group({users[0]});
    CHECK(code_of(world.attempt(world.message(group, users[1]))) == ErrorCode::not_a_member);
    CHECK(code_of(world.attempt(world.message(group, id_of<UserId>(555555)))) == ErrorCode::not_found);
    CHECK(code_of(world.attempt(world.message(id_of<ChannelId>(555555), users[0]))) == ErrorCode::not_found);
    mutation::SendMessage import = world.message(group, users[1], "old");
    import.author_is_member = false;
    import.imported = true;
    import.at = {1};
    const Committed done = world.run(import);
    CHECK(object<Message>(done).created_at == Timestamp{1});
    CHECK_FALSE(world.membership(group, users[1]));
    CHECK(world.mine(group, users[0]).unread_count == 1);
}

STORAGE_TEST("only the message whose id is taken is refused") {
    World world(kind.make());
    const auto users = world.add_users(1);
    const ChannelId group = world.add_group(users);
    const Message first = world.send(group, users[0], "first");
    mutation::SendMessage same = world.message(group, users[0], "second");
    same.id = first.id;
    const auto answers = world.commit({world.message(group, users[0]), same, world.message(group, users[0])});
    CHECK(object<Message>(must(answers[0])).seq == 2);
    CHECK(code_of(answers[1]) == ErrorCode::conflict);
    CHECK(object<Message>(must(answers[2])).seq == 3);
    CHECK(object<Message>(must(answers[2])).rev == 4);
    CHECK(stored_message(world, group, first.id).content == "first");
    CHECK(world.channel(group).last_seq == 3);
}

STORAGE_TEST("long texts are returned completely") {
    World world(kind.make());
    const auto users = world.add_users(1);
    const ChannelId group = world.add_group(users);
    std::string content;
    while (content.size() < 900'000) content += kOddText;
    const Message message = world.send(group, users[0], content);
    world.reopen();
    CHECK(stored_message(world, group, message.id).content == content);
}

STORAGE_TEST("an empty batch does nothing") {
    World world(kind.make());
    CHECK(world.commit({}).empty());
}

}  // namespace cariosan::test
