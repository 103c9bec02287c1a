/// How text goes into the search index and how it is looked for there. What a word is, is `search_words`'s to say: words are
/// handed to FTS5 folded, with spaces between them, and its tokenizer does nothing but take them apart again.
#pragma once

#include <cariosan/search_words.hpp>
#include <cariosan/storage.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cariosan::sqlite {

/// The table of the index. Its tokenizer takes all that is not ASCII for letters; `#` and `*` are part of keycaps.
inline constexpr const char* kSearchTable =
    "CREATE VIRTUAL TABLE message_words USING fts5 (channel, text, content = '', columnsize = 0, prefix = '2 3',"
    " tokenize = \"ascii tokenchars '#*'\")";

/// Moves with what `searchable_text` does and with the tables of the index.
inline constexpr std::int64_t kSearchTablesVersion = 3;

/// Which index this is: one of another version is built anew.
inline std::int64_t search_index_version() noexcept {
    return kSearchTablesVersion * 1'000'000'000 + search_words_version();
}

/// `text` as it is indexed. Words that are joined, "abc", become pairs: "ab bc c". The last one stands alone too, so that
/// every character begins a token.
std::string searchable_text(std::string_view text);

/// How a channel is written in the index.
std::string channel_token(std::int64_t channel_row);

/// An FTS5 expression for all of `terms`, and for one of `channels` unless they are empty. Whatever the terms hold, it is
/// free of syntax errors: each is a quoted string. `prefixes` false: the last words stand as they are.
std::string match_expression(const std::vector<SearchTerm>& terms, bool prefixes,
                             const std::vector<std::int64_t>& channels);

}  // namespace cariosan::sqlite
