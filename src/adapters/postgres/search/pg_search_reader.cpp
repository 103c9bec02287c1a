#include "adapters/postgres/search/pg_search_reader.hpp"

#include <algorithm>
#include <utility>

namespace cariosan::postgres {
namespace {

/// Steps charged for a query, and for reading a message: `kReadMessage`, plus one for each `kBytesPerStep`.
constexpr std::int64_t kAsk = 100;
constexpr std::int64_t kReadMessage = 12;
constexpr std::int64_t kBytesPerStep = 512;
constexpr std::int64_t kMessagesAtOnce = 100;
/// How many of the viewer's messages are looked through at a time.
constexpr std::int64_t kLookedThrough = 2'000;
/// The index of words is asked for all matches at once if no more than this are expected.
constexpr double kFewMatches = 4'000;
/// More matches than this are not taken from it.
constexpr std::int64_t kMostMatches = 20'000;
/// How many stretches of ids it is asked for at most: it reads the list of each.
constexpr std::int64_t kMostStretches = 4;
/// A word that is in more than this share of the messages is found fastest by looking through them.
constexpr double kCommon = 0.05;

}  // namespace

PgSearch::Scope PgSearch::scope_of(const ResolvedUser& user, const std::optional<ChannelId>& channel) {
    Scope scope;
    const auto take = [&](Rows rows) {
        while (rows.next()) {
            scope.channels.push_back(rows.integer());
            scope.messages += rows.integer();
        }
    };
    if (!channel) {
        take(channels_of_.query(user.row));
    } else if (const ResolvedChannel* known = snapshot_.channel(*channel)) {
        take(channel_of_.query(user.row, known->row));
    }
    return scope;
}

PgSearch::Part PgSearch::take(Rows rows, std::int64_t reached) {
    Part part{.reached = reached, .looked_at = 0, .matches = 0, .messages = {}};
    while (rows.next()) {
        part.looked_at = rows.integer();
        part.matches = rows.integer();
        const std::int64_t message = rows.integer();
        if (rows.flag()) part.messages.push_back(message);
        part.reached = std::max(reached, message);
    }
    return part;
}

std::optional<PgSearch::Part> PgSearch::by_words(const Search& search, std::int64_t oldest, std::int64_t newest,
                                                 std::int64_t stretches) {
    const std::int64_t first = std::max(newest / kStretch + 1 - stretches, std::int64_t{0}) * kStretch;
    const std::int64_t lowest = stretches == 0 ? oldest : std::max(first, oldest);
    const std::string query = stretches == 0 ? word_query(search.tokens) : word_query(search.tokens, lowest, newest);
    Part part = take(by_words_.query(query, lowest, newest, Statement::list(search.scope.channels), kMostMatches), lowest);
    part.reached = lowest;
    part.looked_at = newest + 1 - lowest;
    search.budget.spend(kAsk + part.matches);
    if (part.matches >= kMostMatches) return std::nullopt;
    return part;
}

PgSearch::Part PgSearch::by_channels(const Search& search, std::int64_t oldest, std::int64_t newest, std::int64_t length) {
    const std::int64_t lowest = std::max(oldest, newest + 1 - length);
    Part part = take(by_channels_.query(word_query(search.tokens), lowest, newest, Statement::list(search.scope.channels),
                                        kLookedThrough),
                     lowest);
    // With fewer than that, everything was looked through.
    if (part.looked_at < kLookedThrough) part.reached = lowest;
    search.budget.spend(kAsk + std::ssize(search.scope.channels) + part.looked_at);
    return part;
}

void PgSearch::read(const Search& search, std::span<const std::int64_t> messages, SearchCandidates& out) {
    while (!messages.empty() && !out.cut_at && std::cmp_less(out.found.size(), search.limit)) {
        const std::int64_t at_once = std::clamp<std::int64_t>(search.budget.left() / kReadMessage, 1, kMessagesAtOnce);
        const auto some = messages.first(std::min(messages.size(), static_cast<std::size_t>(at_once)));
        messages = messages.subspan(some.size());
        Rows rows = messages_.query(Statement::list(some));
        while (std::cmp_less(out.found.size(), search.limit) && rows.next()) {
            SearchCandidate candidate;
            candidate.position = rows.integer();
            candidate.channel = rows.id<ChannelId>();
            candidate.message = rows.id<MessageId>();
            candidate.author = rows.id<UserId>();
            candidate.content = rows.text();
            search.budget.spend(kReadMessage + std::ssize(candidate.content) / kBytesPerStep);
            if (search.filter(candidate)) out.found.push_back(std::move(candidate));
        }
        const bool full = std::ssize(out.found) == search.limit;
        if (search.budget.spent()) out.cut_at = full ? out.found.back().position : some.back();
    }
}

/// The viewer's newest messages are looked through first: that finds a common word, and shows how common it is. All matches of a rare
/// one come from the index of words at once. In between, the index is asked stretch by stretch where the words are rarer than
/// the viewer's messages are among all; otherwise these are looked through further. So neither how much others wrote nor how common
/// a word is decides alone what a search costs.
void PgSearch::find_matches(const Search& search, const SearchRange& range, SearchCandidates& out) {
    const std::int64_t oldest = std::max<std::int64_t>(range.oldest, 1);
    std::int64_t newest = std::min(range.newest, out.indexed);
    const auto share = static_cast<double>(search.scope.messages) / static_cast<double>(std::max<std::int64_t>(out.indexed, 1));
    const auto own_length = static_cast<std::int64_t>(
        std::min(static_cast<double>(kLookedThrough) / std::max(share, 1e-9), static_cast<double>(out.indexed)));
    double looked_at = 0;
    double matches = 0;
    bool at_once = true;
    std::int64_t stretches = 1;
    while (newest >= oldest && !out.cut_at) {
        const double density = looked_at > 0 ? matches / looked_at : 1;
        const double expected = looked_at > 0 ? (matches + 3) / looked_at * static_cast<double>(newest) : kFewMatches + 1;
        Part part;
        if (at_once && expected <= kFewMatches) {
            const auto all = by_words(search, oldest, newest, 0);
            at_once = all.has_value();
            if (!all) continue;
            part = *all;
        } else if (density > kCommon || density > share || search.scope.messages <= kLookedThrough) {
            part = by_channels(search, oldest, newest, own_length);
        } else if (const auto some = by_words(search, oldest, newest, stretches)) {
            part = *some;
            stretches = std::min(2 * stretches, kMostStretches);
        } else {
            part = by_channels(search, oldest, newest, own_length);
        }
        looked_at += static_cast<double>(part.looked_at);
        matches += static_cast<double>(part.matches);
        read(search, part.messages, out);
        if (std::ssize(out.found) == search.limit || snapshot_.connection().failed()) return;
        if (!out.cut_at && search.budget.spent()) out.cut_at = part.reached;
        newest = part.reached - 1;
    }
    // Nothing is left below.
    if (out.cut_at && *out.cut_at <= oldest) out.cut_at.reset();
}

Result<SearchCandidates> PgSearch::candidates(WorkspaceId workspace, UserId viewer, const SearchRange& range,
                                              WorkBudget& budget, const SearchFilter& filter) {
    SearchCandidates out;
    if (Rows rows = newest_.query(); rows.next()) out.indexed = rows.integer();
    const ResolvedUser* user = snapshot_.user(workspace, viewer);
    const Scope scope = user == nullptr ? Scope{} : scope_of(*user, range.channel);
    budget.spend(std::ssize(scope.channels));
    const Search search{tokens_of(range.terms), scope, budget, filter, range.limit};
    if (!scope.channels.empty() && !search.tokens.empty()) find_matches(search, range, out);
    return snapshot_.checked(std::move(out));
}

}  // namespace cariosan::postgres
