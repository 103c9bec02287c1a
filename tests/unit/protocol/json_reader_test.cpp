#include "protocol/json/json_reader.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "protocol/json/json_writer.hpp"
#include "support/test_data.hpp"

namespace cariosan::protocol {
namespace {

std::string canonical(std::string_view text) {
    JsonDocument document;
    const auto parsed = document.parse(text);
    return parsed ? canonical_json(document.root()) : "refused";
}

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST_CASE("canonical JSON has sorted names and no white space") {
    CHECK(canonical(R"( { "b" : [ 1 , true , null ] , "a" : { "z" : "x" , "y" : -2 } } )") ==
          R"({"a":{"y":-2,"z":"x"},"b":[1,true,null]})");
    CHECK(canonical(R"("\u00e9\n\u0001\ud83d\udc4d\/")") == "\"\u00e9\\n\\u0001\U0001F44D/\"");
    CHECK(canonical("[]") == "[]");
    CHECK(canonical("{}") == "{}");
}

TEST_CASE("numbers keep their value") {
    CHECK(canonical("[0.1,106.84513,-7.25,1e2]") == "[0.1,106.84513,-7.25,100]");
    CHECK(canonical("9223372036854775807") == "9223372036854775807");
    CHECK(canonical("-9223372036854775808") == "-9223372036854775808");
    CHECK(canonical("-0.0") == "0");
    CHECK(canonical("1e-400") == "0");
    // A canonical text parses to itself.
    for (const std::string_view number :
         {"12345678901234567890.5", "1e300", "5e-324", "1.7976931348623157e308"}) {
        const std::string once = canonical(number);
        CHECK(once != "refused");
        CHECK(canonical(once) == once);
    }
}

TEST_CASE("values that cannot be kept exactly are refused") {
    for (const std::string_view text : {"",
                                        " ",
                                        "nul",
                                        "[1,]",
                                        "{\"a\":1,}",
                                        "[1] 2",
                                        "01",
                                        "1.",
                                        "NaN",
                                        "Infinity",
                                        "-Infinity",
                                        "'a'",
                                        "\"\t\"",
                                        "9223372036854775808",
                                        "-9223372036854775809",
                                        "18446744073709551615",
                                        "123456789012345678901234567890",
                                        "1e400",
                                        "-1e400",
                                        R"("\u0000")",
                                        R"({"\u0000":1})",
                                        R"("\ud800")",
                                        R"("\udc00\ud800")",
                                        R"({"a":1,"a":2})",
                                        R"([{"a":{"b":1,"b":1}}])",
                                        R"({"a":1,"\u0061":2})",
                                        "\"\xff\"",
                                        "\"\xc0\xaf\"",
                                        "\"\xed\xa0\x80\"",
                                        "\xef\xbb\xbf{}",
                                        "// c\n1"}) {
        CAPTURE(text);
        CHECK(canonical(text) == "refused");
    }
    CHECK(canonical(std::string_view("\"a\0b\"", 5)) == "refused");
    CHECK(canonical(std::string_view("1\0", 2)) == "refused");
}

TEST_CASE("errors say what is wrong with a text, and where") {
    struct Case {
        std::string_view text;
        std::string_view said;
    };
    const std::string deep = nested(kMaxJsonDepth + 1);
    for (const Case& each : std::vector<Case>{
             {"", "it is empty at byte 0"},
             {" \n", "it ends too early at byte 2"},
             {"{\"a\":1", "it ends too early at byte 6"},
             {"\xef\xbb\xbf{}", "it begins with a byte order mark at byte 0"},
             {"{\"a\":1,}", "a comma before a closing bracket at byte 6"},
             {"[1, 2 ,\n ]", "a comma before a closing bracket at byte 6"},
             {"{\"a\":\"b\" \"c\"}", "an unexpected character at byte 9"},
             {"[1] 2", "something follows the value at byte 4"},
             {"{\"name\":\"\xff\"}", "it is not UTF-8 at byte 9"},
             {"{\"n\xc3\":1}", "it is not UTF-8 at byte 3"},
             {"{\"a\":\"\xed\xa0\x80\"}", "it is not UTF-8 at byte 6"},
             {R"({"a":"\ud800"})", "half of a surrogate pair at byte 6"},
             {R"({"a":"x\uDC00 y"})", "half of a surrogate pair at byte 7"},
             {R"({"a":"\ud83d\u0041"})", "half of a surrogate pair at byte 12"},
             {R"(["\ud83d\ude00",])", "a comma before a closing bracket at byte 15"},
             {R"({"a":"\ud83d\ude00"x})", "an unexpected character at byte 19"},
             {R"({"a":"\ud83d\ude00","b":tru})", "an unexpected character at byte 24"},
             {R"(["\\udead" x])", "an unexpected character at byte 11"},
             {R"({"a":"\u0000"})", "a string contains U+0000 at byte 6"},
             {R"({"a":"x\\\\u0000\\\"\u0000"})", "a string contains U+0000 at byte 20"},
             {R"({"b\u0000":1})", "a string contains U+0000 at byte 3"},
             {"[1, 9223372036854775808 ]", "a number is too large at byte 4"},
             {"[-9223372036854775809]", "a number is too large at byte 1"},
             {"{\"a\":123456789012345678901234567890}", "a number is too large at byte 5"},
             {"18446744073709551615", "a number is too large at byte 0"},
             {"18446744073709551616", "a number is too large at byte 0"},
             {"[0,-1e400]", "a number is too large at byte 3"},
             {"[0,1.5e+9999999999999]", "a number is too large at byte 3"},
             {R"({"a":1,"a":2})", "an object has the same name twice, the second time at byte 7"},
             {R"({"a":1, "\u0061" :2})", "an object has the same name twice, the second time at byte 8"},
             {R"({"x":{"a":1},"y":[{"a":{"\\\"":1,"b":"\"","\\\"":1}}]})",
              "an object has the same name twice, the second time at byte 42"},
             {R"({"":1,"":2})", "an object has the same name twice, the second time at byte 6"},
             {"{'a':1}", "an unexpected character at byte 1"},
             {deep, "it is nested more than 32 deep at byte 32"}}) {
        CAPTURE(each.text);
        JsonDocument document;
        const auto parsed = document.parse(each.text);
        REQUIRE_FALSE(parsed.ok());
        CHECK(parsed.error().message == "this is not valid JSON: " + std::string(each.said));
    }
}

TEST_CASE("nesting is bounded") {
    CHECK(canonical(nested(kMaxJsonDepth)) != "refused");
    CHECK(canonical(nested(kMaxJsonDepth + 1)) == "refused");
    CHECK(canonical(nested(100'000)) == "refused");
    CHECK(canonical(std::string(100'000, '[')) == "refused");
}

TEST_CASE("the depth of a value is counted") {
    const auto depth = [](std::string_view text) {
        JsonDocument document;
        REQUIRE(document.parse(text));
        return json_depth(document.root());
    };
    CHECK(depth("1") == 0);
    CHECK(depth("{}") == 1);
    CHECK(depth(R"({"a":[1,{"b":[]}],"c":2})") == 4);
}

TEST_CASE("a large text is parsed completely") {
    std::string text = "[";
    for (int i = 0; i < 100'000; ++i) text += R"("abcdef",)";
    text += "0]";
    CHECK(canonical(text).size() == text.size());
}

TEST_CASE("every text of the JSON suite is judged as the suite says") {
    const auto folder = test::test_data("torture/json");
    if (!folder) return;
    // Valid JSON that we refuse on purpose: duplicate names, U+0000.
    const std::string_view refused_on_purpose[] = {
        "y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json",
        "y_object_escaped_null_in_key.json", "y_string_null_escape.json"};
    int files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(*folder)) {
        const std::string name = entry.path().filename().string();
        if (!entry.is_regular_file() || !name.ends_with(".json")) continue;
        ++files;
        CAPTURE(name);
        const bool accepted = canonical(read_file(entry.path())) != "refused";
        const bool on_purpose = std::ranges::find(refused_on_purpose, name) != std::end(refused_on_purpose);
        if (name.starts_with("y_")) CHECK(accepted == !on_purpose);
        if (name.starts_with("n_")) CHECK_FALSE(accepted);
    }
    CHECK(files > 300);
}

TEST_CASE("difficult strings survive writing and parsing") {
    const auto path = test::test_data("torture/blns.json");
    if (!path) return;
    JsonDocument list;
    REQUIRE(list.parse(read_file(*path)));
    for (const auto& each : list.root().get_array()) {
        const std::string text(each.get_string().data(), each.get_string().size());
        std::string written;
        append_json_string(written, text);
        JsonDocument again;
        REQUIRE(again.parse(written));
        CHECK(std::string_view(again.root().get_string().data(), again.root().get_string().size()) == text);
    }
}

}  // namespace
}  // namespace cariosan::protocol
