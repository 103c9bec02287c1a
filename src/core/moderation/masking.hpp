/// Masks parts of a text.
#pragma once

#include <cariosan/types.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/moderation/words/folded_text.hpp"

namespace cariosan::core::moderation {

/// `text` with each of `spans` replaced by `***`; overlapping spans become one. `spans` are ascending by their beginning and on
/// code point boundaries, so the result is UTF-8 if `text` is.
std::string mask(std::string_view text, std::span<const Span> spans);

/// Those that overlap become one. `spans` are ascending by their beginning.
std::vector<Span> merged(std::span<const Span> spans);

/// Moves spans of `text`, in code points, to where they are once `masked` (as `merged` returns it) has become `***`. A span that a
/// mask touches is dropped.
void move_spans(std::vector<TextSpan>& spans, std::string_view text, std::span<const Span> masked);

/// About a hundred code points around `center`, with `spans` masked; "…" marks a cut.
std::string masked_excerpt(std::string_view text, std::span<const Span> spans, Span center);

}  // namespace cariosan::core::moderation
