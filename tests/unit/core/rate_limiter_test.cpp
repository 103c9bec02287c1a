#include "core/rates/rate_limiter.hpp"

#include <doctest/doctest.h>

#include "unit/core/stage.hpp"

using namespace cariosan;
using core::RateKind;
using std::chrono::milliseconds;
using test::number_detail;

namespace {

core::RateKey key(std::uint8_t user, std::uint8_t workspace = 1) {
    core::RateKey made;
    made.workspace.uuid.bytes[15] = workspace;
    made.user.uuid.bytes[15] = user;
    return made;
}

/// A key that differs from those of a large crowd.
core::RateKey numbered_key(std::uint32_t number) {
    core::RateKey made = key(0);
    for (std::size_t i = 0; i < 4; ++i)
        made.user.uuid.bytes[12 + i] = static_cast<std::uint8_t>(number >> (8 * i));
    return made;
}

int taken_at_once(core::RateLimiter& limiter, const core::RateKey& who, RateKind kind, milliseconds now) {
    int count = 0;
    while (count < 1000 && limiter.take(who, kind, now)) ++count;
    return count;
}

}  // namespace

TEST_CASE("a full bucket holds a minute of sends and writes, and two seconds of reads and searches") {
    core::RateLimiter limiter{Rates{}};
    const milliseconds now(1000);
    CHECK(taken_at_once(limiter, key(1), RateKind::send, now) == 60);
    CHECK(taken_at_once(limiter, key(1), RateKind::write, now) == 120);
    CHECK(taken_at_once(limiter, key(1), RateKind::read, now) == 40);
    CHECK(taken_at_once(limiter, key(1), RateKind::search, now) == 4);
}

TEST_CASE("tokens come back one by one, and the error says when") {
    core::RateLimiter limiter{Rates{}};
    CHECK(taken_at_once(limiter, key(1), RateKind::send, milliseconds(0)) == 60);
    auto refused = limiter.take(key(1), RateKind::send, milliseconds(0));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::rate_limited);
    CHECK(refused.error().retryable);
    CHECK(number_detail(refused.error(), "retry_after_ms") == 1000);
    CHECK(number_detail(refused.error(), "limit") == 60);

    refused = limiter.take(key(1), RateKind::send, milliseconds(999));
    REQUIRE_FALSE(refused);
    CHECK(number_detail(refused.error(), "retry_after_ms") == 1);
    CHECK(limiter.take(key(1), RateKind::send, milliseconds(1000)));
    CHECK_FALSE(limiter.take(key(1), RateKind::send, milliseconds(1000)));
    CHECK(taken_at_once(limiter, key(1), RateKind::send, milliseconds(11'000)) == 10);
    CHECK(taken_at_once(limiter, key(1), RateKind::send, milliseconds(71'000)) == 60);
}

TEST_CASE("each user of a workspace has a bucket for each kind") {
    core::RateLimiter limiter{Rates{}};
    const milliseconds now(0);
    CHECK(taken_at_once(limiter, key(1), RateKind::send, now) == 60);
    CHECK(limiter.take(key(2), RateKind::send, now));
    CHECK(limiter.take(key(1, 2), RateKind::send, now));
    CHECK(limiter.take(key(1), RateKind::write, now));
}

TEST_CASE("a rate of zero means no limit, and all can be switched off") {
    core::RateLimiter no_sends{Rates{.sends_per_minute = 0}};
    CHECK(taken_at_once(no_sends, key(1), RateKind::send, milliseconds(0)) == 1000);
    CHECK(taken_at_once(no_sends, key(1), RateKind::write, milliseconds(0)) == 120);
    core::RateLimiter off{Rates{.enabled = false}};
    CHECK(taken_at_once(off, key(1), RateKind::search, milliseconds(0)) == 1000);
    CHECK(off.size() == 0);
}

TEST_CASE("unused buckets are dropped and used ones are not") {
    core::RateLimiter limiter{Rates{}};
    limiter.take(key(1), RateKind::send, milliseconds(0)).ok();
    CHECK(taken_at_once(limiter, key(2), RateKind::send, milliseconds(59'000)) == 60);
    CHECK_FALSE(limiter.take(key(2), RateKind::send, milliseconds(59'500)));
    // A change of generations does not refill the bucket.
    CHECK(taken_at_once(limiter, key(2), RateKind::send, milliseconds(61'000)) == 2);
    for (int minute = 2; minute < 6; ++minute) {
        limiter.take(key(2), RateKind::send, milliseconds(minute * 61'000)).ok();
    }
    CHECK(limiter.size() <= 2);
}

TEST_CASE("memory stays bounded with many users") {
    core::RateLimiter limiter{Rates{}, 1024};
    for (std::uint32_t i = 0; i < 50'000; ++i) {
        REQUIRE(limiter.take(numbered_key(i), RateKind::send, milliseconds(0)));
    }
    CHECK(limiter.size() <= 1024);
}

TEST_CASE("charged tokens are owed, and background work leaves half of the bucket") {
    core::RateLimiter limiter{Rates{}};
    const auto spare = [&](milliseconds now) { return limiter.spare(key(1), RateKind::read, now); };
    CHECK(spare(milliseconds(0)) == 20);
    int charged = 0;
    for (; charged < 100 && spare(milliseconds(0)) > 0; ++charged) limiter.charge(key(1), RateKind::read, 1, milliseconds(0));
    CHECK(charged == 20);
    CHECK(taken_at_once(limiter, key(1), RateKind::read, milliseconds(0)) == 20);
    limiter.charge(key(1), RateKind::read, 10, milliseconds(0));
    CHECK(taken_at_once(limiter, key(1), RateKind::read, milliseconds(500)) == 0);
    CHECK(taken_at_once(limiter, key(1), RateKind::read, milliseconds(550)) == 1);
    CHECK(spare(milliseconds(1'500)) == 0);
    CHECK(spare(milliseconds(1'551)) == 1);
    core::RateLimiter none{Rates{.enabled = false}};
    none.charge(key(1), RateKind::read, 1000, milliseconds(0));
    CHECK(none.spare(key(1), RateKind::read, milliseconds(0)) > 1000);
}
