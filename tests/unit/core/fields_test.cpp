#include "core/text/fields.hpp"

#include <doctest/doctest.h>

#include "unit/core/stage.hpp"

using namespace cariosan;
using namespace cariosan::core;
using namespace std::string_literals;
using test::is_invalid;
using test::is_over;
using test::Stage;

namespace {

std::string long_text(std::size_t size) { return std::string(size, 'x'); }

Result<Done> check_url(const std::string& url) {
    const Limits limits;
    return Fields(limits).url("avatar_url", url).result();
}

}  // namespace

TEST_CASE("an external id is 1 to 255 bytes of UTF-8 without control characters") {
    const Limits limits;
    const auto check = [&](const std::string& text) {
        return Fields(limits).external_id("id", text).result();
    };
    CHECK(check("a"));
    CHECK(check(long_text(255)));
    CHECK(check("#ubuntu / \xE4\xBD\xA0"));
    CHECK(is_over(check(long_text(256)).error(), "id", 255));
    for (const std::string& text : {""s, "a\nb"s, "a\0b"s, "\xC2\x85"s, "\xFF"s, "\xED\xA0\x80"s}) {
        CHECK(is_invalid(check(text).error(), "id"));
    }
}

TEST_CASE("a name is at most 255 bytes and only empty where that is allowed") {
    const Limits limits;
    const auto check = [&](const std::string& text, Empty empty) {
        return Fields(limits).name("name", text, empty).result();
    };
    CHECK(check(long_text(255), Empty::refused));
    CHECK(is_over(check(long_text(256), Empty::refused).error(), "name", 255));
    CHECK(check("", Empty::allowed));
    CHECK(is_invalid(check("", Empty::refused).error(), "name"));
    CHECK(is_invalid(check("a\tb", Empty::allowed).error(), "name"));
    CHECK(is_invalid(check("\xC0\xAF", Empty::allowed).error(), "name"));
}

TEST_CASE("an avatar is a web address") {
    for (const char* url : {"http://a", "https://example.com/a.png?x=1#y", "HTTPS://EXAMPLE.COM",
                            "https://[2001:db8::1]:8443/a", "https://example.com:8080"}) {
        CHECK_MESSAGE(check_url(url), url);
    }
    for (const char* url : {"", "a", "//example.com", "ftp://example.com", "javascript:alert(1)", "http:/a",
                            "http://", "https:///a", "http://:80", "https://a b", "https://a\n",
                            "https://u@h/", "https://a/\"", "http://\xFF", "data:image/png;base64,AA"}) {
        CHECK_FALSE_MESSAGE(check_url(url), url);
    }
    CHECK(check_url("https://a/" + long_text(2038)));
    CHECK(is_over(check_url("https://a/" + long_text(2039)).error(), "avatar_url", 2048));
}

TEST_CASE("only the first fault is reported") {
    const Limits limits;
    const auto result = Fields(limits).name("name", "", Empty::refused).external_id("id", "").result();
    CHECK(is_invalid(result.error(), "name"));
}

TEST_CASE("a reference can be an internal id, even if external ids are limited to fewer bytes") {
    Limits limits;
    limits.external_id_bytes = 8;
    CHECK(Fields(limits).reference("user", long_text(36)).result());
    CHECK(is_over(Fields(limits).reference("user", long_text(37)).result().error(), "user", 36));
    CHECK(is_invalid(Fields(limits).reference("user", "").result().error(), "user"));
}

TEST_CASE("metadata is checked by the port, and its size before it is parsed") {
    Stage stage;
    auto context = stage.context();
    CHECK(check_metadata(R"({"b":2, "a":1})", context).value() == R"({"a":1,"b":2})");
    CHECK(check_metadata("{}", context).value() == "{}");
    CHECK(is_invalid(check_metadata("[]", context).error(), "metadata"));
    CHECK(is_invalid(check_metadata("", context).error(), "metadata"));
    CHECK(is_invalid(check_metadata("{\"\xFF\":1}", context).error(), "metadata"));
    CHECK(check_metadata("{\"a\":" + long_text(4090) + "}", context).ok());
    CHECK(is_over(check_metadata("{\"a\":" + long_text(4091) + "}", context).error(), "metadata", 4096));
}
