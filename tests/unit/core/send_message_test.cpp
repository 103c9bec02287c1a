#include <doctest/doctest.h>

#include "unit/core/stage.hpp"

using namespace cariosan;
using test::is_invalid;
using test::is_over;
using test::number_detail;
using test::Stage;
using test::text_detail;

namespace {

SendMessage halo() { return {.channel = "orders", .content = "Halo"}; }

SendMessage halo_with_key() {
    SendMessage command = halo();
    command.idempotency_key = "key-1";
    return command;
}

/// Stores what a send would have committed.
Message store(Stage& stage, const mutation::SendMessage& send) {
    User author;
    author.id = send.author;
    Message message = stage.world.add_message(send.channel, author, send.content);
    message.idempotency_key = send.idempotency_key;
    if (send.parent_key && !send.parent_follows) message.parent_id = MessageId{};
    stage.world.row(send.channel).sends.push_back({.message = message, .request_hash = send.request_hash});
    return message;
}

}  // namespace

TEST_CASE("a send becomes a mutation with internal ids") {
    Stage stage;
    SendMessage command = halo();
    command.metadata = R"({"b":1, "a":2})";
    command.mentions = {"budi", stage.alice.id.to_string(), stage.budi.id.to_string()};
    const auto send = stage.mutation<mutation::SendMessage>(command, stage.as(stage.alice));
    CHECK(send.workspace == stage.shop);
    CHECK(send.channel == stage.orders);
    CHECK_FALSE(send.id.is_nil());
    CHECK(send.author == stage.alice.id);
    CHECK(send.author_is_member);
    CHECK(send.content == "Halo");
    CHECK(send.metadata == R"({"a":2,"b":1})");
    REQUIRE(send.mentions.size() == 2);
    CHECK(send.mentions[0].user_id == stage.budi.id);
    CHECK(send.mentions[0].name == "The budi");
    CHECK(send.mentions[1].user_id == stage.alice.id);
    CHECK(send.at == stage.clock.wall);
    CHECK_FALSE(send.imported);
}

TEST_CASE("a backend names the author and a user must not") {
    Stage stage;
    SendMessage command = halo();
    CHECK(is_invalid(stage.error(command, stage.backend()), "user"));
    command.user = "budi";
    CHECK(stage.mutation<mutation::SendMessage>(command, stage.backend()).author == stage.budi.id);
    CHECK(is_invalid(stage.error(command, stage.as(stage.budi)), "user"));
    command.user = "nobody";
    CHECK(stage.error(command, stage.backend()).code == ErrorCode::not_found);
    command.user = "citra";
    CHECK(stage.error(command, stage.backend()).code == ErrorCode::not_a_member);
}

TEST_CASE("only a backend may send system messages") {
    Stage stage;
    SendMessage command = halo();
    command.type = MessageType::system;
    CHECK(stage.error(command, stage.as(stage.alice)).code == ErrorCode::forbidden);
    command.user = "alice";
    CHECK(stage.mutation<mutation::SendMessage>(command, stage.backend()).type == MessageType::system);
}

TEST_CASE("content must be present and not too long") {
    Stage stage;
    SendMessage command = halo();
    command.content = "";
    CHECK(is_invalid(stage.error(command, stage.as(stage.alice)), "content"));
    command.content = std::string(8192, 'x');
    CHECK(stage.plan(command, stage.as(stage.alice)).ok());
    command.content += "x";
    const Error error = stage.error(command, stage.as(stage.alice));
    CHECK(error.code == ErrorCode::payload_too_large);
    CHECK(number_detail(error, "limit") == 8192);
    for (const std::string& content :
         {std::string("a\0b", 3), std::string("\xED\xA0\x80"), std::string("\xC3")}) {
        command.content = content;
        CHECK(is_invalid(stage.error(command, stage.as(stage.alice)), "content"));
    }
    command.content = "line one\nline two\t\x01";
    CHECK(stage.plan(command, stage.as(stage.alice)).ok());
}

TEST_CASE("attachments need a store") {
    Stage stage;
    SendMessage command = halo();
    command.attachment_url = "https://a/b";
    CHECK(stage.error(command, stage.as(stage.alice)).code == ErrorCode::unavailable);
    for (const auto type : {MessageType::image, MessageType::file}) {
        command = halo();
        command.type = type;
        CHECK(stage.error(command, stage.as(stage.alice)).code == ErrorCode::unavailable);
    }
}

TEST_CASE("an idempotency key is 1 to 255 bytes") {
    Stage stage;
    SendMessage command = halo();
    command.idempotency_key = "";
    CHECK(is_invalid(stage.error(command, stage.as(stage.alice)), "idempotency_key"));
    command.idempotency_key = std::string(255, 'k');
    CHECK(stage.plan(command, stage.as(stage.alice)).ok());
    command.idempotency_key = std::string(256, 'k');
    CHECK(is_over(stage.error(command, stage.as(stage.alice)), "idempotency_key", 255));
}

TEST_CASE("at most fifty members can be mentioned") {
    Stage stage;
    SendMessage command = halo();
    command.mentions.assign(50, "budi");
    CHECK(stage.mutation<mutation::SendMessage>(command, stage.as(stage.alice)).mentions.size() == 1);
    command.mentions.emplace_back("budi");
    CHECK(is_over(stage.error(command, stage.as(stage.alice)), "mentions", 50));
    command.mentions = {"citra"};
    CHECK(is_invalid(stage.error(command, stage.as(stage.alice)), "mentions"));
    command.mentions = {"nobody"};
    CHECK(is_invalid(stage.error(command, stage.as(stage.alice)), "mentions"));
    command.mentions = {""};
    CHECK(is_invalid(stage.error(command, stage.as(stage.alice)), "mentions"));
}

TEST_CASE("a reply needs a parent in the same channel") {
    Stage stage;
    const Message here = stage.world.add_message(stage.orders, stage.budi, "question");
    const Message elsewhere = stage.world.add_message(stage.pair, stage.budi, "secret");
    SendMessage command = halo();
    command.parent_id = here.id.to_string();
    CHECK(stage.mutation<mutation::SendMessage>(command, stage.as(stage.alice)).parent == here.id);
    command.parent_id = elsewhere.id.to_string();
    CHECK(is_invalid(stage.error(command, stage.as(stage.alice)), "parent_id"));
    command.parent_id = "seq:1";
    CHECK(is_invalid(stage.error(command, stage.as(stage.alice)), "parent_id"));
}

TEST_CASE("a reply to a message unsent meanwhile is not refused") {
    Stage stage;
    const Message here = stage.world.add_message(stage.orders, stage.budi, "question");
    stage.world.row(stage.orders).messages[0].deleted_at = stage.clock.wall;
    SendMessage command = halo();
    command.parent_id = here.id.to_string();
    CHECK(stage.mutation<mutation::SendMessage>(command, stage.as(stage.alice)).parent == here.id);
}

TEST_CASE("an unknown channel is not found, and non-members cannot write") {
    Stage stage;
    SendMessage command = halo();
    CHECK(stage.error(command, stage.as(stage.citra)).code == ErrorCode::not_a_member);
    command.channel = "nothing";
    CHECK(stage.error(command, stage.as(stage.alice)).code == ErrorCode::not_found);
    command.channel = "";
    CHECK(is_invalid(stage.error(command, stage.as(stage.alice)), "channel"));
}

TEST_CASE("a known key returns its message as it is now") {
    Stage stage;
    const auto first = stage.mutation<mutation::SendMessage>(halo_with_key(), stage.as(stage.alice));
    const Message stored = store(stage, first);
    stage.world.row(stage.orders).sends[0].message.content = "edited since";
    const Outcome again = stage.outcome(halo_with_key(), stage.as(stage.alice));
    CHECK(again.duplicate);
    CHECK_FALSE(again.created);
    CHECK(again.rev == stage.world.row(stage.orders).channel.rev);
    CHECK(std::get<Message>(again.answer).id == stored.id);
    CHECK(std::get<Message>(again.answer).content == "edited since");
}

TEST_CASE("a different request with a known key is a conflict") {
    Stage stage;
    store(stage, stage.mutation<mutation::SendMessage>(halo_with_key(), stage.as(stage.alice)));
    SendMessage other = halo_with_key();
    other.content = "Halo!";
    const Error error = stage.error(other, stage.as(stage.alice));
    CHECK(error.code == ErrorCode::conflict);
    CHECK(text_detail(error, "field") == "idempotency_key");
}

TEST_CASE("a key belongs to one author and one channel") {
    Stage stage;
    store(stage, stage.mutation<mutation::SendMessage>(halo_with_key(), stage.as(stage.alice)));
    SendMessage other = halo_with_key();
    other.content = "something else";
    CHECK_NOTHROW(stage.mutation<mutation::SendMessage>(other, stage.as(stage.budi)));
    other.channel = "pair";
    CHECK_NOTHROW(stage.mutation<mutation::SendMessage>(other, stage.as(stage.alice)));
}

TEST_CASE("defaults and the order of metadata and mentions do not change the request") {
    Stage stage;
    SendMessage first = halo_with_key();
    first.metadata = R"({"a":1,"b":2})";
    first.mentions = {"alice", "budi"};
    store(stage, stage.mutation<mutation::SendMessage>(first, stage.as(stage.alice)));
    SendMessage second = halo_with_key();
    second.metadata = R"({ "b":2, "a":1 })";
    second.mentions = {stage.budi.id.to_string(), "alice", "alice"};
    CHECK(stage.outcome(second, stage.as(stage.alice)).duplicate);
}

TEST_CASE("a known key is answered before permission and rate are checked, and a new one is not") {
    Stage stage;
    store(stage, stage.mutation<mutation::SendMessage>(halo_with_key(), stage.as(stage.budi)));
    auto& row = stage.world.row(stage.orders);
    row.memberships.erase(stage.budi.id);
    CHECK(stage.outcome(halo_with_key(), stage.as(stage.budi)).duplicate);
    CHECK(stage.error(halo(), stage.as(stage.budi)).code == ErrorCode::not_a_member);

    for (int i = 0; i < 60; ++i) {
        stage.limiter.take({stage.shop, stage.budi.id}, core::RateKind::send, stage.clock.running).ok();
    }
    CHECK(stage.outcome(halo_with_key(), stage.as(stage.budi)).duplicate);
    // Permission is checked before the rate.
    CHECK(stage.error(halo(), stage.as(stage.budi)).code == ErrorCode::not_a_member);
    row.memberships[stage.budi.id] = {};
    CHECK(stage.error(halo(), stage.as(stage.budi)).code == ErrorCode::rate_limited);
}

TEST_CASE("repeats of a known key are charged as reads, even with a different text") {
    Stage stage;
    store(stage, stage.mutation<mutation::SendMessage>(halo_with_key(), stage.as(stage.budi)));
    SendMessage other = halo_with_key();
    other.content = "something else";
    for (int i = 0; i < 20; ++i) {
        CHECK(stage.outcome(halo_with_key(), stage.as(stage.budi)).duplicate);
        CHECK(stage.error(other, stage.as(stage.budi)).code == ErrorCode::conflict);
    }
    CHECK(stage.error(halo_with_key(), stage.as(stage.budi)).code == ErrorCode::rate_limited);
    CHECK(stage.error(other, stage.as(stage.budi)).code == ErrorCode::rate_limited);
    CHECK(stage.plan(halo(), stage.as(stage.budi)).ok());
    stage.clock.running += std::chrono::milliseconds(50);
    CHECK(stage.outcome(halo_with_key(), stage.as(stage.budi)).duplicate);
}

TEST_CASE("a known key returns only the caller's own message to a former member") {
    Stage stage;
    store(stage, stage.mutation<mutation::SendMessage>(halo_with_key(), stage.as(stage.budi)));
    auto& row = stage.world.row(stage.orders);
    Message& stored = row.sends[0].message;
    stored.quoted_message = Quote{.content = "what the parent says now"};
    stored.reactions = {Reaction{.emoji = "x", .count = 1}};
    const auto answered = [&](const SendMessage& command, const Caller& caller) {
        return std::get<Message>(stage.outcome(command, caller).answer);
    };
    CHECK(answered(halo_with_key(), stage.as(stage.budi)).quoted_message);
    row.memberships.erase(stage.budi.id);
    const Message shown = answered(halo_with_key(), stage.as(stage.budi));
    CHECK(shown.content == stored.content);
    CHECK_FALSE(shown.quoted_message);
    CHECK(shown.reactions.empty());
    SendMessage backends = halo_with_key();
    backends.user = "budi";
    CHECK(answered(backends, stage.backend()).quoted_message);
    CHECK(answered(backends, stage.backend()).reactions.size() == 1);
}

TEST_CASE("a refused send takes no token, and its fields are checked before the key") {
    Stage stage;
    SendMessage stray = halo();
    stray.mentions = {"citra"};
    for (int i = 0; i < 100; ++i) stage.error(stray, stage.as(stage.alice));
    for (int i = 0; i < 60; ++i) REQUIRE(stage.plan(halo(), stage.as(stage.alice)).ok());
    CHECK(stage.error(halo(), stage.as(stage.alice)).code == ErrorCode::rate_limited);

    store(stage, stage.mutation<mutation::SendMessage>(halo_with_key(), stage.as(stage.budi)));
    SendMessage bad = halo_with_key();
    bad.content = "";
    CHECK(is_invalid(stage.error(bad, stage.as(stage.budi)), "content"));
}

TEST_CASE("a backend has no rate limit") {
    Stage stage;
    SendMessage command = halo();
    command.user = "alice";
    for (int i = 0; i < 200; ++i) REQUIRE(stage.plan(command, stage.backend()).ok());
    CHECK(stage.plan(halo(), stage.as(stage.alice)).ok());
}

TEST_CASE("an import keeps its time and needs no membership") {
    Stage stage;
    ImportMessage command{.channel = "orders",
                          .user = "citra",
                          .text = "long ago",
                          .at = {1'000},
                          .idempotency_key = "import:log:1",
                          .parent_key = "import:log:0"};
    const auto send = stage.mutation<mutation::SendMessage>(command, stage.backend());
    CHECK(send.imported);
    CHECK_FALSE(send.author_is_member);
    CHECK(send.author == stage.citra.id);
    CHECK(send.at == Timestamp{1'000});
    CHECK(send.parent_key == "import:log:0");

    store(stage, send);
    CHECK(stage.outcome(command, stage.backend()).duplicate);
    command.at = {2'000};
    CHECK(stage.error(command, stage.backend()).code == ErrorCode::conflict);
}

TEST_CASE("an import stored without its parent is committed again to link it") {
    Stage stage;
    ImportMessage command{.channel = "orders",
                          .user = "citra",
                          .text = "long ago",
                          .at = {1'000},
                          .idempotency_key = "import:log:1",
                          .parent_key = "import:log:2",
                          .parent_follows = true};
    const auto send = stage.mutation<mutation::SendMessage>(command, stage.backend());
    CHECK(send.parent_follows);
    CHECK_FALSE(send.dry_run);
    store(stage, send);
    command.parent_follows = false;
    CHECK_FALSE(stage.mutation<mutation::SendMessage>(command, stage.backend()).parent_follows);
    command.dry_run = true;
    CHECK(stage.outcome(command, stage.backend()).duplicate);
    command.idempotency_key = "import:log:3";
    CHECK(stage.mutation<mutation::SendMessage>(command, stage.backend()).dry_run);
}

TEST_CASE("an invalid line of an import is refused") {
    Stage stage;
    const ImportMessage good{.channel = "orders",
                             .user = "citra",
                             .text = "x",
                             .at = {0},
                             .idempotency_key = "k",
                             .parent_key = {}};
    ImportMessage bad = good;
    bad.text = "";
    CHECK(is_invalid(stage.error(bad, stage.backend()), "text"));
    bad = good;
    bad.text = std::string(8193, 'x');
    CHECK(stage.error(bad, stage.backend()).code == ErrorCode::payload_too_large);
    bad = good;
    bad.at = {INT64_MAX};
    CHECK(is_invalid(stage.error(bad, stage.backend()), "at"));
    bad.at = {stage.clock.wall.milliseconds + 1};
    CHECK(is_invalid(stage.error(bad, stage.backend()), "at"));
    bad.at = stage.clock.wall;
    CHECK(stage.plan(bad, stage.backend()).ok());
    bad = good;
    bad.user = "nobody";
    CHECK(stage.error(bad, stage.backend()).code == ErrorCode::not_found);
    bad = good;
    bad.idempotency_key = "";
    CHECK(is_invalid(stage.error(bad, stage.backend()), "idempotency_key"));
}
