#include <doctest/doctest.h>

#include "unit/core/stage.hpp"

using namespace cariosan;
using test::is_invalid;
using test::is_over;
using test::Stage;

namespace {

/// The stage with a message by Budi in "orders".
struct Said : Stage {
    Message message = world.add_message(orders, budi, "helo");
    std::string id = message.id.to_string();

    /// Checks that all commands for a message have in common.
    template <class C>
    void check_names(C command) {
        CHECK(error(command, as(citra)).code == ErrorCode::not_a_member);
        C wrong = command;
        wrong.message_id = "seq:1";
        CHECK(is_invalid(error(wrong, as(budi)), "message_id"));
        wrong = command;
        wrong.channel = "none";
        CHECK(error(wrong, as(budi)).code == ErrorCode::not_found);
        wrong = command;
        wrong.channel = "";
        CHECK(is_invalid(error(wrong, as(budi)), "channel"));
    }
};

}  // namespace

TEST_CASE("an edit reaches the commit with its author and time") {
    Said said;
    const EditMessage command{.channel = "orders", .message_id = said.id, .content = "hello"};
    const auto edit = said.mutation<mutation::EditMessage>(command, said.as(said.budi));
    CHECK(edit.channel == said.orders);
    CHECK(edit.message == said.message.id);
    CHECK(edit.actor == said.budi.id);
    CHECK(edit.content == "hello");
    CHECK(edit.at == said.clock.wall);
    CHECK(said.error(command, said.backend()).code == ErrorCode::forbidden);
    said.check_names(command);
}

TEST_CASE("an edit contains the new mentions and the revision it is based on") {
    Said said;
    EditMessage command{.channel = "orders", .message_id = said.id, .content = "hello"};
    const auto planned = [&] { return said.mutation<mutation::EditMessage>(command, said.as(said.budi)); };
    CHECK_FALSE(planned().mentions);
    CHECK_FALSE(planned().if_rev);
    command.mentions.emplace();
    command.if_rev = 7;
    CHECK(planned().mentions == std::vector<mutation::MentionedUser>());
    CHECK(planned().if_rev == 7);
    // Each user once. An unknown id may belong to a deleted user, which the commit knows.
    const UserId gone{said.world.next_id()};
    command.mentions = {"alice", said.alice.id.to_string(), gone.to_string(), "budi"};
    CHECK(planned().mentions == std::vector<mutation::MentionedUser>{said.alice.id, said.budi.id, gone});
    command.mentions = {"nobody"};
    CHECK(is_invalid(said.error(command, said.as(said.budi)), "mentions"));
    command.mentions = std::vector<NamedMention>(51, "alice");
    CHECK(is_over(said.error(command, said.as(said.budi)), "mentions", 50));
}

TEST_CASE("the text of an edit is checked like that of a send") {
    Said said;
    const auto edited = [&](std::string content) {
        return said.error(EditMessage{.channel = "orders", .message_id = said.id, .content = std::move(content)},
                          said.as(said.budi));
    };
    CHECK(is_invalid(edited("\xff"), "content"));
    CHECK(is_invalid(edited(std::string("a\0b", 3)), "content"));
    CHECK(edited(std::string(8193, 'x')).code == ErrorCode::payload_too_large);
}

TEST_CASE("the commit decides whether a message may lose its text") {
    Said said;
    const EditMessage command{.channel = "orders", .message_id = said.id};
    CHECK(said.mutation<mutation::EditMessage>(command, said.as(said.budi)).content.empty());
}

TEST_CASE("members and the backend may unsend, and the commit checks whose message it is") {
    Said said;
    const DeleteMessage command{.channel = "orders", .message_id = said.id};
    CHECK(said.mutation<mutation::DeleteMessage>(command, said.as(said.alice)).actor == said.alice.id);
    const auto remove = said.mutation<mutation::DeleteMessage>(command, said.backend());
    CHECK_FALSE(remove.actor);
    CHECK(remove.message == said.message.id);
    CHECK(remove.at == said.clock.wall);
    said.check_names(command);
}

TEST_CASE("a reaction is one emoji") {
    Said said;
    const AddReaction command{.channel = "orders", .message_id = said.id, .emoji = "👍"};
    const auto add = said.mutation<mutation::AddReaction>(command, said.as(said.alice));
    CHECK(add.user == said.alice.id);
    CHECK(add.emoji == "👍");
    CHECK(add.max_emoji == said.limits.emoji_per_message);
    CHECK(said.error(command, said.backend()).code == ErrorCode::forbidden);
    said.check_names(command);
    for (const char* emoji : {"", "a", "1", "#", "👍👍", "👍 ", "\xf0\x9f"}) {
        AddReaction wrong = command;
        wrong.emoji = emoji;
        CHECK(is_invalid(said.error(wrong, said.as(said.alice)), "emoji"));
    }
    said.limits.emoji_bytes = 3;
    CHECK(is_over(said.error(command, said.as(said.alice)), "emoji", 3));
}

TEST_CASE("a reaction is removed by the user who added it") {
    Said said;
    const RemoveReaction command{.channel = "orders", .message_id = said.id, .emoji = "👍"};
    const auto remove = said.mutation<mutation::RemoveReaction>(command, said.as(said.alice));
    CHECK(remove.user == said.alice.id);
    CHECK(remove.emoji == "👍");
    CHECK(said.error(command, said.backend()).code == ErrorCode::forbidden);
    said.check_names(command);
}
