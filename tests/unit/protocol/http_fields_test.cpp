#include "protocol/rest/http_fields.hpp"

#include <doctest/doctest.h>

namespace cariosan::protocol {
namespace {

HttpRequest with_header(std::string name, std::string value) {
    HttpRequest request;
    request.headers.push_back({std::move(name), std::move(value)});
    return request;
}

std::vector<std::string> segments(std::string_view target) {
    const auto parsed = parse_target(target);
    REQUIRE(parsed);
    return parsed->segments;
}

TEST_CASE("paths are split before they are decoded") {
    CHECK(segments("/v1/users") == std::vector<std::string>{"v1", "users"});
    CHECK(segments("/") == std::vector<std::string>{""});
    CHECK(segments("/v1/users/") == std::vector<std::string>{"v1", "users", ""});
    CHECK(segments("/a%2Fb/c%20d+e") == std::vector<std::string>{"a/b", "c d+e"});
    CHECK(segments("/%F0%9F%91%8D") == std::vector<std::string>{"\U0001F44D"});
    CHECK(segments("/a//b") == std::vector<std::string>{"a", "", "b"});
}

TEST_CASE("queries are decoded like forms") {
    const auto target = parse_target("/x?a=1&b=c+d%2B&&e&f=");
    REQUIRE(target);
    REQUIRE(target->query.size() == 4);
    CHECK(target->query[0].value == "1");
    CHECK(target->query[1].value == "c d+");
    CHECK(target->query[2].name == "e");
    CHECK(target->query[2].value.empty());
    CHECK(target->query[3].value.empty());
}

TEST_CASE("an ambiguous URL is refused") {
    for (const std::string_view target :
         {"", "*", "v1/users", "/%", "/%2", "/%zz", "/%2g", "/%00", "/%ff", "/%c0%af", "/%ed%a0%80", "/x?%",
          "/x?a=%00", "/x?a=%ff", "/x?a=1&a=2", "/x?a=1&%61=2"}) {
        CAPTURE(target);
        const auto parsed = parse_target(target);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().code == ErrorCode::validation_error);
    }
    std::string many = "/x?";
    for (int i = 0; i < 65; ++i) many += "p" + std::to_string(i) + "=1&";
    CHECK_FALSE(parse_target(many));
}

TEST_CASE("only JSON in UTF-8 counts as JSON") {
    for (const std::string_view good :
         {"application/json", "Application/JSON", "application/json; charset=utf-8",
          "application/json;charset=UTF-8", "application/json ; charset=\"utf-8\"",
          "application/json; foo=bar"}) {
        CAPTURE(good);
        CHECK(has_json_type(with_header("content-type", std::string(good))));
    }
    for (const std::string_view bad :
         {"", "text/plain", "application/jsonx", "application/json; charset=latin1",
          "application/json; charset", "application/x-www-form-urlencoded", "application/json, text/plain"}) {
        CAPTURE(bad);
        CHECK_FALSE(has_json_type(with_header("Content-Type", std::string(bad))));
    }
    HttpRequest encoded = with_header("Content-Type", "application/json");
    encoded.headers.push_back({"Content-Encoding", "gzip"});
    CHECK_FALSE(has_json_type(encoded));
    HttpRequest twice = with_header("Content-Type", "application/json");
    twice.headers.push_back({"content-type", "application/json"});
    CHECK_FALSE(has_json_type(twice));
}

TEST_CASE("lists are collected from all fields of a name") {
    HttpRequest request = with_header("X-Forwarded-For", " a ,b,, ");
    request.headers.push_back({"x-forwarded-for", "c"});
    CHECK(list_field(request, "X-FORWARDED-FOR") == std::vector<std::string_view>{"a", "b", "c"});
    CHECK(count_fields(request, "X-Forwarded-For") == 2);
    CHECK(*request.header("x-forwarded-FOR") == " a ,b,, ");
    CHECK_FALSE(request.header("other"));
}

}  // namespace
}  // namespace cariosan::protocol
