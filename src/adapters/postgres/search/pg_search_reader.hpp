/// Reads searches: asks for the newest messages with the words, in two ways, of which the cheaper one is chosen as it goes on.
#pragma once

#include <cariosan/storage.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "adapters/postgres/read/pg_read_queries.hpp"
#include "adapters/postgres/search/pg_words.hpp"

namespace cariosan::postgres {

class PgSearch final : public SearchReader {
  public:
    explicit PgSearch(Snapshot& snapshot) : snapshot_(snapshot) {}
    Result<SearchCandidates> candidates(WorkspaceId workspace, UserId viewer, const SearchRange& range, WorkBudget& budget,
                                        const SearchFilter& filter) override;

  private:
    /// The channels to search, and how many messages they have had.
    struct Scope {
        std::vector<std::int64_t> channels;
        std::int64_t messages = 0;
    };
    /// What to search for, where, and the remaining budget.
    struct Search {
        std::vector<sql::SearchToken> tokens;
        const Scope& scope;
        WorkBudget& budget;
        const SearchFilter& filter;
        std::int64_t limit;
    };
    /// Part of a search: the messages that were looked at.
    struct Part {
        std::int64_t reached = 0;   ///< everything from this position on was looked at
        std::int64_t looked_at = 0;  ///< how many ids, or how many of the viewer's messages
        std::int64_t matches = 0;   ///< how many of them hold the words
        std::vector<std::int64_t> messages;  ///< those of the viewer's channels, newest first
    };

    Scope scope_of(const ResolvedUser& user, const std::optional<ChannelId>& channel);
    /// The matches of everyone in the newest `stretches` (0: among all ids), by the index of words. Absent if they are too many.
    std::optional<Part> by_words(const Search& search, std::int64_t oldest, std::int64_t newest, std::int64_t stretches);
    /// The matches among the viewer's newest messages, some 2,000 at most.
    Part by_channels(const Search& search, std::int64_t oldest, std::int64_t newest, std::int64_t length);
    static Part take(Rows rows, std::int64_t reached);
    /// Reads messages, given newest first, and adds those that are matches.
    void read(const Search& search, std::span<const std::int64_t> messages, SearchCandidates& out);
    void find_matches(const Search& search, const SearchRange& range, SearchCandidates& out);

    Snapshot& snapshot_;
    Statement channel_of_{snapshot_.connection(),
                          "SELECT c.id, c.last_seq FROM members x JOIN channels c ON c.id = x.channel_id"
                          " WHERE x.user_id = $1 AND x.channel_id = $2 AND x.present = 1"};
    Statement channels_of_{snapshot_.connection(),
                           "SELECT c.id, c.last_seq FROM members x JOIN channels c ON c.id = x.channel_id"
                           " WHERE x.user_id = $1 AND x.present = 1 AND c.deleted_at IS NULL"};
    /// Ids are given in blocks: the last one given is the end of a block.
    Statement newest_{snapshot_.connection(), "SELECT last_value + 255 FROM message_ids"};
    // Both return how many rows were looked at, how many of them hold the words, a message, and whether it is one of the viewer's
    // that do; besides these the oldest row, so that there is one if there was anything.
    /// The ids are not compared as they are, so that nothing but the index of words is used.
    Statement by_words_{snapshot_.connection(),
                        "SELECT few.total, few.total, few.message_id, few.mine FROM"
                        " (SELECT w.message_id, w.channel_id IN (SELECT unnest($4::bigint[])) AS mine, count(*) OVER () AS total,"
                        " min(w.message_id) OVER () AS lowest FROM"
                        " (SELECT f.message_id, f.channel_id FROM message_words f WHERE f.words @@ $1::tsquery"
                        " AND f.message_id + 0 BETWEEN $2 AND $3 LIMIT $5) w) few"
                        " WHERE few.mine OR few.message_id = few.lowest ORDER BY few.message_id DESC"};
    Statement by_channels_{snapshot_.connection(),
                           "SELECT few.total, few.hits, few.message_id, few.hit FROM"
                           " (SELECT newest.message_id, newest.words @@ $1::tsquery AS hit, count(*) OVER () AS total,"
                           " count(*) FILTER (WHERE newest.words @@ $1::tsquery) OVER () AS hits,"
                           " min(newest.message_id) OVER () AS lowest FROM"
                           " (SELECT w.message_id, w.words FROM unnest($4::bigint[]) c (id) CROSS JOIN LATERAL"
                           " (SELECT m.message_id, m.words FROM message_words m WHERE m.channel_id = c.id"
                           " AND m.message_id BETWEEN $2 AND $3 ORDER BY m.message_id DESC LIMIT $5) w"
                           " ORDER BY w.message_id DESC LIMIT $5) newest) few"
                           " WHERE few.hit OR few.message_id = few.lowest ORDER BY few.message_id DESC"};
    Statement messages_{snapshot_.connection(),
                        "SELECT m.id, c.uuid, m.uuid, u.uuid, m.content FROM messages m JOIN channels c ON c.id = m.channel_id"
                        " JOIN users u ON u.id = m.user_id WHERE m.id = ANY ($1) AND m.deleted_at IS NULL"
                        " AND u.deletion <> 2 ORDER BY m.id DESC"};
};

}  // namespace cariosan::postgres
