/// The scripts written without spaces between words, and sets of code points in general. Searching and moderation share this
/// table to decide what a word is.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

namespace cariosan::core {

/// Both ends included.
struct CodePointRange {
    char32_t first;
    char32_t last;
};

/// `ranges` ascend and do not overlap.
template <std::size_t Count>
constexpr bool is_in(const std::array<CodePointRange, Count>& ranges, char32_t character) noexcept {
    if (character < ranges.front().first) return false;
    const auto range = std::ranges::lower_bound(ranges, character, {}, &CodePointRange::last);
    return range != ranges.end() && character >= range->first;
}

/// Han, Kana, Bopomofo, Hangul, Thai, Lao, Khmer and Myanmar: letters and vowel signs of scripts that put no spaces between
/// words or, as Korean does, attach particles to them.
inline constexpr std::array kUnspacedScripts{
    CodePointRange{0x0E01, 0x0E3A},   CodePointRange{0x0E40, 0x0E4E},   CodePointRange{0x0E81, 0x0EBD},
    CodePointRange{0x0EC0, 0x0ECE},   CodePointRange{0x0EDC, 0x0EDF},   CodePointRange{0x1000, 0x103F},
    CodePointRange{0x1050, 0x108F},   CodePointRange{0x109A, 0x109D},   CodePointRange{0x1100, 0x11FF},
    CodePointRange{0x1780, 0x17D3},   CodePointRange{0x17D7, 0x17D7},   CodePointRange{0x17DC, 0x17DD},
    CodePointRange{0x3005, 0x3007},   CodePointRange{0x3031, 0x3035},   CodePointRange{0x303B, 0x303B},
    CodePointRange{0x3041, 0x309A},   CodePointRange{0x309D, 0x309F},   CodePointRange{0x30A1, 0x30FA},
    CodePointRange{0x30FC, 0x30FF},   CodePointRange{0x3105, 0x312F},   CodePointRange{0x3131, 0x318E},
    CodePointRange{0x31A0, 0x31BF},   CodePointRange{0x31F0, 0x31FF},   CodePointRange{0x3400, 0x4DBF},
    CodePointRange{0x4E00, 0x9FFF},   CodePointRange{0xA960, 0xA97C},   CodePointRange{0xA9E0, 0xA9EF},
    CodePointRange{0xA9FA, 0xA9FE},   CodePointRange{0xAA60, 0xAA7F},   CodePointRange{0xAC00, 0xD7A3},
    CodePointRange{0xD7B0, 0xD7FB},   CodePointRange{0xF900, 0xFAFF},   CodePointRange{0xFF66, 0xFF9F},
    CodePointRange{0xFFA0, 0xFFDC},   CodePointRange{0x16FF0, 0x16FF1}, CodePointRange{0x1AFF0, 0x1B16F},
    CodePointRange{0x20000, 0x3FFFD},
};

constexpr bool is_unspaced(char32_t character) noexcept { return is_in(kUnspacedScripts, character); }

}  // namespace cariosan::core
