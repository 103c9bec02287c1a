#include <algorithm>
#include <functional>
#include <iterator>
#include <limits>

#include "adapters/sqlite/readers_talk.hpp"
#include "adapters/sqlite/search_text.hpp"

namespace cariosan::sqlite {
namespace {

/// To look up whose a match is costs about a twentieth of asking the index for one more channel, and so many are looked up
/// in vain at most.
constexpr std::int64_t kLookUpsPerChannel = 20;
constexpr std::int64_t kLookUps = 2'000;
/// The index is asked for so many channels at a time.
constexpr std::size_t kChannelsAtOnce = 200;

/// The newest `limit`, newest first.
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

SqliteSearch::Found SqliteSearch::look(const std::string& expression, const std::vector<std::int64_t>& channels,
                                       const SearchRange& range, std::int64_t look_ups) {
    Found found;
    Rows positions = words_->matches.query(expression, range.oldest, range.newest);
    while (std::cmp_less(found.candidates.size(), range.limit) && positions.next()) {
        SearchCandidate candidate;
        candidate.position = positions.integer();
        if (foreign_.contains(candidate.position)) continue;
        if (!is_in(channels, candidate.position)) {
            foreign_.insert(candidate.position);
            if (--look_ups > 0) continue;
            found.given_up_at = candidate.position;
            break;
        }
        Rows rows = message_.query(candidate.position);
        if (!rows.next()) continue;
        candidate.channel = rows.id<ChannelId>();
        candidate.message = rows.id<MessageId>();
        candidate.author = rows.id<UserId>();
        candidate.content = rows.text();
        found.candidates.push_back(std::move(candidate));
    }
    return found;
}

/// The matches in all channels are looked at first: if they are few, or those of the viewer a good part of them, that is
/// enough. Where it is not, what lies below is asked for by the tokens of the channels, some at a time. So every match is
/// found, in a time that depends on the number of channels and on what was written there, not on what others wrote.
std::vector<SearchCandidate> SqliteSearch::matches(const std::vector<SearchTerm>& terms, bool prefixes,
                                                   const std::vector<std::int64_t>& channels, SearchRange range) {
    const std::int64_t look_ups = std::min(kLookUps, kLookUpsPerChannel * std::ssize(channels));
    Found above = look(match_expression(terms, prefixes, {}), channels, range, look_ups);
    if (!above.given_up_at) return std::move(above.candidates);
    range.newest = *above.given_up_at - 1;
    range.limit -= std::ssize(above.candidates);
    std::vector<SearchCandidate> below;
    for (std::size_t at = 0; at < channels.size(); at += kChannelsAtOnce) {
        const auto first = channels.begin() + static_cast<std::ptrdiff_t>(at);
        const auto count = static_cast<std::ptrdiff_t>(std::min(kChannelsAtOnce, channels.size() - at));
        const std::vector part(first, first + count);
        Found more = look(match_expression(terms, prefixes, part), part, range, std::numeric_limits<std::int64_t>::max());
        std::ranges::move(more.candidates, std::back_inserter(below));
        keep_newest(below, range.limit);
        if (std::ssize(below) == range.limit) range.oldest = below.back().position + 1;
    }
    std::ranges::move(below, std::back_inserter(above.candidates));
    return std::move(above.candidates);
}

Result<SearchCandidates> SqliteSearch::candidates(WorkspaceId workspace, UserId viewer,
                                                  const SearchRange& range) {
    if (!open()) return Error(ErrorCode::unavailable, "there is no search index yet");
    SearchCandidates out;
    const ResolvedUser* user = snapshot_.user(workspace, viewer);
    const auto channels = user == nullptr ? std::vector<std::int64_t>() : scope(*user, range.channel);
    foreign_.clear();
    words_->begin.run();
    {
        Rows rows = words_->position.query();
        if (rows.next()) out.indexed = rows.integer();
    }
    if (!channels.empty() && !range.terms.empty()) {
        // A prefix costs what all words that begin with it cost. If the word itself fills the page, that is enough.
        out.found = matches(range.terms, false, channels, range);
        const bool prefix = std::ranges::any_of(range.terms, &SearchTerm::prefix);
        if (prefix && std::cmp_less(out.found.size(), range.limit)) {
            out.found = matches(range.terms, true, channels, range);
        }
    }
    Connection& connection = *words_->connection;
    if (!connection.failed()) words_->end.run();
    if (connection.failed()) {
        const Error reason = connection.failure();
        if (connection.found_damage()) index_->report_damage(words_->generation);
        words_.reset();
        return Error(ErrorCode::unavailable, "the search index cannot be read: " + reason.message);
    }
    return snapshot_.checked(std::move(out));
}

}  // namespace cariosan::sqlite
