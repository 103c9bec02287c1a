#include "adapters/sqlite/search/index_text.hpp"

#include <algorithm>
#include <array>
#include <tuple>

namespace cariosan::sqlite {
namespace {

/// The token at word `i`: the word, followed by the next one if the two are joined.
void append_token(std::string& out, const std::vector<SearchWord>& words, std::size_t at) {
    if (!out.empty() && out.back() != '"') out += ' ';
    out += words[at].folded;
    if (at + 1 < words.size() && words[at + 1].joined) out += words[at + 1].folded;
}

/// The lengths of word beginnings that have lists of their own (`kSearchTable`), in code points; longest first.
constexpr std::array<std::size_t, 4> kBeginnings{5, 3, 2, 1};
/// Looking for more tokens than this at a time costs more than it excludes.
constexpr std::size_t kMostTokens = 16;

/// The longest listed beginning of `word`: its list holds every message with a word that begins with `word`.
std::string listed_beginning(const std::string& word) {
    std::size_t characters = 0;
    std::array<std::size_t, kBeginnings.front() + 1> ends{};
    for (std::size_t at = 0; at < word.size() && characters < kBeginnings.front();) {
        ++at;
        while (at < word.size() && (static_cast<unsigned char>(word[at]) & 0xC0U) == 0x80U) ++at;
        ends[++characters] = at;
    }
    for (const std::size_t length : kBeginnings) {
        if (length <= characters) return word.substr(0, ends[length]);
    }
    return {};
}

void append_tokens(std::vector<SearchToken>& tokens, const SearchTerm& term) {
    const auto words = search_words(term.text);
    for (std::size_t i = 0; i < words.size(); ++i) {
        const bool last = i + 1 == words.size();
        // The last character is already part of the pair before it, and what follows it in the message may be anything.
        if (last && words[i].joined) break;
        SearchToken& token = tokens.emplace_back();
        token.prefix = last && (words[i].alone || term.prefix);
        append_token(token.text, words, i);
        if (token.prefix) token.text = listed_beginning(token.text);
    }
}

}  // namespace

std::string searchable_text(std::string_view text) {
    const auto words = search_words(text);
    std::string out;
    out.reserve(text.size() * 2);
    for (std::size_t i = 0; i < words.size(); ++i) append_token(out, words, i);
    return out;
}

std::string channel_token(std::int64_t channel_row) { return '\x01' + std::to_string(channel_row); }

std::vector<SearchToken> tokens_of(const std::vector<SearchTerm>& terms) {
    std::vector<SearchToken> tokens;
    for (const SearchTerm& term : terms) append_tokens(tokens, term);
    std::ranges::sort(tokens, [](const SearchToken& left, const SearchToken& right) {
        return std::tuple(right.text.size(), left.text, left.prefix) < std::tuple(left.text.size(), right.text, right.prefix);
    });
    tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
    if (tokens.size() > kMostTokens) tokens.resize(kMostTokens);
    return tokens;
}

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
