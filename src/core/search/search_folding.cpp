#include "core/search/search_folding.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "core/text/digits.hpp"
#include "core/text/scripts.hpp"
#include "core/text/visible_text.hpp"

namespace cariosan::core {
namespace {

/// Scripts whose marks are vowels or make another consonant: without its marks a word is a different one. In all other scripts
/// marks decorate a letter and are left out.
constexpr std::array kScriptsOfMarks{
    CodePointRange{0x0780, 0x07BF}, CodePointRange{0x0900, 0x0E46},   CodePointRange{0x0E4D, 0x0E4D},
    CodePointRange{0x0E80, 0x0EC7}, CodePointRange{0x0ECD, 0x0ECD},   CodePointRange{0x0F00, 0x109F},
    CodePointRange{0x1700, 0x17FF}, CodePointRange{0x1900, 0x1A7F},   CodePointRange{0x1B00, 0x1CCF},
    CodePointRange{0x3099, 0x309A}, CodePointRange{0xA800, 0xA8DF},   CodePointRange{0xA8FF, 0xA95F},
    CodePointRange{0xA980, 0xABFF}, CodePointRange{0x11000, 0x11FFF},
};

/// The dots below a letter for the sounds of loanwords, and signs of stress: few people type them.
constexpr std::array kMarksLeftOut{
    CodePointRange{0x093C, 0x093C}, CodePointRange{0x0951, 0x0954}, CodePointRange{0x09BC, 0x09BC},
    CodePointRange{0x0A3C, 0x0A3C}, CodePointRange{0x0ABC, 0x0ABC}, CodePointRange{0x0B3C, 0x0B3C},
    CodePointRange{0x0C3C, 0x0C3C}, CodePointRange{0x0CBC, 0x0CBC},
};

/// A letter that Unicode does not decompose, and what people type for it. Apostrophes that Unicode counts as letters separate
/// words, as all others do.
struct Letter {
    char32_t from;
    std::u32string_view to;
};
constexpr std::array kLetters{
    Letter{0x00E6, U"ae"},     Letter{0x00F0, U"d"},      Letter{0x00F8, U"o"},      Letter{0x00FE, U"th"},
    Letter{0x0111, U"d"},      Letter{0x0127, U"h"},      Letter{0x0131, U"i"},      Letter{0x0138, U"k"},
    Letter{0x0142, U"l"},      Letter{0x014B, U"n"},      Letter{0x0153, U"oe"},     Letter{0x0167, U"t"},
    Letter{0x0180, U"b"},      Letter{0x0188, U"c"},      Letter{0x0192, U"f"},      Letter{0x0199, U"k"},
    Letter{0x019A, U"l"},      Letter{0x01AD, U"t"},      Letter{0x01B4, U"y"},      Letter{0x01B6, U"z"},
    Letter{0x01E5, U"g"},      Letter{0x0237, U"j"},      Letter{0x023C, U"c"},      Letter{0x0247, U"e"},
    Letter{0x0249, U"j"},      Letter{0x024D, U"r"},      Letter{0x024F, U"y"},      Letter{0x0253, U"b"},
    Letter{0x0256, U"d"},      Letter{0x0257, U"d"},      Letter{0x0260, U"g"},      Letter{0x0268, U"i"},
    Letter{0x0272, U"n"},      Letter{0x0289, U"u"},      Letter{0x02B9, U" "},      Letter{0x02BB, U" "},
    Letter{0x02BC, U" "},      Letter{0x02BD, U" "},      Letter{0x02BE, U" "},      Letter{0x02BF, U" "},
    Letter{0x02C8, U" "},      Letter{0x0491, U"\u0433"}, Letter{0x0621, U""},       Letter{0x0629, U"\u0647"},
    Letter{0x0640, U""},       Letter{0x0649, U"\u064A"}, Letter{0x0671, U"\u0627"}, Letter{0x0672, U"\u0627"},
    Letter{0x0673, U"\u0627"}, Letter{0x0674, U""},       Letter{0x06A9, U"\u0643"}, Letter{0x06AA, U"\u0643"},
    Letter{0x06BE, U"\u0647"}, Letter{0x06C1, U"\u0647"}, Letter{0x06C3, U"\u0647"}, Letter{0x06CC, U"\u064A"},
    Letter{0x06CD, U"\u064A"}, Letter{0x06CE, U"\u064A"}, Letter{0x06D0, U"\u064A"}, Letter{0x06D5, U"\u0647"},
    Letter{0x2C65, U"a"},      Letter{0x2C66, U"t"},
};
static_assert(std::ranges::is_sorted(kLetters, {}, &Letter::from));

utf8proc_category_t category_of(char32_t character) noexcept {
    return utf8proc_category(static_cast<utf8proc_int32_t>(character));
}

/// Most of what is written beyond ASCII and is its own folding.
bool is_plain(char32_t character) noexcept {
    return (character >= 0x4E00 && character <= 0x9FFF) || (character >= 0xAC00 && character <= 0xD7A3) ||
           (character >= 0x0E01 && character <= 0x0E30);
}

bool is_left_out(char32_t character) noexcept {
    const auto category = category_of(character);
    if (category != UTF8PROC_CATEGORY_MN && category != UTF8PROC_CATEGORY_ME) return false;
    return !is_in(kScriptsOfMarks, character) || is_in(kMarksLeftOut, character);
}

/// The decomposition of a character; the longest one has 18 characters.
class Decomposition {
  public:
    Decomposition(char32_t character, int options) {
        const auto how = static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | options);
        int boundary = 0;
        const auto count =
            utf8proc_decompose_char(static_cast<utf8proc_int32_t>(character), parts_.data(), std::ssize(parts_), how, &boundary);
        size_ = static_cast<std::size_t>(std::clamp<utf8proc_ssize_t>(count, 0, std::ssize(parts_)));
    }
    std::span<const utf8proc_int32_t> parts() const { return {parts_.data(), size_}; }

  private:
    std::array<utf8proc_int32_t, 32> parts_{};
    std::size_t size_ = 0;
};

}  // namespace

SearchFolding::SearchFolding(char32_t character) {
    if (is_plain(character)) {
        parts_[size_++] = character;
        return;
    }
    if (is_default_ignorable(character)) return;
    // Remove marks before folding case: folding turns the iota below other letters (U+0345) into a letter.
    const Decomposition letters(character, UTF8PROC_COMPAT);
    for (const auto letter : letters.parts()) {
        if (is_left_out(static_cast<char32_t>(letter))) continue;
        const Decomposition folded(static_cast<char32_t>(letter), UTF8PROC_COMPAT | UTF8PROC_CASEFOLD);
        for (const auto part : folded.parts()) add(static_cast<char32_t>(part));
    }
}

void SearchFolding::add(char32_t part) {
    if (size_ + 2 > kMost || is_left_out(part)) return;
    const auto letter = std::ranges::lower_bound(kLetters, part, {}, &Letter::from);
    if (letter != kLetters.end() && letter->from == part) {
        for (const char32_t each : letter->to) parts_[size_++] = each;
        return;
    }
    parts_[size_++] = with_ascii_digit(part);
}

bool is_search_mark(char32_t character) noexcept {
    const auto category = category_of(character);
    return category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME;
}

bool is_search_letter(char32_t character) noexcept {
    const auto category = category_of(character);
    return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) ||
           (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO) ||
           category == UTF8PROC_CATEGORY_CO;
}

int search_mark_order(char32_t character) noexcept {
    return utf8proc_get_property(static_cast<utf8proc_int32_t>(character))->combining_class;
}

std::optional<char32_t> compose_for_search(char32_t first, char32_t second) {
    const bool voicing = second == 0x3099 || second == 0x309A;
    const bool jamo = second >= 0x1161 && second <= 0x11C2;
    if (!voicing && !jamo) return std::nullopt;
    std::array pair{static_cast<utf8proc_int32_t>(first), static_cast<utf8proc_int32_t>(second)};
    constexpr auto kCompose = static_cast<utf8proc_option_t>(UTF8PROC_COMPOSE | UTF8PROC_STABLE);
    if (utf8proc_normalize_utf32(pair.data(), std::ssize(pair), kCompose) != 1) return std::nullopt;
    return static_cast<char32_t>(pair[0]);
}

}  // namespace cariosan::core
