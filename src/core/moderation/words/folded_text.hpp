/// A text folded for comparison, with a map back to the original.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace cariosan::core::moderation {

/// Bytes of a text, on code point boundaries.
struct Span {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    bool operator==(const Span&) const = default;
};

/// One character of the folded text and its source.
struct FoldedCharacter {
    char32_t character = 0;
    Span source;         ///< includes the invisible characters after it (marks, zero-width characters)
    bool upper = false;  ///< an ASCII capital before folding
};

/// NFKC, case folding, removal of combining marks and zero-width characters; digits of every script become 0–9. `text` is UTF-8
/// of less than 4 GiB. Ascending by source; one code point may become several characters, which share it. Linear in the size of
/// `text`.
std::vector<FoldedCharacter> fold(std::string_view text);

/// What separates lines and words.
bool is_space(char32_t character) noexcept;

inline bool is_ascii_digit(char32_t character) noexcept { return character >= '0' && character <= '9'; }
inline bool is_ascii_letter(char32_t character) noexcept { return character >= 'a' && character <= 'z'; }

}  // namespace cariosan::core::moderation
