#include <doctest/doctest.h>

#include "unit/core/stage.hpp"

using namespace cariosan;
using test::is_invalid;
using test::is_over;
using test::Stage;

namespace {

AddMembers add(std::vector<std::string> external_ids) {
    return {.channel = "orders", .external_ids = std::move(external_ids), .role = Role::member};
}

}  // namespace

TEST_CASE("adding members resolves each user once and checks the admin") {
    Stage stage;
    const auto mutation =
        stage.mutation<mutation::AddMembers>(add({"citra", "citra"}), stage.as(stage.alice));
    CHECK(mutation.users == std::vector{stage.citra.id});
    CHECK(mutation.actor == stage.alice.id);
    CHECK(mutation.max_members == 100'000);
    CHECK(mutation.max_memberships == 10'000);
    CHECK(stage.error(add({"citra"}), stage.as(stage.budi)).code == ErrorCode::not_admin);
    CHECK(stage.error(add({"budi"}), stage.as(stage.citra)).code == ErrorCode::not_a_member);
    CHECK_FALSE(stage.mutation<mutation::AddMembers>(add({"citra"}), stage.backend()).actor);
}

TEST_CASE("a list of users to add has 1 to 100 entries, all known") {
    Stage stage;
    CHECK(is_invalid(stage.error(add({}), stage.backend()), "external_ids"));
    CHECK(stage.error(add({"nobody"}), stage.backend()).code == ErrorCode::not_found);
    CHECK(is_invalid(stage.error(add({"a\nb"}), stage.backend()), "external_ids"));
    CHECK(stage.plan(add(std::vector<std::string>(100, "citra")), stage.backend()).ok());
    CHECK(is_over(stage.error(add(std::vector<std::string>(101, "citra")), stage.backend()), "external_ids",
                  100));
}

TEST_CASE("adding existing members returns them unchanged") {
    Stage stage;
    const Outcome outcome = stage.outcome(add({"budi", "alice"}), stage.as(stage.alice));
    const auto& unchanged = std::get<MembersChanged>(outcome.answer);
    REQUIRE(unchanged.members.size() == 2);
    CHECK(unchanged.members[0].user.id == stage.budi.id);
    CHECK(unchanged.rev == stage.world.row(stage.orders).channel.rev);
    CHECK(outcome.rev == unchanged.rev);

    auto planned = stage.plan(add({"budi", "citra"}), stage.as(stage.alice));
    REQUIRE(planned);
    const auto& write = std::get<core::PlannedMutation>(*planned);
    CHECK(std::get<mutation::AddMembers>(write.mutation).users.size() == 2);
    REQUIRE(std::get<MembersChanged>(*write.prepared).members.size() == 1);
    CHECK(std::get<MembersChanged>(*write.prepared).members[0].user.id == stage.budi.id);
}

TEST_CASE("nobody can be added to or removed from a direct channel") {
    Stage stage;
    AddMembers third = add({"citra"});
    third.channel = "pair";
    for (const Caller& caller : {stage.backend(), stage.as(stage.alice)}) {
        CHECK(is_invalid(stage.error(third, caller), "external_ids"));
        CHECK(stage.error(RemoveMember{.channel = "pair", .user = "budi"}, caller).code ==
              ErrorCode::forbidden);
        CHECK(is_invalid(
            stage.error(UpdateMember{.channel = "pair", .user = "budi", .role = Role::admin}, caller),
            "role"));
    }
    CHECK(stage.error(RemoveMember{.channel = "pair", .user = "alice"}, stage.as(stage.alice)).code ==
          ErrorCode::forbidden);
    CHECK(stage.error(LeaveChannel{.channel = "pair"}, stage.as(stage.alice)).code == ErrorCode::forbidden);
}

TEST_CASE("an admin assigns roles to members") {
    Stage stage;
    const UpdateMember promote{.channel = "orders", .user = "budi", .role = Role::admin};
    const auto update = stage.mutation<mutation::UpdateMember>(promote, stage.as(stage.alice));
    CHECK(update.user == stage.budi.id);
    CHECK(update.role == Role::admin);
    CHECK(stage.error(promote, stage.as(stage.budi)).code == ErrorCode::not_admin);

    const auto same = stage.answer(UpdateMember{.channel = "orders", .user = "budi", .role = Role::member},
                                   stage.as(stage.alice));
    REQUIRE(same.members.size() == 1);
    CHECK(same.members[0].user.id == stage.budi.id);
    for (const char* user : {"citra", "nobody"}) {
        CHECK(stage.error(UpdateMember{.channel = "orders", .user = user}, stage.as(stage.alice)).code ==
              ErrorCode::not_found);
    }
}

TEST_CASE("an admin removes members, and everyone may leave") {
    Stage stage;
    const auto removed = stage.mutation<mutation::RemoveMember>(
        RemoveMember{.channel = "orders", .user = "budi"}, stage.as(stage.alice));
    CHECK(removed.actor == stage.alice.id);
    CHECK(removed.user == stage.budi.id);
    const auto gone = stage.mutation<mutation::RemoveMember>(
        RemoveMember{.channel = "orders", .user = stage.budi.id.to_string()}, stage.as(stage.budi));
    CHECK(gone.actor == stage.budi.id);
    CHECK(stage.error(RemoveMember{.channel = "orders", .user = "alice"}, stage.as(stage.budi)).code ==
          ErrorCode::not_admin);
    CHECK(stage.error(RemoveMember{.channel = "orders", .user = "nobody"}, stage.as(stage.budi)).code ==
          ErrorCode::not_admin);
    CHECK(stage.error(RemoveMember{.channel = "orders", .user = "budi"}, stage.as(stage.citra)).code ==
          ErrorCode::not_a_member);
    for (const char* user : {"citra", "nobody"}) {
        CHECK(stage.error(RemoveMember{.channel = "orders", .user = user}, stage.backend()).code ==
              ErrorCode::not_found);
    }
}

TEST_CASE("leaving removes oneself and returns nothing") {
    Stage stage;
    auto planned = stage.plan(LeaveChannel{.channel = "orders"}, stage.as(stage.budi));
    REQUIRE(planned);
    const auto& write = std::get<core::PlannedMutation>(*planned);
    CHECK(std::get<mutation::RemoveMember>(write.mutation).user == stage.budi.id);
    CHECK(std::get<mutation::RemoveMember>(write.mutation).actor == stage.budi.id);
    CHECK(std::holds_alternative<Done>(*write.prepared));
    CHECK(stage.error(LeaveChannel{.channel = "orders"}, stage.as(stage.citra)).code ==
          ErrorCode::not_a_member);
}

TEST_CASE("the list of members comes with its revision") {
    Stage stage;
    const auto list =
        stage.answer(ListMembers{.channel = "orders", .range = {.limit = 1}}, stage.as(stage.budi));
    REQUIRE(list.page.items.size() == 1);
    CHECK(list.page.items[0].user.id == stage.alice.id);
    CHECK(list.rev == stage.world.row(stage.orders).channel.rev);
    CHECK(list.receipt_rev == stage.world.row(stage.orders).channel.receipt_rev);
    CHECK(list.epoch == "epoch-1");
    const auto rest =
        stage.answer(ListMembers{.channel = "orders", .range = {.limit = 1, .cursor = list.page.next_cursor}},
                     stage.as(stage.budi));
    REQUIRE(rest.page.items.size() == 1);
    CHECK(rest.page.items[0].user.id == stage.budi.id);
    CHECK_FALSE(rest.page.has_more());
}
