// How many reads of a lane are under way at once.
#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "protocol/read_gate.hpp"

namespace cariosan::protocol {
namespace {

TEST_CASE("a gate lets so many reads begin, and the next when one has ended, in their order") {
    ReadGate gate(2);
    std::vector<int> begun;
    for (int i = 1; i <= 4; ++i) {
        gate.begin([&begun, i] {
            begun.push_back(i);
            return true;
        });
    }
    CHECK(begun == std::vector{1, 2});
    CHECK(gate.waiting() == 2);
    gate.end();
    CHECK(begun == std::vector{1, 2, 3});
    gate.end();
    gate.end();
    gate.end();
    CHECK(begun == std::vector{1, 2, 3, 4});
    CHECK(gate.waiting() == 0);
}

TEST_CASE("what is not read any more takes no place at the gate") {
    ReadGate gate(1);
    int begun = 0;
    const auto read = [&] { return ++begun > 0; };
    gate.begin(read);
    gate.begin([] { return false; });
    gate.begin(read);
    gate.end();
    CHECK(begun == 2);
    gate.begin(read);
    CHECK(begun == 2);
    gate.end();
    CHECK(begun == 3);
}

TEST_CASE("reads that end at once go through one after the other, however many wait") {
    ReadGate gate(1);
    int begun = 0;
    int inside = 0;
    int deepest = 0;
    const auto wait = [] { return true; };
    gate.begin(wait);
    for (int i = 0; i < 1000; ++i) {
        gate.begin([&] {
            deepest = std::max(deepest, ++inside);
            ++begun;
            gate.end();
            --inside;
            return true;
        });
    }
    gate.end();
    CHECK(begun == 1000);
    CHECK(deepest == 1);
    CHECK(gate.waiting() == 0);
}

}  // namespace
}  // namespace cariosan::protocol
