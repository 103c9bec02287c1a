/// Counting what is unread.
#pragma once

#include <cstdint>

#include "adapters/sqlite/statement.hpp"

namespace cariosan::sqlite {

/// The messages of a channel above a reader's cursor.
struct UnreadRange {
    std::int64_t channel = 0;
    std::int64_t last_seq = 0;
    std::int64_t last_read_seq = 0;

    /// How many there are, whatever became of them.
    std::int64_t span() const noexcept { return last_seq > last_read_seq ? last_seq - last_read_seq : 0; }
};

/// How many entries of an index one read may look at to count. Ranges of up to `kExact` positions, of which a page of channels
/// has at most 101, have a part of their own, so that longer ones do not make those inexact.
struct UnreadBudget {
    static constexpr std::int64_t kExact = 999;

    std::int64_t short_ranges = 101 * kExact;
    std::int64_t long_ranges = 20'000;

    std::int64_t& of(std::int64_t span) noexcept { return span <= kExact ? short_ranges : long_ranges; }
};

/// Counts messages without the unsent ones and without those of users the reader has blocked. Exact as long as the budget
/// lasts; then a range counts whole. Costs two seeks where nothing was unsent and nobody is blocked, else a walk over entries
/// of the indexes `messages_unsent` and `messages_by_seq` that the budget bounds.
class UnreadCounter {
  public:
    explicit UnreadCounter(Connection& connection) : connection_(connection) {}

    /// For a reader that has blocked nobody.
    std::int64_t count(const UnreadRange& range, UnreadBudget& budget);
    /// For the user with rowid `reader`.
    std::int64_t count_visible(std::int64_t reader, const UnreadRange& range, UnreadBudget& budget);

  private:
    static std::int64_t number(Rows rows) { return rows.next() ? rows.integer() : 0; }

    Connection& connection_;
    Statement unsent_{connection_,
                      "SELECT count(*) FROM (SELECT 1 FROM messages m INDEXED BY messages_unsent"
                      " WHERE m.deleted_at IS NOT NULL AND m.channel_id = ?1 AND m.seq > ?2 LIMIT ?3)"};
    Statement blocked_{connection_,
                       "SELECT count(*) FROM messages m INDEXED BY messages_by_seq WHERE m.channel_id = ?1 AND m.seq > ?2"
                       " AND EXISTS (SELECT 1 FROM blocks b INDEXED BY blocks_of_blocked WHERE b.blocked_id = m.user_id"
                       " AND b.user_id = ?3)"};
    Statement unsent_by_others_{
        connection_,
        "SELECT count(*) FROM messages m INDEXED BY messages_unsent WHERE m.deleted_at IS NOT NULL AND m.channel_id = ?1"
        " AND m.seq > ?2 AND NOT EXISTS (SELECT 1 FROM blocks b INDEXED BY blocks_of_blocked"
        " WHERE b.blocked_id = m.user_id AND b.user_id = ?3)"};
};

}  // namespace cariosan::sqlite
