/// The SQL that lists everything stored about one user.
#pragma once

#include <string_view>

#include "adapters/postgres/read/pg_read_queries.hpp"

namespace cariosan::postgres {

struct UserDataQueries : ReadQueries {
    using ReadQueries::ReadQueries;

    Statement any_user{connection, "SELECT id FROM users WHERE uuid = $1 AND workspace_id = $2"};
    Statement memberships{
        connection,
        {"SELECT x.channel_id, c.deleted_at IS NULL, c.uuid, c.external_id, x.present, x.role, x.joined_at, ",
         kReceiptColumns, ", ", kPreferenceColumns,
         " FROM members x JOIN channels c ON c.id = x.channel_id JOIN members mine"
         " ON mine.user_id = x.user_id AND mine.channel_id = x.channel_id WHERE x.user_id = $1 AND x.channel_id > $2"
         " ORDER BY x.channel_id LIMIT $3"}};
    Statement last_message{connection, "SELECT coalesce(max(id), 0) FROM messages"};
    Statement messages{
        connection,
        {"SELECT c.uuid, c.external_id, ", kMessageColumns, " FROM messages m JOIN channels c ON c.id = m.channel_id",
         kMessageJoins,
         "WHERE m.id > $2 AND m.id <= $3 AND m.user_id = $1 AND c.deleted_at IS NULL ORDER BY m.id LIMIT $4"}};
    Statement reactions{
        connection,
        "SELECT r.message_id, c.deleted_at IS NULL, c.uuid, m.uuid, k.shown FROM reactions r"
        " JOIN reaction_counts k ON k.message_id = r.message_id AND k.emoji = r.emoji"
        " JOIN messages m ON m.id = r.message_id JOIN channels c ON c.id = m.channel_id"
        " WHERE r.user_id = $1 AND r.message_id > $2 ORDER BY r.message_id LIMIT $3"};
    Statement mentions{
        connection,
        "SELECT n.channel_id, n.seq, c.deleted_at IS NULL, c.uuid, m.uuid FROM mentions n"
        " JOIN messages m ON m.id = n.message_id JOIN channels c ON c.id = n.channel_id"
        " WHERE n.user_id = $1 AND (n.channel_id, n.seq) > ($2, $3)"
        " ORDER BY n.channel_id, n.seq LIMIT $4"};
    /// Positions are the channel's rowid plus 1, so that a silence in the whole workspace (channel 0) comes first.
    Statement silences{
        connection,
        {"SELECT x.channel_id + 1, c.deleted_at IS NULL, x.until, x.reason, x.created_at, c.uuid, "
         "c.external_id, ",
         kSummaryColumns,
         " FROM mutes x JOIN users u ON u.id = x.user_id LEFT JOIN channels c ON c.id = x.channel_id"
         " WHERE x.user_id = $1 AND x.channel_id >= $2"
         " ORDER BY x.channel_id LIMIT $3"}};
    Statement moderation{
        connection,
        {"SELECT r.id, c.deleted_at IS NULL, ", kRecordColumns, " FROM moderation_records r",
         kPgRecordJoins,
         "WHERE r.user_id = $1 AND r.id > $2 ORDER BY r.id LIMIT $3"}};
    Statement devices{
        connection,
        "SELECT id, token, platform, created_at FROM devices WHERE user_id = $1 AND id > $2"
        " ORDER BY id LIMIT $3"};
    Statement reports_filed{
        connection,
        {"SELECT r.id, ", kReportColumns, " FROM reports r", kReportJoins,
         "WHERE r.reporter_id = $1 AND r.id > $2 ORDER BY r.id LIMIT $3"}};
    Statement deletions{
        connection,
        "SELECT w.uuid, u.uuid, u.deletion FROM users u"
        " JOIN workspaces w ON w.id = u.workspace_id"
        " WHERE u.deletion > 0 AND w.deleted_at IS NULL ORDER BY u.id LIMIT $1"};
    Statement ending{
        connection,
        "SELECT c.id, c.uuid, c.type = 1 AND x.role = 1 AND NOT EXISTS (SELECT 1 FROM members o"
        " JOIN users u ON u.id = o.user_id WHERE o.channel_id = c.id"
        " AND o.present = 1 AND o.role = 1 AND u.deleted_at IS NULL)"
        ", c.member_count FROM members p JOIN channels c ON c.id = p.channel_id"
        " JOIN members x ON x.user_id = p.user_id AND x.channel_id = p.channel_id"
        " WHERE p.user_id = $1 AND p.present = 1 AND c.deleted_at IS NULL LIMIT $2"};
    Statement successor{
        connection,
        "SELECT u.uuid FROM members x"
        " JOIN users u ON u.id = x.user_id WHERE x.channel_id = $1 AND x.present = 1"
        " AND x.user_id <> $2 AND u.deleted_at IS NULL ORDER BY x.joined_at, x.user_uuid LIMIT 1"};
    Statement erasable{
        connection,
        "SELECT m.id, c.uuid, m.uuid, 2 + m.mention_count + m.emoji_count + CASE m.emoji_count WHEN 0 THEN 0 ELSE"
        " (SELECT sum(k.count)::bigint FROM reaction_counts k WHERE k.message_id = m.id) END"
        " FROM messages m JOIN channels c ON c.id = m.channel_id WHERE m.id > $2 AND m.id <= $3"
        " AND m.user_id = $1 AND m.deleted_at IS NULL AND c.deleted_at IS NULL ORDER BY m.id LIMIT $4"};
    MessageParts parts{connection};
};

}  // namespace cariosan::postgres
