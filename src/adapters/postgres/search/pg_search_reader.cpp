#include "adapters/postgres/search/pg_search_reader.hpp"

#include <algorithm>
#include <utility>

namespace cariosan::postgres {
namespace {

/// Steps charged for a query; for looking at a message; for reading one: `kReadMessage`, plus one for each `kBytesPerStep`.
constexpr std::int64_t kAsk = 100;
constexpr std::int64_t kLookAt = 2;
constexpr std::int64_t kReadMessage = 24;
constexpr std::int64_t kBytesPerStep = 512;
constexpr std::int64_t kMessagesAtOnce = 250;
/// For a match that the index of words leads to, whose row is read; for one that only the index has; for an entry of the index of
/// channels.
constexpr double kMatch = 4;
constexpr double kMatchInIndex = 1.5;
constexpr double kChannelEntry = 0.2;
/// How many of the viewer's messages are looked through at a time: at first, and at most.
constexpr std::int64_t kFirstLook = 500;
constexpr std::int64_t kMostLook = 2'000;
/// The share of the budget that asking for all matches at once may take: the rest is for reading them.
constexpr double kShareAtOnce = 0.75;
/// More matches than this are not taken from the index of words: in the first stretch, which shows how frequent the words are
/// among the messages of everyone, and afterwards.
constexpr std::int64_t kMostAtFirst = 1'000;
constexpr std::int64_t kMostMatches = 10'000;
/// How many matches it is asked for in stretches of ids, and in how many at most: it reads the list of each.
constexpr double kMatchesAtOnce = 2'500;
constexpr std::int64_t kMostStretches = 4;
/// A word that is in more than this share of the messages is found fastest by looking through them.
constexpr double kCommon = 0.05;

std::int64_t in_steps(double cost) { return static_cast<std::int64_t>(cost); }

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
                                                 std::int64_t stretches, std::int64_t most) {
    const std::int64_t first = std::max(newest / kStretch + 1 - stretches, std::int64_t{0}) * kStretch;
    const std::int64_t lowest = stretches == 0 ? oldest : std::max(first, oldest);
    const std::string query = stretches == 0 ? word_query(search.tokens) : word_query(search.tokens, lowest, newest);
    Part part = take(by_words_.query(query, lowest, newest, Statement::list(search.scope.channels), most));
    part.reached = lowest;
    part.looked_at = static_cast<double>(newest + 1 - lowest);
    search.budget.spend(kAsk + in_steps(kMatch * static_cast<double>(part.matches)));
    if (part.matches >= most) return std::nullopt;
    return part;
}

std::optional<PgSearch::Part> PgSearch::by_both(const Search& search, std::int64_t oldest, std::int64_t newest, double in_index,
                                                double own) {
    Part part = take(by_both_.query(word_query(search.tokens), oldest, newest, Statement::list(search.scope.channels), kMostMatches));
    part.reached = oldest;
    part.looked_at = own;
    search.budget.spend(kAsk + in_steps(kChannelEntry * own + kMatchInIndex * in_index + kMatch * static_cast<double>(part.matches)));
    if (part.matches >= kMostMatches) return std::nullopt;
    return part;
}

/// Among `everyones` messages, or the viewer's `own`. The index of words leads to a row for each match of everyone; both indexes lead
/// to the viewer's only, after their entries for all of them. `most`: what that may cost.
PgSearch::AtOnce PgSearch::choose(const Progress& progress, double everyones, double own, double most) {
    const double matches = progress.all.expected_in(everyones);
    const double by_words = kMatch * matches;
    const double by_both = kChannelEntry * own + kMatchInIndex * matches + kMatch * progress.own.expected_in(own);
    if (std::min(by_words, by_both) > most) return AtOnce::no;
    return by_words <= by_both ? AtOnce::by_words : AtOnce::by_both;
}

PgSearch::Part PgSearch::by_channels(const Search& search, std::int64_t oldest, std::int64_t newest, double share,
                                     std::int64_t most) {
    const double length = std::min(static_cast<double>(most) / share, static_cast<double>(newest));
    const std::int64_t lowest = std::max(oldest, newest + 1 - static_cast<std::int64_t>(length));
    Part part = take(by_channels_.query(word_query(search.tokens), lowest, newest, Statement::list(search.scope.channels), most));
    // With fewer than that, everything was looked through.
    if (part.looked_at < static_cast<double>(most)) part.reached = lowest;
    search.budget.spend(kAsk + std::ssize(search.scope.channels) + kLookAt * in_steps(part.looked_at));
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

/// What the index of words has, if that promises to be cheaper than looking through the viewer's messages. The newest stretch of ids
/// comes first: it shows how frequent the words are among the messages of everyone, which the viewer's do not.
std::optional<PgSearch::Part> PgSearch::by_index(const Search& search, std::int64_t oldest, std::int64_t newest, double share,
                                                 double to_fill, Progress& progress) {
    if (progress.own.density() > kCommon || progress.too_many) return std::nullopt;
    const auto everyones = static_cast<double>(newest);
    std::optional<Part> part;
    if (progress.all.looked_at == 0) {
        const std::int64_t stretches = newest % kStretch < kStretch / 16 ? 2 : 1;
        part = by_words(search, oldest, newest, stretches, kMostAtFirst);
    } else {
        const double own = share * everyones;
        const double most = std::min(static_cast<double>(kLookAt) * to_fill, kShareAtOnce * static_cast<double>(search.budget.left()));
        const AtOnce at_once = choose(progress, everyones, own, most);
        if (at_once == AtOnce::by_words) {
            part = by_words(search, oldest, newest, 0, kMostMatches);
        } else if (at_once == AtOnce::by_both) {
            part = by_both(search, oldest, newest, progress.all.expected_in(everyones), own);
        } else if (progress.all.density() <= share) {
            const auto stretches = static_cast<std::int64_t>(kMatchesAtOnce / progress.all.expected_in(kStretch));
            part = by_words(search, oldest, newest, std::clamp<std::int64_t>(stretches, 1, kMostStretches), kMostMatches);
        } else {
            return std::nullopt;
        }
    }
    if (part) {
        progress.all.add(part->looked_at, static_cast<double>(part->matches));
        progress.own.add(share * part->looked_at, static_cast<double>(part->messages.size()));
    }
    progress.too_many = !part;
    return part;
}

/// The viewer's newest messages are looked through first: that finds a common word, and shows how common it is. All matches of a rare
/// one come from the index of words at once. In between, the index is asked stretch by stretch where the words are rarer than
/// the viewer's messages are among all; otherwise these are looked through further. So neither how much others wrote nor how common
/// a word is decides alone what a search costs.
void PgSearch::find_matches(const Search& search, const SearchRange& range, SearchCandidates& out) {
    const std::int64_t oldest = std::max<std::int64_t>(range.oldest, 1);
    std::int64_t newest = std::min(range.newest, out.indexed);
    const auto share = std::max(
        static_cast<double>(search.scope.messages) / static_cast<double>(std::max<std::int64_t>(out.indexed, 1)), 1e-9);
    Progress progress;
    while (newest >= oldest && !out.cut_at) {
        const auto found = static_cast<double>(out.found.size());
        const double to_fill = (static_cast<double>(search.limit) - found) * progress.own.looked_at / std::max(found, 1.0);
        std::optional<Part> part;
        if (progress.own.looked_at > 0 && search.scope.messages > kFirstLook) {
            part = by_index(search, oldest, newest, share, to_fill, progress);
        }
        if (!part) {
            const auto most = static_cast<double>(progress.own.looked_at > 0 ? kMostLook : kFirstLook);
            part = by_channels(search, oldest, newest, share, std::max(in_steps(std::min(1.2 * to_fill, most)), kFirstLook));
            progress.own.add(part->looked_at, static_cast<double>(part->matches));
        }
        read(search, part->messages, out);
        if (std::ssize(out.found) == search.limit || snapshot_.connection().failed()) return;
        if (!out.cut_at && search.budget.spent()) out.cut_at = part->reached;
        newest = part->reached - 1;
    }
    // Nothing is left below.
    if (out.cut_at && *out.cut_at <= oldest) out.cut_at.reset();
}

Result<SearchCandidates> PgSearch::candidates(WorkspaceId workspace, UserId viewer, const SearchRange& range,
                                              WorkBudget& budget, const SearchFilter& filter) {
    SearchCandidates out;
    Pending last = newest_.start();
    const ResolvedUser* user = snapshot_.user(workspace, viewer);
    if (Rows rows = last.rows(); rows.next()) out.indexed = rows.integer();
    const Scope scope = user == nullptr ? Scope{} : scope_of(*user, range.channel);
    budget.spend(std::ssize(scope.channels));
    const Search search{tokens_of(range.terms), scope, budget, filter, range.limit};
    if (!scope.channels.empty() && !search.tokens.empty()) find_matches(search, range, out);
    return snapshot_.checked(std::move(out));
}

}  // namespace cariosan::postgres
