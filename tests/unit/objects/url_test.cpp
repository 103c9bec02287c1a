#include "adapters/objects/url.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

namespace cariosan::objects {
namespace {

TEST_CASE("a base URL is normalised") {
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"https://s3.eu-west-1.amazonaws.com", "https://s3.eu-west-1.amazonaws.com"},
        {"HTTPS://CDN.Example.com:443/", "https://cdn.example.com"},
        {"http://127.0.0.1:9000", "http://127.0.0.1:9000"},
        {"http://minio:80/", "http://minio"},
        {"https://minio:80", "https://minio:80"},
        {"http://[::1]:9000/chat", "http://[::1]:9000/chat"},
        {"http://[FD00::1]", "http://[fd00::1]"},
        {"http://object_store:9000", "http://object_store:9000"},
        {"https://ref.example.co/storage/v1/s3/", "https://ref.example.co/storage/v1/s3"},
        {"https://cdn.example.com/a%20b", "https://cdn.example.com/a%20b"},
    };
    for (const auto& each : cases) {
        const auto& given = each.first;
        const auto& expected = each.second;
        CAPTURE(given);
        const auto url = parse_base_url(given);
        REQUIRE(url);
        CHECK(url->to_string() == expected);
        CHECK(parse_base_url(url->to_string())->to_string() == expected);
    }
}

TEST_CASE("anything but a plain URL is refused") {
    for (const std::string& text : {
             std::string(),
             std::string("cdn.example.com"),
             std::string("https://"),
             std::string("https:///a"),
             std::string("ftp://example.com"),
             std::string("javascript://example.com"),
             std::string("https:/example.com"),
             std::string("https://user@example.com"),
             std::string("https://user:secret@example.com"),
             std::string("https://example.com?x"),
             std::string("https://example.com/a?x"),
             std::string("https://example.com/#a"),
             std::string("https://example.com/../a"),
             std::string("https://example.com/./a"),
             std::string("https://example.com//a"),
             std::string("https://example.com/a//"),
             std::string("https://example.com/a b"),
             std::string("https://example.com/%2f"),
             std::string("https://example.com/%2e%2e"),
             std::string("https://example.com/\xc3\xa9"),
             std::string("https://example.com:0"),
             std::string("https://example.com:"),
             std::string("https://example.com:65536"),
             std::string("https://example.com:80a"),
             std::string("https://example.com:+80"),
             std::string("https://exa mple.com"),
             std::string("https://example..com"),
             std::string("https://.example.com"),
             std::string("https://example.com."),
             std::string("https://[::1"),
             std::string("https://[::1]x"),
             std::string("https://[]"),
             std::string("https://::1"),
             std::string("https://[fe80::1%25eth0]"),
             std::string(" https://example.com"),
             std::string("https://example.com\n"),
             std::string("https://example.com\0", 20),
             "https://example.com/" + std::string(2000, 'a'),
             "https://" + std::string(254, 'a'),
         }) {
        CAPTURE(text);
        CHECK_FALSE(parse_base_url(text).has_value());
    }
}

}  // namespace
}  // namespace cariosan::objects
