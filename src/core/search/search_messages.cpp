#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <tuple>
#include <unordered_map>

#include "core/access.hpp"
#include "core/events/encoded_size.hpp"
#include "core/paging.hpp"
#include "core/propagate.hpp"
#include "core/search/search_text.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {
namespace {

/// Hits are ranked among this many of the newest matches.
constexpr std::int64_t kCandidates = 500;
/// How many words of a message are read, and how many are compared, for one step of the budget.
constexpr std::int64_t kWordsPerStep = 8;
constexpr std::int64_t kComparisonsPerStep = 128;

/// The content of a cursor: the window of candidates and the last hit shown, all as numbers; then the epoch.
struct SearchCursor {
    std::int64_t newest = INT64_MAX;
    std::int64_t oldest = 0;  ///< 0: the window is not known yet
    std::int64_t cut = 0;     ///< 1: the budget ended the window, so there may be more below it
    std::int64_t score = INT64_MAX;
    std::int64_t position = INT64_MAX;
    std::int64_t query = 0;  ///< identifies the query it belongs to
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
    return fmt::format("s{}.{}.{}.{}.{}.{}.{}", cursor.newest, cursor.oldest, cursor.cut, cursor.score, cursor.position,
                       cursor.query, cursor.epoch);
}

Result<SearchCursor> decode_cursor(std::string_view text, const SearchMessages& command) {
    SearchCursor cursor;
    cursor.query = query_mark(command);
    if (text.empty()) return cursor;
    const Error bad = invalid_field("cursor", "cursor did not come from this search");
    if (!text.starts_with('s')) return bad;
    text.remove_prefix(1);
    const std::int64_t mark = cursor.query;
    for (std::int64_t* number :
         {&cursor.newest, &cursor.oldest, &cursor.cut, &cursor.score, &cursor.position, &cursor.query}) {
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

/// The users whose messages the viewer does not see.
Result<std::vector<UserId>> hidden_authors(const Actor& actor, Context& context) {
    CARIOSAN_TRY(auto blocked, context.reader.blocks().of(actor.workspace.id, actor.user->id));
    return std::move(blocked.users);
}

/// Decides which candidates are matches, and remembers where they match.
class Matcher {
  public:
    Matcher(const std::vector<QueryTerm>& terms, const std::vector<UserId>& hidden, WorkBudget& budget)
        : terms_(terms), hidden_(hidden), budget_(budget) {}

    bool operator()(const SearchCandidate& candidate) {
        if (std::ranges::binary_search(hidden_, candidate.author)) return false;
        TextMatch match = match_text(candidate.content, terms_);
        budget_.spend(match.words / kWordsPerStep + match.compared / kComparisonsPerStep);
        if (match.complete) matches_.insert_or_assign(candidate.position, std::move(match));
        return matches_.contains(candidate.position);
    }
    TextMatch& match_of(const SearchCandidate& candidate) { return matches_.at(candidate.position); }

  private:
    const std::vector<QueryTerm>& terms_;
    const std::vector<UserId>& hidden_;
    WorkBudget& budget_;
    std::unordered_map<std::int64_t, TextMatch> matches_;
};

/// The order depends only on the texts and the window, so that every page sees the same one.
std::vector<Ranked> rank(std::vector<SearchCandidate> found, Matcher& matcher, const SearchCursor& window) {
    std::vector<Ranked> ranked;
    ranked.reserve(found.size());
    const std::int64_t span = window.newest - window.oldest + 1;
    for (SearchCandidate& candidate : found) {
        Ranked each;
        each.match = std::move(matcher.match_of(candidate));
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

/// Moves the cursor to the next window once this one has been shown completely.
SearchCursor below(const SearchCursor& window) {
    SearchCursor next = window;
    next.newest = window.oldest - 1;
    next.oldest = next.cut = 0;
    next.score = next.position = INT64_MAX;
    return next;
}

Result<SearchResults> show_page(const std::vector<Ranked>& ranked, const SearchMessages& command,
                                  SearchCursor cursor, UserId viewer, Context& context) {
    const std::pair after(cursor.score, cursor.position);
    SearchResults page;
    page.partial = cursor.cut != 0;
    if (page.partial) page.next_cursor = encode_cursor(below(cursor));
    PageWeight weight;
    for (const Ranked& each : ranked) {
        const std::pair key(each.score, each.candidate.position);
        if (key >= after) continue;
        if (std::cmp_equal(page.items.size(), page_limit(command.range.limit, context.limits))) {
            page.next_cursor = encode_cursor(cursor);
            break;
        }
        CARIOSAN_TRY(auto message,
                     context.reader.messages().find(each.candidate.channel, each.candidate.message, viewer));
        if (!message) continue;
        SearchHit hit;
        cut_snippet(hit, each.candidate.content, each.match.highlights);
        hit.score = each.score;
        hit.message = std::move(*message);
        if (!weight.admit(hit)) {
            page.next_cursor = encode_cursor(cursor);
            break;
        }
        page.items.push_back(std::move(hit));
        std::tie(cursor.score, cursor.position) = key;
    }
    return page;
}

/// The window extends down to the oldest match, or to where the search was cut off.
void open_window(SearchCursor& cursor, const SearchCandidates& candidates) {
    if (candidates.cut_at) {
        cursor.oldest = *candidates.cut_at;
        cursor.cut = cursor.oldest > 1 ? 1 : 0;
    } else if (!candidates.found.empty()) {
        cursor.oldest = candidates.found.back().position;
    }
}

}  // namespace

Result<Outcome> read(const SearchMessages& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<SearchMessages>(caller, context));
    Fields fields(context.limits);
    fields.key("q", command.q, context.limits.query_bytes).range(command.range);
    if (command.channel) fields.reference("channel", *command.channel);
    CARIOSAN_TRY_DONE(fields.result());
    CARIOSAN_TRY(auto terms, parse_query(command.q, context.limits));
    CARIOSAN_TRY(auto cursor, decode_cursor(command.range.cursor, command));

    SearchRange range{.terms = {}, .channel = {}, .limit = kCandidates};
    if (command.channel) {
        CARIOSAN_TRY(const auto access, open_channel(UserRight::member, actor, *command.channel, context));
        range.channel = access.channel.id;
    }
    if (terms.empty()) return Outcome{.answer = SearchResults{}};
    for (const QueryTerm& term : terms) range.terms.push_back(term.term);
    range.oldest = cursor.oldest;
    range.newest = cursor.newest;
    CARIOSAN_TRY(const auto hidden, hidden_authors(actor, context));
    // A following page may cost twice as much: it must find again what was found with one budget, whatever was committed since.
    const std::int64_t steps = context.limits.search_steps;
    WorkBudget budget(cursor.oldest == 0 ? steps : 2 * steps);
    Matcher matcher(terms, hidden, budget);
    CARIOSAN_TRY(auto candidates, context.reader.search().candidates(actor.workspace.id, actor.user->id,
                                                                     range, budget, std::ref(matcher)));

    const bool first = command.range.cursor.empty();
    if (!first && (cursor.epoch != context.epoch || cursor.newest > candidates.indexed)) return expired();
    if (first) {
        cursor.newest = candidates.indexed;
        cursor.epoch = context.epoch;
    }
    if (cursor.oldest == 0) open_window(cursor, candidates);
    const auto ranked = rank(std::move(candidates.found), matcher, cursor);
    CARIOSAN_TRY(auto page, show_page(ranked, command, cursor, actor.user->id, context));
    return Outcome{.answer = std::move(page)};
}

}  // namespace cariosan::core
