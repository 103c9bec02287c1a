#include "core/text/visible_text.hpp"

#include <utf8proc.h>

#include <array>

#include "core/text/scripts.hpp"

namespace cariosan::core {
namespace {

/// Default_Ignorable_Code_Point, including unassigned ones. Unicode never removes a code point from these ranges.
constexpr std::array kDefaultIgnorable{
    CodePointRange{0x00AD, 0x00AD},   CodePointRange{0x034F, 0x034F},   CodePointRange{0x061C, 0x061C},
    CodePointRange{0x115F, 0x1160},   CodePointRange{0x17B4, 0x17B5},   CodePointRange{0x180B, 0x180F},
    CodePointRange{0x200B, 0x200F},   CodePointRange{0x202A, 0x202E},   CodePointRange{0x2060, 0x206F},
    CodePointRange{0x3164, 0x3164},   CodePointRange{0xFE00, 0xFE0F},   CodePointRange{0xFEFF, 0xFEFF},
    CodePointRange{0xFFA0, 0xFFA0},   CodePointRange{0xFFF0, 0xFFF8},   CodePointRange{0x1BCA0, 0x1BCA3},
    CodePointRange{0x1D173, 0x1D17A}, CodePointRange{0xE0000, 0xE0FFF},
};

/// Characters with blank glyphs, which no property shows: joiners of Tifinagh and Brahmi, a Braille cell without dots, controls
/// and blanks of hieroglyphs, the filler of Khitan, a note without a head.
constexpr std::array kBlank{
    CodePointRange{0x2800, 0x2800},   CodePointRange{0x2D7F, 0x2D7F},   CodePointRange{0x1107F, 0x1107F},
    CodePointRange{0x13430, 0x13442}, CodePointRange{0x16FE4, 0x16FE4}, CodePointRange{0x1D159, 0x1D159},
};

bool is_invisible(char32_t point) noexcept {
    if (point < 0x80) return point <= ' ' || point == 0x7F;
    if (is_default_ignorable(point) || is_in(kBlank, point)) return true;
    const utf8proc_property_t& property = *utf8proc_get_property(static_cast<utf8proc_int32_t>(point));
    switch (property.category) {
        case UTF8PROC_CATEGORY_ZS:
        case UTF8PROC_CATEGORY_ZL:
        case UTF8PROC_CATEGORY_ZP:
        case UTF8PROC_CATEGORY_CC: return true;
        // Number signs of Arabic and the like are format characters too, but are visible.
        case UTF8PROC_CATEGORY_CF: return property.boundclass != UTF8PROC_BOUNDCLASS_PREPEND;
        default: return false;
    }
}

/// Whether any of the code points passes the test.
template <class Test>
bool any_code_point(std::string_view text, Test test) noexcept {
    const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
    const auto size = static_cast<utf8proc_ssize_t>(text.size());
    for (utf8proc_ssize_t at = 0; at < size;) {
        utf8proc_int32_t point = 0;
        const utf8proc_ssize_t length = utf8proc_iterate(bytes + at, size - at, &point);
        if (length <= 0) return true;  // impossible: it is UTF-8
        if (test(static_cast<char32_t>(point))) return true;
        at += length;
    }
    return false;
}

}  // namespace

bool is_default_ignorable(char32_t point) noexcept { return is_in(kDefaultIgnorable, point); }

bool shows_nothing(std::string_view text) noexcept {
    return !any_code_point(text, [](char32_t point) { return !is_invisible(point); });
}

std::string shown_or_empty(std::string_view text) { return shows_nothing(text) ? std::string() : std::string(text); }

bool has_invisible(std::string_view text) noexcept { return any_code_point(text, is_invisible); }

bool has_separator(std::string_view text) noexcept {
    return any_code_point(text, [](char32_t point) { return point == 0x2028 || point == 0x2029; });
}

bool has_direction_change(std::string_view text) noexcept {
    return any_code_point(text, [](char32_t point) {
        return (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
    });
}

}  // namespace cariosan::core
