/// Digits of other scripts as 0–9.
#pragma once

#include <algorithm>
#include <array>

namespace cariosan::core {

/// The zeros of the scripts whose digits NFKC leaves as they are; ascending.
inline constexpr std::array<char32_t, 37> kZeros{
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0DE6,
    0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0,
    0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0x104A0, 0x11066};

/// The character itself if it is not such a digit.
constexpr char32_t with_ascii_digit(char32_t character) noexcept {
    if (character < kZeros.front()) return character;
    const auto after = std::ranges::upper_bound(kZeros, character);
    const char32_t value = character - *(after - 1);
    return value < 10 ? U'0' + value : character;
}

}  // namespace cariosan::core
