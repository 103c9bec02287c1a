#include "adapters/curl/retry_after.hpp"

#include <doctest/doctest.h>

namespace cariosan::curl {
namespace {

using std::chrono::seconds;

const Timestamp kMorning = *Timestamp::parse("2026-01-31T08:15:00.000Z");

TEST_CASE("Retry-After is a number of seconds or a date") {
    CHECK(parse_retry_after("1", kMorning) == seconds(1));
    CHECK(parse_retry_after("120", kMorning) == seconds(120));
    CHECK(parse_retry_after("0", kMorning) == seconds(1));
    CHECK(parse_retry_after("86400", kMorning) == seconds(3600));
    CHECK(parse_retry_after("99999999999999999999999", kMorning) == seconds(3600));
    CHECK(parse_retry_after("Sat, 31 Jan 2026 08:15:30 GMT", kMorning) == seconds(30));
    CHECK(parse_retry_after("Sat, 31 Jan 2026 08:14:30 GMT", kMorning) == seconds(1));
    CHECK(parse_retry_after("Sun, 01 Feb 2026 08:15:00 GMT", kMorning) == seconds(3600));
    CHECK(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", Timestamp{784111747'000}) == seconds(30));
    for (const char* header :
         {"", " ", "-1", "+1", "1.5", "1s", "0x10", "1 ", "Sat, 31 Jan 2026 08:15:30",
          "Sat, 31 Foo 2026 08:15:30 GMT", "Sat, 32 Jan 2026 08:15:30 GMT", "Sun, 30 Feb 2026 08:15:30 GMT",
          "Sat, 31 Jan 2026 24:00:00 GMT", "Sat, 31 Jan 2026 08:60:30 GMT", "Sat, 31 Jan 2026 08:15:61 GMT",
          "Sat, -1 Jan 2026 08:15:30 GMT", "Saturday, 31-Jan-26 08:15:30 GMT",
          "Sat, 31 Jan 2026 08:15:30 UTC"}) {
        CAPTURE(header);
        CHECK_FALSE(parse_retry_after(header, kMorning).has_value());
    }
}

}  // namespace
}  // namespace cariosan::curl
