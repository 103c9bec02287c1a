/// The words of a text as an index of words holds them, and what a search asks it for. `search_words` decides what a word is.
#pragma once

#include <algorithm>
#include <array>
#include <cariosan/search_words.hpp>
#include <cariosan/storage.hpp>
#include <cstddef>
#include <span>
#include <string>
#include <tuple>
#include <vector>

namespace cariosan::sql {

/// Appends the token at a word: the word, followed by the next one if the two are joined. Joined words, "abc", become pairs,
/// "ab bc c". The last one is a token of its own so that every character begins one.
inline void append_token(std::string& out, const std::vector<SearchWord>& words, std::size_t at) {
    out += words[at].folded;
    if (at + 1 < words.size() && words[at + 1].joined) out += words[at + 1].folded;
}

/// A token that a message must hold to be found.
struct SearchToken {
    std::string text;
    bool prefix = false;  ///< matches any word that begins with `text`
    bool operator==(const SearchToken&) const = default;
};

/// The first characters of a word, as many as the first of `lengths` (in code points, longest first) that it has.
template <std::size_t Count>
std::string listed_beginning(const std::string& word, const std::array<std::size_t, Count>& lengths) {
    std::size_t characters = 0;
    std::vector<std::size_t> ends(lengths.front() + 1);
    for (std::size_t at = 0; at < word.size() && characters < lengths.front();) {
        ++at;
        while (at < word.size() && (static_cast<unsigned char>(word[at]) & 0xC0U) == 0x80U) ++at;
        ends[++characters] = at;
    }
    for (const std::size_t length : lengths) {
        if (length <= characters) return word.substr(0, ends[length]);
    }
    return {};
}

/// Looking for more tokens than this at a time costs more than it excludes.
inline constexpr std::size_t kMostTokens = 16;

/// The tokens held by every message that matches `terms`, longest first. A message that holds them all need not match.
/// Empty if nothing matches. `lengths`: of the beginnings of words that the index lists, longest first.
template <std::size_t Count>
std::vector<SearchToken> tokens_of(const std::vector<SearchTerm>& terms, const std::array<std::size_t, Count>& lengths) {
    std::vector<SearchToken> tokens;
    for (const SearchTerm& term : terms) {
        const auto words = search_words(term.text);
        for (std::size_t i = 0; i < words.size(); ++i) {
            const bool last = i + 1 == words.size();
            // The last character is already part of the pair before it, and what follows it in the message may be anything.
            if (last && words[i].joined) break;
            SearchToken& token = tokens.emplace_back();
            token.prefix = last && (words[i].alone || term.prefix);
            append_token(token.text, words, i);
            if (token.prefix) token.text = listed_beginning(token.text, lengths);
        }
    }
    std::ranges::sort(tokens, [](const SearchToken& left, const SearchToken& right) {
        return std::tuple(right.text.size(), left.text, left.prefix) < std::tuple(left.text.size(), right.text, right.prefix);
    });
    tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
    if (tokens.size() > kMostTokens) tokens.resize(kMostTokens);
    return tokens;
}

}  // namespace cariosan::sql
