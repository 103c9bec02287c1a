#include <doctest/doctest.h>

#include "core/paging.hpp"
#include "unit/core/stage.hpp"

using namespace cariosan;
using test::is_invalid;
using test::is_over;
using test::Stage;
using test::text_detail;

namespace {

Silence silence_of(const User& user, std::optional<Timestamp> until = std::nullopt) {
    Silence silence;
    silence.user.id = user.id;
    silence.until = until;
    return silence;
}

}  // namespace

TEST_CASE("a silence has internal ids and an end") {
    Stage stage;
    const auto silence = stage.mutation<mutation::SilenceUser>(
        SilenceUser{.user = "budi", .channel = "orders", .seconds = 60, .reason = "rude"}, stage.backend());
    CHECK(silence.workspace == stage.shop);
    CHECK(silence.user == stage.budi.id);
    CHECK(silence.channel == stage.orders);
    CHECK(silence.until == Timestamp{stage.clock.wall.milliseconds + 60'000});
    CHECK(silence.reason == "rude");
    CHECK(silence.at == stage.clock.wall);
    const auto open = stage.mutation<mutation::SilenceUser>(SilenceUser{.user = stage.budi.id.to_string()},
                                                            stage.backend());
    CHECK_FALSE(open.channel);
    CHECK_FALSE(open.until);
    CHECK_FALSE(open.reason);
    const auto lift = stage.mutation<mutation::UnsilenceUser>(
        UnsilenceUser{.user = "budi", .channel = "orders"}, stage.backend());
    CHECK(lift.user == stage.budi.id);
    CHECK(lift.channel == stage.orders);
    CHECK_FALSE(
        stage.mutation<mutation::UnsilenceUser>(UnsilenceUser{.user = "budi"}, stage.backend()).channel);
}

TEST_CASE("a silence is for an existing user and channel, and for a limited time") {
    Stage stage;
    CHECK(stage.error(SilenceUser{.user = "nobody"}, stage.backend()).code == ErrorCode::not_found);
    CHECK(stage.error(SilenceUser{.user = "budi", .channel = "nothing"}, stage.backend()).code ==
          ErrorCode::not_found);
    CHECK(stage.error(UnsilenceUser{.user = "nobody"}, stage.backend()).code == ErrorCode::not_found);
    CHECK(is_invalid(stage.error(SilenceUser{.user = "budi", .seconds = 0}, stage.backend()), "seconds"));
    CHECK(is_invalid(stage.error(SilenceUser{.user = "budi", .seconds = -1}, stage.backend()), "seconds"));
    CHECK(is_over(stage.error(SilenceUser{.user = "budi", .seconds = 316'224'001}, stage.backend()),
                  "seconds", 316'224'000));
    CHECK(stage.plan(SilenceUser{.user = "budi", .seconds = 316'224'000}, stage.backend()).ok());
    CHECK(is_over(stage.error(SilenceUser{.user = "budi", .reason = std::string(256, 'x')}, stage.backend()),
                  "reason", 255));
    CHECK(stage.error(SilenceUser{.user = "budi"}, stage.as(stage.alice)).code == ErrorCode::forbidden);
}

TEST_CASE("a silenced user is refused before anything is queued") {
    Stage stage;
    const Timestamp until{stage.clock.wall.milliseconds + 1};
    stage.world.silences = {silence_of(stage.budi, until)};
    SendMessage send{.channel = "orders", .content = "Halo"};
    const Error refused = stage.error(send, stage.as(stage.budi));
    CHECK(refused.code == ErrorCode::muted);
    CHECK_FALSE(refused.retryable);
    CHECK(text_detail(refused, "until") == until.to_string());
    CHECK(stage.mutation<mutation::SendMessage>(send, stage.as(stage.alice)).as_user);
    const Message message = stage.world.add_message(stage.orders, stage.budi, "Halo");
    CHECK(stage
              .error(EditMessage{.channel = "orders", .message_id = message.id.to_string(), .content = "x"},
                     stage.as(stage.budi))
              .code == ErrorCode::muted);
    CHECK(stage
              .plan(AddReaction{.channel = "orders", .message_id = message.id.to_string(), .emoji = "👍"},
                    stage.as(stage.budi))
              .ok());
    send.user = "budi";
    CHECK_FALSE(stage.mutation<mutation::SendMessage>(send, stage.backend()).as_user);

    stage.world.silences = {silence_of(stage.budi)};
    send.user.reset();
    CHECK(stage.error(send, stage.as(stage.budi)).detail("until") == nullptr);
    stage.world.silences = {silence_of(stage.budi, stage.clock.wall)};
    CHECK(stage.plan(send, stage.as(stage.budi)).ok());
}

TEST_CASE("a silenced send takes no token, and a repeated one is answered") {
    Stage stage;
    SendMessage send{.channel = "orders", .content = "Halo", .idempotency_key = "key-1"};
    const auto before = stage.mutation<mutation::SendMessage>(send, stage.as(stage.budi));
    Message message = stage.world.add_message(stage.orders, stage.budi, "Halo");
    message.idempotency_key = "key-1";
    stage.world.row(stage.orders).sends.push_back({.message = message, .request_hash = before.request_hash});
    stage.world.silences = {silence_of(stage.budi)};
    CHECK(stage.outcome(send, stage.as(stage.budi)).duplicate);
    send.idempotency_key.reset();
    for (int i = 0; i < 100; ++i) CHECK(stage.error(send, stage.as(stage.budi)).code == ErrorCode::muted);
    stage.world.silences.clear();
    CHECK(stage.plan(send, stage.as(stage.budi)).ok());
}

TEST_CASE("silences are listed in pages") {
    Stage stage;
    for (const User* user : {&stage.alice, &stage.budi, &stage.citra})
        stage.world.silences.push_back(silence_of(*user));
    stage.world.silences[1].channel_id = stage.orders;
    const auto first = stage.answer(ListSilences{.range = {.limit = 2}}, stage.backend());
    REQUIRE(first.items.size() == 2);
    REQUIRE(first.has_more());
    const auto second =
        stage.answer(ListSilences{.range = {.limit = 2, .cursor = first.next_cursor}}, stage.backend());
    REQUIRE(second.items.size() == 1);
    CHECK(second.items[0].user.id == stage.citra.id);
    CHECK_FALSE(second.has_more());
    CHECK(is_invalid(stage.error(ListSilences{.range = {.cursor = "u00"}}, stage.backend()), "cursor"));
    CHECK(is_invalid(stage.error(ListSilences{.range = {.cursor = first.next_cursor + "0"}}, stage.backend()),
                     "cursor"));
    CHECK(is_over(stage.error(ListSilences{.range = {.limit = 101}}, stage.backend()), "limit", 100));
}
