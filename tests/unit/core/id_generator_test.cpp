#include "core/id_generator.hpp"

#include <doctest/doctest.h>

#include <set>

#include "unit/core/fakes.hpp"

using namespace cariosan;

namespace {

std::int64_t time_of(const Uuid& id) {
    std::int64_t time = 0;
    for (std::size_t i = 0; i < 6; ++i) time = (time << 8) | id.bytes[i];
    return time;
}

}  // namespace

TEST_CASE("an id contains its time and the bits of version 7") {
    test::FakeClock clock;
    test::FakeCrypto crypto;
    core::IdGenerator ids(clock, crypto);
    for (int i = 0; i < 1000; ++i) {
        const Uuid id = ids.next();
        CHECK((id.bytes[6] >> 4U) == 7);
        CHECK((id.bytes[8] >> 6U) == 2);
        CHECK(time_of(id) == clock.wall.milliseconds);
    }
}

TEST_CASE("ids increase within a millisecond and when the clock steps back") {
    test::FakeClock clock;
    test::FakeCrypto crypto;
    core::IdGenerator ids(clock, crypto);
    Uuid last;
    for (int i = 0; i < 20'000; ++i) {
        if (i == 5000) clock.wall.milliseconds -= 60'000;
        if (i == 15'000) clock.wall.milliseconds += 120'000;
        const Uuid id = ids.next();
        REQUIRE(last < id);
        last = id;
    }
    CHECK(time_of(last) >= clock.wall.milliseconds);
}

TEST_CASE("a full counter borrows from the next millisecond") {
    test::FakeClock clock;
    test::FakeCrypto crypto;
    core::IdGenerator ids(clock, crypto);
    const Uuid first = ids.next();
    Uuid last = first;
    for (int i = 0; i < 4096; ++i) last = ids.next();
    CHECK(time_of(last) > time_of(first));
    CHECK(time_of(last) <= time_of(first) + 2);
}

TEST_CASE("two generators create different ids at the same time") {
    test::FakeClock clock;
    test::FakeCrypto crypto;
    core::IdGenerator one(clock, crypto);
    core::IdGenerator other(clock, crypto);
    std::set<Uuid> ids;
    for (int i = 0; i < 1000; ++i) {
        ids.insert(one.next());
        ids.insert(other.next());
    }
    CHECK(ids.size() == 2000);
}

TEST_CASE("randomness is fetched in batches") {
    test::FakeClock clock;
    test::FakeCrypto crypto;
    core::IdGenerator ids(clock, crypto);
    for (int i = 0; i < 1000; ++i) ids.next();
    CHECK(crypto.fills >= 7);
    CHECK(crypto.fills <= 10);
}

TEST_CASE("a clock before 1970 still creates ids") {
    test::FakeClock clock;
    clock.wall.milliseconds = -5;
    test::FakeCrypto crypto;
    core::IdGenerator ids(clock, crypto);
    const auto first = ids.make<MessageId>();
    CHECK_FALSE(first.is_nil());
    CHECK(first < ids.make<MessageId>());
}
