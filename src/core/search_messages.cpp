#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <tuple>

#include "core/access.hpp"
#include "core/encoded_size.hpp"
#include "core/fields.hpp"
#include "core/paging.hpp"
#include "core/search_text.hpp"

namespace cariosan::core {
namespace {

/// Among so many matches, the newest, hits are ordered.
constexpr std::int64_t kCandidates = 500;

/// What a cursor keeps: the window of candidates and the last hit shown, all as numbers; then the epoch.
struct SearchCursor {
    std::int64_t newest = INT64_MAX;
    std::int64_t oldest = 0;
    std::int64_t score = INT64_MAX;
    std::int64_t position = INT64_MAX;
    std::int64_t query = 0;  ///< which query it belongs to
    std::string_view epoch;
};

/// FNV-1a, without the sign.
std::int64_t query_mark(const SearchMessages& command) {
    std::uint64_t hash = 14695981039346656037U;
    const auto add = [&](std::string_view text) {
        for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
    };
    add(command.q);
    add(std::string_view("\0", 1));
    add(command.channel.value_or(""));
    return static_cast<std::int64_t>(hash >> 1U);
}

std::string encode_cursor(const SearchCursor& cursor) {
    return fmt::format("s{}.{}.{}.{}.{}.{}", cursor.newest, cursor.oldest, cursor.score, cursor.position, cursor.query,
                       cursor.epoch);
}

Result<SearchCursor> decode_cursor(std::string_view text, const SearchMessages& command) {
    SearchCursor cursor;
    cursor.query = query_mark(command);
    if (text.empty()) return cursor;
    const Error bad = invalid_field("cursor", "cursor is not one that this search has given");
    if (!text.starts_with('s')) return bad;
    text.remove_prefix(1);
    const std::int64_t mark = cursor.query;
    for (std::int64_t* number :
         {&cursor.newest, &cursor.oldest, &cursor.score, &cursor.position, &cursor.query}) {
        const auto read = std::from_chars(text.data(), text.data() + text.size(), *number);
        const auto size = static_cast<std::size_t>(read.ptr - text.data());
        if (read.ec != std::errc() || size == text.size() || text[size] != '.') return bad;
        text.remove_prefix(size + 1);
    }
    if (cursor.query != mark || cursor.oldest < 0 || cursor.newest < cursor.oldest) return bad;
    cursor.epoch = text;
    return cursor;
}

struct Ranked {
    SearchCandidate candidate;
    TextMatch match;
    std::int64_t score = 0;
};

/// Whose messages the viewer is not shown.
Result<std::vector<UserId>> hidden_authors(const Actor& actor, Context& context) {
    auto blocked = context.reader.blocks().of(actor.workspace.id, actor.user->id);
    if (!blocked) return std::move(blocked).error();
    return std::move(blocked->users);
}

/// The order depends on the texts and the window alone, so that every page sees the same.
std::vector<Ranked> rank(std::vector<SearchCandidate> found, const std::vector<QueryTerm>& terms,
                         const SearchCursor& window, const std::vector<UserId>& hidden) {
    std::vector<Ranked> ranked;
    ranked.reserve(found.size());
    const std::int64_t span = window.newest - window.oldest + 1;
    for (SearchCandidate& candidate : found) {
        if (std::ranges::binary_search(hidden, candidate.author)) continue;
        Ranked each;
        each.match = match_text(candidate.content, terms);
        const std::int64_t recency = 1000 * (candidate.position - window.oldest) / span;
        each.score = (6 * each.match.relevance + 4 * recency) / 10;
        each.candidate = std::move(candidate);
        ranked.push_back(std::move(each));
    }
    std::ranges::sort(ranked, [](const Ranked& left, const Ranked& right) {
        return std::pair(left.score, left.candidate.position) > std::pair(right.score, right.candidate.position);
    });
    return ranked;
}

Error expired() {
    return invalid_field("cursor", "the search index was built anew: search again").with("expired", true);
}

Result<Page<SearchHit>> show_page(const std::vector<Ranked>& ranked, const SearchMessages& command,
                                  SearchCursor cursor, UserId viewer, Context& context) {
    const std::pair after(cursor.score, cursor.position);
    Page<SearchHit> page;
    PageWeight weight;
    for (const Ranked& each : ranked) {
        const std::pair key(each.score, each.candidate.position);
        if (key >= after) continue;
        if (std::cmp_equal(page.items.size(), command.range.limit)) {
            page.next_cursor = encode_cursor(cursor);
            break;
        }
        auto message = context.reader.messages().find(each.candidate.channel, each.candidate.message, viewer);
        if (!message) return std::move(message).error();
        if (!*message) continue;
        SearchHit hit;
        cut_snippet(hit, each.candidate.content, each.match.highlights);
        hit.score = each.score;
        hit.message = std::move(**message);
        if (!weight.admit(hit)) {
            page.next_cursor = encode_cursor(cursor);
            break;
        }
        page.items.push_back(std::move(hit));
        std::tie(cursor.score, cursor.position) = key;
    }
    return page;
}

}  // namespace

Result<Outcome> read(const SearchMessages& command, const Caller& caller, Context& context) {
    const auto actor = authorize<SearchMessages>(caller, context);
    if (!actor) return actor.error();
    Fields fields(context.limits);
    fields.key("q", command.q, context.limits.query_bytes).range(command.range);
    if (command.channel) fields.reference("channel", *command.channel);
    if (auto shape = fields.result(); !shape) return std::move(shape).error();
    auto terms = parse_query(command.q, context.limits);
    if (!terms) return std::move(terms).error();
    auto cursor = decode_cursor(command.range.cursor, command);
    if (!cursor) return std::move(cursor).error();

    SearchRange range{.terms = {}, .channel = {}, .limit = kCandidates};
    if (command.channel) {
        const auto access = open_channel(UserRight::member, *actor, *command.channel, context);
        if (!access) return access.error();
        range.channel = access->channel.id;
    }
    if (terms->empty()) return Outcome{.answer = Page<SearchHit>{}};
    for (const QueryTerm& term : *terms) range.terms.push_back(term.term);
    range.oldest = cursor->oldest;
    range.newest = cursor->newest;
    auto candidates = context.reader.search().candidates(actor->workspace.id, actor->user->id, range);
    if (!candidates) return std::move(candidates).error();

    const bool first = command.range.cursor.empty();
    if (!first && (cursor->epoch != context.epoch || cursor->newest > candidates->indexed)) return expired();
    if (first) {
        cursor->newest = candidates->indexed;
        cursor->oldest = candidates->found.empty() ? 0 : candidates->found.back().position;
        cursor->epoch = context.epoch;
    }
    const auto hidden = hidden_authors(*actor, context);
    if (!hidden) return hidden.error();
    const auto ranked = rank(std::move(candidates->found), *terms, *cursor, *hidden);
    auto page = show_page(ranked, command, *cursor, actor->user->id, context);
    if (!page) return std::move(page).error();
    return Outcome{.answer = std::move(*page)};
}

}  // namespace cariosan::core
