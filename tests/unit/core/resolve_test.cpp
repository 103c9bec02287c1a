#include "core/resolve.hpp"

#include <doctest/doctest.h>

#include "unit/core/stage.hpp"

using namespace cariosan;
using test::Stage;
using test::text_detail;

TEST_CASE("a reference is an internal id or an external one") {
    Stage stage;
    auto context = stage.context();
    CHECK((*core::find_user(stage.shop, "alice", context))->id == stage.alice.id);
    CHECK((*core::find_user(stage.shop, stage.alice.id.to_string(), context))->id == stage.alice.id);
    CHECK((*core::find_channel(stage.shop, "orders", context))->id == stage.orders);
    CHECK((*core::find_channel(stage.shop, stage.orders.to_string(), context))->id == stage.orders);
    CHECK_FALSE(core::find_user(stage.shop, "Alice", context).value());
    CHECK_FALSE(core::find_channel(stage.shop, "", context).value());
}

TEST_CASE("a canonical UUID is first looked up as an internal id, then as an external one") {
    Stage stage;
    const std::string unused = "00000000-0000-7000-8000-0000000000ff";
    const User odd = stage.world.add_user(stage.shop, unused);
    const User shadow = stage.world.add_user(stage.shop, stage.alice.id.to_string());
    auto context = stage.context();
    CHECK((*core::find_user(stage.shop, unused, context))->id == odd.id);
    CHECK((*core::find_user(stage.shop, stage.alice.id.to_string(), context))->id == stage.alice.id);
    CHECK((*core::find_user(stage.shop, shadow.id.to_string(), context))->id == shadow.id);
}

TEST_CASE("a list of external ids accepts nothing else, and finds each user once") {
    Stage stage;
    auto context = stage.context();
    const auto users =
        core::resolve_external_users(stage.shop, {"budi", "alice", "budi"}, "external_ids", context);
    REQUIRE(users);
    REQUIRE(users->size() == 2);
    CHECK((*users)[0].id == stage.budi.id);
    CHECK((*users)[1].id == stage.alice.id);

    const auto by_id =
        core::resolve_external_users(stage.shop, {stage.alice.id.to_string()}, "external_ids", context);
    REQUIRE_FALSE(by_id);
    CHECK(by_id.error().code == ErrorCode::not_found);
    CHECK(text_detail(by_id.error(), "field") == "external_ids");
    CHECK(text_detail(by_id.error(), "external_id") == stage.alice.id.to_string());
}

TEST_CASE("a required user that does not exist is not found, with the field") {
    Stage stage;
    auto context = stage.context();
    const auto user = core::resolve_user(stage.shop, "nobody", "created_by", context);
    REQUIRE_FALSE(user);
    CHECK(user.error().code == ErrorCode::not_found);
    CHECK(text_detail(user.error(), "field") == "created_by");
}

TEST_CASE("a member is found among the others, and nobody else is") {
    Stage stage;
    auto context = stage.context();
    for (const User& user : {stage.alice, stage.budi}) {
        const auto member = core::find_member(stage.orders, user.id, context);
        REQUIRE(member.value());
        CHECK((*member)->user.id == user.id);
    }
    CHECK_FALSE(core::find_member(stage.orders, stage.citra.id, context).value());
    CHECK_FALSE(core::find_member(stage.orders, UserId{}, context).value());

    // The predecessor of an id that ends in zeros borrows from the bytes before.
    User round = stage.world.add_user(stage.shop, "round");
    round.id.uuid.bytes = {5};
    stage.world.add_member(stage.orders, round);
    const auto member = core::find_member(stage.orders, round.id, context);
    REQUIRE(member.value());
    CHECK((*member)->user.id == round.id);
}
