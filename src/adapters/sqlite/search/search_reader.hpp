/// Reads searches: asks the index for positions and the database for the messages there.
#pragma once

#include <cariosan/storage.hpp>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "adapters/sqlite/read/read_queries.hpp"
#include "adapters/sqlite/search/index_text.hpp"
#include "adapters/sqlite/search/search_index.hpp"
#include "adapters/sqlite/search/search_postings.hpp"

namespace cariosan::sqlite {

class SqliteSearch final : public SearchReader {
  public:
    /// `index` may be null: no search. It must outlive this object.
    SqliteSearch(Snapshot& snapshot, SearchIndex* index) : snapshot_(snapshot), index_(index) {}
    Result<SearchCandidates> candidates(WorkspaceId workspace, UserId viewer, const SearchRange& range, WorkBudget& budget,
                                        const SearchFilter& filter) override;

  private:
    /// A connection to the index, valid until the file is replaced.
    struct Words {
        Words(std::unique_ptr<Connection> opened, std::int64_t of)
            : connection(std::move(opened)), generation(of) {}

        std::unique_ptr<Connection> connection;
        std::int64_t generation;
        Statement begin{*connection, "BEGIN"};
        Statement end{*connection, "COMMIT"};
        Statement position{*connection, "SELECT position FROM state WHERE id = 1"};
        std::deque<Statement> lists;  ///< as many as were ever walked at once

        Statement& list(std::size_t number);
    };
    /// What to search for, where, and the remaining budget.
    struct Search {
        std::vector<SearchToken> tokens;
        const std::vector<std::int64_t>& channels;  ///< rowids, ascending
        WorkBudget& budget;
        const SearchFilter& filter;
    };

    bool open();
    /// The rowids of the channels to search, ascending.
    std::vector<std::int64_t> scope(const ResolvedUser& user, const std::optional<ChannelId>& channel);
    struct Found {
        std::vector<SearchCandidate> candidates;
        std::optional<std::int64_t> cut_at;  ///< positions below this were not looked at
        bool given_up = false;               ///< after too many fruitless lookups
    };
    /// Whether the message at this position exists and is in one of the channels.
    bool is_in(const std::vector<std::int64_t>& channels, std::int64_t position);
    std::optional<SearchCandidate> read_candidate(std::int64_t position);
    /// The newest matches between two positions; if `by_channels` is not empty, only those with a token of these channels.
    Found look(const Search& search, std::span<const std::int64_t> by_channels, std::int64_t oldest, std::int64_t newest,
               std::int64_t limit, std::int64_t look_ups);
    std::optional<std::vector<SearchCandidate>> look_by_channels(const Search& search, std::int64_t oldest,
                                                                 std::int64_t newest, std::int64_t limit);
    void find_matches(const Search& search, const SearchRange& range, SearchCandidates& out);

    Snapshot& snapshot_;
    SearchIndex* index_;
    std::unique_ptr<Words> words_;
    Statement is_member_{snapshot_.connection(),
                         "SELECT 1 FROM members WHERE user_id = ?1 AND channel_id = ?2 AND present = 1"};
    Statement channels_of_{snapshot_.connection(),
                           "SELECT c.id FROM members x INDEXED BY members_of_user CROSS JOIN channels c ON c.id = x.channel_id"
                           " WHERE x.user_id = ?1 AND x.present = 1 AND c.deleted_at IS NULL"};
    Statement channel_of_{snapshot_.connection(),
                          "SELECT m.channel_id FROM messages m CROSS JOIN users u ON u.id = m.user_id"
                          " WHERE m.id = ?1 AND m.deleted_at IS NULL AND u.deletion <> 2"};
    Statement message_{snapshot_.connection(),
                       "SELECT c.uuid, m.uuid, u.uuid, m.content FROM messages m"
                       " CROSS JOIN channels c ON c.id = m.channel_id CROSS JOIN users u ON u.id = m.user_id"
                       " WHERE m.id = ?1 AND m.deleted_at IS NULL"};
};

}  // namespace cariosan::sqlite
