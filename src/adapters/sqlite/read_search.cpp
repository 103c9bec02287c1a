#include <algorithm>

#include "adapters/sqlite/readers.hpp"
#include "adapters/sqlite/search_text.hpp"

namespace cariosan::sqlite {
namespace {

/// With no more channels than this the index is asked for their tokens; with more, for all messages, and those of other
/// channels are passed over.
constexpr std::size_t kNarrow = 200;
/// So many of other channels are passed over at most.
constexpr std::int64_t kPassedOver = 20'000;

}  // namespace

bool SqliteSearch::open() {
    if (index_ == nullptr || index_->generation() == 0) return false;
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

std::vector<SearchCandidate> SqliteSearch::matches(const std::string& expression,
                                                   const std::vector<std::int64_t>& channels,
                                                   const SearchRange& range) {
    std::vector<SearchCandidate> found;
    Rows positions = words_->matches.query(expression, range.oldest, range.newest);
    std::int64_t passed_over = 0;
    while (std::cmp_less(found.size(), range.limit) && passed_over < kPassedOver && positions.next()) {
        SearchCandidate candidate;
        candidate.position = positions.integer();
        ++passed_over;
        Rows rows = message_.query(candidate.position);
        if (!rows.next() || !std::ranges::binary_search(channels, rows.integer())) continue;
        --passed_over;
        candidate.channel = rows.id<ChannelId>();
        candidate.message = rows.id<MessageId>();
        candidate.author = rows.id<UserId>();
        candidate.content = rows.text();
        found.push_back(std::move(candidate));
    }
    return found;
}

Result<SearchCandidates> SqliteSearch::candidates(WorkspaceId workspace, UserId viewer,
                                                  const SearchRange& range) {
    if (!open()) return Error(ErrorCode::unavailable, "there is no search index yet");
    SearchCandidates out;
    const ResolvedUser* user = snapshot_.user(workspace, viewer);
    const auto channels = user == nullptr ? std::vector<std::int64_t>() : scope(*user, range.channel);
    words_->begin.run();
    {
        Rows rows = words_->position.query();
        if (rows.next()) out.indexed = rows.integer();
    }
    if (!channels.empty() && !range.terms.empty()) {
        const auto tokens = channels.size() <= kNarrow ? channels : std::vector<std::int64_t>();
        // A prefix costs what all words that begin with it cost. If the word itself fills the page, that is enough.
        out.found = matches(match_expression(range.terms, false, tokens), channels, range);
        const bool prefix = std::ranges::any_of(range.terms, &SearchTerm::prefix);
        if (prefix && std::cmp_less(out.found.size(), range.limit)) {
            out.found = matches(match_expression(range.terms, true, tokens), channels, range);
        }
    }
    Connection& connection = *words_->connection;
    if (!connection.failed()) words_->end.run();
    if (connection.failed()) {
        const Error reason = connection.failure();
        words_.reset();
        if (reason.code != ErrorCode::unavailable) index_->report_damage();
        return Error(ErrorCode::unavailable, "the search index cannot be read: " + reason.message);
    }
    return snapshot_.checked(std::move(out));
}

}  // namespace cariosan::sqlite
