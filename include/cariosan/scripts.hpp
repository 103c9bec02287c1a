/// Which scripts are written without spaces between words. What searching takes for a word depends on it in two places, the
/// engine, which marks what was found, and the storage, which finds it; both ask here. A storage of your own that keeps an
/// index of words does too.
#pragma once

#include <algorithm>
#include <array>

namespace cariosan {

/// A range of code points, both ends included.
struct ScriptRange {
    char32_t first;
    char32_t last;
};

/// Han, Hiragana, Katakana, Bopomofo and Hangul, ascending. Each of their characters is a word to be found by itself. Thai,
/// Lao, Khmer and Burmese are not among them: there a run of text is one word, found by its beginning.
inline constexpr std::array kUnspacedScripts{
    ScriptRange{0x1100, 0x11FF},   ScriptRange{0x3005, 0x3007},   ScriptRange{0x3031, 0x3035},
    ScriptRange{0x303B, 0x303B},   ScriptRange{0x3041, 0x3096},   ScriptRange{0x309D, 0x309F},
    ScriptRange{0x30A1, 0x30FA},   ScriptRange{0x30FC, 0x30FF},   ScriptRange{0x3105, 0x312F},
    ScriptRange{0x3131, 0x318E},   ScriptRange{0x31A0, 0x31BF},   ScriptRange{0x31F0, 0x31FF},
    ScriptRange{0x3400, 0x4DBF},   ScriptRange{0x4E00, 0x9FFF},   ScriptRange{0xA960, 0xA97C},
    ScriptRange{0xAC00, 0xD7A3},   ScriptRange{0xD7B0, 0xD7FB},   ScriptRange{0xF900, 0xFAFF},
    ScriptRange{0xFF66, 0xFF9D},   ScriptRange{0xFFA0, 0xFFDC},   ScriptRange{0x1B000, 0x1B16F},
    ScriptRange{0x20000, 0x3FFFD},
};

/// Whether a character belongs to one of them. Thread-safe.
constexpr bool is_unspaced(char32_t character) noexcept {
    if (character < kUnspacedScripts.front().first) return false;
    const auto range = std::ranges::lower_bound(kUnspacedScripts, character, {}, &ScriptRange::last);
    return range != kUnspacedScripts.end() && character >= range->first;
}

}  // namespace cariosan
