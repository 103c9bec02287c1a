/// The digits of a text as groups of a telephone number, however they are written.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/moderation/words/folded_text.hpp"

namespace cariosan::core::moderation {

/// One digit. All digits of a number word share its characters.
struct PhoneDigit {
    std::uint8_t value = 0;
    bool starts_group = false;  ///< preceded by a gap or the beginning of the text
    std::uint32_t begin = 0;    ///< characters of the folded text
    std::uint32_t end = 0;
};

/// Digits separated only by gaps of at most three characters: white space, dots, dashes, brackets and the like.
using PhoneDigits = std::vector<PhoneDigit>;

/// All of them, in the order of the text.
std::vector<PhoneDigits> phone_digits_of(std::span<const FoldedCharacter> text);

/// Whether a word announces a telephone number: "wa", "hp", "telp".
bool announces_phone(std::u32string_view word);

}  // namespace cariosan::core::moderation
