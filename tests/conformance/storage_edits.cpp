// Edits, unsending and reactions: who may, what stays, and what readers see.
#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

Message seen(World& world, const Message& message, const Viewpoint& viewer = {}) {
    return world.read(
        [&](Reader& r) { return must_find(r.messages().find(message.channel_id, message.id, viewer)); });
}

std::string reactions(const Message& message) {
    std::string text;
    for (const Reaction& reaction : message.reactions) {
        text += std::to_string(reaction.count) + reaction.emoji + (reaction.reacted_by_me ? "! " : " ");
    }
    return text;
}

}  // namespace

STORAGE_TEST("an edit changes the text and its time, and nothing else") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group(users);
    mutation::SendMessage send = world.message(group, users[1], "before");
    send.mentions = {{users[0], "", ""}};
    send.metadata = R"({"a":1})";
    const Message before = object<Message>(world.run(send));
    world.send(group, users[0]);
    const auto edit = world.editing(before, users[1], kOddText);
    const Committed done = world.run(edit);
    const Message& after = object<Message>(done);
    CHECK(done.rev == 4);
    CHECK(done.changed);
    CHECK_FALSE(done.created);
    CHECK(after.rev == 4);
    CHECK(after.seq == before.seq);
    CHECK(after.content == kOddText);
    CHECK(after.edited_at == edit.at);
    CHECK(after.created_at == before.created_at);
    CHECK(after.metadata == before.metadata);
    CHECK(after.mentions.size() == 1);
    CHECK(world.channel(group).last_seq == 2);
    CHECK(show(seen(world, before)) == show(after));
    const auto changes = world.changes(group, users[0], {.since = 3});
    REQUIRE(changes.messages.size() == 1);
    CHECK(show(changes.messages[0]) == show(after));
    // The same edit again changes nothing.
    const Committed again = world.run(world.editing(before, users[1], kOddText));
    CHECK_FALSE(again.changed);
    CHECK(again.rev == 4);
    CHECK(object<Message>(again).edited_at == edit.at);
}

STORAGE_TEST("members only edit their own messages, and nobody edits system messages") {
    World world(kind.make());
    const auto users = world.add_users(3);
    const ChannelId group = world.add_group({users[0], users[1]});
    const Message message = world.send(group, users[1]);
    mutation::SendMessage notice = world.message(group, users[1]);
    notice.type = MessageType::system;
    const Message system = object<Message>(world.run(notice));
    CHECK(code_of(world.attempt(world.editing(message, users[0], "x"))) == ErrorCode::not_author);
    CHECK(code_of(world.attempt(world.editing(message, users[2], "x"))) == ErrorCode::not_a_member);
    CHECK(code_of(world.attempt(world.editing(system, users[1], "x"))) == ErrorCode::forbidden);
    Message elsewhere = message;
    elsewhere.channel_id = world.add_group({users[1]});
    CHECK(code_of(world.attempt(world.editing(elsewhere, users[1], "x"))) == ErrorCode::not_found);
    world.run(world.removing(group, users[1]));
    CHECK(code_of(world.attempt(world.editing(message, users[1], "x"))) == ErrorCode::not_a_member);
    CHECK(seen(world, message).content == message.content);
}

STORAGE_TEST("a text can only be removed from a message that has an attachment") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group(users);
    const Message plain = world.send(group, users[0], "text");
    mutation::SendMessage send = world.message(group, users[0]);
    send.type = MessageType::image;
    send.attachment_url = "https://example.org/a.png";
    const Message picture = object<Message>(world.run(send));
    CHECK(code_of(world.attempt(world.editing(plain, users[0], ""))) == ErrorCode::validation_error);
    CHECK(code_of(world.attempt(world.editing(plain, users[1], ""))) == ErrorCode::not_author);
    CHECK(seen(world, plain).content == "text");
    CHECK(object<Message>(world.run(world.editing(picture, users[0], ""))).content.empty());
    CHECK(seen(world, picture).attachment_url == send.attachment_url);
}

STORAGE_TEST("the edit window is checked in the commit") {
    World world(kind.make());
    const auto users = world.add_users(1);
    const ChannelId group = world.add_group(users);
    const Message message = world.send(group, users[0], "old");
    world.run(mutation::UpdateWorkspace{.workspace = world.workspace,
                                        .edit_window_seconds = std::optional<std::int64_t>(60)});
    auto edit = world.editing(message, users[0], "new");
    edit.at.milliseconds = message.created_at.milliseconds + 60'001;
    CHECK(code_of(world.attempt(edit)) == ErrorCode::edit_window_expired);
    auto same = edit;
    same.content = "old";
    CHECK_FALSE(world.run(same).changed);
    edit.at.milliseconds = message.created_at.milliseconds + 60'000;
    CHECK(world.run(edit).changed);
}

STORAGE_TEST("an unsent message keeps its place and loses its content") {
    World world(kind.make());
    const auto users = world.add_users(3);
    const ChannelId group = world.add_group(users);
    mutation::SendMessage send = world.message(group, users[1], "secret");
    send.mentions = {{users[2], "", ""}};
    send.metadata = R"({"secret":true})";
    send.attachment_url = "https://example.org/secret";
    send.idempotency_key = "key";
    const Message message = object<Message>(world.run(send));
    mutation::SendMessage answer = world.message(group, users[0]);
    answer.parent = message.id;
    const Message reply = object<Message>(world.run(answer));
    world.run(world.reacting(message, users[0], "a"));
    CHECK(world.mine(group, users[2]).mention_count == 1);
    CHECK(code_of(world.attempt(world.deleting(message, users[2]))) == ErrorCode::not_author);

    const Committed done = world.run(world.deleting(message, users[1]));
    CHECK(done.rev == world.channel(group).rev);
    const Message gone = seen(world, message, users[0]);
    CHECK(show(gone) == show(object<Message>(done)));
    CHECK(gone.content.empty());
    CHECK(gone.metadata == "{}");
    CHECK_FALSE(gone.attachment_url);
    CHECK(gone.mentions.empty());
    CHECK(gone.reactions.empty());
    CHECK(gone.deleted_at);
    CHECK(gone.seq == message.seq);
    CHECK(gone.user.id == users[1]);
    CHECK(gone.created_at == message.created_at);
    CHECK(gone.idempotency_key == "key");
    CHECK(world.mine(group, users[2]).mention_count == 0);
    const Message quoting = seen(world, reply);
    CHECK(quoting.rev == reply.rev);
    CHECK(quoting.quoted_message->deleted);
    CHECK(quoting.quoted_message->content.empty());
    CHECK(world.run(send).duplicate);

    CHECK_FALSE(world.run(world.deleting(message, users[0])).changed);
    CHECK(code_of(world.attempt(world.editing(message, users[1], "x"))) == ErrorCode::not_found);
    CHECK(code_of(world.attempt(world.reacting(message, users[1], "a"))) == ErrorCode::not_found);
    CHECK(code_of(world.attempt(world.unreacting(message, users[0], "a"))) == ErrorCode::not_found);
    // An admin of the group, and the backend.
    CHECK(world.run(world.deleting(world.send(group, users[2]), users[0])).changed);
    CHECK(world.run(world.deleting(world.send(group, users[2]), std::nullopt)).changed);
}

STORAGE_TEST("in a direct channel only the author may unsend") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const Message message = world.send(world.add_direct(users[0], users[1]), users[0]);
    CHECK(code_of(world.attempt(world.deleting(message, users[1]))) == ErrorCode::not_author);
    CHECK(world.run(world.deleting(message, users[0])).changed);
}

STORAGE_TEST("a user has one reaction, and emoji are listed in order of first use") {
    World world(kind.make());
    const auto users = world.add_users(3);
    const ChannelId group = world.add_group(users);
    const Message message = world.send(group, users[0]);
    const Message other = world.send(group, users[0]);
    CHECK(reactions(object<Message>(world.run(world.reacting(message, users[0], "b")))) == "1b! ");
    CHECK(reactions(object<Message>(world.run(world.reacting(message, users[1], "a")))) == "1b 1a! ");
    CHECK(reactions(object<Message>(world.run(world.reacting(message, users[2], "a")))) == "1b 2a! ");
    world.run(world.reacting(other, users[2], "c"));
    CHECK_FALSE(world.run(world.reacting(message, users[2], "a")).changed);
    CHECK_FALSE(world.run(world.unreacting(message, users[2], "b")).changed);
    const std::int64_t rev = world.channel(group).rev;
    // A different reaction replaces it, with one revision.
    const Committed moved = world.run(world.reacting(message, users[0], "a"));
    CHECK(moved.rev == rev + 1);
    CHECK(object<Message>(moved).rev == rev + 1);
    CHECK(reactions(object<Message>(moved)) == "3a! ");
    world.run(world.reacting(message, users[0], "b"));
    CHECK(reactions(object<Message>(world.run(world.unreacting(message, users[1], "a")))) == "1a 1b ");
    world.reopen();
    CHECK(reactions(seen(world, message)) == "1a 1b ");
    CHECK(reactions(seen(world, message, users[2])) == "1a! 1b ");
    CHECK(reactions(world.messages(group, users[0]).at(0)) == "1a 1b! ");
    CHECK(reactions(world.messages(group, users[2]).at(1)) == "1c! ");
    CHECK(reactions(world.changes(group, users[0], {.since = rev}).messages.at(0)) == "1a 1b! ");
    CHECK(reactions(*world.mine(group, users[2]).last_message) == "1c! ");
    CHECK(code_of(world.attempt(world.reacting(message, world.add_user("stranger"), "a"))) ==
          ErrorCode::not_a_member);
}

STORAGE_TEST("a message has a limited number of distinct emoji") {
    World world(kind.make());
    const auto users = world.add_users(3);
    const Message message = world.send(world.add_group(users), users[0]);
    const auto limited = [&](UserId user, const std::string& emoji) {
        auto add = world.reacting(message, user, emoji);
        add.max_emoji = 2;
        return world.attempt(add);
    };
    CHECK(limited(users[0], "a").ok());
    CHECK(limited(users[1], "b").ok());
    const auto refused = limited(users[2], "c");
    CHECK(code_of(refused) == ErrorCode::validation_error);
    CHECK(refused.error().detail("limit") != nullptr);
    CHECK(limited(users[2], "b").ok());
    // A reaction that frees a place may use it.
    CHECK(limited(users[0], "c").ok());
    CHECK(code_of(limited(users[1], "d")) == ErrorCode::validation_error);
}

STORAGE_TEST("an edit replaces the mentions, and the counts follow") {
    World world(kind.make());
    const auto users = world.add_users(5);
    const ChannelId group = world.add_group({users[0], users[1], users[2], users[3]});
    mutation::SendMessage send = world.message(group, users[0], "hello");
    send.mentions = {{users[1], "", ""}, {users[2], "", ""}};
    const Message message = object<Message>(world.run(send));
    const auto mentions = [&](std::size_t user) { return world.mine(group, users[user]).mention_count; };
    // If absent, the mentions stay.
    CHECK_FALSE(world.run(world.editing(message, users[0], "hello all")).mentioned);
    CHECK(mentions(1) == 1);

    auto edit = world.editing(message, users[0], "hello you");
    edit.mentions = {users[3], users[1]};
    const Committed done = world.run(edit);
    CHECK(done.mentioned == std::vector<UserId>{users[3]});
    const Message edited = object<Message>(done);
    REQUIRE(edited.mentions.size() == 2);
    CHECK(edited.mentions[0].user_id == users[3]);
    CHECK_FALSE(edited.mentions[0].name.empty());
    CHECK(edited.mentions[1].user_id == users[1]);
    CHECK(mentions(1) == 1);
    CHECK(mentions(2) == 0);
    CHECK(mentions(3) == 1);
    CHECK(show(world.changes(group, users[0], {.since = edited.rev - 1}).messages.at(0)) == show(edited));
    // The same mentions in a different order change nothing.
    edit.mentions = {users[1], users[3]};
    CHECK_FALSE(world.run(edit).changed);
    // New mentions alone are a change, and can be reverted.
    edit.mentions.emplace();
    const Committed cleared = world.run(edit);
    CHECK(cleared.changed);
    CHECK(cleared.mentioned == std::vector<UserId>());
    CHECK(object<Message>(cleared).mentions.empty());
    CHECK(mentions(1) + mentions(3) == 0);
    world.reopen();
    CHECK(mentions(1) + mentions(3) == 0);

    // Only members can be mentioned, but a mention stays when the user leaves.
    edit.mentions = {users[4]};
    CHECK(field_of(world.attempt(edit)) == "mentions");
    edit.mentions = {users[1], users[2]};
    world.run(edit);
    world.run(world.removing(group, users[1]));
    world.run(mutation::DeleteUser{.workspace = world.workspace, .user = users[2], .at = world.tick()});
    edit.mentions = {users[1], users[2], users[3]};
    CHECK(world.run(edit).mentioned == std::vector<UserId>{users[3]});
    edit.mentions = {users[3]};
    world.run(edit);
    edit.mentions = {users[1]};
    CHECK(field_of(world.attempt(edit)) == "mentions");
}

STORAGE_TEST("an edit of an outdated revision is refused with the current message") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group(users);
    const Message message = world.send(group, users[0]);
    auto edit = world.editing(message, users[0], "first");
    edit.if_rev = message.rev;
    const Message first = object<Message>(world.run(edit));
    edit.content = "second";
    const std::string before = world.dump(group);
    const auto refused = world.attempt(edit);
    CHECK(code_of(refused) == ErrorCode::conflict);
    const ErrorDetail* detail = refused.error().detail("message");
    REQUIRE(detail != nullptr);
    CHECK(show(**std::get_if<std::shared_ptr<const Message>>(&detail->value)) == show(first));
    CHECK(world.dump(group) == before);
    // A reaction changes the message's revision too.
    world.run(world.reacting(message, users[1], "x"));
    edit.if_rev = first.rev;
    CHECK(code_of(world.attempt(edit)) == ErrorCode::conflict);
    edit.if_rev = first.rev + 1;
    CHECK(world.run(edit).changed);
    // Users who may not edit get that error and not the message.
    edit.actor = users[1];
    CHECK(code_of(world.attempt(edit)) == ErrorCode::not_author);
}

STORAGE_TEST("emoji that differ only in U+FE0F are the same, and shown as first written") {
    World world(kind.make());
    const auto users = world.add_users(4);
    const ChannelId group = world.add_group(users);
    const Message message = world.send(group, users[0]);
    const std::string plain = "\u2764";
    const std::string colourful = "\u2764\uFE0F";
    const auto reactions = [&](UserId viewer) { return world.messages(group, viewer).at(0).reactions; };
    CHECK(world.run(world.reacting(message, users[0], colourful)).emoji == colourful);
    const Committed second = world.run(world.reacting(message, users[1], plain));
    CHECK(second.changed);
    CHECK(second.emoji == colourful);
    REQUIRE(reactions(users[1]).size() == 1);
    CHECK(reactions(users[1])[0].emoji == colourful);
    CHECK(reactions(users[1])[0].count == 2);
    CHECK(reactions(users[1])[0].reacted_by_me);
    CHECK_FALSE(reactions(users[2])[0].reacted_by_me);
    // The same in the other form changes nothing, and counts once towards the limit of distinct emoji.
    CHECK_FALSE(world.run(world.reacting(message, users[0], plain)).changed);
    auto limited = world.reacting(message, users[2], plain);
    limited.max_emoji = 1;
    CHECK(world.run(limited).changed);
    limited.emoji = "x";
    limited.user = users[3];
    CHECK(code_of(world.attempt(limited)) == ErrorCode::validation_error);
    // Either form removes it. The form first written stays as long as there is a reaction.
    const Committed removed = world.run(world.unreacting(message, users[0], plain));
    CHECK(removed.changed);
    CHECK(removed.emoji == colourful);
    CHECK(world.run(world.unreacting(message, users[1], colourful)).changed);
    CHECK(reactions(users[2])[0].emoji == colourful);
    CHECK(world.run(world.unreacting(message, users[2], plain)).emoji == colourful);
    CHECK(reactions(users[2]).empty());
    CHECK(world.run(world.reacting(message, users[0], plain)).emoji == plain);
    world.reopen();
    CHECK(reactions(users[0])[0].emoji == plain);
    // Also for joined emoji with the selector inside.
    const std::string joined = "\U0001F441\uFE0F\u200D\U0001F5E8\uFE0F";
    CHECK(world.run(world.reacting(message, users[0], joined)).changed);
    CHECK_FALSE(world.run(world.reacting(message, users[0], "\U0001F441\u200D\U0001F5E8")).changed);
}

STORAGE_TEST("users who reacted are listed in pages, blocked users without their names") {
    World world(kind.make());
    const auto users = world.add_users(5);
    const ChannelId group = world.add_group(users);
    const Message message = world.send(group, users[0]);
    const Message other = world.send(group, users[0]);
    world.run(world.reacting(other, users[0], "x"));
    std::vector<Timestamp> times;
    for (std::size_t i = 0; i < 5; ++i) {
        auto react = world.reacting(message, users[i], i % 2 == 0 ? "a" : "b");
        react.at = world.tick();
        times.push_back(react.at);
        world.run(react);
    }
    const auto listed = [&](std::int64_t limit, const Viewpoint& viewer) {
        return world.read([&](Reader& r) {
            std::vector<MessageReaction> all;
            RecordPosition after;
            while (true) {
                const auto page = must(r.messages().reactions(group, message.id, after, limit, viewer));
                all.insert(all.end(), page.records.begin(), page.records.end());
                if (!page.next) return all;
                after = *page.next;
            }
        });
    };
    for (const std::int64_t limit : {1, 2, 5, 100}) {
        const auto all = listed(limit, users[0]);
        REQUIRE(all.size() == 5);
        for (std::size_t i = 0; i < 5; ++i) {
            REQUIRE(all[i].user);
            CHECK(all[i].user->id == users[i]);
            CHECK_FALSE(all[i].user->name.empty());
            CHECK(all[i].emoji == (i % 2 == 0 ? "a" : "b"));
            CHECK(all[i].at == times[i]);
        }
    }
    // A different reaction replaces it with its own time; a removed one disappears.
    auto again = world.reacting(message, users[1], "a\uFE0F");
    again.at = world.tick();
    world.run(again);
    world.run(world.unreacting(message, users[2], "a"));
    world.run(world.blocking(users[0], users[3]));
    world.run(mutation::DeleteUser{.workspace = world.workspace, .user = users[4], .at = world.tick()});
    world.reopen();
    const auto all = listed(3, users[0]);
    REQUIRE(all.size() == 4);
    CHECK(all[1].emoji == "a");
    CHECK(all[1].at == again.at);
    CHECK_FALSE(all[2].user);
    CHECK(all[2].emoji == "b");
    CHECK(all[3].user->deleted);
    CHECK(listed(3, {})[2].user->id == users[3]);
    CHECK(world.read([&](Reader& r) { return must(r.messages().reactions(group, id_of<MessageId>(5), {}, 9)); }).records.empty());
    world.run(world.deleting(message, users[0]));
    CHECK(listed(3, users[0]).empty());
}

}  // namespace cariosan::test
