// The character classes in `/openapi.json` are constants. Here the code that judges texts is asked about each character.
#include "protocol/describe/character_classes.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>

#include "core/text/emoji.hpp"
#include "core/text/visible_text.hpp"

namespace cariosan::protocol {
namespace {

void append_utf8(std::string& out, char32_t point) {
    const auto put = [&out](char32_t byte) { out += static_cast<char>(byte); };
    if (point < 0x80) return put(point);
    if (point < 0x800) return put(0xC0 | point >> 6U), put(0x80 | (point & 0x3FU));
    if (point < 0x10000) {
        put(0xE0 | point >> 12U);
    } else {
        put(0xF0 | point >> 18U);
        put(0x80 | ((point >> 12U) & 0x3FU));
    }
    put(0x80 | ((point >> 6U) & 0x3FU));
    put(0x80 | (point & 0x3FU));
}

/// One end of a range in a character class, as written in JSON.
void append_class_point(std::string& out, char32_t point) {
    if (point >= 0x80) return append_utf8(out, point);
    constexpr std::string_view kDigits = "0123456789abcdef";
    out += R"(\\u00)";
    out += kDigits[point >> 4U];
    out += kDigits[point & 0xFU];
}

/// The characters for which `test` holds, as the inside of a character class. Skips the planes of ideographs and of private use,
/// which have no such characters.
std::string class_of(bool (*test)(std::string_view) noexcept) {
    std::string out;
    for (const auto& [begin, end] : {std::pair<char32_t, char32_t>{0, 0xD800}, {0xE000, 0x20000}, {0xE0000, 0xE1000}}) {
        char32_t from = end;
        for (char32_t point = begin; point <= end; ++point) {
            std::string text;
            append_utf8(text, point);
            const bool holds = point < end && test(text);
            if (holds && from == end) from = point;
            if (holds || from == end) continue;
            append_class_point(out, from);
            if (point - 1 > from) append_class_point(out += '-', point - 1);
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
