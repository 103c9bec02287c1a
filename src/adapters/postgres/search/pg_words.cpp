#include "adapters/postgres/search/pg_words.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace cariosan::postgres {
namespace {

/// The lengths of word beginnings that are listed, in code points; longest first.
constexpr std::array<std::size_t, 3> kBeginnings{4, 2, 1};
/// PostgreSQL takes lexemes of up to 2,046 bytes. Longer words are found by as much of their beginning.
constexpr std::size_t kLongestToken = 1024;
/// PostgreSQL takes less than a megabyte of lexemes in all. What is left out of a longer text is not found.
constexpr std::size_t kMostBytes = 500'000;

std::string cut(std::string token) {
    if (token.size() <= kLongestToken) return token;
    std::size_t end = kLongestToken;
    while ((static_cast<unsigned char>(token[end]) & 0xC0U) == 0x80U) --end;
    token.resize(end);
    return token;
}

std::string marked(char mark, std::string_view text) {
    std::string token{mark};
    token += text;
    return token;
}

std::string stretch_token(std::int64_t stretch) { return marked('\x01', "l" + std::to_string(stretch)); }
std::string beginning_token(std::string_view beginning) { return marked('\x02', beginning); }

/// Adds the first characters of a word, for each length that is listed.
void add_beginnings(std::vector<std::string>& tokens, const std::string& word) {
    for (std::size_t i = 0; i < kBeginnings.size(); ++i) {
        const std::array<std::size_t, 1> length{kBeginnings[i]};
        std::string beginning = sql::listed_beginning(word, length);
        if (!beginning.empty()) tokens.push_back(beginning_token(beginning));
    }
}

void append_quoted(std::string& query, std::string_view token) {
    query += '\'';
    for (const char c : token) {
        if (c == '\'' || c == '\\') query += c;
        query += c;
    }
    query += '\'';
}

/// Appends "& (token | token …)".
void append_any(std::string& query, const std::vector<std::string>& tokens) {
    if (!query.empty()) query += " & ";
    query += '(';
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (i > 0) query += " | ";
        append_quoted(query, tokens[i]);
    }
    query += ')';
}

}  // namespace

ListValue words_of(std::int64_t message, std::string_view text) {
    const auto words = search_words(text);
    if (words.empty()) return {PgType::tsvector, {}};
    std::vector<std::string> tokens{stretch_token(message / kStretch)};
    for (std::size_t i = 0; i < words.size(); ++i) {
        std::string token;
        sql::append_token(token, words, i);
        add_beginnings(tokens, token);
        tokens.push_back(cut(std::move(token)));
    }
    std::ranges::sort(tokens);
    tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
    std::string body;
    std::int32_t count = 0;
    for (const std::string& token : tokens) {
        if (body.size() + token.size() > kMostBytes) break;
        body.append(token.data(), token.size() + 1);
        append_number<std::int16_t>(body, 0);
        ++count;
    }
    std::string bytes;
    append_number(bytes, count);
    return {PgType::tsvector, bytes + body};
}

std::vector<sql::SearchToken> tokens_of(const std::vector<SearchTerm>& terms) { return sql::tokens_of(terms, kBeginnings); }

std::string word_query(const std::vector<sql::SearchToken>& tokens) {
    std::string query;
    for (const sql::SearchToken& token : tokens) {
        append_any(query, {token.prefix ? beginning_token(token.text) : cut(token.text)});
    }
    return query;
}

std::string word_query(const std::vector<sql::SearchToken>& tokens, std::int64_t from, std::int64_t to) {
    std::string query = word_query(tokens);
    std::vector<std::string> stretches;
    for (std::int64_t stretch = from / kStretch; stretch <= to / kStretch; ++stretch) stretches.push_back(stretch_token(stretch));
    append_any(query, stretches);
    return query;
}

}  // namespace cariosan::postgres
