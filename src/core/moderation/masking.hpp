/// Hiding parts of a text.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/moderation/words/folded_text.hpp"

namespace cariosan::core::moderation {

/// `text` with each of `spans` as `***`; spans that overlap become one. `spans` are ascending by their beginning and
/// on code point boundaries, so the result is UTF-8 if `text` is.
std::string mask(std::string_view text, std::span<const Span> spans);

/// About a hundred code points around `center`, with `spans` masked; "…" where it was cut.
std::string masked_excerpt(std::string_view text, std::span<const Span> spans, Span center);

}  // namespace cariosan::core::moderation
