#include "protocol/holdings.hpp"

#include <doctest/doctest.h>

#include <string>
#include <variant>
#include <vector>

using namespace cariosan;
using namespace cariosan::protocol;

namespace {

/// A lane that only runs tasks posted by others.
struct HoldingLane {
    explicit HoldingLane(HeldTotal& total)
        : queue(std::make_shared<realtime::LaneQueue>([] {})), holdings(total, queue) {}

    void run() {
        std::vector<realtime::LaneTask> tasks;
        queue->take(tasks);
        for (realtime::LaneTask& task : tasks) std::get<realtime::Complete>(task).run();
    }

    realtime::LaneQueueRef queue;
    LaneHoldings holdings;
};

/// Releases everything but `kept`.
struct Client {
    Client(HoldingLane& lane, std::size_t kept = 0)
        : holding(lane.holdings.hold([this, kept] {
              ++dropped;
              kept > 0 ? holding->resize(kept) : holding.reset();
          })) {}
    int dropped = 0;
    std::unique_ptr<Holding> holding;
};

}  // namespace

TEST_CASE("holdings: the largest ones are dropped, as many as necessary") {
    HeldTotal total(100);
    HoldingLane lane(total);
    Client small(lane);
    Client large(lane);
    Client larger(lane);
    small.holding->resize(10);
    large.holding->resize(40);
    larger.holding->resize(50);
    CHECK(total.bytes() == 100);
    small.holding->resize(11);
    CHECK(larger.dropped == 1);
    CHECK(large.dropped == 0);
    CHECK(total.bytes() == 51);
    small.holding->resize(200);
    CHECK(small.dropped == 1);  // even if it is the one that grows
    CHECK(large.dropped == 0);
    CHECK(total.bytes() == 40);
    large.holding.reset();
    CHECK(total.bytes() == 0);
}

TEST_CASE("holdings: what is not released stays counted, but is not dropped twice") {
    HeldTotal total(100);
    HoldingLane lane(total);
    Client stubborn(lane, 90);
    Client other(lane);
    stubborn.holding->resize(95);
    other.holding->resize(20);
    CHECK(stubborn.dropped == 1);
    CHECK(other.dropped == 1);
    CHECK(total.bytes() == 90);
    Client third(lane);
    third.holding->resize(5);
    CHECK(third.dropped == 0);
    stubborn.holding.reset();
    CHECK(total.bytes() == 5);
}

TEST_CASE("holdings: a larger one on another lane is dropped before a smaller one here") {
    HeldTotal total(100);
    HoldingLane here(total);
    HoldingLane there(total);
    Client small(here);
    Client large(there);
    large.holding->resize(90);
    small.holding->resize(20);
    CHECK(small.dropped == 0);
    CHECK(large.dropped == 0);
    small.holding->resize(21);
    there.run();
    CHECK(large.dropped == 1);
    CHECK(small.dropped == 0);
    CHECK(total.bytes() == 21);
    small.holding->resize(95);
    Client late(there);
    late.holding->resize(10);
    here.run();
    CHECK(small.dropped == 1);
    CHECK(late.dropped == 0);
    here.run();
    there.run();
    CHECK(total.bytes() == 10);
}

TEST_CASE("holdings: a lane that ends removes its part") {
    HeldTotal total(100);
    HoldingLane here(total);
    Client small(here);
    {
        HoldingLane there(total);
        Client large(there);
        large.holding->resize(90);
        small.holding->resize(20);
        large.holding.reset();
    }
    small.holding->resize(101);
    CHECK(small.dropped == 1);
    CHECK(total.bytes() == 0);
}
