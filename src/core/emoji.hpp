/// What can be a reaction.
#pragma once

#include <string_view>

namespace cariosan::core {

/// Whether `text` (UTF-8) is one emoji: one grapheme cluster that is a pictograph, a flag or a keycap, with its
/// modifiers and joiners; also one that Unicode has only set aside for later. Digits, `#` and `*` are emoji only as keycaps.
/// No normalisation changes an emoji: those that differ, differ in U+FE0F.
bool is_emoji(std::string_view text) noexcept;

}  // namespace cariosan::core
