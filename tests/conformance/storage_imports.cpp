// Imports and dry runs.
#include "conformance/world.hpp"

namespace cariosan::test {

STORAGE_TEST("an import refers to its parent by key, whoever the author is") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group(users);
    const ChannelId other = world.add_group(users);
    const auto import = [&](UserId user, const std::string& key, std::optional<std::string> parent) {
        mutation::SendMessage send = with_key(world.message(group, user, key), key);
        send.imported = true;
        send.author_is_member = false;
        send.parent_key = std::move(parent);
        return send;
    };
    world.run(with_key(world.message(other, users[0]), "elsewhere"));
    const auto answers = world.commit({import(users[0], "a", std::nullopt), import(users[1], "b", "a"),
                                       import(users[0], "c", "b"), import(users[0], "d", "unknown"),
                                       import(users[0], "e", "elsewhere")});
    CHECK(object<Message>(must(answers[1])).quoted_message->content == "a");
    CHECK(object<Message>(must(answers[2])).parent_id == object<Message>(must(answers[1])).id);
    CHECK(field_of(answers[3]) == "parent_key");
    CHECK(field_of(answers[4]) == "parent_key");
    // For imports, a key belongs to one message per channel. If two messages were sent with the same one, it
    // means the first.
    CHECK(code_of(world.attempt(import(users[1], "a", std::nullopt))) == ErrorCode::conflict);
    CHECK(world.run(import(users[1], "elsewhere", std::nullopt)).created);
    world.run(with_key(world.message(group, users[1]), "a"));
    CHECK(object<Message>(world.run(import(users[1], "f", "a"))).parent_id ==
          object<Message>(must(answers[0])).id);
    CHECK(world.messages(group).size() == 6);
}

STORAGE_TEST("an import that comes before its parent is linked once, when it is repeated") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group(users);
    const auto import = [&](const std::string& key, std::optional<std::string> parent, bool follows) {
        mutation::SendMessage send = with_key(world.message(group, users[0], key), key);
        send.imported = true;
        send.author_is_member = false;
        send.parent_key = std::move(parent);
        send.parent_follows = follows;
        return send;
    };
    const Committed early = world.run(import("reply", "parent", true));
    CHECK(early.created);
    CHECK_FALSE(object<Message>(early).parent_id);
    const Committed again = world.run(import("reply", "parent", true));
    CHECK(again.duplicate);
    CHECK_FALSE(again.changed);
    CHECK(field_of(world.attempt(import("reply", "parent", false))) == "parent_key");

    const MessageId parent = object<Message>(world.run(import("parent", std::nullopt, false))).id;
    const Committed linked = world.run(import("reply", "parent", false));
    CHECK(linked.changed);
    CHECK_FALSE(linked.created);
    CHECK_FALSE(linked.duplicate);
    const auto& reply = object<Message>(linked);
    CHECK(reply.parent_id == parent);
    CHECK(reply.quoted_message->content == "parent");
    CHECK(reply.seq == 1);
    CHECK(reply.rev == linked.rev);
    CHECK(linked.rev == object<Message>(early).rev + 2);
    CHECK_FALSE(reply.edited_at);
    const Message read = world.messages(group).at(0);
    CHECK(read.parent_id == parent);
    CHECK(read.quoted_message->content == "parent");
    CHECK(read.rev == linked.rev);

    const Committed third = world.run(import("reply", "parent", false));
    CHECK(third.duplicate);
    CHECK(third.rev == linked.rev);

    // What was unsent meanwhile stays unsent; an unsent parent is quoted as deleted.
    const Message gone = object<Message>(world.run(import("gone", "late", true)));
    const Message kept = object<Message>(world.run(import("kept", "late", true)));
    world.run(world.deleting(gone, std::nullopt));
    const Message late = object<Message>(world.run(import("late", std::nullopt, false)));
    world.run(world.deleting(late, std::nullopt));
    CHECK(world.run(import("gone", "late", false)).duplicate);
    CHECK(object<Message>(world.run(import("kept", "late", false))).quoted_message->deleted);
}

STORAGE_TEST("a dry run returns what would be stored and writes nothing") {
    World world(kind.make());
    const auto users = world.add_users(1);
    const ChannelId group = world.add_group(users);
    world.send(group, users[0], "before");
    mutation::SendMessage send = with_key(world.message(group, users[0], "text"), "key");
    send.imported = true;
    send.dry_run = true;
    const Committed would = world.run(send);
    CHECK_FALSE(would.changed);
    CHECK_FALSE(would.created);
    CHECK(object<Message>(would).content == "text");
    CHECK(world.messages(group).size() == 1);
    send.parent_key = "nobody";
    CHECK(field_of(world.attempt(send)) == "parent_key");
    send.parent_key.reset();
    send.dry_run = false;
    CHECK(object<Message>(world.run(send)).seq == 2);
    send.dry_run = true;
    CHECK(world.run(send).duplicate);
    send.request_hash[0] ^= 1;
    CHECK(code_of(world.attempt(send)) == ErrorCode::conflict);
}

}  // namespace cariosan::test
