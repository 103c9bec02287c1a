#include "transport/timer_wheel.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

using cariosan::transport::TimerNode;
using cariosan::transport::TimerWheel;

namespace {

struct Named : TimerNode {
    char name = '?';
};

std::string due_at(TimerWheel& wheel, std::uint64_t now) {
    std::string names;
    wheel.advance(now, [&](TimerNode& node) { names.push_back(static_cast<Named&>(node).name); });
    return names;
}

}  // namespace

TEST_CASE("timer wheel: fires at its tick, never before") {
    TimerWheel wheel;
    Named a, b;
    a.name = 'a';
    b.name = 'b';
    wheel.schedule(a, 3);
    wheel.schedule(b, 5);
    CHECK(due_at(wheel, 2).empty());
    CHECK(due_at(wheel, 3) == "a");
    CHECK_FALSE(a.armed());
    CHECK(due_at(wheel, 10) == "b");
    CHECK(wheel.empty());
    wheel.schedule(a, 4);  // in the past, so at the next tick
    CHECK(due_at(wheel, 10).empty());
    CHECK(due_at(wheel, 11) == "a");
}

TEST_CASE("timer wheel: more than a revolution ahead, and jumps of more than a revolution") {
    TimerWheel wheel;
    Named far, near;
    far.name = 'f';
    near.name = 'n';
    wheel.schedule(far, 1000);
    wheel.schedule(near, 1000 % 256);
    CHECK(due_at(wheel, 999) == "n");
    CHECK(due_at(wheel, 1000) == "f");
    wheel.schedule(far, 1300);
    wheel.schedule(near, 50000);
    CHECK(due_at(wheel, 40000) == "f");
    CHECK(due_at(wheel, 49999).empty());
    CHECK(due_at(wheel, 50000) == "n");
}

TEST_CASE("timer wheel: cancelled and moved, even while others fire") {
    TimerWheel wheel;
    Named a, b, c;
    a.name = 'a';
    b.name = 'b';
    c.name = 'c';
    wheel.schedule(a, 1);
    wheel.schedule(b, 1);
    wheel.schedule(c, 1);
    wheel.schedule(a, 2);
    std::string names;
    wheel.advance(1, [&](TimerNode& node) {
        names.push_back(static_cast<Named&>(node).name);
        wheel.cancel(c);
        wheel.schedule(b, 3);
    });
    CHECK(names == "b");
    CHECK(due_at(wheel, 2) == "a");
    CHECK(due_at(wheel, 3) == "b");
    wheel.cancel(b);
    CHECK(wheel.empty());
}

TEST_CASE("timer wheel: equals a list of deadlines") {
    std::mt19937 random(7);
    TimerWheel wheel;
    std::vector<Named> nodes(200);
    std::vector<std::uint64_t> expected(nodes.size(), 0);  // 0: not scheduled
    std::uint64_t now = 0;
    for (int step = 0; step < 20000; ++step) {
        const std::size_t i = random() % nodes.size();
        switch (random() % 4) {
            case 0:
                expected[i] = now + 1 + random() % 700;
                wheel.schedule(nodes[i], expected[i]);
                break;
            case 1:
                expected[i] = 0;
                wheel.cancel(nodes[i]);
                break;
            default:
                now += random() % (step % 100 == 0 ? 600 : 3);
                wheel.advance(now, [&](TimerNode& node) {
                    const auto index = static_cast<std::size_t>(&static_cast<Named&>(node) - nodes.data());
                    if (expected[index] == 0 || expected[index] > now) FAIL("not due");
                    expected[index] = 0;
                });
                for (const std::uint64_t tick : expected) {
                    if (tick != 0 && tick <= now) FAIL("forgotten");
                }
        }
    }
    for (Named& node : nodes) wheel.cancel(node);
    CHECK(wheel.empty());
}
