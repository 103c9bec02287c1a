// GetPresence: which users it returns, and from which source.
#include "unit/core/stage.hpp"

using namespace cariosan;
using namespace cariosan::test;

namespace {

GetPresence asking(std::vector<std::string> users) { return {.users = std::move(users)}; }

}  // namespace

TEST_CASE_FIXTURE(Stage, "presence covers users who share a channel, each once, in the requested order") {
    presence.states[budi.id] = {.online = true, .last_seen = {}};
    const auto answered = answer(asking({"budi", "citra", "nobody", budi.id.to_string(), "alice"}), as(alice));
    REQUIRE(answered.items.size() == 2);
    CHECK(answered.items[0].user_id == budi.id);
    CHECK(answered.items[0].external_id == "budi");
    CHECK(answered.items[0].online);
    CHECK(answered.items[1].user_id == alice.id);
    CHECK_FALSE(answered.items[1].online);
    CHECK_FALSE(answered.has_more());
    CHECK(answer(asking({"alice", "budi"}), as(citra)).items.empty());
}

TEST_CASE_FIXTURE(Stage, "a block hides presence in both directions") {
    world.blocks[alice.id].users = {budi.id};
    CHECK(answer(asking({"budi"}), as(alice)).items.empty());
    CHECK(answer(asking({"alice"}), as(budi)).items.empty());
}

TEST_CASE_FIXTURE(Stage, "what the node knows takes precedence over what is stored") {
    presence.states[budi.id] = {.online = false, .last_seen = {77}};
    CHECK(answer(asking({"budi"}), as(alice)).items[0].last_seen_at == Timestamp{77});
    presence.states[budi.id] = {.online = true, .last_seen = {77}};
    CHECK_FALSE(answer(asking({"budi"}), as(alice)).items[0].last_seen_at);
}

TEST_CASE_FIXTURE(Stage, "only users get presence, for a limited number of users at a time") {
    CHECK(error(asking({"budi"}), backend()).code == ErrorCode::forbidden);
    CHECK(is_invalid(error(asking({}), as(alice)), "users"));
    CHECK(is_invalid(error(asking({"budi", ""}), as(alice)), "users"));
    std::vector<std::string> many(100, "budi");
    CHECK(answer(asking(many), as(alice)).items.size() == 1);
    many.resize(101, "budi");
    CHECK(is_over(error(asking(many), as(alice)), "users", 100));
    GetPresence subscribe{.users = std::vector<std::string>(200, "budi"), .to_subscribe = true};
    CHECK(answer(subscribe, as(alice)).items.size() == 1);
    subscribe.users.emplace_back("alice");
    CHECK(is_over(error(subscribe, as(alice)), "users", 200));
}

TEST_CASE_FIXTURE(Stage, "presence that takes too much work comes in pages, each user once") {
    world.sharing_steps = 1'000'000;
    GetPresence command = asking({"nobody", "budi", "alice", budi.id.to_string()});
    std::vector<UserId> found;
    int pages = 0;
    do {
        const auto page = answer(command, as(alice));
        for (const UserPresence& each : page.items) found.push_back(each.user_id);
        command.cursor = page.next_cursor;
        ++pages;
    } while (!command.cursor.empty() && pages < 9);
    CHECK(found == std::vector{budi.id, alice.id});
    CHECK(pages == 2);
    command.cursor = "x1";
    CHECK(is_invalid(error(command, as(alice)), "cursor"));
}
