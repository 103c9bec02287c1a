#include "outbox/webhook_retry.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <limits>

namespace cariosan::outbox {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t kLargest = std::numeric_limits<std::uint32_t>::max();

TEST_CASE("a status is handled as in section 8") {
    for (int status = 0; status <= 700; ++status) {
        CAPTURE(status);
        Verdict expected = Verdict::retry;
        if (status >= 200 && status <= 299) expected = Verdict::delivered;
        if (status >= 300 && status <= 499) expected = Verdict::failed;
        if (status == 408 || status == 429) expected = Verdict::retry;
        if (status == 410) expected = Verdict::disable;
        CHECK(judge_status(status) == expected);
    }
    CHECK(judge_status(-1) == Verdict::retry);
}

TEST_CASE("attempts are spread over about seven hours, and end") {
    constexpr std::array<std::chrono::milliseconds, 5> kPlain = {30s, 2min, 10min, 1h, 6h};
    for (int failed = 1; failed <= 5; ++failed) {
        const auto plain = kPlain[static_cast<std::size_t>(failed) - 1];
        CHECK(retry_delay(failed, 0) == plain * 4 / 5);
        CHECK(retry_delay(failed, kLargest) == plain * 6 / 5);
        const auto middle = *retry_delay(failed, kLargest / 2);
        CHECK(middle >= plain - 1ms);
        CHECK(middle <= plain);
    }
    CHECK_FALSE(retry_delay(6, 0).has_value());
    CHECK_FALSE(retry_delay(0, 0).has_value());
    CHECK_FALSE(retry_delay(-1, 0).has_value());
    CHECK_FALSE(retry_delay(std::numeric_limits<std::int64_t>::max(), kLargest).has_value());
}

}  // namespace
}  // namespace cariosan::outbox
