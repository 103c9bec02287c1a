/// Reads searches: asks for the newest messages with the words, in three ways, of which the cheapest one is chosen as it goes on.
#pragma once

#include <cariosan/storage.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
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
        std::unordered_map<std::int64_t, ChannelId> ids;
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
        double looked_at = 0;       ///< how many ids, or how many of the viewer's messages
        std::int64_t matches = 0;   ///< how many of them hold the words
        std::vector<std::int64_t> messages;  ///< those of the viewer's channels, newest first
    };
    /// What was looked at, and how many of it hold the words.
    struct Seen {
        double looked_at = 0;
        double matches = 0;

        void add(double looked, double hits) {
            looked_at += looked;
            matches += hits;
        }
        double density() const { return looked_at > 0 ? matches / looked_at : 1; }
        /// How many matches are expected among as many messages: that few were found may be chance.
        double expected_in(double messages) const { return (matches + 3) / looked_at * messages; }
    };
    struct Progress {
        Seen own;  ///< the viewer's messages
        Seen all;  ///< everyone's
        bool too_many = false;  ///< the index of words has too many matches
    };
    /// By which index all matches that are left are asked for at once.
    enum class AtOnce : std::uint8_t { no, by_words, by_both };
    static AtOnce choose(const Progress& progress, double everyones, double own, double most);

    Scope scope_of(const ResolvedUser& user, const std::optional<ChannelId>& channel);
    /// The matches of everyone in the newest `stretches` (0: among all ids), by the index of words. Absent if they are `most` or more.
    std::optional<Part> by_words(const Search& search, std::int64_t oldest, std::int64_t newest, std::int64_t stretches,
                                 std::int64_t most);
    /// All matches of the viewer's, `own` messages, by the index of words, which has about `in_index`, and that of channels. Absent if
    /// they are too many.
    std::optional<Part> by_both(const Search& search, std::int64_t oldest, std::int64_t newest, double in_index, double own);
    std::optional<Part> by_index(const Search& search, std::int64_t oldest, std::int64_t newest, double share, double to_fill,
                                 Progress& progress);
    /// The matches among the viewer's newest messages, which are `share` of all; about `most` of them.
    Part by_channels(const Search& search, std::int64_t oldest, std::int64_t newest, double share, std::int64_t most);
    static Part take(Rows rows);
    /// Reads messages, given newest first, and adds those that are matches.
    void read(const Search& search, std::span<const std::int64_t> messages, SearchCandidates& out);
    void find_matches(const Search& search, const SearchRange& range, SearchCandidates& out);

    Snapshot& snapshot_;
    Statement channel_of_{snapshot_.connection(),
                          "SELECT c.id, c.last_seq, c.uuid FROM members x JOIN channels c ON c.id = x.channel_id"
                          " WHERE x.user_id = $1 AND x.channel_id = $2 AND x.present = 1"};
    Statement channels_of_{snapshot_.connection(),
                           "SELECT c.id, c.last_seq, c.uuid FROM members x JOIN channels c ON c.id = x.channel_id"
                           " WHERE x.user_id = $1 AND x.present = 1 AND c.deleted_at IS NULL"};
    /// Ids are given in blocks: the last one given is the end of a block.
    Statement newest_{snapshot_.connection(), "SELECT last_value + 255 FROM message_ids"};
    // Each returns how many rows were looked at, how many of them hold the words, the oldest of them, and the viewer's that hold
    // the words, newest first.
    /// The ids are not compared as they are, so that nothing but the index of words is used.
    Statement by_words_{snapshot_.connection(),
                        "SELECT count(*), count(*), min(w.message_id), array_agg(w.message_id ORDER BY w.message_id DESC)"
                        " FILTER (WHERE w.channel_id IN (SELECT unnest($4::bigint[]))) FROM"
                        " (SELECT f.message_id, f.channel_id FROM message_words f WHERE f.words @@ $1::tsquery"
                        " AND f.message_id + 0 BETWEEN $2 AND $3 LIMIT $5) w"};
    /// The same for the viewer's messages only: of the others no row is read if both indexes are combined. Which is cheaper
    /// depends on the words and the channels.
    Statement by_both_{snapshot_.connection(),
                       "SELECT count(*), count(*), min(w.message_id), array_agg(w.message_id ORDER BY w.message_id DESC) FROM"
                       " (SELECT f.message_id FROM message_words f WHERE f.words @@ $1::tsquery AND f.channel_id = ANY ($4)"
                       " AND f.message_id + 0 BETWEEN $2 AND $3 LIMIT $5) w",
                       Planned::each_time};
    Statement by_channels_{snapshot_.connection(),
                           "SELECT count(*), count(*) FILTER (WHERE few.hit), min(few.message_id),"
                           " array_agg(few.message_id ORDER BY few.message_id DESC) FILTER (WHERE few.hit) FROM"
                           " (SELECT w.message_id, w.hit FROM unnest($4::bigint[]) c (id) CROSS JOIN LATERAL"
                           " (SELECT m.message_id, m.words @@ $1::tsquery AS hit FROM message_words m WHERE m.channel_id = c.id"
                           " AND m.message_id BETWEEN $2 AND $3 ORDER BY m.message_id DESC LIMIT $5) w"
                           " ORDER BY w.message_id DESC LIMIT $5) few"};
    Statement messages_{snapshot_.connection(),
                        "SELECT m.id, m.channel_id, m.uuid, u.uuid, m.content FROM messages m JOIN users u ON u.id = m.user_id"
                        " WHERE m.id = ANY ($1) AND m.deleted_at IS NULL AND u.deletion <> 2 ORDER BY m.id DESC"};
};

}  // namespace cariosan::postgres
