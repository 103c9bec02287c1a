#include "core/rates/token_buckets.hpp"

#include <doctest/doctest.h>

#include <string>
#include <variant>

namespace cariosan {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("a bucket gives what it holds and then what comes in") {
    core::NamedTokenBuckets buckets("tries", {.count = 20, .period = seconds(60), .held = 20}, 1000);
    milliseconds now{1'000'000};
    for (int i = 0; i < 20; ++i) CHECK(buckets.take(std::string_view("a"), now));
    const auto refused = buckets.take(std::string_view("a"), now);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::rate_limited);
    CHECK(std::get<std::int64_t>(refused.error().detail("retry_after_ms")->value) == 3000);
    CHECK(std::get<std::int64_t>(refused.error().detail("limit")->value) == 20);
    CHECK_FALSE(buckets.check(std::string_view("a"), now));
    CHECK(buckets.take(std::string_view("b"), now));
    CHECK_FALSE(buckets.take(std::string_view("a"), now + milliseconds(2999)));
    CHECK(buckets.take(std::string_view("a"), now + milliseconds(3000)));
    CHECK_FALSE(buckets.take(std::string_view("a"), now + milliseconds(3000)));
    // After a long pause it is full, and not fuller.
    now += seconds(3600);
    for (int i = 0; i < 20; ++i) CHECK(buckets.take(std::string_view("a"), now));
    CHECK_FALSE(buckets.take(std::string_view("a"), now));
}

TEST_CASE("buckets survive the change of generations and stay bounded") {
    core::NamedTokenBuckets buckets("tries", {.count = 10, .period = seconds(1), .held = 20}, 100);
    milliseconds now{5'000};
    for (int i = 0; i < 20; ++i) CHECK(buckets.take(std::string_view("busy"), now));
    for (int i = 0; i < 10'000; ++i) {
        CHECK(buckets.take("other" + std::to_string(i), now));
        if (i < 40) CHECK_FALSE(buckets.take(std::string_view("busy"), now));
    }
    CHECK(buckets.size() <= 100);

    core::NamedTokenBuckets steady("tries", {.count = 10, .period = seconds(1), .held = 20}, 1000);
    int taken = 0;
    for (int i = 0; i < 10'000; ++i) {
        now += milliseconds(10);
        if (steady.take(std::string_view("x"), now)) ++taken;
    }
    CHECK(taken >= 1000);
    CHECK(taken <= 1020);
    core::NamedTokenBuckets unlimited("tries", {}, 1000);
    CHECK(unlimited.take(std::string_view("x"), now));
}

TEST_CASE("checking alone creates no bucket") {
    core::NamedTokenBuckets buckets("tries", {.count = 1, .period = seconds(1), .held = 1}, 1000);
    CHECK(buckets.check(std::string_view("a"), milliseconds(1)));
    CHECK(buckets.size() == 0);
}

}  // namespace
}  // namespace cariosan
