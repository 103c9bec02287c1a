#include "adapters/sqlite/search/search_reader.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <limits>

namespace cariosan::sqlite {
namespace {

/// Steps charged for looking up the channel of a match, and for reading its text: `kRead`, plus one for each
/// `kBytesPerStep`.
constexpr std::int64_t kLookUp = 4;
constexpr std::int64_t kRead = 12;
constexpr std::int64_t kBytesPerStep = 512;
/// After this many lookups that led to messages of other users' channels, the search continues with the tokens of the
/// viewer's channels.
constexpr std::int64_t kLookUpsPerChannel = 20;
constexpr std::int64_t kLookUps = 2'000;
/// How many channels one query of the index covers.
constexpr std::size_t kChannelsAtOnce = 200;
/// The first stretch of positions searched by channel; each further stretch is twice as long. A stretch that the budget
/// does not cover completely counts for nothing.
constexpr std::int64_t kFirstStretch = 20'000;

/// Keeps the newest `limit`, newest first.
void keep_newest(std::vector<SearchCandidate>& found, std::int64_t limit) {
    std::ranges::sort(found, std::greater(), &SearchCandidate::position);
    if (std::cmp_greater(found.size(), limit)) found.resize(static_cast<std::size_t>(limit));
}

}  // namespace

bool SqliteSearch::open() {
    if (index_ == nullptr || !index_->check_files()) {
        words_.reset();
        return false;
    }
    const std::int64_t generation = index_->generation();
    if (words_ != nullptr && words_->generation == generation) {
        words_->connection->clear_failure();
        return true;
    }
    words_.reset();
    auto opened = Connection::open(index_->path(), Connection::Access::write, nullptr);
    if (!opened) return false;
    sqlite3_db_config((*opened)->handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    if (!(*opened)->execute("PRAGMA query_only = ON; PRAGMA cache_size = -8192")) return false;
    words_ = std::make_unique<Words>(*std::move(opened), generation);
    return true;
}

std::vector<std::int64_t> SqliteSearch::scope(const ResolvedUser& user,
                                              const std::optional<ChannelId>& channel) {
    std::vector<std::int64_t> channels;
    if (channel) {
        const ResolvedChannel* known = snapshot_.channel(*channel);
        if (known == nullptr) return channels;
        Rows rows = is_member_.query(user.row, known->row);
        if (rows.next()) channels.push_back(known->row);
        return channels;
    }
    Rows rows = channels_of_.query(user.row);
    while (rows.next()) channels.push_back(rows.integer());
    std::ranges::sort(channels);
    return channels;
}

bool SqliteSearch::is_in(const std::vector<std::int64_t>& channels, std::int64_t position) {
    Rows rows = channel_of_.query(position);
    return rows.next() && std::ranges::binary_search(channels, rows.integer());
}

std::optional<SearchCandidate> SqliteSearch::read_candidate(std::int64_t position) {
    Rows rows = message_.query(position);
    if (!rows.next()) return std::nullopt;
    SearchCandidate candidate;
    candidate.position = position;
    candidate.channel = rows.id<ChannelId>();
    candidate.message = rows.id<MessageId>();
    candidate.author = rows.id<UserId>();
    candidate.content = rows.text();
    return candidate;
}

Statement& SqliteSearch::Words::list(std::size_t number) {
    while (lists.size() <= number) {
        lists.emplace_back(*connection, "SELECT rowid FROM message_words WHERE message_words MATCH ?1"
                                        " AND rowid BETWEEN ?2 AND ?3 ORDER BY rowid DESC");
    }
    return lists[number];
}

SqliteSearch::Found SqliteSearch::look(const Search& search, std::span<const std::int64_t> by_channels,
                                       std::int64_t oldest, std::int64_t newest, std::int64_t limit, std::int64_t look_ups) {
    Found found;
    CommonPostings common(oldest);
    std::size_t number = 0;
    if (!by_channels.empty()) {
        common.add(words_->list(number++), match_expression(by_channels), std::ssize(by_channels));
    }
    for (const SearchToken& token : search.tokens) common.add(words_->list(number++), match_expression(token), 1);
    while (std::cmp_less(found.candidates.size(), limit)) {
        const auto position = common.next(newest, search.budget);
        if (!position) {
            found.cut_at = common.cut_at();
            break;
        }
        newest = *position - 1;
        search.budget.spend(kLookUp);
        if (is_in(search.channels, *position)) {
            auto candidate = read_candidate(*position);
            if (candidate) {
                search.budget.spend(kRead + std::ssize(candidate->content) / kBytesPerStep);
                if (search.filter(*candidate)) found.candidates.push_back(*std::move(candidate));
            }
        } else {
            found.given_up = --look_ups <= 0;
        }
        if (search.budget.spent() || found.given_up) {
            found.cut_at = *position;
            break;
        }
    }
    return found;
}

/// The newest matches in a stretch, found by the tokens of the channels. Absent if the budget ran out before all
/// channels were covered.
std::optional<std::vector<SearchCandidate>> SqliteSearch::look_by_channels(const Search& search, std::int64_t oldest,
                                                                           std::int64_t newest, std::int64_t limit) {
    std::vector<SearchCandidate> found;
    const std::span channels(search.channels);
    for (std::size_t at = 0; at < channels.size(); at += kChannelsAtOnce) {
        const auto part = channels.subspan(at, std::min(kChannelsAtOnce, channels.size() - at));
        Found more = look(search, part, oldest, newest, limit, std::numeric_limits<std::int64_t>::max());
        if (more.cut_at) return std::nullopt;
        std::ranges::move(more.candidates, std::back_inserter(found));
        keep_newest(found, limit);
        if (std::ssize(found) == limit) oldest = found.back().position + 1;
    }
    return found;
}

/// First looks at the matches in all channels. That is enough if they are few, or if many of them are the viewer's.
/// Otherwise the rest is searched by the tokens of the viewer's channels, some at a time, in stretches. So the time depends
/// on the viewer's channels and what was written there, not on what others wrote.
void SqliteSearch::find_matches(const Search& search, const SearchRange& range, SearchCandidates& out) {
    const std::int64_t look_ups = std::min(kLookUps, kLookUpsPerChannel * std::ssize(search.channels));
    const std::int64_t top = std::min(range.newest, out.indexed);
    const std::int64_t oldest = std::max<std::int64_t>(range.oldest, 1);
    Found above = look(search, {}, oldest, top, range.limit, look_ups);
    out.found = std::move(above.candidates);
    std::int64_t newest = above.cut_at.value_or(oldest) - 1;
    for (std::int64_t stretch = kFirstStretch; newest >= oldest && !search.budget.spent(); stretch *= 2) {
        const std::int64_t from = stretch < newest - oldest ? newest - stretch : oldest;
        const std::int64_t room = range.limit - std::ssize(out.found);
        auto below = look_by_channels(search, from, newest, room);
        if (!below) break;
        const bool full = std::ssize(*below) == room;
        std::ranges::move(*below, std::back_inserter(out.found));
        if (full) return;
        newest = from - 1;
    }
    if (newest >= oldest) out.cut_at = newest + 1;
}

Result<SearchCandidates> SqliteSearch::candidates(WorkspaceId workspace, UserId viewer,
                                                  const SearchRange& range, WorkBudget& budget,
                                                  const SearchFilter& filter) {
    if (!open()) return Error(ErrorCode::unavailable, "there is no search index yet");
    SearchCandidates out;
    const ResolvedUser* user = snapshot_.user(workspace, viewer);
    const auto channels = user == nullptr ? std::vector<std::int64_t>() : scope(*user, range.channel);
    words_->begin.run();
    {
        Rows rows = words_->position.query();
        if (rows.next()) out.indexed = rows.integer();
    }
    const Search search{tokens_of(range.terms), channels, budget, filter};
    budget.spend(std::ssize(channels));
    if (!channels.empty() && !search.tokens.empty()) find_matches(search, range, out);
    Connection& connection = *words_->connection;
    if (!connection.failed()) words_->end.run();
    if (connection.failed()) {
        const Error reason = connection.failure();
        if (connection.found_damage()) index_->report_damage(words_->generation);
        words_.reset();
        return Error(ErrorCode::unavailable, "the search index cannot be read").because(reason.cause);
    }
    return snapshot_.checked(std::move(out));
}

}  // namespace cariosan::sqlite
