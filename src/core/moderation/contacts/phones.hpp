/// Finds the telephone numbers in a text.
#pragma once

#include <span>
#include <vector>

#include "core/moderation/words/folded_text.hpp"

namespace cariosan::core::moderation {

/// The Indonesian telephone numbers of `text`, and foreign ones written with a plus.
///
/// Mobile numbers begin with 08, 62, +62 or an international prefix, however their digits are separated, in digits of any
/// script, in words ("nol delapan satu", "zero eight one") or with letters for digits (o, l, i), even when attached to a word.
/// Without any prefix, or for a fixed line without a gap after its area code, the word before it must announce a number ("wa
/// 812…"). Prices, dates, accounts, parcels, orders, coordinates and digits in the path of a link do not count. Ascending, not
/// overlapping. Linear in the size of `text`.
std::vector<Span> find_phones(std::span<const FoldedCharacter> text);

}  // namespace cariosan::core::moderation
