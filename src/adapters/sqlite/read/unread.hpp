/// Counts unread messages.
#pragma once

#include <cstdint>

#include "adapters/sqlite/statement.hpp"

namespace cariosan::sqlite {

/// The messages of a channel above a reader's read position.
struct UnreadRange {
    std::int64_t channel = 0;
    std::int64_t last_seq = 0;
    std::int64_t last_read_seq = 0;

    /// Their number, unsent and hidden ones included.
    std::int64_t span() const noexcept { return last_seq > last_read_seq ? last_seq - last_read_seq : 0; }
};

/// How many index entries one read may visit to count. Ranges of up to `kExact` positions, of which a page of channels has
/// at most 101, have a budget of their own, so that long ranges cannot make short ones inexact.
struct UnreadBudget {
    static constexpr std::int64_t kExact = 999;

    std::int64_t short_ranges = 101 * kExact;
    std::int64_t long_ranges = 20'000;

    std::int64_t& of(std::int64_t span) noexcept { return span <= kExact ? short_ranges : long_ranges; }
};

/// Whose messages a reader must not see, whatever their rows still hold. Rowids; 0 where there are none of that kind.
struct HiddenAuthors {
    std::int64_t blocker = 0;    ///< the reader, if they have blocked anyone: hides the blocked
    std::int64_t workspace = 0;  ///< its workspace, if any texts are being erased: hides their authors

    bool any() const noexcept { return blocker != 0 || workspace != 0; }
};

/// Counts messages, except unsent ones and those of hidden authors. Exact while the budget lasts; after that a range counts
/// in full. Costs two seeks if nothing was unsent and no author is hidden, otherwise a walk over entries of the indexes
/// `messages_unsent` and `messages_by_seq`, bounded by the budget.
class UnreadCounter {
  public:
    explicit UnreadCounter(Connection& connection) : connection_(connection) {}

    /// Who is hidden from `reader`, a user of the workspace. `blocks`: whether they have blocked anyone.
    HiddenAuthors hidden_from(std::int64_t reader, std::int64_t workspace, bool blocks);
    std::int64_t count(const UnreadRange& range, const HiddenAuthors& hidden, UnreadBudget& budget);
    /// Mentions of the user above the read position, counted up to 100. Skips those by hidden authors, but looks at the
    /// oldest `UnreadBudget::kExact` mentions only.
    std::int64_t count_mentions(std::int64_t user, const UnreadRange& range, const HiddenAuthors& hidden);
    /// Whether the author wrote in the range. True as well if the budget does not cover the search.
    bool has_any_by(std::int64_t author, const UnreadRange& range, UnreadBudget& budget);

  private:
    static std::int64_t number(Rows rows) { return rows.next() ? rows.integer() : 0; }

    Connection& connection_;
    Statement someone_erased_{connection_,
                              "SELECT EXISTS (SELECT 1 FROM users e INDEXED BY users_being_erased"
                              " WHERE e.deletion = 2 AND e.workspace_id = ?1)"};
    Statement unsent_{connection_,
                      "SELECT count(*) FROM (SELECT 1 FROM messages m INDEXED BY messages_unsent"
                      " WHERE m.deleted_at IS NOT NULL AND m.channel_id = ?1 AND m.seq > ?2 LIMIT ?3)"};
    /// Alias `m` (messages): whether the author is hidden, for blocker ?3 and workspace ?4.
    static constexpr std::string_view kByHiddenAuthor =
        "(EXISTS (SELECT 1 FROM blocks b INDEXED BY blocks_of_blocked WHERE b.blocked_id = m.user_id AND b.user_id = ?3)"
        " OR EXISTS (SELECT 1 FROM users e INDEXED BY users_being_erased"
        " WHERE e.deletion = 2 AND e.workspace_id = ?4 AND e.id = m.user_id))";
    Statement hidden_{connection_,
                      {"SELECT count(*) FROM messages m INDEXED BY messages_by_seq"
                       " WHERE m.channel_id = ?1 AND m.seq > ?2 AND ",
                       kByHiddenAuthor}};
    Statement unsent_by_others_{connection_,
                                {"SELECT count(*) FROM messages m INDEXED BY messages_unsent"
                                 " WHERE m.deleted_at IS NOT NULL AND m.channel_id = ?1 AND m.seq > ?2 AND NOT ",
                                 kByHiddenAuthor}};
    Statement any_by_{connection_,
                      "SELECT EXISTS (SELECT 1 FROM messages m INDEXED BY messages_by_seq WHERE m.channel_id = ?1"
                      " AND m.seq > ?2 AND m.user_id = ?3)"};
    Statement mentions_{connection_,
                        "SELECT count(*) FROM (SELECT 1 FROM mentions n WHERE n.channel_id = ?1 AND n.seq > ?2"
                        " AND n.user_id = ?3 LIMIT 100)"};
    Statement visible_mentions_{connection_,
                                {"SELECT count(*) FROM (SELECT 1 FROM (SELECT n.seq FROM mentions n WHERE n.user_id = ?5"
                                 " AND n.channel_id = ?1 AND n.seq > ?2 ORDER BY n.seq LIMIT ?6) few"
                                 " CROSS JOIN messages m INDEXED BY messages_by_seq"
                                 " ON m.channel_id = ?1 AND m.seq = few.seq WHERE NOT ",
                                 kByHiddenAuthor, " LIMIT 100)"}};
};

}  // namespace cariosan::sqlite
