#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/postgres/pg_values.hpp"

namespace cariosan::postgres {
namespace {

using namespace std::string_view_literals;

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

std::string_view value_at(Parameters& parameters, int index) {
    return {parameters.values()[index], static_cast<std::size_t>(parameters.lengths()[index])};
}

TEST_CASE("numbers are big-endian and keep their sign") {
    for (const std::int64_t number : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{256}, kLeast, kMost}) {
        std::string bytes;
        append_number(bytes, number);
        CHECK(bytes.size() == 8);
        CHECK(read_number(bytes) == number);
    }
    CHECK(read_number("\xff\xfe"sv) == -2);
    CHECK(read_number("\x00\x01\x00\x00"sv) == 65536);
    CHECK(read_number("\xff\xff\xff\xff"sv) == -1);
    CHECK(read_number("\x01"sv) == 1);
    CHECK_FALSE(read_number("abc").has_value());
    CHECK_FALSE(read_number("").has_value());
}

TEST_CASE("each type is bound as its own") {
    enum class Code : std::uint8_t { two = 2 };
    Uuid uuid;
    uuid.bytes = {1, 2, 3};
    const std::array<std::uint8_t, 3> digest{9, 8, 7};
    Parameters parameters;
    parameters.add(std::int64_t{7});
    parameters.add(true);
    parameters.add(Code::two);
    parameters.add(Timestamp{5});
    parameters.add("text");
    parameters.add(std::string());
    parameters.add(uuid);
    parameters.add(UserId{uuid});
    parameters.add(digest);
    const std::array expected{PgType::int8, PgType::int8, PgType::int8, PgType::int8,  PgType::text,
                              PgType::text, PgType::uuid, PgType::uuid, PgType::bytes};
    REQUIRE(parameters.count() == static_cast<int>(expected.size()));
    for (std::size_t i = 0; i < expected.size(); ++i) CHECK(parameters.types()[i] == static_cast<unsigned>(expected[i]));
    CHECK(read_number(value_at(parameters, 2)) == 2);
    CHECK(read_number(value_at(parameters, 3)) == 5);
    CHECK(value_at(parameters, 4) == "text");
    // An empty text is no null.
    CHECK(parameters.values()[5] != nullptr);
    CHECK(value_at(parameters, 6).substr(0, 3) == "\1\2\3");
    CHECK(value_at(parameters, 8) == "\x09\x08\x07");
    CHECK_FALSE(parameters.has_bad_text());
}

TEST_CASE("nothing is null with the type it would have") {
    Parameters parameters;
    parameters.add(std::optional<std::int64_t>());
    parameters.add(std::optional<std::string>());
    parameters.add(std::optional<UserId>());
    parameters.add(std::optional<Timestamp>(Timestamp{3}));
    CHECK(parameters.values()[0] == nullptr);
    CHECK(parameters.types()[0] == static_cast<unsigned>(PgType::int8));
    CHECK(parameters.types()[1] == static_cast<unsigned>(PgType::text));
    CHECK(parameters.types()[2] == static_cast<unsigned>(PgType::uuid));
    CHECK(read_number(value_at(parameters, 3)) == 3);
}

TEST_CASE("text that PostgreSQL refuses is noticed") {
    for (const std::string_view text : {"a\0b"sv, "\xff"sv, "\xed\xa0\x80"sv, "\xc3"sv}) {
        Parameters parameters;
        parameters.add(text);
        CHECK(parameters.has_bad_text());
        CHECK_FALSE(is_storable(text));
    }
    CHECK(is_storable("naïve 😀"));
}

}  // namespace
}  // namespace cariosan::postgres
