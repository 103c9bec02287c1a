/// How text goes into the search index and how it is looked for there. What a word is, is `search_words`'s to say: words are
/// handed to FTS5 folded, with spaces between them, and its tokenizer does nothing but take them apart again.
#pragma once

#include <cariosan/search_words.hpp>
#include <cariosan/storage.hpp>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cariosan::sqlite {

/// The table of the index: which messages hold a token, and no more, so that a list is short and one step of it is a message.
/// Beginnings of 1, 2, 3 and 5 characters have lists of their own. The tokenizer takes all that is not ASCII for letters; `#`
/// and `*` are part of keycaps, and 1 begins a channel's token.
inline constexpr const char* kSearchTable =
    "CREATE VIRTUAL TABLE message_words USING fts5 (channel, text, content = '', columnsize = 0, detail = none,"
    " prefix = '1 2 3 5', tokenize = \"ascii tokenchars '#*\x01'\")";

/// Moves with what `searchable_text` does and with the tables of the index.
inline constexpr std::int64_t kSearchTablesVersion = 4;

/// Which index this is: one of another version is built anew.
inline std::int64_t search_index_version() noexcept {
    return kSearchTablesVersion * 1'000'000'000 + search_words_version();
}

/// `text` as it is indexed. Words that are joined, "abc", become pairs: "ab bc c". The last one stands alone too, so that
/// every character begins a token.
std::string searchable_text(std::string_view text);

/// How a channel is written in the index; no word of a text holds a control character.
std::string channel_token(std::int64_t channel_row);

/// One of the tokens that a message must hold to be found.
struct SearchToken {
    std::string text;
    bool prefix = false;  ///< it may go on
    bool operator==(const SearchToken&) const = default;
};

/// Tokens that every message has which holds all of `terms`, the longest first; not every message that has them does hold
/// the terms. None: no message is found. They hold no quotation mark.
std::vector<SearchToken> tokens_of(const std::vector<SearchTerm>& terms);

/// FTS5 expressions for one token, and for one of some channels (at least one). Each is a list that is walked in steps of
/// bounded cost: no phrase, nothing that two lists have in common.
std::string match_expression(const SearchToken& token);
std::string match_expression(std::span<const std::int64_t> channels);

}  // namespace cariosan::sqlite
