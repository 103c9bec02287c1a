#include "core/paging.hpp"

#include <doctest/doctest.h>

#include "unit/core/stage.hpp"

using namespace cariosan;
using core::ListOf;

TEST_CASE("a cursor returns the key it was made from") {
    const auto key = Uuid::parse("00112233-4455-6677-8899-aabbccddeeff");
    const auto read = core::decode_cursor(ListOf::users, core::encode_cursor(ListOf::users, *key));
    REQUIRE(read);
    CHECK(*read == key);

    const ChannelReader::ActivityKey activity{.last_activity = {1'700'000'000'123}, .channel = {*key}};
    const auto read_activity = core::decode_activity_cursor(core::encode_cursor(activity));
    REQUIRE(read_activity);
    CHECK((*read_activity)->last_activity == activity.last_activity);
    CHECK((*read_activity)->channel == activity.channel);
}

TEST_CASE("no cursor means the beginning") {
    CHECK_FALSE(core::decode_cursor(ListOf::users, "").value());
    CHECK_FALSE(core::decode_activity_cursor("").value());
}

TEST_CASE("cursors of other lists and forged ones are refused") {
    const std::string good = core::encode_cursor(ListOf::users, Uuid{});
    for (const std::string& cursor :
         {core::encode_cursor(ListOf::channels, Uuid{}), good + "0", good.substr(0, 32), std::string("u"),
          std::string("x"), "u" + std::string(32, 'G'), "u" + std::string(32, '\0')}) {
        const auto read = core::decode_cursor(ListOf::users, cursor);
        REQUIRE_FALSE(read);
        CHECK(test::is_invalid(read.error(), "cursor"));
        CHECK_FALSE(core::decode_activity_cursor(cursor));
    }
}

TEST_CASE("a list is walked page by page to its end") {
    test::Stage stage;
    for (int i = 0; i < 7; ++i) stage.world.add_user(stage.shop, "user" + std::to_string(i));
    std::vector<std::string> seen;
    ListUsers command{.range = {.limit = 4}};
    for (int page_number = 0; page_number < 3; ++page_number) {
        const auto page = stage.answer(command, stage.backend());
        for (const User& user : page.items) seen.push_back(user.external_id);
        CHECK(page.has_more() == (page_number < 2));
        command.range.cursor = page.next_cursor;
    }
    REQUIRE(seen.size() == 10);
    CHECK(seen.front() == "alice");
    CHECK(seen.back() == "user6");
}

TEST_CASE("a page that is exactly full is the last one") {
    test::Stage stage;
    CHECK_FALSE(stage.answer(ListUsers{.range = {.limit = 3}}, stage.backend()).has_more());
    CHECK(stage.answer(ListUsers{.range = {.limit = 2}}, stage.backend()).has_more());
}

TEST_CASE("every list checks its limit and its cursor") {
    test::Stage stage;
    const auto check = [&](auto command, const Caller& caller) {
        command.range.limit = 100;
        CHECK(stage.plan(command, caller).ok());
        command.range.limit = 101;
        CHECK(test::is_over(stage.error(command, caller), "limit", 100));
        command.range.limit = 0;
        CHECK(test::is_invalid(stage.error(command, caller), "limit"));
        command.range.limit = 1;
        CHECK(stage.plan(command, caller).ok());
        command.range.cursor = "made up";
        CHECK(test::is_invalid(stage.error(command, caller), "cursor"));
    };
    check(ListWorkspaces{}, Caller::host());
    check(ListUsers{}, stage.backend());
    check(ListChannels{}, stage.backend());
    check(ListMembers{.channel = "orders"}, stage.backend());
    check(ListMyChannels{}, stage.as(stage.alice));
}
