/// The statements that count unread messages.
#pragma once

#include <string_view>

#include "adapters/sql/unread.hpp"
#include "adapters/sqlite/statement.hpp"

namespace cariosan::sqlite {

struct UnreadStatements {
    static constexpr bool kTakesLists = false;

    explicit UnreadStatements(Connection& c) : connection(c) {}

    Connection& connection;

    Statement someone_erased{connection,
                             "SELECT EXISTS (SELECT 1 FROM users e INDEXED BY users_being_erased"
                             " WHERE e.deletion = 2 AND e.workspace_id = ?1)"};
    Statement unsent{connection,
                     "SELECT count(*) FROM (SELECT 1 FROM messages m INDEXED BY messages_unsent"
                     " WHERE m.deleted_at IS NOT NULL AND m.channel_id = ?1 AND m.seq > ?2 LIMIT ?3)"};
    /// Alias `m` (messages): whether the author is hidden, for blocker ?3 and workspace ?4.
    static constexpr std::string_view kByHiddenAuthor =
        "(EXISTS (SELECT 1 FROM blocks b INDEXED BY blocks_of_blocked WHERE b.blocked_id = m.user_id AND b.user_id = ?3)"
        " OR EXISTS (SELECT 1 FROM users e INDEXED BY users_being_erased"
        " WHERE e.deletion = 2 AND e.workspace_id = ?4 AND e.id = m.user_id))";
    Statement hidden{connection,
                     {"SELECT count(*) FROM messages m INDEXED BY messages_by_seq"
                      " WHERE m.channel_id = ?1 AND m.seq > ?2 AND ",
                      kByHiddenAuthor}};
    Statement unsent_by_others{connection,
                               {"SELECT count(*) FROM messages m INDEXED BY messages_unsent"
                                " WHERE m.deleted_at IS NOT NULL AND m.channel_id = ?1 AND m.seq > ?2 AND NOT ",
                                kByHiddenAuthor}};
    Statement any_by{connection,
                     "SELECT EXISTS (SELECT 1 FROM messages m INDEXED BY messages_by_seq WHERE m.channel_id = ?1"
                     " AND m.seq > ?2 AND m.user_id = ?3)"};
    Statement mentions{connection,
                       "SELECT count(*) FROM (SELECT 1 FROM mentions n WHERE n.channel_id = ?1 AND n.seq > ?2"
                       " AND n.user_id = ?3 LIMIT 100)"};
    Statement visible_mentions{connection,
                               {"SELECT count(*) FROM (SELECT 1 FROM (SELECT n.seq FROM mentions n WHERE n.user_id = ?5"
                                " AND n.channel_id = ?1 AND n.seq > ?2 ORDER BY n.seq LIMIT ?6) few"
                                " CROSS JOIN messages m INDEXED BY messages_by_seq"
                                " ON m.channel_id = ?1 AND m.seq = few.seq WHERE NOT ",
                                kByHiddenAuthor, " LIMIT 100)"}};
};

using UnreadCounter = sql::UnreadCounter<UnreadStatements>;

}  // namespace cariosan::sqlite
