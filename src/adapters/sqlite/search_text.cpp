#include "adapters/sqlite/search_text.hpp"

namespace cariosan::sqlite {
namespace {

/// A word and, if the next one is joined to it, that one too.
void append_token(std::string& out, const std::vector<SearchWord>& words, std::size_t at) {
    if (!out.empty() && out.back() != '"') out += ' ';
    out += words[at].folded;
    if (at + 1 < words.size() && words[at + 1].joined) out += words[at + 1].folded;
}

void append_phrase(std::string& out, const SearchTerm& term, bool prefixes) {
    const auto words = search_words(term.text);
    const bool ends_alone = !words.empty() && words.back().alone;
    out += '"';
    for (std::size_t i = 0; i < words.size(); ++i) {
        // The pair before it holds the last character already. What follows it in the text that is found may be any.
        if (i + 1 < words.size() || !words[i].joined) append_token(out, words, i);
    }
    out += '"';
    const bool single = ends_alone && !words.back().joined;
    if (single || (term.prefix && prefixes && !words.empty() && !ends_alone)) out += " *";
}

}  // namespace

std::string searchable_text(std::string_view text) {
    const auto words = search_words(text);
    std::string out;
    out.reserve(text.size() * 2);
    for (std::size_t i = 0; i < words.size(); ++i) append_token(out, words, i);
    return out;
}

std::string channel_token(std::int64_t channel_row) { return "c" + std::to_string(channel_row); }

std::string match_expression(const std::vector<SearchTerm>& terms, bool prefixes,
                             const std::vector<std::int64_t>& channels) {
    std::string out;
    if (!channels.empty()) {
        out += "channel : (";
        for (const std::int64_t channel : channels) {
            if (out.back() != '(') out += " OR ";
            out += '"' + channel_token(channel) + '"';
        }
        out += ") AND ";
    }
    out += "text : (";
    for (const SearchTerm& term : terms) {
        if (out.back() != '(') out += " AND ";
        append_phrase(out, term, prefixes);
    }
    out += ')';
    return out;
}

}  // namespace cariosan::sqlite
