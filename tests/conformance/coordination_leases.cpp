// What `Coordination` promises.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "conformance/node_kind.hpp"

namespace cariosan::conformance {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Ids = std::vector<std::uint64_t>;

UserId counted_user(std::uint8_t number) {
    UserId user;
    user.uuid.bytes[15] = number;
    return user;
}

NodeConnection connection_of(std::uint8_t user, std::uint64_t id, milliseconds silent_for = milliseconds(0)) {
    return {counted_user(user), id, silent_for};
}

bool is_present(Coordination& node, std::uint8_t user) {
    const UserId id = counted_user(user);
    const std::vector<Present> answer = node.present({&id, 1});
    REQUIRE(answer.size() == 1);
    CHECK(answer[0] != Present::unknown);
    return answer[0] == Present::yes;
}

bool go_absent(Coordination& node, std::uint8_t user) {
    const UserId id = counted_user(user);
    return node.absent({&id, 1})[0];
}

void hang_up(Coordination& node, const NodeConnection& connection) { node.disconnect({&connection, 1}); }

}  // namespace

COORDINATION_TEST("a user gets as many places as the limit allows, on all nodes together") {
    Kind kind;
    const auto one = kind.node();
    const auto two = kind.node();
    CHECK(one->connect(connection_of(1, 1), {.most = 2}));
    CHECK(two->connect(connection_of(1, 1), {.most = 2}));
    CHECK_FALSE(two->connect(connection_of(1, 2), {.most = 2}));
    CHECK(two->connect(connection_of(2, 3), {.most = 2}));
    hang_up(*one, connection_of(1, 1));
    CHECK(two->connect(connection_of(1, 2), {.most = 2}));
    CHECK_FALSE(one->connect(connection_of(1, 2), {.most = 2}));
}

COORDINATION_TEST("if the longest silent connection has been silent long enough, it gives up its place, and its node learns that once") {
    Kind kind;
    const auto one = kind.node();
    const auto two = kind.node();
    const ConnectionLimit limit{.most = 2, .silent_enough = seconds(10)};
    CHECK(one->connect(connection_of(1, 7), limit));
    CHECK(one->connect(connection_of(1, 8), limit));
    CHECK_FALSE(two->connect(connection_of(1, 1), limit));
    std::vector<NodeConnection> mine{connection_of(1, 7, seconds(9)), connection_of(1, 8, seconds(12))};
    CHECK(one->renew(mine).empty());
    CHECK(two->connect(connection_of(1, 1), limit));
    CHECK_FALSE(two->connect(connection_of(1, 2), limit));
    CHECK(two->renew(std::vector{connection_of(1, 1)}).empty());
    CHECK(one->renew(mine) == Ids{8});
    mine.pop_back();
    CHECK(one->renew(mine).empty());
}

COORDINATION_TEST("leases expire unless they are renewed") {
    Kind kind;
    const auto one = kind.node();
    const auto two = kind.node();
    CHECK(one->connect(connection_of(1, 1), {.most = 1}));
    for (int i = 0; i < 5; ++i) {
        kind.pass(Coordination::kLease / 3);
        one->renew(std::vector{connection_of(1, 1)});
        CHECK(is_present(*two, 1));
        CHECK_FALSE(two->connect(connection_of(1, 2), {.most = 1}));
    }
    kind.pass(Coordination::kLease);
    CHECK_FALSE(is_present(*two, 1));
    CHECK(two->connect(connection_of(1, 2), {.most = 1}));
}

COORDINATION_TEST("renewing an unknown connection registers it again") {
    Kind kind;
    const auto one = kind.node();
    const auto two = kind.node();
    CHECK(one->connect(connection_of(1, 1), {.most = 1}));
    kind.pass(2 * Coordination::kLease);
    CHECK(one->renew(std::vector{connection_of(1, 1)}).empty());
    CHECK(is_present(*two, 1));
    CHECK_FALSE(two->connect(connection_of(1, 2), {.most = 1}));
}

COORDINATION_TEST("a user who hung up stays present until every node has said otherwise, and the last node learns that it was the last") {
    Kind kind;
    const auto one = kind.node();
    const auto two = kind.node();
    CHECK(one->connect(connection_of(1, 1), {}));
    CHECK(two->connect(connection_of(1, 1), {}));
    hang_up(*one, connection_of(1, 1));
    CHECK(go_absent(*one, 1));
    hang_up(*two, connection_of(1, 1));
    CHECK(is_present(*one, 1));
    CHECK_FALSE(go_absent(*two, 1));
    CHECK_FALSE(is_present(*one, 1));
    CHECK_FALSE(go_absent(*one, 9));
}

COORDINATION_TEST("a user who reconnects before the node reports the absence stays present") {
    Kind kind;
    const auto one = kind.node();
    CHECK(one->connect(connection_of(1, 1), {}));
    hang_up(*one, connection_of(1, 1));
    CHECK(one->connect(connection_of(1, 2), {}));
    CHECK(go_absent(*one, 1));
    CHECK(is_present(*one, 1));
}

COORDINATION_TEST("a node that leaves releases all its own places and no others") {
    Kind kind;
    const auto one = kind.node();
    const auto two = kind.node();
    CHECK(one->connect(connection_of(1, 1), {}));
    CHECK(one->connect(connection_of(2, 2), {}));
    CHECK(two->connect(connection_of(2, 2), {}));
    one->leave();
    const std::vector<UserId> users{counted_user(1), counted_user(2)};
    CHECK(two->present(users) == std::vector{Present::no, Present::yes});
}

COORDINATION_TEST("tokens taken on several nodes add up to one debt, which time repays") {
    Kind kind;
    const auto one = kind.node();
    const auto two = kind.node();
    const auto taken = [](std::uint8_t owner, std::int64_t tokens, std::uint8_t what = 0) {
        TokensTaken out{.owner = {}, .kind = what, .interval = seconds(1), .tokens = tokens};
        out.owner.bytes[15] = owner;
        return std::vector{out};
    };
    CHECK(one->take(taken(1, 5))[0] == seconds(5));
    CHECK(two->take(taken(1, 3))[0] == seconds(8));
    CHECK(two->take(taken(2, 1))[0] == seconds(1));
    CHECK(two->take(taken(1, 1, 1))[0] == seconds(1));
    kind.pass(seconds(2));
    CHECK(one->take(taken(1, 0))[0] == seconds(6));
    kind.pass(seconds(60));
    CHECK(one->take(taken(1, 1))[0] == seconds(1));
}

COORDINATION_TEST("each node receives the marks that other nodes have set, until they expire") {
    Kind kind;
    const auto one = kind.node();
    const auto two = kind.node();
    const auto set = [](Coordination& node, std::uint8_t what, std::uint64_t which, milliseconds age = milliseconds(0)) {
        Mark mark{.what = {}, .which = which, .age = age, .window = seconds(30)};
        mark.what.bytes[15] = what;
        std::vector<std::pair<std::uint64_t, milliseconds>> others;
        const std::vector<std::vector<Marked>> marked = node.mark({&mark, 1});
        for (const Marked& each : marked.at(0)) others.emplace_back(each.which, each.age);
        return others;
    };
    using Others = std::vector<std::pair<std::uint64_t, milliseconds>>;
    CHECK(set(*one, 1, 7).empty());
    CHECK(set(*one, 1, 7).empty());
    CHECK(set(*one, 1, 8, seconds(5)).empty());
    kind.pass(seconds(10));
    CHECK(set(*two, 1, 9) == Others{{8, seconds(15)}, {7, seconds(10)}});
    CHECK(set(*two, 2, 9).empty());
    CHECK(set(*one, 1, 7) == Others{{9, milliseconds(0)}});
    kind.pass(seconds(15));
    CHECK(set(*two, 1, 9) == Others{{7, seconds(25)}});
    kind.pass(seconds(5));
    CHECK(set(*two, 1, 9).empty());
    // At most the latest few.
    for (std::uint64_t i = 0; i < 300; ++i) set(*one, 3, i);
    const auto latest = set(*two, 3, 1000);
    CHECK(latest.size() == Coordination::kMostMarks);
    CHECK(latest.front().first == 299);
}

COORDINATION_TEST("returned tokens are available on all nodes") {
    Kind kind;
    const auto one = kind.node();
    const auto two = kind.node();
    TokensTaken taken{.owner = counted_user(1).uuid, .kind = 0, .interval = seconds(1), .tokens = 5};
    (void)one->take({&taken, 1});
    taken.tokens = -2;
    (void)one->take({&taken, 1});
    taken.tokens = 0;
    CHECK(two->take({&taken, 1})[0] == seconds(3));
}

COORDINATION_TEST("places are counted correctly from many threads") {
    Kind kind;
    std::vector<std::thread> threads;
    std::atomic<int> admitted{0};
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            const auto node = kind.node();
            for (std::uint64_t id = 1; id <= 50; ++id) {
                if (node->connect(connection_of(1, id), {.most = 20})) ++admitted;
                (void)is_present(*node, 1);
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(admitted == 20);
}

}  // namespace cariosan::conformance
