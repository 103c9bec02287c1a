#include "realtime/hub/online_elsewhere.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "unit/realtime/fakes.hpp"

using namespace cariosan;
using namespace cariosan::realtime;
using namespace std::chrono_literals;

namespace {

using Users = std::vector<UserId>;

struct Watched {
    OnlineElsewhere users;
    std::chrono::milliseconds now{1'000'000};

    /// Lets an interval pass and answers for those who are asked about. Returns who moved.
    Users answer(Present answer) {
        now += OnlineElsewhere::kInterval;
        const Users due = users.take_due(now);
        return users.answered(due, std::vector(due.size(), answer), now);
    }
};

UserId numbered(std::size_t number) {
    UserId id = kAlice;
    for (std::size_t i = 0; i < 4; ++i) id.uuid.bytes[12 + i] = static_cast<std::uint8_t>(number >> (8 * i));
    return id;
}

}  // namespace

TEST_CASE("a user on another node is asked about every half lease") {
    Watched world;
    world.users.announced(kWorkspace, kAlice, world.now);
    for (int i = 0; i < 3; ++i) {
        CHECK(world.users.take_due(world.now + OnlineElsewhere::kInterval - 1ms).empty());
        world.now += OnlineElsewhere::kInterval;
        CHECK(world.users.take_due(world.now) == Users{kAlice});
        CHECK(world.users.take_due(world.now + 1h).empty());  // not again before the answer
        CHECK(world.users.answered(Users{kAlice}, std::vector{Present::yes}, world.now).empty());
    }
}

TEST_CASE("a user is gone when two answers in a row say so") {
    Watched world;
    world.users.announced(kWorkspace, kAlice, world.now);
    const auto last_alive = world.now + OnlineElsewhere::kInterval;
    Present between = Present::yes;
    SUBCASE("not with an answer in between that the user is there") {}
    SUBCASE("not with one in between that nobody knows") { between = Present::unknown; }
    CHECK(world.answer(Present::yes).empty());
    CHECK(world.answer(Present::no).empty());
    CHECK(world.answer(between).empty());
    CHECK(world.answer(Present::no).empty());
    CHECK_FALSE(world.users.awaits(kAlice));
    CHECK(world.answer(Present::no) == Users{kAlice});
    CHECK(world.users.awaits(kAlice) == kWorkspace);
    CHECK(world.answer(Present::no).empty());
    const auto moved = world.users.settle(kAlice, world.now);
    REQUIRE(moved);
    CHECK_FALSE(moved->online);
    CHECK(moved->last_alive == (between == Present::yes ? last_alive + 2 * OnlineElsewhere::kInterval : last_alive));
    CHECK_FALSE(world.users.settle(kAlice, world.now));
}

TEST_CASE("what nobody knows changes nothing, however long") {
    Watched world;
    world.users.announced(kWorkspace, kAlice, world.now);
    for (int i = 0; i < 100; ++i) CHECK(world.answer(Present::unknown).empty());
    CHECK(world.users.size() == 1);
}

TEST_CASE("a user who is announced again while it is read who sees them is not gone") {
    Watched world;
    world.users.announced(kWorkspace, kAlice, world.now);
    world.answer(Present::no);
    REQUIRE(world.answer(Present::no) == Users{kAlice});
    bool forgotten = false;
    SUBCASE("as online") { world.users.announced(kWorkspace, kAlice, world.now); }
    SUBCASE("as offline") {
        world.users.left(kAlice, world.now);
        forgotten = true;
    }
    SUBCASE("is here") {
        world.users.forget(kAlice);
        forgotten = true;
    }
    CHECK_FALSE(world.users.awaits(kAlice));
    CHECK_FALSE(world.users.settle(kAlice, world.now));
    world.answer(Present::no);
    CHECK(world.answer(Present::no).empty() == forgotten);
}

TEST_CASE("a user who was gone and is there again is back, within five minutes") {
    Watched world;
    world.users.found(kWorkspace, kAlice, world.now);
    world.answer(Present::no);
    world.answer(Present::no);
    REQUIRE(world.users.settle(kAlice, world.now));
    world.users.found(kWorkspace, kAlice, world.now);  // does not say that sessions were told
    for (auto passed = 0ms; passed < OnlineElsewhere::kRemembered - OnlineElsewhere::kInterval; passed += OnlineElsewhere::kInterval) {
        CHECK(world.answer(Present::no).empty());
    }
    SUBCASE("at the last moment") {
        CHECK(world.answer(Present::yes) == Users{kAlice});
        const auto moved = world.users.settle(kAlice, world.now);
        REQUIRE(moved);
        CHECK(moved->online);
        CHECK(world.answer(Present::yes).empty());
    }
    SUBCASE("later it is forgotten") {
        CHECK(world.answer(Present::no).empty());
        CHECK(world.users.size() == 0);
    }
}

TEST_CASE("a user who was announced as offline is asked about until an answer says where they are") {
    Watched world;
    world.users.announced(kWorkspace, kAlice, world.now);
    world.now += OnlineElsewhere::kInterval;
    const Users asked = world.users.take_due(world.now);
    REQUIRE(asked == Users{kAlice});
    world.users.left(kAlice, world.now);
    // This answer may be from before they left.
    CHECK(world.users.answered(asked, std::vector{Present::yes}, world.now).empty());
    CHECK(world.answer(Present::unknown).empty());
    SUBCASE("gone") {
        CHECK(world.answer(Present::no).empty());
        CHECK(world.users.size() == 0);
    }
    SUBCASE("on another node") {
        CHECK(world.answer(Present::yes) == Users{kAlice});
        const auto moved = world.users.settle(kAlice, world.now);
        REQUIRE(moved);
        CHECK(moved->online);
    }
}

TEST_CASE("an answer about a user who was forgotten meanwhile does not count") {
    Watched world;
    world.users.announced(kWorkspace, kAlice, world.now);
    world.now += OnlineElsewhere::kInterval;
    const Users asked = world.users.take_due(world.now);
    world.users.forget(kAlice);
    world.users.announced(kWorkspace, kAlice, world.now);
    world.users.answered(asked, std::vector{Present::no}, world.now);
    CHECK(world.answer(Present::no).empty());
    CHECK(world.answer(Present::no) == Users{kAlice});
}

TEST_CASE("a limited number of users is watched over, and asked about at a time") {
    Watched world;
    for (std::size_t i = 0; i < OnlineElsewhere::kMostUsers + 5; ++i) world.users.announced(kWorkspace, numbered(i), world.now);
    CHECK(world.users.size() == OnlineElsewhere::kMostUsers);
    world.now += OnlineElsewhere::kInterval;
    const Users one = world.users.take_due(world.now);
    const Users two = world.users.take_due(world.now);
    CHECK(one.size() == OnlineElsewhere::kPerCall);
    CHECK(one.size() + two.size() == OnlineElsewhere::kMostAsked);
    CHECK(world.users.take_due(world.now).empty());
    world.users.answered(one, std::vector(one.size(), Present::yes), world.now);
    CHECK(world.users.take_due(world.now).size() == one.size());
}

TEST_CASE("users who keep coming and going are not watched over without limit") {
    Watched world;
    SUBCASE("here") {
        for (std::size_t i = 0; i < OnlineElsewhere::kMostUsers; ++i) {
            world.users.announced(kWorkspace, numbered(i), world.now);
            world.users.forget(numbered(i));
        }
    }
    SUBCASE("on other nodes") {
        world.users.announced(kWorkspace, kAlice, world.now);
        for (std::size_t i = 0; i < OnlineElsewhere::kMostUsers; ++i) world.users.left(kAlice, world.now);
    }
    world.users.announced(kWorkspace, kBudi, world.now);
    CHECK(world.users.size() == 0);
    world.now += OnlineElsewhere::kInterval;
    CHECK(world.users.take_due(world.now).empty());
    world.users.announced(kWorkspace, kBudi, world.now);
    CHECK(world.users.size() == 1);
}
