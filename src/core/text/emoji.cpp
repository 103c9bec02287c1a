#include "core/text/emoji.hpp"

#include <utf8proc.h>

#include <array>
#include <cstddef>

#include "core/text/scripts.hpp"

namespace cariosan::core {
namespace {

constexpr char32_t kJoiner = 0x200D;
constexpr char32_t kKeycap = 0x20E3;
constexpr char32_t kEmojiStyle = 0xFE0F;
constexpr char32_t kBlackFlag = 0x1F3F4;
constexpr char32_t kTagEnd = 0xE007F;

/// No sequence that Unicode recommends joins more.
constexpr std::size_t kMostJoined = 4;

/// Characters that can have a skin tone (Emoji_Modifier_Base). Reserved ones may have one, too.
constexpr std::array kSkinned{
    CodePointRange{0x261D, 0x261D},   CodePointRange{0x26F9, 0x26F9},   CodePointRange{0x270A, 0x270D},
    CodePointRange{0x1F385, 0x1F385}, CodePointRange{0x1F3C2, 0x1F3C4}, CodePointRange{0x1F3C7, 0x1F3C7},
    CodePointRange{0x1F3CA, 0x1F3CC}, CodePointRange{0x1F442, 0x1F443}, CodePointRange{0x1F446, 0x1F450},
    CodePointRange{0x1F466, 0x1F478}, CodePointRange{0x1F47C, 0x1F47C}, CodePointRange{0x1F481, 0x1F483},
    CodePointRange{0x1F485, 0x1F487}, CodePointRange{0x1F48F, 0x1F48F}, CodePointRange{0x1F491, 0x1F491},
    CodePointRange{0x1F4AA, 0x1F4AA}, CodePointRange{0x1F574, 0x1F575}, CodePointRange{0x1F57A, 0x1F57A},
    CodePointRange{0x1F590, 0x1F590}, CodePointRange{0x1F595, 0x1F596}, CodePointRange{0x1F645, 0x1F647},
    CodePointRange{0x1F64B, 0x1F64F}, CodePointRange{0x1F6A3, 0x1F6A3}, CodePointRange{0x1F6B4, 0x1F6B6},
    CodePointRange{0x1F6C0, 0x1F6C0}, CodePointRange{0x1F6CC, 0x1F6CC}, CodePointRange{0x1F90C, 0x1F90C},
    CodePointRange{0x1F90F, 0x1F90F}, CodePointRange{0x1F918, 0x1F91F}, CodePointRange{0x1F926, 0x1F926},
    CodePointRange{0x1F930, 0x1F939}, CodePointRange{0x1F93C, 0x1F93E}, CodePointRange{0x1F977, 0x1F977},
    CodePointRange{0x1F9B5, 0x1F9B6}, CodePointRange{0x1F9B8, 0x1F9B9}, CodePointRange{0x1F9BB, 0x1F9BB},
    CodePointRange{0x1F9CD, 0x1F9CF}, CodePointRange{0x1F9D1, 0x1F9DD}, CodePointRange{0x1FAC3, 0x1FAC5},
    CodePointRange{0x1FAF0, 0x1FAF8},
};

/// Reserved for future pictographs: unassigned code points in their blocks. A newer keyboard may have an emoji there.
bool is_reserved(char32_t point) noexcept {
    const bool set_aside = (point >= 0x1F000 && point <= 0x1FAFF) || (point >= 0x1FC00 && point <= 0x1FFFD);
    return set_aside && utf8proc_category(static_cast<utf8proc_int32_t>(point)) == UTF8PROC_CATEGORY_CN;
}
bool is_skin_tone(char32_t point) noexcept { return point >= 0x1F3FB && point <= 0x1F3FF; }
bool is_pictograph(char32_t point) noexcept {
    const auto* const property = utf8proc_get_property(static_cast<utf8proc_int32_t>(point));
    return property->boundclass == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC || is_skin_tone(point) || is_reserved(point);
}
bool has_skin(char32_t point) noexcept { return is_in(kSkinned, point) || is_reserved(point); }
bool is_regional(char32_t point) noexcept { return point >= 0x1F1E6 && point <= 0x1F1FF; }
bool is_keycap_base(char32_t point) noexcept { return (point >= '0' && point <= '9') || point == '#' || point == '*'; }
bool is_tag_letter(char32_t point) noexcept { return point >= 0xE0061 && point <= 0xE007A; }
bool is_tag_digit(char32_t point) noexcept { return point >= 0xE0030 && point <= 0xE0039; }

/// Consumes an emoji from its front. Each `take…` returns whether the thing it is named after was there, and if so moves past
/// it.
class EmojiParser {
  public:
    explicit EmojiParser(std::string_view text) noexcept : left_(text) { advance(); }

    /// Whether the whole text is one emoji sequence.
    bool take_all() noexcept { return take_sequence() && at_end_; }

  private:
    void advance() noexcept {
        utf8proc_int32_t point = 0;
        const auto* const bytes = reinterpret_cast<const utf8proc_uint8_t*>(left_.data());
        const auto length = utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(left_.size()), &point);
        at_end_ = left_.empty();
        // An invalid byte is 0, which matches nothing.
        point_ = length > 0 ? static_cast<char32_t>(point) : 0;
        left_.remove_prefix(length > 0 ? static_cast<std::size_t>(length) : 0);
    }
    bool take(char32_t point) noexcept { return take_if([point](char32_t each) { return each == point; }); }
    template <class Test>
    bool take_if(Test test) noexcept {
        if (at_end_ || !test(point_)) return false;
        advance();
        return true;
    }

    bool take_sequence() noexcept {
        if (is_keycap_base(point_)) return take_keycap();
        if (is_regional(point_)) return take_flag();
        return take_joined();
    }
    bool take_keycap() noexcept {
        if (!take_if(is_keycap_base)) return false;
        take(kEmojiStyle);
        return take(kKeycap);
    }
    bool take_flag() noexcept { return take_if(is_regional) && take_if(is_regional); }
    bool take_joined() noexcept {
        if (take(kBlackFlag)) {
            if (is_tag_letter(point_)) return take_region();
            take(kEmojiStyle);
        } else if (!take_element()) {
            return false;
        }
        for (std::size_t joined = 1; take(kJoiner); ++joined) {
            if (joined == kMostJoined || !take_element()) return false;
        }
        return true;
    }
    /// A pictograph, with a style or a skin tone. Old texts have both: then the style is meaningless.
    bool take_element() noexcept {
        const bool skinned = !at_end_ && has_skin(point_);
        if (!take_if(is_pictograph)) return false;
        take(kEmojiStyle);
        if (skinned) take_if(is_skin_tone);
        return true;
    }
    /// A subdivision of a country in tags, as ISO 3166-2 names it: two letters, then one to four letters or digits.
    bool take_region() noexcept {
        constexpr std::size_t kLongest = 6;
        std::size_t letters = 0;
        const auto fits = [&letters](char32_t each) {
            return is_tag_letter(each) || (letters >= 2 && is_tag_digit(each));
        };
        while (letters < kLongest && take_if(fits)) ++letters;
        return letters > 2 && take(kTagEnd);
    }

    std::string_view left_;  ///< after `point_`
    char32_t point_ = 0;
    bool at_end_ = false;
};

}  // namespace

bool is_emoji(std::string_view text) noexcept { return EmojiParser(text).take_all(); }

}  // namespace cariosan::core
