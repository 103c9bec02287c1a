#include "core/text/text.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace cariosan::core;
using namespace std::string_literals;

TEST_CASE("well-formed UTF-8 is accepted") {
    for (const std::string& text :
         {""s, "plain"s, "a\0b"s, "\x7f"s, "\xC2\x80"s, "\xDF\xBF"s, "\xE0\xA0\x80"s, "\xED\x9F\xBF"s,
          "\xEE\x80\x80"s, "\xEF\xBF\xBF"s, "\xF0\x90\x80\x80"s, "\xF4\x8F\xBF\xBF"s,
          "Halo, apa kabar? \xF0\x9F\x91\x8D"s, "0123456\xC3\xA9"s, "01234567\xC3\xA9"s,
          "012345678\xC3\xA9 and a tail of more than eight"s}) {
        CHECK_MESSAGE(is_utf8(text), text);
    }
}

TEST_CASE("ill-formed UTF-8 is refused") {
    for (const std::string& text : {"\x80"s,  // a continuation byte alone
                                    "\xBF"s,
                                    "\xC3"s,  // truncated
                                    "\xE2\x82"s,
                                    "\xF0\x9F\x91"s,
                                    "\xC0\xAF"s,
                                    "\xC1\xBF"s,  // overlong
                                    "\xE0\x80\x80"s,
                                    "\xE0\x9F\xBF"s,
                                    "\xF0\x80\x80\x80"s,
                                    "\xF0\x8F\xBF\xBF"s,
                                    "\xED\xA0\x80"s,
                                    "\xED\xBF\xBF"s,      // surrogates
                                    "\xF4\x90\x80\x80"s,  // above U+10FFFF
                                    "\xF5\x80\x80\x80"s,
                                    "\xFE"s,
                                    "\xFF"s,
                                    "\xC3\x28"s,
                                    "\xE2\x28\xA1"s,
                                    "\xE2\x82\x28"s,
                                    "\xF0\x9F\x28\x8D"s,  // not a continuation byte
                                    "01234567\xFF"s,
                                    "0123456\xC3"s,
                                    "012345678901234\xED\xA0\x80"s}) {
        CHECK_FALSE_MESSAGE(is_utf8(text), text);
    }
}

TEST_CASE("every lead byte alone is refused") {
    for (int lead = 0x80; lead <= 0xFF; ++lead) CHECK_FALSE(is_utf8(std::string(1, static_cast<char>(lead))));
}

TEST_CASE("control characters and NUL are found") {
    CHECK(has_nul("a\0b"s));
    CHECK_FALSE(has_nul("ab"));
    for (const std::string& text : {"\0"s, "a\nb"s, "\t"s, "\x1B[31m"s, "\x7F"s, "\xC2\x80"s, "x\xC2\x9F"s}) {
        CHECK(has_control(text));
    }
    for (const std::string& text : {""s, " "s, "~"s, "\xC2\xA0"s, "\xC3\x82\xC3\x80"s, "\xE0\xA0\x82"s}) {
        CHECK_FALSE(has_control(text));
    }
}

TEST_CASE("text is counted and cut in code points") {
    const std::string text = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x91\x8Dz";
    CHECK(count_code_points(text) == 5);
    CHECK(cut_code_points(text, 0).empty());
    CHECK(cut_code_points(text, 1) == "a");
    CHECK(cut_code_points(text, 2) == "a\xC3\xA9");
    CHECK(cut_code_points(text, 4) == "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x91\x8D");
    CHECK(cut_code_points(text, 5) == text);
    CHECK(cut_code_points(text, 6) == text);
    CHECK(cut_code_points("", 3).empty());
}
