#include "transport/connection_places.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace cariosan;
using namespace cariosan::transport;

namespace {

encoding::IpAddress ip(std::string_view text) { return *encoding::parse_ip_address(text); }

}  // namespace

TEST_CASE("connection places: limited per address and in total") {
    ConnectionPlaces places({.all = 4, .per_address = 2});
    std::vector<ConnectionPlaces::Taken> taken;
    const auto refusal = [&](std::string_view address) {
        auto place = places.take(ip(address));
        REQUIRE(place);
        taken.push_back(std::move(*place));
        return taken.back().refusal ? to_string(taken.back().refusal->code) : std::string_view("none");
    };
    CHECK(refusal("192.0.2.1") == "none");
    CHECK(refusal("::ffff:192.0.2.1") == "none");  // the same client
    CHECK(refusal("192.0.2.1") == "RATE_LIMITED");
    CHECK(refusal("192.0.2.2") == "none");
    CHECK(refusal("192.0.2.3") == "UNAVAILABLE");
    taken.clear();
    // A client with version 6 owns a whole /64.
    CHECK(refusal("2001:db8::1") == "none");
    CHECK(refusal("2001:db8::2:1:1:1") == "none");
    CHECK(refusal("2001:db8::3") == "RATE_LIMITED");
    CHECK(refusal("2001:db8:0:1::1") == "none");
}

TEST_CASE("connection places: exempt clients are limited only in total") {
    ConnectionPlaces places({.all = 3, .per_address = 1, .exempt = *encoding::IpRanges::parse({"10.0.0.0/8"})});
    const auto first = places.take(ip("10.1.1.1"));
    const auto second = places.take(ip("10.1.1.1"));
    const auto third = places.take(ip("10.1.1.1"));
    REQUIRE(third);
    CHECK_FALSE(third->refusal);
    CHECK(places.take(ip("10.1.1.1"))->refusal->code == ErrorCode::unavailable);
}

TEST_CASE("connection places: only some of the refused clients get a response") {
    ConnectionPlaces places({.all = 100'000, .per_address = 1});
    std::vector<ConnectionPlaces::Taken> taken;
    while (auto place = places.take(ip("192.0.2.1"))) {
        taken.push_back(std::move(*place));
        REQUIRE(taken.size() < 100);
    }
    taken.pop_back();
    CHECK(places.take(ip("192.0.2.1")));
    CHECK(places.take(ip("192.0.2.2")));
}
