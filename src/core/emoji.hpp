/// What can be a reaction.
#pragma once

#include <string_view>

namespace cariosan::core {

/// Whether `text` (UTF-8) is one emoji: one grapheme cluster that is a pictograph, a flag or a keycap, with its
/// modifiers and joiners. Digits, `#` and `*` are emoji only as keycaps.
bool is_emoji(std::string_view text) noexcept;

}  // namespace cariosan::core
