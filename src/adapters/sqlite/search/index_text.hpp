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

/// `text` as it is indexed. Joined words, "abc", become pairs, "ab bc c". The last one is added on its own so that every
/// character begins a token.
std::string searchable_text(std::string_view text);

/// How a channel is written in the index. Words never contain a control character, so the two cannot be confused.
std::string channel_token(std::int64_t channel_row);

/// A token that a message must hold to be found.
struct SearchToken {
    std::string text;
    bool prefix = false;  ///< matches any word that begins with `text`
    bool operator==(const SearchToken&) const = default;
};

/// The tokens held by every message that matches `terms`, longest first. A message that holds them all need not match.
/// Empty if nothing matches. A token never contains a quotation mark.
std::vector<SearchToken> tokens_of(const std::vector<SearchTerm>& terms);

/// FTS5 expressions for one token, and for a token in any of some channels (at least one). Each is a single list, walked in
/// steps of bounded cost: no phrases, no intersections.
std::string match_expression(const SearchToken& token);
std::string match_expression(std::span<const std::int64_t> channels);

}  // namespace cariosan::sqlite
