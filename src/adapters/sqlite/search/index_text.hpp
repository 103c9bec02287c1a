/// How text is written to the search index and looked up there. `search_words` decides what a word is. FTS5 receives the
/// words folded and separated by spaces; its tokenizer only splits them again.
#pragma once

#include <cariosan/search_words.hpp>
#include <cariosan/storage.hpp>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/sql/index_tokens.hpp"

namespace cariosan::sqlite {

/// The table of the index. It stores which messages hold a token and nothing else, so lists are short and one step in a
/// list is one message. Beginnings of 1, 2, 3 and 5 characters have lists of their own. The tokenizer treats everything
/// outside ASCII as letters; `#` and `*` are part of keycap emoji, and \x01 begins the token of a channel.
inline constexpr const char* kSearchTable =
    "CREATE VIRTUAL TABLE message_words USING fts5 (channel, text, content = '', columnsize = 0, detail = none,"
    " prefix = '1 2 3 5', tokenize = \"ascii tokenchars '#*\x01'\")";

/// Raise when the result of `searchable_text` or the tables of the index change.
inline constexpr std::int64_t kSearchTablesVersion = 4;

/// An index with another version is rebuilt.
inline std::int64_t search_index_version() noexcept {
    return kSearchTablesVersion * 1'000'000'000 + search_words_version();
}

/// `text` as it is indexed: its tokens, as in `sql::append_token`.
std::string searchable_text(std::string_view text);

/// How a channel is written in the index. Words never contain a control character, so the two cannot be confused.
std::string channel_token(std::int64_t channel_row);

using sql::SearchToken;

/// The tokens held by every message that matches `terms`, as in `sql::tokens_of`. A token never contains a quotation mark.
std::vector<SearchToken> tokens_of(const std::vector<SearchTerm>& terms);

/// FTS5 expressions for one token, and for a token in any of some channels (at least one). Each is a single list, walked in
/// steps of bounded cost: no phrases, no intersections.
std::string match_expression(const SearchToken& token);
std::string match_expression(std::span<const std::int64_t> channels);

}  // namespace cariosan::sqlite
