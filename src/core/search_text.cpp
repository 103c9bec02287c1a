#include "core/search_text.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cariosan/scripts.hpp>

#include "core/text.hpp"

namespace cariosan::core {
namespace {

constexpr std::int64_t kSnippetLength = 160;
constexpr std::int64_t kSnippetLead = 40;
constexpr std::string_view kCut = "…";

bool is_letter_or_digit(std::int32_t character) {
    if (character < 0x80) {
        return (character >= '0' && character <= '9') || (character >= 'a' && character <= 'z') ||
               (character >= 'A' && character <= 'Z');
    }
    const auto category = utf8proc_category(character);
    return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) ||
           (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO) ||
           category == UTF8PROC_CATEGORY_CO;
}

bool is_mark(std::int32_t character) {
    if (character < 0x300) return false;
    const auto category = utf8proc_category(character);
    return category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME;
}

void append_folded(std::string& out, std::int32_t character) {
    if (character < 0x80) {
        const bool upper = character >= 'A' && character <= 'Z';
        out += static_cast<char>(upper ? character - 'A' + 'a' : character);
        return;
    }
    std::array<utf8proc_int32_t, 16> parts{};
    int boundary = 0;
    constexpr auto kFold =
        static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK);
    const auto count =
        utf8proc_decompose_char(character, parts.data(), std::ssize(parts), kFold, &boundary);
    for (std::int64_t i = 0; i < std::min<std::int64_t>(count, std::ssize(parts)); ++i) {
        std::array<utf8proc_uint8_t, 4> bytes{};
        const auto size = utf8proc_encode_char(parts[static_cast<std::size_t>(i)], bytes.data());
        out.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(size));
    }
}

/// How many words of `text` from `at` on are those of the term, 0: they are not. `whole` becomes false if the last one
/// goes on.
std::size_t match_at(const std::vector<SearchWord>& text, std::size_t at, const QueryTerm& term, bool& whole) {
    const std::size_t count = term.words.size();
    if (text.size() - at < count) return 0;
    for (std::size_t i = 0; i < count; ++i) {
        const std::string& found = text[at + i].folded;
        const std::string& wanted = term.words[i];
        if (found == wanted) continue;
        if (i + 1 < count || !term.term.prefix || !found.starts_with(wanted)) return 0;
        whole = false;
    }
    return count;
}

void join_overlapping(std::vector<SearchHit::Highlight>& highlights) {
    std::ranges::sort(highlights, {}, &SearchHit::Highlight::start);
    std::vector<SearchHit::Highlight> joined;
    for (const auto& each : highlights) {
        if (!joined.empty() && each.start <= joined.back().start + joined.back().length) {
            auto& last = joined.back();
            last.length = std::max(last.length, each.start + each.length - last.start);
        } else {
            joined.push_back(each);
        }
    }
    highlights = std::move(joined);
}

void add_term(std::vector<QueryTerm>& terms, std::string_view text, bool may_go_on) {
    const auto words = words_of(text);
    if (words.empty()) return;
    QueryTerm term;
    const std::size_t begin = words.front().begin;
    term.term.text = text.substr(begin, words.back().end - begin);
    term.term.prefix = may_go_on && words.back().length > 1;
    for (const SearchWord& word : words) term.words.push_back(word.folded);
    terms.push_back(std::move(term));
}

}  // namespace

std::vector<SearchWord> words_of(std::string_view text) {
    std::vector<SearchWord> words;
    bool open = false;
    std::int64_t position = 0;
    for (std::size_t at = 0; at < text.size(); ++position) {
        utf8proc_int32_t character = 0;
        const auto size = std::max<utf8proc_ssize_t>(
            1, utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + at,
                                static_cast<utf8proc_ssize_t>(text.size() - at), &character));
        const std::size_t begin = at;
        at += static_cast<std::size_t>(size);
        const bool letter = is_letter_or_digit(character);
        if (!letter && !(open && is_mark(character))) {
            open = false;
            continue;
        }
        const bool alone = letter && is_unspaced(static_cast<char32_t>(character));
        if (!open || alone) {
            SearchWord& fresh = words.emplace_back();
            fresh.begin = begin;
            fresh.start = position;
        }
        open = !alone;
        SearchWord& word = words.back();
        append_folded(word.folded, character);
        word.end = at;
        word.length = position + 1 - word.start;
    }
    return words;
}

Result<std::vector<QueryTerm>> parse_query(std::string_view query, const Limits& limits) {
    constexpr std::string_view kSpaces = " \t\r\n\v\f";
    std::vector<QueryTerm> terms;
    while (!query.empty()) {
        if (query.front() == '"') {
            const std::size_t close = query.find('"', 1);
            add_term(terms, query.substr(1, close == query.npos ? close : close - 1), false);
            query.remove_prefix(close == query.npos ? query.size() : close + 1);
            continue;
        }
        const std::size_t end = std::min(query.find_first_of(" \t\r\n\v\f\""), query.size());
        const std::string_view rest = query.substr(end);
        add_term(terms, query.substr(0, end), rest.find_first_not_of(kSpaces) == rest.npos);
        query = rest;
        if (!query.empty() && query.front() != '"') query.remove_prefix(1);
    }
    if (std::cmp_greater(terms.size(), limits.query_terms)) {
        return over_limit("q", limits.query_terms, "q has too many words and phrases");
    }
    return terms;
}

TextMatch match_text(std::string_view text, const std::vector<QueryTerm>& terms) {
    TextMatch out;
    if (terms.empty()) return out;
    const auto words = words_of(text);
    std::int64_t sum = 0;
    for (const QueryTerm& term : terms) {
        std::int64_t found = 0;
        bool any_whole = false;
        for (std::size_t at = 0; at < words.size(); ++at) {
            bool whole = true;
            const std::size_t count = match_at(words, at, term, whole);
            if (count == 0) continue;
            ++found;
            any_whole = any_whole || whole;
            const SearchWord& last = words[at + count - 1];
            out.highlights.push_back({words[at].start, last.start + last.length - words[at].start});
        }
        // Each further occurrence adds less; a word that goes on is worth less than the word itself.
        sum += (any_whole ? 1000 : 700) * found / (found + 1);
    }
    join_overlapping(out.highlights);
    const std::int64_t occurrence = sum / std::ssize(terms);
    const std::int64_t brevity = 1000 * 16 / (16 + std::ssize(words));
    out.relevance = (3 * occurrence + brevity) / 4;
    return out;
}

void cut_snippet(SearchHit& hit, std::string_view text, const std::vector<SearchHit::Highlight>& highlights) {
    const auto total = static_cast<std::int64_t>(count_code_points(text));
    std::int64_t from = highlights.empty() ? 0 : std::max<std::int64_t>(0, highlights.front().start - kSnippetLead);
    from = std::max<std::int64_t>(0, std::min(from, total - kSnippetLength));
    const std::int64_t to = std::min(total, from + kSnippetLength);
    const std::string_view before = cut_code_points(text, static_cast<std::size_t>(from));
    const std::string_view shown =
        cut_code_points(text.substr(before.size()), static_cast<std::size_t>(to - from));
    const std::int64_t shift = from > 0 ? 1 - from : 0;
    if (from > 0) hit.snippet = kCut;
    hit.snippet += shown;
    if (to < total) hit.snippet += kCut;
    for (const auto& each : highlights) {
        const std::int64_t end = std::min(each.start + each.length, to);
        if (each.start >= to || each.start < from) continue;
        hit.highlights.push_back({each.start + shift, end - each.start});
    }
}

}  // namespace cariosan::core
