#include "core/moderation/contacts/links.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace cariosan::core::moderation {
namespace {

using Text = std::span<const FoldedCharacter>;

bool is_host_letter(char32_t c) {
    if (c < 0x80) return is_ascii_letter(c) || is_ascii_digit(c);
    const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
}

bool is_host_character(char32_t c) { return c == '.' || c == '-' || c == '_' || is_host_letter(c); }

char32_t character_at(Text text, std::size_t at) { return at < text.size() ? text[at].character : U' '; }


/// The end of the link that begins at `begin`: up to white space, without the punctuation of the sentence.
std::size_t end_of_link(Text text, std::size_t begin, std::size_t at) {
    constexpr std::u32string_view kEnders = U"<>\"";
    constexpr std::u32string_view kTrailing = U".,;:!?'*_~)]}";
    while (at < text.size() && !is_space(text[at].character) && kEnders.find(text[at].character) == kEnders.npos) ++at;
    while (at > begin + 1 && kTrailing.find(text[at - 1].character) != kTrailing.npos) --at;
    return at;
}

std::u32string folded_text(Text text, std::size_t begin, std::size_t end) {
    std::u32string out;
    for (std::size_t i = begin; i < end; ++i) out += text[i].character;
    return out;
}

bool is_allowed(std::u32string_view host, std::span<const std::u32string> allowed) {
    return std::ranges::any_of(allowed, [&](const std::u32string& each) {
        return host.ends_with(each) &&
               (host.size() == each.size() || host[host.size() - each.size() - 1] == '.');
    });
}

/// The host between `begin` and `end`, split at its dots.
std::vector<std::u32string_view> labels_of(std::u32string_view host) {
    std::vector<std::u32string_view> labels;
    while (true) {
        const std::size_t dot = host.find(U'.');
        labels.push_back(host.substr(0, dot));
        if (dot == host.npos) return labels;
        host.remove_prefix(dot + 1);
    }
}

/// Second-level names below which countries give out domains: "co.id".
bool is_second_level(std::u32string_view label) {
    constexpr std::array<std::u32string_view, 13> kNames{U"co", U"com", U"net", U"org", U"ac", U"edu", U"gov",
                                                         U"go", U"or",  U"web", U"my",  U"sch", U"biz"};
    return std::ranges::find(kNames, label) != kNames.end();
}

bool is_domain(std::u32string_view host, bool has_path, const TopLevelDomains& top_level_domains) {
    const auto labels = labels_of(host);
    const bool broken = std::ranges::any_of(labels, [](std::u32string_view label) {
        return label.empty() || label.front() == '-' || label.back() == '-' || label.size() > 63;
    });
    if (labels.size() < 2 || broken || host.size() > 253) return false;
    if (labels.front() == U"www") return labels[1].size() >= 2;
    const auto evidence = top_level_domains.evidence(std::u32string(labels.back()));
    if (evidence == TopLevelDomains::Evidence::none) return false;
    // "1.000.id" is a number with a suffix, 163.com is a site.
    const std::u32string_view name = labels[labels.size() - 2];
    if (std::ranges::all_of(name, is_ascii_digit) && labels.back() != U"com") return false;
    if (evidence == TopLevelDomains::Evidence::plain || has_path) return true;
    return labels.size() >= 3 && is_second_level(name);
}

/// The first letter of the scheme that ends before `colon`.
std::optional<std::size_t> begin_of_scheme(Text text, std::size_t colon) {
    constexpr std::size_t kLongest = 20;
    std::size_t begin = colon;
    while (begin > 0 && colon - begin < kLongest) {
        const char32_t c = text[begin - 1].character;
        if (!is_ascii_letter(c) && !is_ascii_digit(c) && c != '+' && c != '-') break;
        --begin;
    }
    while (begin < colon && !is_ascii_letter(text[begin].character)) ++begin;
    if (colon - begin < 2) return std::nullopt;
    return begin;
}

/// A link in the folded text: [begin, end), and its host.
struct Found {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::u32string host;
};

std::optional<Found> link_with_scheme(Text text, std::size_t colon) {
    if (character_at(text, colon + 1) != '/' || character_at(text, colon + 2) != '/') return std::nullopt;
    const auto begin = begin_of_scheme(text, colon);
    const std::size_t rest = colon + 3;
    if (!begin || !is_host_letter(character_at(text, rest))) return std::nullopt;
    std::size_t host_end = rest;
    while (host_end < text.size() && is_host_character(text[host_end].character)) ++host_end;
    Found found{*begin, end_of_link(text, *begin, host_end), {}};
    // A user name stands before an "@"; the rest is not checked: such a link is never an allowed one.
    if (character_at(text, host_end) != '@') found.host = folded_text(text, rest, host_end);
    return found;
}

/// A domain that begins at `begin`; its host ends at `end`.
std::optional<Found> bare_link(Text text, std::size_t begin, std::size_t end,
                               const TopLevelDomains& top_level_domains) {
    const std::size_t behind = end;
    while (end > begin && !is_host_letter(text[end - 1].character)) --end;
    if (begin > 0 && text[begin - 1].character == '@') return std::nullopt;
    const char32_t next = character_at(text, end);
    if (next == '@') return std::nullopt;
    const bool has_port = next == ':' && is_ascii_digit(character_at(text, end + 1));
    const bool has_path = behind == end && (has_port || ((next == '/' || next == '?') &&
                                                         is_host_letter(character_at(text, end + 1))));
    Found found{begin, end, folded_text(text, begin, end)};
    if (!is_domain(found.host, has_path, top_level_domains)) return std::nullopt;
    if (next == '/' || has_path) found.end = end_of_link(text, begin, end);
    return found;
}

}  // namespace

std::vector<Span> find_links(std::span<const FoldedCharacter> text, const TopLevelDomains& top_level_domains,
                             std::span<const std::u32string> allowed) {
    std::vector<Span> out;
    const auto add = [&](const Found& found) {
        if (is_allowed(found.host, allowed)) return;
        out.push_back({text[found.begin].source.begin, text[found.end - 1].source.end});
    };
    for (std::size_t at = 0; at < text.size();) {
        if (!is_host_letter(text[at].character)) {
            ++at;
            continue;
        }
        std::size_t end = at;
        bool dotted = false;
        for (; end < text.size() && is_host_character(text[end].character); ++end) {
            dotted = dotted || text[end].character == '.';
        }
        std::optional<Found> found;
        if (character_at(text, end) == ':') found = link_with_scheme(text, end);
        if (!found && dotted) found = bare_link(text, at, end, top_level_domains);
        if (found) add(*found);
        at = std::max(end, found ? found->end : end);
    }
    return out;
}

}  // namespace cariosan::core::moderation
