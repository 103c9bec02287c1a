#include "core/cache/generations.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>

using cariosan::core::Generations;
using std::chrono::seconds;

namespace {

using Numbers = Generations<int, int>;

}  // namespace

TEST_CASE("generations: an entry is found until its generation is dropped, and an entry in use is kept") {
    Numbers numbers;
    numbers.use(1, 2) = 10;
    numbers.use(2, 2) = 20;
    CHECK(numbers.use(1, 2) == 10);
    numbers.use(3, 2) = 30;  // the younger generation was full
    CHECK(*numbers.find(1) == 10);
    CHECK(*numbers.find(2) == 20);
    CHECK(numbers.use(1, 2) == 10);  // moves to the younger generation
    CHECK(numbers.size() == 3);
    numbers.use(4, 2) = 40;
    CHECK(numbers.find(2) == nullptr);
    CHECK(*numbers.find(1) == 10);
    CHECK(*numbers.find(4) == 40);
    CHECK(numbers.find(5) == nullptr);
    CHECK(numbers.size() == 3);
    // Not even if its use drops the generation in which it is.
    numbers.use(5, 2) = 50;
    CHECK(numbers.use(1, 2) == 10);
}

TEST_CASE("generations: memory is bounded, and there is always room for one") {
    Numbers numbers;
    for (int i = 0; i < 1000; ++i) {
        numbers.use(i, 10) = i;
        REQUIRE(numbers.size() <= 20);
        REQUIRE(*numbers.find(i) == i);
    }
    Numbers narrow;
    for (int i = 0; i < 10; ++i) narrow.use(i, 0) = i;
    CHECK(*narrow.find(9) == 9);
    CHECK(narrow.size() == 2);
}

TEST_CASE("generations: an entry lasts for a lifetime after its last use, and at most for two") {
    Numbers numbers;
    const auto used_at = [&](int key, seconds now) -> int& {
        numbers.expire(now, seconds(10));
        return numbers.use(key, 100, now);
    };
    used_at(1, seconds(10)) = 1;
    used_at(2, seconds(19)) = 2;
    numbers.expire(seconds(20), seconds(10));
    CHECK(numbers.find(1) != nullptr);
    CHECK(numbers.find(2) != nullptr);
    CHECK(used_at(2, seconds(25)) == 2);
    numbers.expire(seconds(30), seconds(10));
    CHECK(numbers.find(1) == nullptr);
    CHECK(numbers.find(2) != nullptr);
    numbers.expire(seconds(50), seconds(10));
    CHECK(numbers.size() == 0);
    // A generation that was full begins a new lifetime, so that nothing used recently is dropped.
    numbers.expire(seconds(60), seconds(10));
    numbers.use(3, 1, seconds(68)) = 3;
    numbers.use(4, 1, seconds(69)) = 4;
    numbers.expire(seconds(78), seconds(10));
    CHECK(numbers.find(3) != nullptr);
    CHECK(numbers.find(4) != nullptr);
}

TEST_CASE("generations: an erased entry is gone from both") {
    Numbers numbers;
    numbers.use(1, 1) = 1;
    numbers.use(2, 1) = 2;
    numbers.erase(1);
    numbers.erase(2);
    numbers.erase(3);
    CHECK(numbers.size() == 0);
}

TEST_CASE("generations: a value that cannot be copied moves between them") {
    Generations<std::string, std::unique_ptr<int>> values;
    values.use("a", 1) = std::make_unique<int>(7);
    values.use("b", 1);
    CHECK(*values.use("a", 1) == 7);
}
