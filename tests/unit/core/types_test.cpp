#include <doctest/doctest.h>

#include <cariosan/error.hpp>
#include <cariosan/types.hpp>
#include <string>

using namespace cariosan;

namespace {

std::int64_t parsed_time(std::string_view text) {
    const auto time = Timestamp::parse(text);
    REQUIRE_MESSAGE(time, std::string(text));
    return time->milliseconds;
}

}  // namespace

TEST_CASE("a UUID is written and parsed in its canonical form") {
    Uuid uuid;
    for (std::size_t i = 0; i < 16; ++i) uuid.bytes[i] = static_cast<std::uint8_t>(i * 17);
    CHECK(uuid.to_string() == "00112233-4455-6677-8899-aabbccddeeff");
    CHECK(Uuid::parse("00112233-4455-6677-8899-aabbccddeeff") == uuid);
    CHECK_FALSE(uuid.is_nil());
    CHECK(Uuid{}.is_nil());
}

TEST_CASE("anything but the canonical form is not a UUID") {
    for (const char* text :
         {"", "00112233-4455-6677-8899-AABBCCDDEEFF", "00112233445566778899aabbccddeeff",
          "00112233-4455-6677-8899-aabbccddeef", "00112233-4455-6677-8899-aabbccddeeff0",
          "{0112233-4455-6677-8899-aabbccddeef}", "0011223-34455-6677-8899-aabbccddeeff",
          "00112233-4455-6677-8899-aabbccddeefg", "00112233-4455-6677-8899_aabbccddeeff"}) {
        CHECK_MESSAGE(!Uuid::parse(text), text);
    }
}

TEST_CASE("a timestamp is written with milliseconds in UTC") {
    CHECK(Timestamp{0}.to_string() == "1970-01-01T00:00:00.000Z");
    CHECK(Timestamp{1'769'847'300'000}.to_string() == "2026-01-31T08:15:00.000Z");
    CHECK(Timestamp{951'782'399'999}.to_string() == "2000-02-28T23:59:59.999Z");
    CHECK(Timestamp{951'782'400'000}.to_string() == "2000-02-29T00:00:00.000Z");
    CHECK(Timestamp{-1}.to_string() == "1969-12-31T23:59:59.999Z");
    CHECK(Timestamp{253'402'300'799'999}.to_string() == "9999-12-31T23:59:59.999Z");
}

TEST_CASE("a time outside RFC 3339 is written as the nearest one inside") {
    CHECK(Timestamp{253'402'300'800'000}.to_string() == "9999-12-31T23:59:59.999Z");
    CHECK(Timestamp{INT64_MIN}.to_string() == "0000-01-01T00:00:00.000Z");
}

TEST_CASE("a timestamp is parsed with any fraction and any offset") {
    CHECK(parsed_time("2026-01-31T08:15:00Z") == 1'769'847'300'000);
    CHECK(parsed_time("2026-01-31T08:15:00.5Z") == 1'769'847'300'500);
    CHECK(parsed_time("2026-01-31T08:15:00.123456789Z") == 1'769'847'300'123);
    CHECK(parsed_time("2026-01-31t15:15:00+07:00") == 1'769'847'300'000);
    CHECK(parsed_time("2026-01-31T02:45:00-05:30") == 1'769'847'300'000);
    CHECK(parsed_time("1969-12-31T23:59:59.999z") == -1);
    CHECK(parsed_time("1990-12-31T23:59:60Z") == parsed_time("1991-01-01T00:00:00Z"));
    CHECK(parsed_time("1990-12-31T15:59:60-08:00") == parsed_time("1991-01-01T00:00:00Z"));
}

TEST_CASE("what is written can be parsed") {
    for (const std::int64_t time : {std::int64_t{0}, std::int64_t{-62'167'219'200'000}, std::int64_t{1},
                                    std::int64_t{4'107'542'399'999}, std::int64_t{253'402'300'799'999}}) {
        CHECK(parsed_time(Timestamp{time}.to_string()) == time);
    }
}

TEST_CASE("anything else is not a timestamp") {
    for (const char* text : {"",
                             "2026-01-31",
                             "2026-01-31T08:15:00",
                             "2026-01-31 08:15:00Z",
                             "2026-02-29T00:00:00Z",
                             "2026-13-01T00:00:00Z",
                             "2026-00-01T00:00:00Z",
                             "2026-01-00T00:00:00Z",
                             "2026-01-31T24:00:00Z",
                             "2026-01-31T08:60:00Z",
                             "2026-01-31T08:15:61Z",
                             "2026-01-31T08:15:60Z",
                             "2026-01-31T08:15:00.Z",
                             "2026-01-31T08:15:00+7:00",
                             "2026-01-31T08:15:00+24:00",
                             "2026-01-31T08:15:00+07:60",
                             "2026-01-31T08:15:00ZZ",
                             "+2026-01-31T08:15:00Z",
                             "26-01-31T08:15:00Z",
                             "2026-1-31T08:15:00Z"}) {
        CHECK_MESSAGE(!Timestamp::parse(text), text);
    }
}

TEST_CASE("names of enumerations are parsed as they are written") {
    for (const auto type : {ChannelType::direct, ChannelType::group}) {
        CHECK(parse_channel_type(to_string(type)) == type);
    }
    for (const auto role : {Role::member, Role::admin}) CHECK(parse_role(to_string(role)) == role);
    for (const auto type : {MessageType::text, MessageType::image, MessageType::file, MessageType::system}) {
        CHECK(parse_message_type(to_string(type)) == type);
    }
    CHECK_FALSE(parse_channel_type("Group"));
    CHECK_FALSE(parse_role(""));
    CHECK_FALSE(parse_message_type("video"));
}

TEST_CASE("an error knows whether retrying may help") {
    CHECK(Error(ErrorCode::unavailable, "").retryable);
    CHECK(Error(ErrorCode::rate_limited, "").retryable);
    CHECK_FALSE(Error(ErrorCode::conflict, "").retryable);
    CHECK_FALSE(Error(ErrorCode::internal, "").retryable);
}

TEST_CASE("an error has named details") {
    const Error error = over_limit("name", 255, "name is too long", "bytes");
    CHECK(error.code == ErrorCode::validation_error);
    CHECK(error.message == "name is too long: at most 255 bytes");
    REQUIRE(error.detail("limit") != nullptr);
    CHECK(std::get<std::int64_t>(error.detail("limit")->value) == 255);
    CHECK(std::get<std::string>(error.detail("field")->value) == "name");
    CHECK(error.detail("until") == nullptr);
    CHECK(not_found("channel").message == "no such channel");
    CHECK(to_string(ErrorCode::not_a_member) == "NOT_A_MEMBER");
}
