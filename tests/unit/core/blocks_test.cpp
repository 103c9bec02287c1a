#include <doctest/doctest.h>

#include "unit/core/stage.hpp"

using namespace cariosan;
using test::is_invalid;
using test::is_over;
using test::Stage;

TEST_CASE("only another user of the workspace can be blocked") {
    Stage stage;
    const auto block = stage.mutation<mutation::BlockUser>(BlockUser{.user = "budi"}, stage.as(stage.alice));
    CHECK(block.workspace == stage.shop);
    CHECK(block.user == stage.alice.id);
    CHECK(block.blocked == stage.budi.id);
    CHECK(block.max_blocks == 1000);
    CHECK(block.at == stage.clock.wall);
    const auto unblock =
        stage.mutation<mutation::UnblockUser>(UnblockUser{.user = stage.budi.id.to_string()}, stage.as(stage.alice));
    CHECK(unblock.user == stage.alice.id);
    CHECK(unblock.blocked == stage.budi.id);

    CHECK(is_invalid(stage.error(BlockUser{.user = "alice"}, stage.as(stage.alice)), "user"));
    CHECK(is_invalid(stage.error(UnblockUser{.user = "alice"}, stage.as(stage.alice)), "user"));
    CHECK(is_invalid(stage.error(BlockUser{}, stage.as(stage.alice)), "user"));
    const User eve = stage.world.add_user(stage.world.add_workspace(), "eve");
    for (const std::string& nobody : {std::string("nobody"), std::string("eve"), eve.id.to_string()}) {
        CHECK(stage.error(BlockUser{.user = nobody}, stage.as(stage.alice)).code == ErrorCode::not_found);
        CHECK(stage.error(UnblockUser{.user = nobody}, stage.as(stage.alice)).code == ErrorCode::not_found);
    }
    CHECK(stage.error(BlockUser{.user = "budi"}, stage.backend()).code == ErrorCode::forbidden);
}

TEST_CASE("blocks are listed in pages with their revision") {
    Stage stage;
    stage.world.blocks[stage.alice.id] = {.rev = 9, .users = {stage.budi.id, stage.citra.id}};
    const auto first = stage.answer(ListBlocks{.range = {.limit = 1}}, stage.as(stage.alice));
    CHECK(first.blocks_rev == 9);
    REQUIRE(first.page.items.size() == 1);
    CHECK(first.page.items[0].user.id == stage.budi.id);
    REQUIRE(first.page.has_more());
    const auto second =
        stage.answer(ListBlocks{.range = {.limit = 1, .cursor = first.page.next_cursor}}, stage.as(stage.alice));
    CHECK(second.page.items.at(0).user.id == stage.citra.id);
    CHECK_FALSE(second.page.has_more());
    CHECK(stage.answer(ListBlocks{}, stage.as(stage.budi)).page.items.empty());
    CHECK(is_invalid(stage.error(ListBlocks{.range = {.cursor = "u00"}}, stage.as(stage.alice)), "cursor"));
    CHECK(is_over(stage.error(ListBlocks{.range = {.limit = 101}}, stage.as(stage.alice)), "limit", 100));
}
