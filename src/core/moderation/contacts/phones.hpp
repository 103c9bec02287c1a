/// Where a text has telephone numbers.
#pragma once

#include <span>
#include <vector>

#include "core/moderation/words/folded_text.hpp"

namespace cariosan::core::moderation {

/// The Indonesian telephone numbers of `text`, and those of other countries that are written with a plus.
///
/// Mobile numbers begin with 08, 62, +62 or an international prefix, however their digits are parted, in digits of any
/// script, in words ("nol delapan satu", "zero eight one") or with letters for digits (o, l, i), also where they stick
/// to a word. Without any prefix, and for a fixed line without a gap behind its area code, a word before it must say
/// that it is one ("wa 812…"). Prices, dates, accounts, parcels, orders, coordinates and digits in the path of a link
/// are none. Ascending, apart from each other. Linear in the size of `text`.
std::vector<Span> find_phones(std::span<const FoldedCharacter> text);

}  // namespace cariosan::core::moderation
