#include <doctest/doctest.h>

#include "core/paging.hpp"
#include "unit/core/stage.hpp"

using namespace cariosan;
using test::is_invalid;
using test::is_over;
using test::Stage;
using test::text_detail;

namespace {

Mute mute_of(const User& user, std::optional<Timestamp> until = std::nullopt) {
    Mute mute;
    mute.user.id = user.id;
    mute.until = until;
    return mute;
}

}  // namespace

TEST_CASE("a mute is made of internal ids and an end") {
    Stage stage;
    const auto mute = stage.mutation<mutation::MuteUser>(
        MuteUser{.user = "budi", .channel = "orders", .seconds = 60, .reason = "rude"}, stage.backend());
    CHECK(mute.workspace == stage.shop);
    CHECK(mute.user == stage.budi.id);
    CHECK(mute.channel == stage.orders);
    CHECK(mute.until == Timestamp{stage.clock.wall.milliseconds + 60'000});
    CHECK(mute.reason == "rude");
    CHECK(mute.at == stage.clock.wall);
    const auto open = stage.mutation<mutation::MuteUser>(MuteUser{.user = stage.budi.id.to_string()}, stage.backend());
    CHECK_FALSE(open.channel);
    CHECK_FALSE(open.until);
    CHECK_FALSE(open.reason);
    const auto lift =
        stage.mutation<mutation::UnmuteUser>(UnmuteUser{.user = "budi", .channel = "orders"}, stage.backend());
    CHECK(lift.user == stage.budi.id);
    CHECK(lift.channel == stage.orders);
    CHECK_FALSE(stage.mutation<mutation::UnmuteUser>(UnmuteUser{.user = "budi"}, stage.backend()).channel);
}

TEST_CASE("a mute names what is there, for a time that ends") {
    Stage stage;
    CHECK(stage.error(MuteUser{.user = "nobody"}, stage.backend()).code == ErrorCode::not_found);
    CHECK(stage.error(MuteUser{.user = "budi", .channel = "nothing"}, stage.backend()).code == ErrorCode::not_found);
    CHECK(stage.error(UnmuteUser{.user = "nobody"}, stage.backend()).code == ErrorCode::not_found);
    CHECK(is_invalid(stage.error(MuteUser{.user = "budi", .seconds = 0}, stage.backend()), "seconds"));
    CHECK(is_invalid(stage.error(MuteUser{.user = "budi", .seconds = -1}, stage.backend()), "seconds"));
    CHECK(is_over(stage.error(MuteUser{.user = "budi", .seconds = 316'224'001}, stage.backend()), "seconds", 316'224'000));
    CHECK(stage.plan(MuteUser{.user = "budi", .seconds = 316'224'000}, stage.backend()).ok());
    CHECK(is_over(stage.error(MuteUser{.user = "budi", .reason = std::string(256, 'x')}, stage.backend()), "reason", 255));
    CHECK(stage.error(MuteUser{.user = "budi"}, stage.as(stage.alice)).code == ErrorCode::forbidden);
}

TEST_CASE("a muted user is refused before anything is queued") {
    Stage stage;
    const Timestamp until{stage.clock.wall.milliseconds + 1};
    stage.world.mutes = {mute_of(stage.budi, until)};
    SendMessage send{.channel = "orders", .content = "Halo"};
    const Error refused = stage.error(send, stage.as(stage.budi));
    CHECK(refused.code == ErrorCode::muted);
    CHECK_FALSE(refused.retryable);
    CHECK(text_detail(refused, "until") == until.to_string());
    CHECK(stage.mutation<mutation::SendMessage>(send, stage.as(stage.alice)).refuse_muted);
    const Message message = stage.world.add_message(stage.orders, stage.budi, "Halo");
    CHECK(stage.error(EditMessage{.channel = "orders", .message_id = message.id.to_string(), .content = "x"},
                      stage.as(stage.budi))
              .code == ErrorCode::muted);
    CHECK(stage.plan(AddReaction{.channel = "orders", .message_id = message.id.to_string(), .emoji = "👍"},
                     stage.as(stage.budi))
              .ok());
    send.user = "budi";
    CHECK_FALSE(stage.mutation<mutation::SendMessage>(send, stage.backend()).refuse_muted);

    stage.world.mutes = {mute_of(stage.budi)};
    send.user.reset();
    CHECK(stage.error(send, stage.as(stage.budi)).detail("until") == nullptr);
    stage.world.mutes = {mute_of(stage.budi, stage.clock.wall)};
    CHECK(stage.plan(send, stage.as(stage.budi)).ok());
}

TEST_CASE("a muted send costs nothing and a repeated one is answered") {
    Stage stage;
    SendMessage send{.channel = "orders", .content = "Halo", .idempotency_key = "key-1"};
    const auto before = stage.mutation<mutation::SendMessage>(send, stage.as(stage.budi));
    Message message = stage.world.add_message(stage.orders, stage.budi, "Halo");
    message.idempotency_key = "key-1";
    stage.world.row(stage.orders).sends.push_back({.message = message, .request_hash = before.request_hash});
    stage.world.mutes = {mute_of(stage.budi)};
    CHECK(stage.outcome(send, stage.as(stage.budi)).duplicate);
    send.idempotency_key.reset();
    for (int i = 0; i < 100; ++i) CHECK(stage.error(send, stage.as(stage.budi)).code == ErrorCode::muted);
    stage.world.mutes.clear();
    CHECK(stage.plan(send, stage.as(stage.budi)).ok());
}

TEST_CASE("mutes come in pages") {
    Stage stage;
    for (const User* user : {&stage.alice, &stage.budi, &stage.citra}) stage.world.mutes.push_back(mute_of(*user));
    stage.world.mutes[1].channel_id = stage.orders;
    const auto first = stage.answer(ListMutes{.range = {.limit = 2}}, stage.backend());
    REQUIRE(first.items.size() == 2);
    REQUIRE(first.has_more());
    const auto second = stage.answer(ListMutes{.range = {.limit = 2, .cursor = first.next_cursor}}, stage.backend());
    REQUIRE(second.items.size() == 1);
    CHECK(second.items[0].user.id == stage.citra.id);
    CHECK_FALSE(second.has_more());
    CHECK(is_invalid(stage.error(ListMutes{.range = {.cursor = "u00"}}, stage.backend()), "cursor"));
    CHECK(is_invalid(stage.error(ListMutes{.range = {.cursor = first.next_cursor + "0"}}, stage.backend()), "cursor"));
    CHECK(is_over(stage.error(ListMutes{.range = {.limit = 101}}, stage.backend()), "limit", 100));
}
