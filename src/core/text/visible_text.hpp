/// What is visible in a text: code points that show nothing, and those that make it look like another text.
#pragma once

#include <string>
#include <string_view>

namespace cariosan::core {

/// Whether programs that do not know the character should draw nothing for it, according to Unicode
/// (Default_Ignorable_Code_Point): fillers, joiners, variation selectors, tags, and code points reserved for such characters.
bool is_default_ignorable(char32_t point) noexcept;

/// Whether the text shows nothing: only white space, control and format characters, default-ignorable ones, and the blank ones
/// of Braille, Egyptian, Khitan and musical notation. `text` is UTF-8. Stops at the first visible character.
bool shows_nothing(std::string_view text) noexcept;

/// The stored form of a text that may be empty: a text that shows nothing becomes empty. `text` is UTF-8.
std::string shown_or_empty(std::string_view text);

/// Whether it contains a code point that shows nothing. `text` is UTF-8.
bool has_invisible(std::string_view text) noexcept;

/// Whether it contains line or paragraph separators other than the control characters of `has_control`: U+2028, U+2029. `text`
/// is UTF-8.
bool has_separator(std::string_view text) noexcept;

/// Whether it contains a code point that changes the direction of the text after it: embeddings, overrides, isolates and their
/// ends (U+202A–U+202E, U+2066–U+2069). Marks (U+200E, U+200F, U+061C) do not affect the text around them and belong to names.
/// `text` is UTF-8.
bool has_direction_change(std::string_view text) noexcept;

}  // namespace cariosan::core
