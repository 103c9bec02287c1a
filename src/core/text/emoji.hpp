/// Which texts can be a reaction.
#pragma once

#include <string_view>

namespace cariosan::core {

/// Whether `text` (UTF-8) is one emoji, by the grammar of Unicode's UTS #51: a pictograph with at most one style (U+FE0F) or
/// skin tone, up to four of them joined, a pair of regional indicators, a keycap, or the black flag with a subdivision in tags.
/// Accepts code points reserved for future emoji. Any pair of regional indicators is a flag, as countries come and go. No
/// normalisation changes an emoji: two forms can only differ in U+FE0F.
bool is_emoji(std::string_view text) noexcept;

}  // namespace cariosan::core
