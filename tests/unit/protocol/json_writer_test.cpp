#include "protocol/json/json_writer.hpp"

#include <doctest/doctest.h>

#include <limits>

namespace cariosan::protocol {
namespace {

std::string written(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

TEST_CASE("strings are escaped where JSON requires it and nowhere else") {
    CHECK(written("") == R"("")");
    CHECK(written("plain") == R"("plain")");
    CHECK(written("a\"b\\c/d") == R"("a\"b\\c/d")");
    CHECK(written("\b\t\n\f\r") == R"("\b\t\n\f\r")");
    CHECK(written(std::string_view("\x00\x01\x1f\x7f", 4)) == "\"\\u0000\\u0001\\u001f\x7f\"");
    CHECK(written("\u00e9\U0001F44D\u2028") == "\"\u00e9\U0001F44D\u2028\"");
}

TEST_CASE("numbers and ids") {
    std::string out;
    append_json_integer(out, std::numeric_limits<std::int64_t>::min());
    out += ' ';
    append_json_integer(out, 0);
    out += ' ';
    append_uuid(out, *Uuid::parse("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"));
    CHECK(out == "-9223372036854775808 0 0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b");
}

TEST_CASE("objects and arrays nest") {
    std::string out;
    write_object(out, [](ObjectWriter& object) {
        object.string("a", "x");
        object.null("b");
        write_array(object.key("c"), std::vector<int>{1, 2},
                    [](std::string& to, int each) { append_json_integer(to, each); });
        write_object(object.key("d"), [](ObjectWriter&) {});
        object.boolean("e", true);
        object.string_or_null("f", std::nullopt);
    });
    CHECK(out == R"({"a":"x","b":null,"c":[1,2],"d":{},"e":true,"f":null})");
}

}  // namespace
}  // namespace cariosan::protocol
