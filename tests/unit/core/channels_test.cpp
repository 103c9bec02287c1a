#include <doctest/doctest.h>

#include <algorithm>

#include "unit/core/stage.hpp"

using namespace cariosan;
using test::is_invalid;
using test::is_over;
using test::Stage;

namespace {

CreateChannel group() {
    CreateChannel command;
    command.external_id = "new";
    command.member_external_ids = {"budi", "citra"};
    return command;
}

CreateChannel direct(std::vector<std::string> members) {
    CreateChannel command;
    command.type = ChannelType::direct;
    command.member_external_ids = std::move(members);
    return command;
}

}  // namespace

TEST_CASE("the first member of a group becomes its admin unless a creator is named") {
    Stage stage;
    auto create = stage.mutation<mutation::CreateChannel>(group(), stage.backend());
    CHECK(create.members == std::vector{stage.budi.id, stage.citra.id});
    CHECK(create.admin == stage.budi.id);
    CHECK(create.max_memberships == 10'000);

    CreateChannel command = group();
    command.created_by = "citra";
    create = stage.mutation<mutation::CreateChannel>(command, stage.backend());
    CHECK(create.members.size() == 2);
    CHECK(create.admin == stage.citra.id);

    command.created_by = stage.alice.id.to_string();
    create = stage.mutation<mutation::CreateChannel>(command, stage.backend());
    CHECK(create.members.size() == 3);
    CHECK(create.admin == stage.alice.id);

    command = group();
    command.member_external_ids.clear();
    create = stage.mutation<mutation::CreateChannel>(command, stage.backend());
    CHECK(create.members.empty());
    CHECK_FALSE(create.admin);
}

TEST_CASE("creating an existing group returns it unchanged") {
    Stage stage;
    CreateChannel command = group();
    command.external_id = "orders";
    command.member_external_ids = {"nobody"};
    const Outcome outcome = stage.outcome(command, stage.backend());
    CHECK_FALSE(outcome.created);
    CHECK(std::get<Channel>(outcome.answer).id == stage.orders);
    CHECK(outcome.rev == stage.world.row(stage.orders).channel.rev);
    command.external_id = "pair";
    CHECK(stage.error(command, stage.backend()).code == ErrorCode::conflict);
}

TEST_CASE("a group needs an external id and known members") {
    Stage stage;
    CreateChannel command = group();
    command.external_id.reset();
    CHECK(is_invalid(stage.error(command, stage.backend()), "external_id"));
    command = group();
    command.member_external_ids.emplace_back("nobody");
    CHECK(stage.error(command, stage.backend()).code == ErrorCode::not_found);
    command = group();
    command.created_by = "nobody";
    CHECK(stage.error(command, stage.backend()).code == ErrorCode::not_found);
    command = group();
    command.metadata = "[]";
    CHECK(is_invalid(stage.error(command, stage.backend()), "metadata"));
    command = group();
    command.avatar_url = "nonsense";
    CHECK(is_invalid(stage.error(command, stage.backend()), "avatar_url"));
    command = group();
    command.name = std::string(256, 'x');
    CHECK(is_over(stage.error(command, stage.backend()), "name", 255));
}

TEST_CASE("at most a hundred members can be named at once") {
    Stage stage;
    CreateChannel command = group();
    command.member_external_ids.clear();
    for (int i = 0; i < 100; ++i) {
        command.member_external_ids.push_back(
            stage.world.add_user(stage.shop, "u" + std::to_string(i)).external_id);
    }
    CHECK(stage.plan(command, stage.backend()).ok());
    command.created_by = "u7";
    CHECK(stage.plan(command, stage.backend()).ok());
    command.created_by = "alice";
    CHECK(is_over(stage.error(command, stage.backend()), "member_external_ids", 100));
    command.created_by.reset();
    command.member_external_ids.emplace_back("alice");
    CHECK(is_over(stage.error(command, stage.backend()), "member_external_ids", 100));
}

TEST_CASE("a direct channel has exactly two different users, and neither roles nor an avatar") {
    Stage stage;
    const auto create = stage.mutation<mutation::CreateChannel>(direct({"alice", "citra"}), stage.backend());
    CHECK(create.members == std::vector{stage.alice.id, stage.citra.id});
    CHECK_FALSE(create.admin);
    CHECK_FALSE(create.external_id);

    CreateChannel made_by = direct({"citra"});
    made_by.created_by = "alice";
    CHECK(stage.mutation<mutation::CreateChannel>(made_by, stage.backend()).members.size() == 2);
    for (const auto& members :
         {std::vector<std::string>{}, {"alice"}, {"alice", "alice"}, {"alice", "budi", "citra"}}) {
        CHECK(is_invalid(stage.error(direct(members), stage.backend()), "member_external_ids"));
    }
    made_by = direct({"alice", "budi"});
    made_by.created_by = "citra";
    CHECK(is_invalid(stage.error(made_by, stage.backend()), "member_external_ids"));
    made_by = direct({"alice", "budi"});
    made_by.avatar_url = "https://a";
    CHECK(is_invalid(stage.error(made_by, stage.backend()), "avatar_url"));
}

TEST_CASE("updating a channel only changes it if a field is given") {
    Stage stage;
    CHECK(stage.answer(UpdateChannel{.channel = "orders"}, stage.as(stage.alice)).id == stage.orders);
    const auto update = stage.mutation<mutation::UpdateChannel>(
        UpdateChannel{.channel = "orders", .name = "", .metadata = R"({"b":1, "a":2})"},
        stage.as(stage.alice));
    CHECK(update.actor == stage.alice.id);
    CHECK(update.name == "");
    CHECK_FALSE(update.avatar_url);
    CHECK(update.metadata == R"({"a":2,"b":1})");
    CHECK_FALSE(stage
                    .mutation<mutation::UpdateChannel>(UpdateChannel{.channel = "orders", .name = "x"},
                                                       stage.backend())
                    .actor);
}

TEST_CASE("a direct channel cannot get an avatar") {
    Stage stage;
    UpdateChannel command{.channel = "pair"};
    command.avatar_url.emplace("https://a");
    CHECK(is_invalid(stage.error(command, stage.as(stage.alice)), "avatar_url"));
    command.channel = "orders";
    CHECK(stage.plan(command, stage.as(stage.alice)).ok());
    command.avatar_url.emplace("a");
    CHECK(is_invalid(stage.error(command, stage.as(stage.alice)), "avatar_url"));
    command.avatar_url.emplace(std::nullopt);
    CHECK(stage.plan(command, stage.as(stage.alice)).ok());
}

TEST_CASE("a backend deletes a channel") {
    Stage stage;
    CHECK(stage.mutation<mutation::DeleteChannel>(DeleteChannel{.channel = "orders"}, stage.backend())
              .channel == stage.orders);
    CHECK(stage.error(DeleteChannel{.channel = "nothing"}, stage.backend()).code == ErrorCode::not_found);
}

TEST_CASE("a user is checked before they are stored") {
    Stage stage;
    const UpsertUser good{.external_id = "dewi", .name = "Dewi", .avatar_url = "https://a", .metadata = "{}"};
    const auto upsert = stage.mutation<mutation::UpsertUser>(good, stage.backend());
    CHECK_FALSE(upsert.new_id.is_nil());
    CHECK(upsert.external_id == "dewi");
    UpsertUser bad = good;
    bad.external_id = "";
    CHECK(is_invalid(stage.error(bad, stage.backend()), "external_id"));
    bad = good;
    bad.name = "";
    CHECK(is_invalid(stage.error(bad, stage.backend()), "name"));
    bad = good;
    bad.avatar_url = "";
    CHECK(is_invalid(stage.error(bad, stage.backend()), "avatar_url"));
    bad = good;
    bad.metadata = "null";
    CHECK(is_invalid(stage.error(bad, stage.backend()), "metadata"));
}

TEST_CASE("updating a user changes only the given fields") {
    Stage stage;
    UpdateUser change{.user = "budi", .name = "Budiman"};
    auto update = stage.mutation<mutation::UpdateUser>(change, stage.backend());
    CHECK(update.user == stage.budi.id);
    CHECK(update.name == "Budiman");
    CHECK_FALSE(update.avatar_url);
    CHECK_FALSE(update.metadata);
    change = {.user = stage.budi.id.to_string(), .avatar_url = std::optional<std::string>(), .metadata = R"({"b":1,"a":2})"};
    update = stage.mutation<mutation::UpdateUser>(change, stage.backend());
    CHECK_FALSE(update.name);
    REQUIRE(update.avatar_url);
    CHECK_FALSE(*update.avatar_url);
    CHECK(update.metadata == R"({"a":2,"b":1})");
    CHECK_FALSE(stage.mutation<mutation::UpsertUser>(UpsertUser{.external_id = "budi"}, stage.backend()).name);

    CHECK(stage.error(UpdateUser{.user = "nobody"}, stage.backend()).code == ErrorCode::not_found);
    CHECK(is_invalid(stage.error(UpdateUser{.user = "budi", .name = ""}, stage.backend()), "name"));
    CHECK(is_invalid(stage.error(UpdateUser{.user = "budi", .avatar_url = "ftp://x"}, stage.backend()), "avatar_url"));
    CHECK(is_invalid(stage.error(UpdateUser{.user = "budi", .metadata = "[]"}, stage.backend()), "metadata"));
}

TEST_CASE("users see themselves and their channels") {
    Stage stage;
    stage.world.add_message(stage.orders, stage.alice, "x");
    const Me me = stage.answer(GetMe{}, stage.as(stage.budi));
    CHECK(me.user.id == stage.budi.id);
    CHECK(me.unread_total == 1);
    ListMyChannels command;
    CHECK(stage.answer(command, stage.as(stage.budi)).items.size() == 2);
    CHECK(stage.answer(command, stage.as(stage.citra)).items.empty());
    command.members = 20;
    CHECK(stage.plan(command, stage.as(stage.budi)).ok());
    command.members = 21;
    CHECK(is_over(stage.error(command, stage.as(stage.budi)), "members", 20));
    command = {};
    command.range.limit = 1;
    const auto first = stage.answer(command, stage.as(stage.budi));
    command.range.cursor = first.next_cursor;
    const auto second = stage.answer(command, stage.as(stage.budi));
    REQUIRE(second.items.size() == 1);
    CHECK(second.items[0].channel.id != first.items[0].channel.id);
    CHECK_FALSE(second.has_more());
}

TEST_CASE("one item of my channels equals that of the list, for members only") {
    Stage stage;
    GetMyChannel command{.channel = "orders"};
    const MyChannel item = stage.answer(command, stage.as(stage.budi));
    CHECK(item.channel.id == stage.orders);
    const auto list = stage.answer(ListMyChannels{}, stage.as(stage.budi)).items;
    const auto listed = std::ranges::find(list, stage.orders, [](const MyChannel& each) { return each.channel.id; });
    REQUIRE(listed != list.end());
    CHECK(item.members.size() == listed->members.size());
    CHECK(item.unread_count == listed->unread_count);
    CHECK(stage.error(command, stage.as(stage.citra)).code == ErrorCode::not_a_member);
    command.members = 21;
    CHECK(is_over(stage.error(command, stage.as(stage.budi)), "members", 20));
    CHECK(stage.error(GetMyChannel{.channel = "nowhere"}, stage.as(stage.budi)).code == ErrorCode::not_found);
}

TEST_CASE("only preferences that differ from those the caller has are a write") {
    Stage stage;
    const Caller budi = stage.as(stage.budi);
    stage.world.row(stage.orders).preferences[stage.budi.id] = {.pinned = true, .preferences_rev = 3};
    UpdateMyChannel command{.channel = "orders", .muted = false, .archived = false, .pinned = true, .marked_unread = false};
    CHECK(stage.answer(command, budi).preferences.preferences_rev == 3);
    CHECK(stage.answer(UpdateMyChannel{.channel = "orders"}, budi).channel.id == stage.orders);
    const auto written = [&](UpdateMyChannel wish) {
        wish.channel = "orders";
        auto planned = stage.plan(wish, budi);
        REQUIRE(planned);
        return std::get<mutation::SetPreferences>(std::get<core::PlannedMutation>(*planned).mutation);
    };
    CHECK(written({.muted = true}).muted == true);
    CHECK(written({.archived = true}).archived == true);
    CHECK(written({.marked_unread = true}).marked_unread == true);
    const auto unpin = written({.muted = false, .pinned = false});
    CHECK(unpin.channel == stage.orders);
    CHECK(unpin.user == stage.budi.id);
    CHECK(unpin.pinned == false);
    CHECK(unpin.muted == false);
    CHECK_FALSE(unpin.archived);
    CHECK(stage.error(command, stage.as(stage.citra)).code == ErrorCode::not_a_member);
}

TEST_CASE("the answer to changed preferences has those that were committed") {
    core::PlannedMutation planned;
    planned.prepared = MyChannel{};
    Committed committed;
    committed.object = Preferences{.archived = true, .preferences_rev = 9};
    const auto outcome = core::answer(std::move(planned), std::move(committed));
    REQUIRE(outcome.ok());
    CHECK(std::get<MyChannel>(outcome->answer).preferences == Preferences{.archived = true, .preferences_rev = 9});
}

TEST_CASE("preferences are read in pages, each of which tells how far it goes") {
    Stage stage;
    const Caller budi = stage.as(stage.budi);
    std::int64_t rev = 0;
    for (test::FakeChannel& row : stage.world.channels) {
        if (row.memberships.contains(stage.budi.id)) row.preferences[stage.budi.id] = {.pinned = true, .preferences_rev = ++rev};
    }
    REQUIRE(rev == 2);
    const PreferencesPage all = stage.answer(GetPreferences{}, budi);
    CHECK(all.channels.size() == 2);
    CHECK(all.preferences_rev == 2);
    CHECK_FALSE(all.has_more);
    const PreferencesPage first = stage.answer(GetPreferences{.limit = 1}, budi);
    REQUIRE(first.channels.size() == 1);
    CHECK(first.channels[0].preferences.preferences_rev == 1);
    CHECK(first.preferences_rev == 1);
    CHECK(first.has_more);
    const PreferencesPage rest = stage.answer(GetPreferences{.since = first.preferences_rev, .limit = 1}, budi);
    REQUIRE(rest.channels.size() == 1);
    CHECK(rest.preferences_rev == 2);
    CHECK_FALSE(rest.has_more);
    CHECK(stage.answer(GetPreferences{.since = 2}, budi).channels.empty());
    CHECK(stage.answer(GetPreferences{.since = 3}, budi).channels.size() == 2);
    CHECK(stage.answer(GetMe{}, budi).preferences_rev == 2);
    CHECK(is_over(stage.error(GetPreferences{.limit = 101}, budi), "limit", 100));
    CHECK(stage.error(GetPreferences{.since = -1}, budi).code == ErrorCode::validation_error);
}

TEST_CASE("the list of my channels is of those that are archived, or of the others") {
    Stage stage;
    const Caller budi = stage.as(stage.budi);
    stage.world.row(stage.orders).preferences[stage.budi.id] = {.archived = true, .preferences_rev = 1};
    const auto archived = stage.answer(ListMyChannels{.archived = true}, budi).items;
    REQUIRE(archived.size() == 1);
    CHECK(archived[0].channel.id == stage.orders);
    const auto others = stage.answer(ListMyChannels{}, budi).items;
    REQUIRE(others.size() == 1);
    CHECK(others[0].channel.id != stage.orders);
}

TEST_CASE("changes tell how the caller keeps the channel, on a reset as well") {
    Stage stage;
    const Preferences kept{.muted = true, .preferences_rev = 5};
    stage.world.row(stage.orders).preferences[stage.budi.id] = kept;
    GetChanges command{.channel = stage.orders};
    CHECK(stage.answer(command, stage.as(stage.budi)).preferences == kept);
    command.epoch = "another";
    const Changes reset = stage.answer(command, stage.as(stage.budi));
    CHECK(reset.reset);
    CHECK(reset.preferences == kept);
}
