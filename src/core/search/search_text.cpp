#include "core/search/search_text.hpp"

#include <algorithm>
#include <array>

#include "core/text/text.hpp"

namespace cariosan::core {
namespace {

constexpr std::int64_t kSnippetLength = 160;
constexpr std::int64_t kSnippetLead = 40;
constexpr std::string_view kCut = "…";

/// How many words of `text`, from `at` on, match the term; 0: no match. `whole` becomes false if the last word continues.
std::size_t match_at(const std::vector<SearchWord>& text, std::size_t at, const QueryTerm& term, bool& whole,
                     std::int64_t& compared) {
    const std::size_t count = term.words.size();
    if (text.size() - at < count) return 0;
    for (std::size_t i = 0; i < count; ++i) {
        const SearchWord& found = text[at + i];
        const SearchWord& wanted = term.words[i];
        ++compared;
        if (i > 0 && found.joined != wanted.joined) return 0;
        if (found.folded == wanted.folded) continue;
        if (i + 1 < count || !term.term.prefix || !found.folded.starts_with(wanted.folded)) return 0;
        whole = false;
    }
    return count;
}

void join_overlapping(std::vector<TextSpan>& highlights) {
    std::ranges::sort(highlights, {}, &TextSpan::start);
    std::vector<TextSpan> joined;
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
    QueryTerm term;
    term.words = search_words(text);
    if (term.words.empty()) return;
    const SearchWord& last = term.words.back();
    term.term.text = text.substr(term.words.front().begin, last.end - term.words.front().begin);
    term.term.prefix = may_go_on && !last.alone && count_code_points(last.folded) > 1;
    terms.push_back(std::move(term));
}

constexpr std::array<std::string_view, 8> kQuotes{"\"", "“", "”", "„", "‟", "«", "»", "＂"};
constexpr std::array<std::string_view, 24> kSpaces{
    " ",      "\t",     "\r",     "\n",     "\v",     "\f",     "\u0085", "\u00A0", "\u1680", "\u2000", "\u2001", "\u2002",
    "\u2003", "\u2004", "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200A", "\u2028", "\u2029", "\u202F", "\u3000"};

/// How many bytes at the beginning of `text` are one of `signs`; 0: none.
template <std::size_t Count>
std::size_t begins_with(std::string_view text, const std::array<std::string_view, Count>& signs) {
    for (const std::string_view sign : signs) {
        if (text.starts_with(sign)) return sign.size();
    }
    return 0;
}

/// The position of the first of `signs` in `text`, or its end.
template <std::size_t Count>
std::size_t find_first(std::string_view text, const std::array<std::string_view, Count>& signs) {
    std::size_t at = 0;
    while (at < text.size() && begins_with(text.substr(at), signs) == 0) ++at;
    return at;
}

void skip_spaces(std::string_view& text) {
    while (const std::size_t space = begins_with(text, kSpaces)) text.remove_prefix(space);
}

}  // namespace

Result<std::vector<QueryTerm>> parse_query(std::string_view query, const Limits& limits) {
    std::vector<QueryTerm> terms;
    skip_spaces(query);
    while (!query.empty()) {
        const std::size_t quote = begins_with(query, kQuotes);
        query.remove_prefix(quote);
        const std::size_t end =
            quote > 0 ? find_first(query, kQuotes) : std::min(find_first(query, kSpaces), find_first(query, kQuotes));
        const std::string_view words = query.substr(0, end);
        query.remove_prefix(end);
        if (quote > 0) query.remove_prefix(begins_with(query, kQuotes));
        skip_spaces(query);
        add_term(terms, words, quote == 0 && query.empty());
    }
    if (std::cmp_greater(terms.size(), limits.query_terms)) {
        return over_limit("q", limits.query_terms, "q has too many", "words and phrases");
    }
    return terms;
}

TextMatch match_text(std::string_view text, const std::vector<QueryTerm>& terms) {
    TextMatch out;
    if (terms.empty()) return out;
    const auto words = search_words(text);
    std::int64_t sum = 0;
    out.words = std::ssize(words);
    out.complete = true;
    for (const QueryTerm& term : terms) {
        std::int64_t found = 0;
        bool any_whole = false;
        for (std::size_t at = 0; at < words.size(); ++at) {
            bool whole = true;
            const std::size_t count = match_at(words, at, term, whole, out.compared);
            if (count == 0) continue;
            ++found;
            any_whole = any_whole || whole;
            const SearchWord& last = words[at + count - 1];
            out.highlights.push_back({words[at].start, last.start + last.length - words[at].start});
        }
        out.complete = out.complete && found > 0;
        // Each further occurrence adds less; a prefix match counts less than a whole word.
        sum += (any_whole ? 1000 : 700) * found / (found + 1);
    }
    join_overlapping(out.highlights);
    const std::int64_t occurrence = sum / std::ssize(terms);
    const std::int64_t brevity = 1000 * 16 / (16 + std::ssize(words));
    out.relevance = (3 * occurrence + brevity) / 4;
    return out;
}

void cut_snippet(SearchHit& hit, std::string_view text, const std::vector<TextSpan>& highlights) {
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
