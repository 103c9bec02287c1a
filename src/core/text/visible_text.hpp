/// What can be seen of a text: the code points that show nothing, and those that make it look like another one.
#pragma once

#include <string>
#include <string_view>

namespace cariosan::core {

/// Whether programs that do not know the character should draw nothing for it, according to Unicode
/// (Default_Ignorable_Code_Point): fillers, joiners, variation selectors, tags, and what is set aside for their like.
bool is_default_ignorable(char32_t point) noexcept;

/// Whether nothing of it can be seen: white space, control and format characters, what is default-ignorable, and the
/// blank ones of Braille, Egyptian, Khitan and musical notation. `text` is UTF-8. Ends at the first character that
/// shows.
bool shows_nothing(std::string_view text) noexcept;

/// How a text that may be empty is stored: one that shows nothing is empty. `text` is UTF-8.
std::string shown_or_empty(std::string_view text);

/// Whether it has a code point that shows nothing. `text` is UTF-8.
bool has_invisible(std::string_view text) noexcept;

/// Whether it has line or paragraph separators, besides the control characters of `has_control`: U+2028, U+2029.
/// `text` is UTF-8.
bool has_separator(std::string_view text) noexcept;

/// Whether it has a code point that turns the direction of what follows: embeddings, overrides, isolates and their
/// ends (U+202A–U+202E, U+2066–U+2069). Marks (U+200E, U+200F, U+061C) turn nothing around them and belong to names.
/// `text` is UTF-8.
bool has_direction_change(std::string_view text) noexcept;

}  // namespace cariosan::core
