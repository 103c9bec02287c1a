/// The text part of searching: parsing a query, finding its words in a message, scoring the hit. The storage finds the
/// candidates; these decisions are the same for every storage.
#pragma once

#include <cariosan/commands.hpp>
#include <cariosan/error.hpp>
#include <cariosan/limits.hpp>
#include <cariosan/search_words.hpp>
#include <cariosan/storage.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cariosan::core {

/// A term with its words.
struct QueryTerm {
    SearchTerm term;
    std::vector<SearchWord> words;  ///< at least one
};

/// The terms of a query: words and "quoted phrases" (an open quotation mark goes to the end), with any quotation marks and
/// spaces a keyboard makes. The last word is a prefix unless it is quoted or a single letter. There are no syntax errors; text
/// without a letter, digit or emoji is no term. More than `query_terms` are a `validation_error`.
Result<std::vector<QueryTerm>> parse_query(std::string_view query, const Limits& limits);

/// How a text matches a query.
struct TextMatch {
    std::vector<TextSpan> highlights;  ///< code points of the text; ascending, not overlapping
    std::int64_t relevance = 0;                    ///< 0–1000
    bool complete = false;                         ///< every term is there
    std::int64_t words = 0;                        ///< of the text
    std::int64_t compared = 0;                     ///< words compared to find out
};
TextMatch match_text(std::string_view text, const std::vector<QueryTerm>& terms);

/// Cuts `text` to the part around the first highlight, into `hit.snippet` and `hit.highlights`.
void cut_snippet(SearchHit& hit, std::string_view text, const std::vector<TextSpan>& highlights);

}  // namespace cariosan::core
