#include "core/text/emoji.hpp"

#include <doctest/doctest.h>
#include <utf8proc.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <string>

#include "support/test_data.hpp"
#include "support/utf8.hpp"

namespace cariosan::core {

TEST_CASE("any single emoji is accepted, however it is composed") {
    for (const std::string text :
         {"👍", "❤️", "❤", "👍🏽", "👩‍💻", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🇮🇩", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "1️⃣", "#⃣", "*️⃣", "🏽", "©️"}) {
        CAPTURE(text);
        CHECK(is_emoji(text));
    }
}

TEST_CASE("code points reserved for future emoji are accepted") {
    // The ends of the ranges, and U+1FAE9 of Unicode 16: alone, with a skin tone, joined to others and to each other.
    for (const std::string text : {"\U0001FAE9", "\U0001F0C0", "\U0001F1AE", "\U0001F1E5", "\U0001F266", "\U0001F2FF",
                                   "\U0001F8B5", "\U0001FAFF", "\U0001FC00", "\U0001FFFD", "\U0001FACD\U0001F3FD",
                                   "\U0001F469\u200D\U0001FADC", "\U0001FADC\u200D\U0001FADC", "\U0001FADC\uFE0F"}) {
        CAPTURE(text);
        CHECK(is_emoji(text));
    }
    // Nothing beside those ranges.
    for (const std::string text : {"\U0001EFFF", "\U0001FBFF", "\U0001FFFE", "\U0001FFFF", "\U00020000", "\u0378",
                                   "\U0001FADC\U0001FADC", "\U0001FADCa"}) {
        CAPTURE(text);
        CHECK_FALSE(is_emoji(text));
    }
}

TEST_CASE("sequences outside the emoji grammar are refused") {
    for (const std::string text : {
             // A joiner joins two emoji. None may dangle, and no more are joined than Unicode recommends.
             "\U0001F44D\u200D", "\u200D\U0001F44D", "\U0001F44D\u200D\u200D\U0001F44D", "\U0001F44D\uFE0F\u200D",
             "\U0001F44D\u200D\U0001F44D\u200D\U0001F44D\u200D\U0001F44D\u200D\U0001F44D",
             "\U0001F44D\u200D\U0001F44D\u200D", "\U0001F44D\u200D1\uFE0F\u20E3", "\U0001F44D\u200D\U0001F1EE\U0001F1E9",
             // One variation selector, where it belongs.
             "\U0001F44D\uFE0F\uFE0F", "\uFE0F\U0001F44D", "\U0001F44D\U0001F3FD\uFE0F", "\U0001F44D\uFE0E", "1\uFE0F\uFE0F\u20E3",
             "1\u20E3\uFE0F", "\U0001F1EE\U0001F1E9\uFE0F", "\u2764\uFE0F\uFE0F\u200D\U0001F525",
             // A keycap needs a digit or sign.
             "\U0001F44D\u20E3", "\U0001F44D\uFE0F\u20E3", "1\u20E3\u20E3", "a\u20E3", "\u20E3",
             // One skin tone, on an emoji that can have one.
             "\U0001F44D\U0001F3FD\U0001F3FD", "\U0001F44D\U0001F3FD\U0001F3FF", "\U0001F3FD\U0001F3FD", "\U0001F34E\U0001F3FD",
             "\u2764\U0001F3FD", "\U0001F1EE\U0001F1E9\U0001F3FD", "\U0001F44D\uFE0F\uFE0F\U0001F3FD",
             // Tags after a black flag spell a region, and must end.
             "\U0001F44D\U000E0067", "\U0001F44D\U000E0067\U000E0062\U000E0065\U000E007F", "\U0001F44D\U000E007F",
             "\U0001F3F4\U000E0067\U000E0062\U000E0065", "\U0001F3F4\U000E007F", "\U0001F3F4\U000E0067\U000E0062\U000E007F",
             "\U0001F3F4\U000E0067\U000E0062\U000E0065\U000E007F\U000E007F", "\U0001F3F4\U000E0031\U000E0062\U000E0065\U000E007F",
             "\U0001F3F4\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E0067\U000E0067\U000E007F",
             "\U0001F3F4\U000E0047\U000E0042\U000E0045\U000E007F", "\U0001F3F4\uFE0F\U000E0067\U000E0062\U000E0065\U000E007F",
             // Flags are pairs.
             "\U0001F1EE", "\U0001F1EE\u200D\U0001F1E9", "\U0001F1EE\uFE0F\U0001F1E9", "\U0001F1EE\U0001F44D",
             "\U0001F44D\u0301", "\U0001F44D\U000E01F0", "\U0001F44D\u2060"}) {
        CAPTURE(text);
        CHECK_FALSE(is_emoji(text));
    }
}

TEST_CASE("every sequence of the emoji grammar is accepted, even if no font draws it") {
    for (const std::string text : {"\U0001F1E6\U0001F1E6", "\U0001F34E\u200D\U0001F525", "\u261D\uFE0F\U0001F3FD", "\U0001F970\uFE0F",
                                   "\U0001F469\U0001F3FB\u200D\u2764\uFE0F\u200D\U0001F48B\u200D\U0001F468\U0001F3FF",
                                   "\U0001F3F4\U000E0075\U000E0073\U000E0063\U000E0061\U000E007F", "\U0001F46F\U0001F3FD"}) {
        CAPTURE(text);
        CHECK(is_emoji(text));
    }
}

namespace {

void append_point(std::string& out, std::string_view hexadecimal) {
    std::uint32_t point = 0;
    std::from_chars(hexadecimal.data(), hexadecimal.data() + hexadecimal.size(), point, 16);
    out += test::utf8_of(point);
}

std::string text_of_points(std::string_view points) {
    std::string out;
    while (!points.empty()) {
        const auto end = std::min(points.find(' '), points.size());
        if (end > 0) append_point(out, points.substr(0, end));
        points.remove_prefix(std::min(end + 1, points.size()));
    }
    return out;
}

std::string without_selectors(std::string text) {
    for (auto at = text.find("\uFE0F"); at != text.npos; at = text.find("\uFE0F")) text.erase(at, 3);
    return text;
}

}  // namespace

TEST_CASE("every emoji in Unicode's own list is accepted, and its unqualified forms are equal to it") {
    const auto path = cariosan::test::test_data("torture/unicode/emoji-test.txt");
    if (!path) return;
    std::ifstream file(*path);
    std::map<std::string, std::set<std::string>> forms;  // by name
    std::size_t count = 0;
    for (std::string line; std::getline(file, line);) {
        const auto sign = line.find(';');
        if (line.starts_with('#') || sign == std::string::npos) continue;
        const std::string text = text_of_points(std::string_view(line).substr(0, sign));
        CAPTURE(line);
        CHECK(is_emoji(text));
        CHECK_FALSE(is_emoji(text + "\u200D"));
        CHECK_FALSE(is_emoji(text + "\u20E3"));
        CHECK_FALSE(is_emoji(text + text));
        // "… # 👍 E0.6 thumbs up": the name follows the version.
        const auto version = line.find(" E", line.find('#', sign));
        forms[line.substr(line.find(' ', version + 1))].insert(without_selectors(text));
        ++count;
    }
    CHECK(count > 4000);
    for (const auto& form : forms) {
        CAPTURE(form.first);
        CHECK(form.second.size() == 1);
    }
}

TEST_CASE("emoji newer than our Unicode version are accepted") {
    const auto path = cariosan::test::test_data("torture/unicode/emoji-newer-than-15.0.jsonl");
    if (!path) return;
    std::ifstream file(*path);
    std::size_t count = 0;
    for (std::string line; std::getline(file, line);) {
        constexpr std::string_view kField = "\"codepoints\": \"";
        const auto begin = line.find(kField);
        if (begin == std::string::npos) continue;
        const auto points = std::string_view(line).substr(begin + kField.size());
        CAPTURE(line);
        CHECK(is_emoji(text_of_points(points.substr(0, points.find('"')))));
        ++count;
    }
    CHECK(count > 0);
}

TEST_CASE("normalisation changes no pictograph") {
    for (std::uint32_t point = 0x80; point <= 0x1FFFD; ++point) {
        if (point >= 0xD800 && point <= 0xDFFF) continue;
        const std::string text = test::utf8_of(point);
        if (!is_emoji(text)) continue;
        utf8proc_uint8_t* normal = utf8proc_NFC(reinterpret_cast<const utf8proc_uint8_t*>(text.c_str()));
        CAPTURE(point);
        CHECK(text == reinterpret_cast<const char*>(normal));
        std::free(normal);
    }
}

TEST_CASE("anything but a single emoji is refused") {
    for (const std::string text : {"", "a", "1", "#", "*", "1️", "👍👍", "👍a", "a👍", "🇮", "🇮🇩🇮", "é", "❤️ ", "12⃣",
                                   "\xE2\x80\x8D", "\xEF\xB8\x8F", "\xF0\x9F\x91", "一"}) {
        CAPTURE(text);
        CHECK_FALSE(is_emoji(text));
    }
}

}  // namespace cariosan::core
