/// The statements that count unread messages.
#pragma once

#include <string_view>

#include "adapters/postgres/pg_statement.hpp"
#include "adapters/sql/unread.hpp"

namespace cariosan::postgres {

struct UnreadStatements {
    static constexpr bool kTakesLists = true;

    explicit UnreadStatements(Connection& c) : connection(c) {}

    Connection& connection;

    Statement someone_erased{connection,
                             "SELECT EXISTS (SELECT 1 FROM users e"
                             " WHERE e.deletion = 2 AND e.workspace_id = $1)"};
    Statement unsent{connection,
                     "SELECT count(*) FROM (SELECT 1 FROM messages m"
                     " WHERE m.deleted_at IS NOT NULL AND m.channel_id = $1 AND m.seq > $2 LIMIT $3) few"};
    /// Alias `m` (messages): whether the author is hidden, for blocker $3 and workspace $4.
    static constexpr std::string_view kByHiddenAuthor =
        "(EXISTS (SELECT 1 FROM blocks b WHERE b.blocked_id = m.user_id AND b.user_id = $3)"
        " OR EXISTS (SELECT 1 FROM users e"
        " WHERE e.deletion = 2 AND e.workspace_id = $4 AND e.id = m.user_id))";
    Statement hidden{connection,
                     {"SELECT count(*) FROM messages m"
                      " WHERE m.channel_id = $1 AND m.seq > $2 AND ",
                      kByHiddenAuthor}};
    Statement unsent_by_others{connection,
                               {"SELECT count(*) FROM messages m"
                                " WHERE m.deleted_at IS NOT NULL AND m.channel_id = $1 AND m.seq > $2 AND NOT ",
                                kByHiddenAuthor}};
    // For lists of channels and positions, in their order: how many messages do not count, or whether there is one by $3.
    Statement unsent_of{connection,
                        "SELECT (SELECT count(*) FROM messages m WHERE m.deleted_at IS NOT NULL AND m.channel_id = t.channel"
                        " AND m.seq > t.seq) FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY t (channel, seq, place)"
                        " ORDER BY t.place"};
    Statement unread_of{connection,
                        {"SELECT (SELECT count(*) FROM messages m WHERE m.channel_id = t.channel AND m.seq > t.seq"
                         " AND (m.deleted_at IS NOT NULL OR ", kByHiddenAuthor,
                         ")) FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY t (channel, seq, place) ORDER BY t.place"}};
    Statement any_by_of{connection,
                        "SELECT EXISTS (SELECT 1 FROM messages m WHERE m.channel_id = t.channel AND m.seq > t.seq"
                        " AND m.user_id = $3) FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY t (channel, seq, place)"
                        " ORDER BY t.place"};
    Statement any_by{connection,
                     "SELECT EXISTS (SELECT 1 FROM messages m WHERE m.channel_id = $1"
                     " AND m.seq > $2 AND m.user_id = $3)"};
    Statement mentions{connection,
                       "SELECT count(*) FROM (SELECT 1 FROM mentions n WHERE n.channel_id = $1 AND n.seq > $2"
                       " AND n.user_id = $3 LIMIT 100) few"};
    Statement visible_mentions{connection,
                               {"SELECT count(*) FROM (SELECT 1 FROM (SELECT n.seq FROM mentions n WHERE n.user_id = $5"
                                " AND n.channel_id = $1 AND n.seq > $2 ORDER BY n.seq LIMIT $6) few"
                                " JOIN messages m"
                                " ON m.channel_id = $1 AND m.seq = few.seq WHERE NOT ",
                                kByHiddenAuthor, " LIMIT 100) few"}};
};

using UnreadCounter = sql::UnreadCounter<UnreadStatements>;

}  // namespace cariosan::postgres
