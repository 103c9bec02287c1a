#include "protocol/files/byte_range.hpp"

#include <doctest/doctest.h>

#include <string>

namespace cariosan::protocol {
namespace {

const std::string kTag = "\"one\"";

HttpRequest with(const std::string& name, const std::string& value) {
    HttpRequest request{.method = "GET", .target = "/"};
    request.headers.push_back({name, value});
    return request;
}

RangeAsked asked(const std::string& value, std::uint64_t size = 100) { return range_asked(with("Range", value), size, kTag); }

TEST_CASE("byte range: a part of a file") {
    const auto part = [](const std::string& value) {
        const RangeAsked found = asked(value);
        CHECK(found.is_part);
        return found.range.value_or(ByteRange{});
    };
    CHECK(part("bytes=0-0") == ByteRange{0, 1});
    CHECK(part("bytes=10-19") == ByteRange{10, 10});
    CHECK(part("Bytes=90-") == ByteRange{90, 10});
    CHECK(part("bytes=90-1000") == ByteRange{90, 10});
    CHECK(part("bytes=90-99999999999999999999999") == ByteRange{90, 10});
    CHECK(part("bytes=-10") == ByteRange{90, 10});
    CHECK(part("bytes=-1000") == ByteRange{0, 100});
    CHECK(part(" bytes=0-1 ") == ByteRange{0, 2});
}

TEST_CASE("byte range: outside the file") {
    for (const char* value : {"bytes=100-", "bytes=100-200", "bytes=99999999999999999999-", "bytes=-0"}) {
        CHECK(asked(value).is_part);
        CHECK_FALSE(asked(value).range);
    }
    CHECK_FALSE(asked("bytes=0-", 0).range);
    CHECK_FALSE(asked("bytes=-5", 0).range);
}

TEST_CASE("byte range: anything else is the whole file") {
    for (const char* value : {"", "bytes", "bytes=", "bytes=-", "bytes=5-4", "bytes=a-b", "bytes=1-b", "bytes=1-2,4-5", "lines=1-2",
                              "bytes=+1-2", "bytes= 1-2", "bytes=1--2"}) {
        CAPTURE(value);
        CHECK_FALSE(asked(value).is_part);
        CHECK(asked(value).range == ByteRange{0, 100});
    }
    HttpRequest twice = with("Range", "bytes=0-1");
    twice.headers.push_back({"Range", "bytes=0-1"});
    CHECK_FALSE(range_asked(twice, 100, kTag).is_part);
}

TEST_CASE("byte range: only of the file that the client has begun") {
    HttpRequest request = with("Range", "bytes=0-1");
    request.headers.push_back({"If-Range", kTag});
    CHECK(range_asked(request, 100, kTag).is_part);
    CHECK_FALSE(range_asked(request, 100, "\"two\"").is_part);
}

TEST_CASE("byte range: what the client has already") {
    CHECK(is_known_to_client(with("If-None-Match", "\"two\", \"one\""), kTag));
    CHECK(is_known_to_client(with("If-None-Match", "W/\"one\""), kTag));
    CHECK(is_known_to_client(with("If-None-Match", "*"), kTag));
    CHECK_FALSE(is_known_to_client(with("If-None-Match", "\"two\""), kTag));
    CHECK_FALSE(is_known_to_client(with("If-Match", kTag), kTag));
}

}  // namespace
}  // namespace cariosan::protocol
