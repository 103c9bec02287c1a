/// How text goes into the search index and how it is looked for there. FTS5's tokenizer `unicode61` splits at spaces and
/// punctuation, which Chinese, Japanese and Korean do not put between words: their characters are handed over in pairs.
#pragma once

#include <cariosan/storage.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cariosan::sqlite {

/// Changes with what `searchable_text` does and with the tables of the index: one of another version is built anew.
inline constexpr std::int64_t kSearchTextVersion = 2;

/// `text` as it is indexed: each run of such characters, "abc", as "ab bc c". The last one stands alone too, so that every
/// character begins a token.
std::string searchable_text(std::string_view text);

/// How a channel is written in the index.
std::string channel_token(std::int64_t channel_row);

/// An FTS5 expression for all of `terms`, and for one of `channels` unless they are empty. Whatever the terms hold, it is
/// free of syntax errors: each is a quoted string. `prefixes` false: the last words stand as they are.
std::string match_expression(const std::vector<SearchTerm>& terms, bool prefixes,
                             const std::vector<std::int64_t>& channels);

}  // namespace cariosan::sqlite
