#include "core/text/visible_text.hpp"

#include <doctest/doctest.h>

#include <charconv>
#include <fstream>
#include <string>
#include <vector>

#include "support/test_data.hpp"
#include "support/utf8.hpp"

using namespace cariosan::core;
using namespace std::string_literals;

TEST_CASE("white space and characters that are never drawn show nothing") {
    for (const std::string& text :
         {""s, " "s, "\t\r\n"s, "\xC2\xA0"s /* no-break space */, "\xC2\xAD"s /* soft hyphen */, "\xC2\x85"s /* next line */,
          "\xCD\x8F"s /* grapheme joiner */, "\xD8\x9C"s /* Arabic letter mark */, "\xE1\x85\x9F\xE1\x85\xA0"s /* Hangul fillers */,
          "\xE1\x9A\x80"s /* Ogham space */, "\xE1\x9E\xB4\xE1\x9E\xB5"s /* Khmer inherent vowels */,
          "\xE1\xA0\x8B\xE1\xA0\x8E"s /* Mongolian selectors */, "\xE2\x80\x80\xE2\x80\x8A"s /* quads */,
          "\xE2\x80\x8B\xE2\x80\x8C\xE2\x80\x8D\xE2\x80\x8E\xE2\x80\x8F"s /* zero width */, "\xE2\x80\xA8\xE2\x80\xA9"s /* separators */,
          "\xE2\x80\xAA\xE2\x80\xAE\xE2\x81\xA6\xE2\x81\xA9"s /* directions */, "\xE2\x80\xAF\xE2\x81\x9F"s, "\xE2\x81\xA0\xE2\x81\xA4"s,
          "\xE2\xA0\x80"s /* Braille blank */, "\xE3\x80\x80"s /* ideographic space */, "\xE3\x85\xA4"s /* Hangul filler */,
          "\xEF\xB8\x8F"s /* selector 16 */, "\xEF\xBB\xBF"s /* byte order mark */, "\xEF\xBE\xA0"s /* half-width filler */,
          "\xEF\xBF\xB9\xEF\xBF\xBB"s /* annotation */, "\xF0\x96\xBF\xA4"s /* Khitan filler */,
          "\xF0\x9B\xB2\xA0"s /* shorthand control */, "\xF0\x9D\x85\x99"s /* null notehead */, "\xF0\x9D\x85\xB3"s /* musical control */,
          "\xF3\xA0\x80\xA0\xF3\xA0\x81\xBF"s /* tags */, "\xF3\xA0\x84\x80"s /* selector 17 */,
          " \xE3\x85\xA4\xE2\xA0\x80\xE2\x80\x8B "s}) {
        CAPTURE(text);
        CHECK(shows_nothing(text));
        CHECK(has_invisible(text) == !text.empty());
    }
}

namespace {

struct PointRange {
    char32_t first;
    char32_t last;
};

/// The code points listed with a property in a file of the Unicode Character Database.
std::vector<PointRange> with_property(const std::filesystem::path& path, std::string_view property) {
    std::vector<PointRange> out;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        const auto sign = line.find(';');
        if (sign == std::string::npos || line.find(property, sign) == std::string::npos || line.starts_with('#')) continue;
        std::uint32_t first = 0;
        const auto end = std::from_chars(line.data(), line.data() + sign, first, 16).ptr;
        std::uint32_t last = first;
        if (*end == '.') std::from_chars(end + 2, line.data() + sign, last, 16);
        out.push_back({first, last});
    }
    return out;
}

}  // namespace

TEST_CASE("reserved ignorable code points and blank hieroglyphs show nothing") {
    for (const char32_t point : {0x2065U, 0xFFF0U, 0xFFF8U, 0xE0000U, 0xE0002U, 0xE0080U, 0xE01F0U, 0xE0FFFU, 0x13430U, 0x1343FU,
                                 0x13440U, 0x13441U, 0x13442U, 0x1107FU}) {
        CAPTURE(point);
        CHECK(shows_nothing(cariosan::test::utf8_of(point)));
        CHECK(has_invisible("a" + cariosan::test::utf8_of(point)));
    }
    for (const char32_t point : {0x205EU, 0xFFEFU, 0xFFFCU, 0xDFFFFU, 0xE1000U, 0x1342FU, 0x13443U}) {
        CAPTURE(point);
        CHECK_FALSE(shows_nothing(cariosan::test::utf8_of(point)));
    }
}

TEST_CASE("the ignorable code points are those that Unicode calls default-ignorable") {
    const auto path = cariosan::test::test_data("torture/unicode/DerivedCoreProperties.txt");
    if (!path) return;
    const auto ranges = with_property(*path, " Default_Ignorable_Code_Point ");
    REQUIRE(ranges.size() > 20);
    std::vector<bool> listed(0x110000);
    for (const PointRange& range : ranges) {
        for (char32_t point = range.first; point <= range.last; ++point) listed[point] = true;
    }
    for (char32_t point = 0; point < listed.size(); ++point) {
        if (is_default_ignorable(point) != listed[point]) FAIL_CHECK("U+", std::hex, static_cast<std::uint32_t>(point));
        const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
        if (listed[point] && !surrogate && !shows_nothing(cariosan::test::utf8_of(point))) FAIL_CHECK("shows: U+", std::hex, static_cast<std::uint32_t>(point));
    }
}

TEST_CASE("letters, marks, signs and emoji are visible") {
    for (const std::string& text :
         {"a"s, "."s, "\xE2\x80\x8B-"s, "\xCC\x81"s /* a mark alone */, "\xD8\x80"s /* Arabic number sign */, "\xF0\x9F\x91\x8D"s,
          "\xE2\x9D\xA4\xEF\xB8\x8F"s, "\xE2\xA0\x81"s /* Braille */, "\xE0\xB8\x81"s, "\xEE\x80\x80"s /* private use */,
          "\xEF\xBF\xBD"s, "   x"s}) {
        CAPTURE(text);
        CHECK_FALSE(shows_nothing(text));
    }
    CHECK_FALSE(has_invisible("caf\xC3\xA9"));
    CHECK(has_invisible("a b"));
}

TEST_CASE("characters that change the direction of text are distinguished from marks that do not") {
    for (const std::string& turning : {"\xE2\x80\xAA"s, "\xE2\x80\xAB"s, "\xE2\x80\xAC"s, "\xE2\x80\xAD"s, "\xE2\x80\xAE"s,
                                       "\xE2\x81\xA6"s, "\xE2\x81\xA7"s, "\xE2\x81\xA8"s, "\xE2\x81\xA9"s}) {
        CAPTURE(turning);
        CHECK(has_direction_change("invoice" + turning + "fdp.exe"));
    }
    for (const std::string& plain : {""s, "Alice"s, "\xE2\x80\x8E"s, "\xE2\x80\x8F"s, "\xD8\x9C"s, "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D"s,
                                     "\xE2\x81\xA5"s, "\xE2\x80\xA9"s, "\xE2\x80\xAF"s, "\xE2\x81\xAA"s}) {
        CHECK_FALSE(has_direction_change(plain));
    }
}
