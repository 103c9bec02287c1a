#include "adapters/postgres/search/pg_search_reader.hpp"

#include <algorithm>
#include <utility>

namespace cariosan::postgres {
namespace {

/// Steps charged for a query, and for reading a message: `kReadMessage`, plus one for each `kBytesPerStep`.
constexpr std::int64_t kAsk = 100;
constexpr std::int64_t kReadMessage = 12;
constexpr std::int64_t kBytesPerStep = 512;
constexpr std::int64_t kMessagesAtOnce = 250;
/// How many of the viewer's messages are looked through at a time.
constexpr std::int64_t kLookedThrough = 2'000;
/// All matches are asked for at once if that promises to cost no more than looking at this many messages does.
constexpr double kFewMatches = 8'000;
/// How many entries of the index of channels are read for what looking at a message costs.
constexpr double kEntriesPerMessage = 20;
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
            const std::int64_t row = scope.channels.emplace_back(rows.integer());
            scope.messages += rows.integer();
            scope.ids.emplace(row, rows.id<ChannelId>());
        }
    };
    if (!channel) {
        take(channels_of_.query(user.row));
    } else if (const ResolvedChannel* known = snapshot_.channel(*channel)) {
        take(channel_of_.query(user.row, known->row));
    }
    return scope;
}

PgSearch::Part PgSearch::take(Rows rows) {
    Part part;
    if (!rows.next()) return part;
    part.looked_at = static_cast<double>(rows.integer());
    part.matches = rows.integer();
    part.reached = rows.integer();
    part.messages = rows.integers();
    return part;
}

std::optional<PgSearch::Part> PgSearch::by_words(const Search& search, std::int64_t oldest, std::int64_t newest,
                                                 std::int64_t stretches) {
    const std::int64_t first = std::max(newest / kStretch + 1 - stretches, std::int64_t{0}) * kStretch;
    const std::int64_t lowest = stretches == 0 ? oldest : std::max(first, oldest);
    const std::string query = stretches == 0 ? word_query(search.tokens) : word_query(search.tokens, lowest, newest);
    Part part = take(by_words_.query(query, lowest, newest, Statement::list(search.scope.channels), kMostMatches));
    part.reached = lowest;
    part.looked_at = static_cast<double>(newest + 1 - lowest);
    search.budget.spend(kAsk + part.matches);
    if (part.matches >= kMostMatches) return std::nullopt;
    return part;
}

std::optional<PgSearch::Part> PgSearch::by_both(const Search& search, std::int64_t oldest, std::int64_t newest, double own) {
    Part part = take(by_both_.query(word_query(search.tokens), oldest, newest, Statement::list(search.scope.channels), kMostMatches));
    part.reached = oldest;
    part.looked_at = own;
    search.budget.spend(kAsk + static_cast<std::int64_t>(own / kEntriesPerMessage) + part.matches);
    if (part.matches >= kMostMatches) return std::nullopt;
    return part;
}

/// Among `everyones` messages, or the viewer's `own`. The index of words leads to a row for each match of everyone; both indexes lead
/// to the viewer's only, after their entries for all of them. `to_fill`: how many more of the viewer's messages would have to be
/// looked through.
PgSearch::AtOnce PgSearch::choose(const Progress& progress, double everyones, double own, double to_fill) {
    if (progress.looked_at == 0) return AtOnce::no;
    const double by_words = progress.expected_in(everyones);
    const double by_both = (own + by_words) / kEntriesPerMessage + progress.expected_in(own);
    if (std::min(by_words, by_both) > std::min(kFewMatches, to_fill)) return AtOnce::no;
    return by_words <= by_both ? AtOnce::by_words : AtOnce::by_both;
}

PgSearch::Part PgSearch::by_channels(const Search& search, std::int64_t oldest, std::int64_t newest, std::int64_t length) {
    const std::int64_t lowest = std::max(oldest, newest + 1 - length);
    Part part = take(by_channels_.query(word_query(search.tokens), lowest, newest, Statement::list(search.scope.channels),
                                        kLookedThrough));
    // With fewer than that, everything was looked through.
    if (part.looked_at < static_cast<double>(kLookedThrough)) part.reached = lowest;
    search.budget.spend(kAsk + std::ssize(search.scope.channels) + static_cast<std::int64_t>(part.looked_at));
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
            if (const auto channel = search.scope.ids.find(rows.integer()); channel != search.scope.ids.end()) {
                candidate.channel = channel->second;
            }
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
    Progress progress;
    bool too_many = false;
    std::int64_t stretches = 1;
    while (newest >= oldest && !out.cut_at) {
        const double own = share * static_cast<double>(newest);
        const auto found = static_cast<double>(out.found.size());
        const double to_fill = (static_cast<double>(search.limit) - found) * progress.looked_at / std::max(found, 1.0);
        const AtOnce at_once = too_many ? AtOnce::no : choose(progress, static_cast<double>(newest), own, to_fill);
        std::optional<Part> some;
        if (at_once != AtOnce::no) {
            some = at_once == AtOnce::by_words ? by_words(search, oldest, newest, 0) : by_both(search, oldest, newest, own);
            too_many = !some;
            if (too_many) continue;
        } else if (progress.density() <= std::min(kCommon, share) && search.scope.messages > kLookedThrough) {
            some = by_words(search, oldest, newest, stretches);
            if (some) stretches = std::min(2 * stretches, kMostStretches);
        }
        const Part part = some ? *std::move(some) : by_channels(search, oldest, newest, own_length);
        progress.looked_at += part.looked_at;
        progress.matches += static_cast<double>(part.matches);
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
