#include "encoding/ip_address.hpp"

#include <doctest/doctest.h>

using namespace cariosan;
using namespace cariosan::encoding;

TEST_CASE("addresses: all spellings are the same value") {
    CHECK(parse_ip_address("192.0.2.1") == parse_ip_address("::ffff:192.0.2.1"));
    CHECK(parse_ip_address("fe80::1%eth0") == parse_ip_address("fe80:0:0::1"));
    for (const std::string_view bad : {"", "1.2.3", "256.1.1.1", "192.0.2.1:80", "[::1]", ":::"}) {
        CAPTURE(bad);
        CHECK_FALSE(parse_ip_address(bad));
    }
}

TEST_CASE("addresses: ranges, even of mapped addresses") {
    const auto ranges = IpRanges::parse({"10.0.0.0/9", "2001:db8::/32", "192.0.2.7", "::ffff:198.51.100.0/24"});
    // A mapped address has version 4, whose ranges have at most 32 bits.
    REQUIRE(ranges);
    const auto contains = [&](std::string_view text) { return ranges->contains(*parse_ip_address(text)); };
    CHECK(contains("10.127.255.255"));
    CHECK_FALSE(contains("10.128.0.0"));
    CHECK(contains("::ffff:10.0.0.1"));
    CHECK(contains("2001:db8:ffff::1"));
    CHECK_FALSE(contains("2001:db9::1"));
    CHECK(contains("192.0.2.7"));
    CHECK_FALSE(contains("192.0.2.8"));
    CHECK(contains("198.51.100.200"));
    CHECK_FALSE(contains("198.51.101.1"));
}
