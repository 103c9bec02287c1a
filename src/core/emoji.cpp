#include "core/emoji.hpp"

#include <utf8proc.h>

#include <cstddef>

namespace cariosan::core {
namespace {

constexpr utf8proc_int32_t kKeycap = 0x20E3;
constexpr utf8proc_int32_t kFirstTag = 0xE0020;
constexpr utf8proc_int32_t kLastTag = 0xE007F;

/// Set aside for pictographs to come: what has no character yet in the blocks of them. A newer keyboard has one there.
bool is_reserved(utf8proc_int32_t point) noexcept {
    const bool set_aside = (point >= 0x1F000 && point <= 0x1FAFF) || (point >= 0x1FC00 && point <= 0x1FFFD);
    return set_aside && utf8proc_category(point) == UTF8PROC_CATEGORY_CN;
}
bool is_pictograph(utf8proc_int32_t point) noexcept {
    return utf8proc_get_property(point)->boundclass == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC || is_reserved(point);
}
/// A character that joins as this one will once there is one.
utf8proc_int32_t as_joined(utf8proc_int32_t point) noexcept {
    constexpr utf8proc_int32_t kThumb = 0x1F44D;
    return is_reserved(point) ? kThumb : point;
}
bool is_regional(utf8proc_int32_t point) noexcept { return point >= 0x1F1E6 && point <= 0x1F1FF; }
bool is_skin_tone(utf8proc_int32_t point) noexcept { return point >= 0x1F3FB && point <= 0x1F3FF; }
bool is_keycap_base(utf8proc_int32_t point) noexcept {
    return (point >= '0' && point <= '9') || point == '#' || point == '*';
}

/// What may follow the first character: joined pictographs, skin tones, selectors, the end of a keycap or flag.
bool is_emoji_part(utf8proc_int32_t point) noexcept {
    constexpr utf8proc_int32_t kJoiner = 0x200D;
    constexpr utf8proc_int32_t kEmojiSelector = 0xFE0F;
    return is_pictograph(point) || is_regional(point) || is_skin_tone(point) || point == kJoiner ||
           point == kEmojiSelector || point == kKeycap || (point >= kFirstTag && point <= kLastTag);
}

}  // namespace

bool is_emoji(std::string_view text) noexcept {
    const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
    const auto size = static_cast<utf8proc_ssize_t>(text.size());
    utf8proc_int32_t first = 0;
    utf8proc_int32_t last = 0;
    utf8proc_int32_t state = 0;
    std::size_t points = 0;
    for (utf8proc_ssize_t at = 0; at < size;) {
        utf8proc_int32_t point = 0;
        const utf8proc_ssize_t length = utf8proc_iterate(bytes + at, size - at, &point);
        if (length <= 0) return false;
        if (points == 0) {
            first = point;
        } else {
            if (utf8proc_grapheme_break_stateful(as_joined(last), as_joined(point), &state)) return false;
            if (!is_emoji_part(point)) return false;
        }
        last = point;
        at += length;
        ++points;
    }
    if (points == 0) return false;
    if (is_keycap_base(first)) return last == kKeycap;
    if (is_regional(first)) return points == 2 && is_regional(last);
    return is_pictograph(first) || (is_skin_tone(first) && points == 1);
}

}  // namespace cariosan::core
