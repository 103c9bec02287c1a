// The character classes in `/openapi.json` are constants. Here the code that judges texts is asked about each character.
#include "protocol/describe/character_classes.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>

#include "core/text/emoji.hpp"
#include "core/text/visible_text.hpp"
#include "support/utf8.hpp"

namespace cariosan::protocol {
namespace {

/// One end of a range in a character class, as written in JSON.
std::string class_point(char32_t point) {
    if (point >= 0x80) return test::utf8_of(point);
    constexpr std::string_view kDigits = "0123456789abcdef";
    return std::string(R"(\\u00)") + kDigits[point >> 4U] + kDigits[point & 0xFU];
}

/// The characters for which `judges` says yes, as the inside of a character class. Skips the planes of ideographs and of private use,
/// which have no such characters.
std::string class_of(bool (*judges)(std::string_view) noexcept) {
    std::string out;
    for (const auto& [begin, end] : {std::pair<char32_t, char32_t>{0, 0xD800}, {0xE000, 0x20000}, {0xE0000, 0xE1000}}) {
        char32_t from = end;
        for (char32_t point = begin; point <= end; ++point) {
            const bool holds = point < end && judges(test::utf8_of(point));
            if (holds && from == end) from = point;
            if (holds || from == end) continue;
            out += class_point(from);
            if (point - 1 > from) out += '-' + class_point(point - 1);
            from = end;
        }
    }
    return out;
}

bool is_emoji_beyond_ascii(std::string_view text) noexcept { return text.size() > 1 && core::is_emoji(text); }
bool is_emoji_with_skin(std::string_view text) noexcept { return core::is_emoji(std::string(text) + "\U0001F3FB"); }

}  // namespace

TEST_CASE("the character classes of the description are those of the code that judges texts") {
    CHECK(class_of(core::shows_nothing) == kInvisible);
    CHECK(class_of(is_emoji_with_skin) == kWithSkin);
    CHECK(class_of(is_emoji_beyond_ascii) == kPictographs);
}

}  // namespace cariosan::protocol
