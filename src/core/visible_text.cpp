#include "core/visible_text.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace cariosan::core {
namespace {

using CodePoint = utf8proc_int32_t;

/// Blank by their shape; no property of Unicode says so.
constexpr std::array<CodePoint, 3> kBlank = {0x2800, 0x16FE4, 0x1D159};

bool is_invisible(CodePoint point) noexcept {
    const utf8proc_property_t& property = *utf8proc_get_property(point);
    switch (property.category) {
        case UTF8PROC_CATEGORY_ZS:
        case UTF8PROC_CATEGORY_ZL:
        case UTF8PROC_CATEGORY_ZP:
        case UTF8PROC_CATEGORY_CC: return true;
        // Number signs of Arabic and the like are format characters, too, and do show.
        case UTF8PROC_CATEGORY_CF: return property.boundclass != UTF8PROC_BOUNDCLASS_PREPEND;
        default: break;
    }
    return property.ignorable || std::ranges::find(kBlank, point) != kBlank.end();
}

/// Whether one of the code points is such a one.
template <class Test>
bool any_code_point(std::string_view text, Test test) noexcept {
    const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
    const auto size = static_cast<utf8proc_ssize_t>(text.size());
    for (utf8proc_ssize_t at = 0; at < size;) {
        CodePoint point = 0;
        const utf8proc_ssize_t length = utf8proc_iterate(bytes + at, size - at, &point);
        if (length <= 0) return true;  // cannot be: it is UTF-8
        if (test(point)) return true;
        at += length;
    }
    return false;
}

}  // namespace

bool shows_nothing(std::string_view text) noexcept {
    return !any_code_point(text, [](CodePoint point) { return !is_invisible(point); });
}

bool has_invisible(std::string_view text) noexcept { return any_code_point(text, is_invisible); }

bool has_separator(std::string_view text) noexcept {
    return any_code_point(text, [](CodePoint point) { return point == 0x2028 || point == 0x2029; });
}

bool has_direction_change(std::string_view text) noexcept {
    return any_code_point(text, [](CodePoint point) {
        return (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
    });
}

}  // namespace cariosan::core
