#include "realtime/hub/reread_queue.hpp"

#include <doctest/doctest.h>

using cariosan::realtime::RereadQueue;
using namespace std::chrono_literals;

TEST_CASE("rereads happen once each, few at a time, first come first served") {
    RereadQueue<int> queue;
    constexpr int kMost = RereadQueue<int>::kMostUnderWay;
    for (int i = 0; i < 2 * kMost; ++i) queue.add(i);
    for (int i = 0; i < 2 * kMost; ++i) queue.add(i);
    for (int i = 0; i < kMost; ++i) CHECK(queue.next(0ms) == i);
    CHECK_FALSE(queue.next(0ms));
    for (int i = 0; i < kMost; ++i) {
        queue.finish(i, true, 0ms);
        CHECK(queue.next(0ms) == kMost + i);
    }
    for (int i = 0; i < kMost; ++i) queue.finish(kMost + i, true, 0ms);
    CHECK_FALSE(queue.next(1h));
    queue.add(3);
    CHECK(queue.next(0ms) == 3);
}

TEST_CASE("a running read is enough, unless it began too early") {
    RereadQueue<int> queue;
    queue.add_later(1);
    CHECK(queue.next(0ms) == 1);
    SUBCASE("enough") {
        queue.add(1);
        queue.finish(1, true, 0ms);
        CHECK_FALSE(queue.next(1h));
    }
    SUBCASE("too early") {
        queue.add_later(1);
        queue.add_later(1);
        CHECK_FALSE(queue.next(1h));
        queue.finish(1, true, 0ms);
        CHECK_FALSE(queue.next(249ms));
        CHECK(queue.next(250ms) == 1);
        queue.finish(1, true, 250ms);
        CHECK_FALSE(queue.next(1h));
    }
    SUBCASE("a result that nobody requested is ignored") {
        queue.finish(2, true, 0ms);
        queue.finish(1, true, 0ms);
        queue.finish(1, true, 0ms);
        for (int i = 0; i < 100; ++i) queue.add(i);
        int under_way = 0;
        while (queue.next(0ms)) ++under_way;
        CHECK(under_way == RereadQueue<int>::kMostUnderWay);
    }
}
