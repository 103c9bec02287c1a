#include <doctest/doctest.h>

#include "configuration_values.hpp"

using namespace cariosan;
using namespace cariosan::server;

TEST_CASE("durations have a unit") {
    CHECK(parse_duration("0") == std::chrono::seconds(0));
    CHECK(parse_duration("90s") == std::chrono::seconds(90));
    CHECK(parse_duration("15m") == std::chrono::minutes(15));
    CHECK(parse_duration("24h") == std::chrono::hours(24));
    CHECK(parse_duration("7d") == std::chrono::hours(168));
    for (const char* text : {"", "h", "24", "-1h", "1.5h", "24 h", "24H", "99999999999h", "1h30m"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_duration(text));
    }
}

TEST_CASE("numbers are decimal digits within a range") {
    CHECK(parse_number("0", 0, 10) == 0);
    CHECK(parse_number("10", 0, 10) == 10);
    CHECK(parse_number("-5", -10, 10) == -5);
    for (const char* text : {"", "11", "-1", "+1", "0x1", "1 ", "9223372036854775808"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_number(text, 0, 10));
    }
}

TEST_CASE("lists are split at commas") {
    CHECK(split_list("").empty());
    CHECK(split_list(" , ,").empty());
    CHECK(split_list("a") == std::vector<std::string>{"a"});
    CHECK(split_list(" a , b,,c ") == std::vector<std::string>{"a", "b", "c"});
}

TEST_CASE("origins are what browsers send") {
    for (const char* text : {"*", "https://shop.example", "http://localhost:3000", "http://[::1]:8080",
                             "https://[::1]", "app://shop", "https://*.shop.example", "http://*.localhost:3000"}) {
        CAPTURE(text);
        CHECK(is_origin(text));
    }
    for (const char* text :
         {"", "shop.example", "://shop", "https://", "https://shop.example/", "https://a b",
          "https://shop.example:0", "https://shop.example:x", "https://me@shop.example", "https://[::1", "https://*", "https://*.", "https://a.*.example", "*.shop.example",
          "https://**.example", "https://*.[::1]"}) {
        CAPTURE(text);
        CHECK_FALSE(is_origin(text));
    }
}
