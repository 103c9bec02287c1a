#include "adapters/sqlite/search/index_text.hpp"

#include <array>
#include <cstddef>

namespace cariosan::sqlite {
namespace {

/// The lengths of word beginnings that have lists of their own (`kSearchTable`), in code points; longest first.
constexpr std::array<std::size_t, 4> kBeginnings{5, 3, 2, 1};

}  // namespace

std::string searchable_text(std::string_view text) {
    const auto words = search_words(text);
    std::string out;
    out.reserve(text.size() * 2);
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) out += ' ';
        sql::append_token(out, words, i);
    }
    return out;
}

std::string channel_token(std::int64_t channel_row) { return '\x01' + std::to_string(channel_row); }

std::vector<SearchToken> tokens_of(const std::vector<SearchTerm>& terms) { return sql::tokens_of(terms, kBeginnings); }

std::string match_expression(const SearchToken& token) { return '"' + token.text + (token.prefix ? "\" *" : "\""); }

std::string match_expression(std::span<const std::int64_t> channels) {
    std::string out;
    for (const std::int64_t channel : channels) {
        if (!out.empty()) out += " OR ";
        out += '"' + channel_token(channel) + '"';
    }
    return out;
}

}  // namespace cariosan::sqlite
