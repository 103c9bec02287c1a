/// Searching as far as it is about text: what a query asks for, where a message has it, how good a hit that is. The
/// storage finds the candidates; what is decided here is the same for every storage.
#pragma once

#include <cariosan/commands.hpp>
#include <cariosan/error.hpp>
#include <cariosan/limits.hpp>
#include <cariosan/storage.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cariosan::core {

/// A word as it is compared: folded to lower case without marks. Where scripts put no spaces between words (Chinese,
/// Japanese, Korean), each character is one.
struct SearchWord {
    std::string folded;
    std::size_t begin = 0;  ///< bytes of the text
    std::size_t end = 0;
    std::int64_t start = 0;  ///< code points of the text
    std::int64_t length = 0;
};

/// The words of a text, which is UTF-8.
std::vector<SearchWord> words_of(std::string_view text);

/// A term with its words.
struct QueryTerm {
    SearchTerm term;
    std::vector<std::string> words;  ///< folded; at least one
};

/// The terms of a query: words and "quoted phrases" (an open quotation mark goes to the end). The last word may go on
/// unless it is quoted or a single letter. Nothing is a syntax error; what has no letter or digit is no term. More than
/// `query_terms` are a `validation_error`.
Result<std::vector<QueryTerm>> parse_query(std::string_view query, const Limits& limits);

/// How a text answers a query.
struct TextMatch {
    std::vector<SearchHit::Highlight> highlights;  ///< code points of the text; ascending, apart from each other
    std::int64_t relevance = 0;                    ///< 0–1000
};
TextMatch match_text(std::string_view text, const std::vector<QueryTerm>& terms);

/// Cuts `text` to what stands around the first highlight, into `hit.snippet` and `hit.highlights`.
void cut_snippet(SearchHit& hit, std::string_view text, const std::vector<SearchHit::Highlight>& highlights);

}  // namespace cariosan::core
