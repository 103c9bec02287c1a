/// The SQL that reads channels: members, messages and changes.
#pragma once

#include <string_view>

#include "adapters/postgres/read/pg_read_queries.hpp"
#include "adapters/postgres/read/pg_unread_statements.hpp"

namespace cariosan::postgres {

/// Aliases `c` and `mine` (the viewer's membership). Followed by `kPreferenceColumns`, `kChannelColumns` and, for the last
/// message if there is one, `kMessageColumns`.
inline constexpr std::string_view kMyChannelColumns =
    "c.id, c.last_activity, mine.role, mine.last_read_seq, mine.last_delivered_seq,"
    " CASE WHEN c.last_seq > mine.last_read_seq THEN (SELECT count(*) FROM (SELECT 1 FROM mentions n"
    " WHERE n.user_id = mine.user_id AND n.channel_id = c.id AND n.seq > mine.last_read_seq LIMIT 100) few) ELSE 0"
    " END, CASE WHEN c.last_seq > mine.last_read_seq THEN EXISTS (SELECT 1 FROM messages n"
    " WHERE n.deleted_at IS NOT NULL AND n.channel_id = c.id AND n.seq > mine.last_read_seq) ELSE false END, ";
inline constexpr std::string_view kLastMessageJoins =
    " LEFT JOIN messages m ON m.id = c.last_message_id LEFT JOIN users u ON u.id = m.user_id"
    " LEFT JOIN messages p ON p.id = m.parent_id LEFT JOIN users pu ON pu.id = p.user_id ";

struct ChannelQueries : ReadQueries {
    using ReadQueries::ReadQueries;

    Statement find{
        connection,
        {"SELECT w.id, c.id, ", kChannelColumns,
         " FROM channels c JOIN workspaces w ON w.id = c.workspace_id"
         " WHERE c.uuid = $1 AND w.uuid = $2 AND c.deleted_at IS NULL AND w.deleted_at IS NULL"}};
    Statement find_external{
        connection,
        {"SELECT ", kChannelColumns,
         " FROM channels c WHERE c.workspace_id = $1"
         " AND c.external_id = $2 AND c.deleted_at IS NULL"}};
    Statement list{
        connection,
        {"SELECT ", kChannelColumns,
         " FROM channels c WHERE c.workspace_id = $1 AND c.uuid > $2"
         " AND c.deleted_at IS NULL ORDER BY c.uuid LIMIT $3"}};
    Statement list_of_type{
        connection,
        {"SELECT ", kChannelColumns,
         " FROM channels c WHERE c.workspace_id = $1 AND c.type = $4 AND c.uuid > $2"
         " AND c.deleted_at IS NULL ORDER BY c.uuid LIMIT $3"}};
    /// Type -1 is any.
    Statement list_with{
        connection,
        {"SELECT ", kChannelColumns,
         " FROM members x JOIN channels c ON c.id = x.channel_id"
         " WHERE x.user_id = $4 AND x.present = 1 AND c.workspace_id = $1 AND c.uuid > $2 AND $5 IN (-1, c.type)"
         " AND c.deleted_at IS NULL ORDER BY c.uuid LIMIT $3"}};
    // Sorts only a few numbers and the id of each of the user's channels, then reads the rows of one page. With LIMIT each channel is
    // looked up by index: of a plain join the server may think that reading all channels is cheaper, as long as there are few.
    Statement list_of{
        connection,
        {"SELECT ", kMyChannelColumns, kPreferenceColumns, ", ", kChannelColumns, ", ", kMessageColumns,
         " FROM (SELECT c.id, x.user_id FROM members x CROSS JOIN LATERAL"
         " (SELECT id, uuid, last_seq, last_activity FROM channels WHERE id = x.channel_id AND deleted_at IS NULL LIMIT 1) c"
         " WHERE x.user_id = $1 AND x.present = 1"
         " AND (x.archived_seq IS NOT NULL AND (x.muted = 1 OR c.last_seq <= x.archived_seq)) = ($5 = 1)"
         " AND (c.last_activity, c.uuid) < ($2, $3) ORDER BY c.last_activity DESC, c.uuid DESC LIMIT $4) page"
         " JOIN channels c ON c.id = page.id"
         " JOIN members mine ON mine.user_id = page.user_id AND mine.channel_id = page.id",
         kLastMessageJoins}};
    Statement find_of{
        connection,
        {"SELECT ", kMyChannelColumns, kPreferenceColumns, ", ", kChannelColumns, ", ", kMessageColumns,
         " FROM channels c JOIN members mine ON mine.user_id = $1 AND mine.channel_id = c.id",
         kLastMessageJoins, "WHERE c.uuid = $2 AND c.deleted_at IS NULL AND mine.present = 1"}};
    // Both return the id of the channel first, for a list of channels.
    /// The index of members has all that is read of them, but not `user_id`.
    Statement some_members{
        connection,
        {"SELECT t.id, ", kMemberColumns,
         " FROM unnest($1::bigint[]) t (id) CROSS JOIN LATERAL (SELECT * FROM members f"
         " WHERE f.channel_id = t.id AND f.present = 1 ORDER BY f.user_uuid LIMIT $2) x"
         " JOIN users u ON u.uuid = x.user_uuid ORDER BY t.id, x.user_uuid"}};
    /// The other users of direct channels, even if they were deleted and are no longer members.
    Statement peers{
        connection,
        "SELECT c.id, 1, x.role, x.joined_at, x.rev, u.uuid, u.external_id, u.name, u.avatar_url, u.updated_at FROM channels c"
        " JOIN users u ON u.id = CASE c.direct_low WHEN $2 THEN c.direct_high ELSE c.direct_low END"
        " JOIN members x ON x.user_id = u.id AND x.channel_id = c.id WHERE c.id = ANY ($1)"};
    /// The 200 messages before the newest; a visible one is not looked for further back.
    Statement older_messages{
        connection,
        {"SELECT ", kMessageColumns, " FROM messages m", kMessageJoins,
         "WHERE m.channel_id = $1 AND m.seq BETWEEN $2 - 200 AND $2 - 1 ORDER BY m.seq DESC"}};
    Statement positions_of{
        connection,
        "SELECT c.uuid, c.rev, x.joined_rev, c.member_count, c.last_activity,"
        " x.archived_seq IS NOT NULL AND (x.muted = 1 OR c.last_seq <= x.archived_seq)"
        " FROM members p JOIN channels c ON c.id = p.channel_id"
        " JOIN members x ON x.user_id = p.user_id AND x.channel_id = p.channel_id"
        " WHERE p.user_id = $1 AND p.present = 1 AND c.deleted_at IS NULL"};
    Statement unread_total{
        connection,
        "SELECT c.id, c.last_seq, x.last_read_seq, EXISTS (SELECT 1 FROM messages n"
        " WHERE n.deleted_at IS NOT NULL AND n.channel_id = c.id AND n.seq > x.last_read_seq)"
        " FROM members p JOIN channels c ON c.id = p.channel_id"
        " JOIN members x ON x.user_id = p.user_id AND x.channel_id = p.channel_id"
        " WHERE p.user_id = $1 AND p.present = 1 AND x.muted = 0 AND c.deleted_at IS NULL"
        " AND c.last_seq > x.last_read_seq"};
    Statement preferences{
        connection,
        {"SELECT c.uuid, ", kPreferenceColumns,
         " FROM members mine JOIN channels c ON c.id = mine.channel_id"
         " WHERE mine.user_id = $1 AND mine.preferences_rev > $2 AND mine.preferences_rev > 0 AND mine.present = 1"
         " AND c.deleted_at IS NULL ORDER BY mine.preferences_rev LIMIT $3"}};
    Statement preferences_rev{connection, "SELECT preferences_rev FROM users WHERE id = $1"};
    Statement unread_channels{
        connection,
        "SELECT c.uuid, c.id, c.last_seq, x.last_read_seq FROM members p"
        " JOIN channels c ON c.id = p.channel_id"
        " JOIN members x ON x.user_id = p.user_id AND x.channel_id = p.channel_id"
        " WHERE p.user_id = $1 AND p.present = 1 AND c.deleted_at IS NULL AND c.last_seq > x.last_read_seq"
        " ORDER BY c.last_activity DESC, c.uuid DESC"};
    UnreadCounter unread{connection};
    MessageParts parts{connection};
};

struct MemberQueries : ReadQueries {
    using ReadQueries::ReadQueries;

    Statement receipts{
        connection,
        {"SELECT ", kReceiptColumns,
         " FROM members x WHERE x.channel_id = $1 AND x.present = 1"
         " AND x.user_uuid > $2 ORDER BY x.user_uuid LIMIT $3"}};
    Statement find{
        connection,
        "SELECT x.role, x.muted, x.last_read_seq, x.rev FROM members x"
        " WHERE x.channel_id = $1 AND x.user_uuid = $2 AND x.present = 1"};
    Statement list{
        connection,
        {"SELECT ", kMemberColumns,
         " FROM members x JOIN users u ON u.id = x.user_id"
         " WHERE x.channel_id = $1 AND x.present = 1 AND x.user_uuid > $2 ORDER BY x.user_uuid LIMIT $3"}};
};

struct MessageQueries : ReadQueries {
    using ReadQueries::ReadQueries;

    Statement find{
        connection,
        {"SELECT ", kMessageColumns, " FROM messages m", kMessageJoins,
         "WHERE m.uuid = $1 AND m.channel_id = $2"}};
    Statement find_sent{
        connection,
        {"SELECT ", kMessageColumns, ", m.request_hash FROM messages m",
         kMessageJoins, "WHERE m.idempotency_key = $1 AND m.user_id = $2 AND m.channel_id = $3"}};
    Statement reactions{
        connection,
        {"SELECT r.user_id, r.at, k.shown, ", kSummaryColumns,
         " FROM messages m JOIN reactions r ON r.message_id = m.id JOIN reaction_counts k"
         " ON k.message_id = r.message_id AND k.emoji = r.emoji JOIN users u ON u.id = r.user_id"
         " WHERE m.uuid = $1 AND m.channel_id = $2 AND r.user_id > $3 ORDER BY r.user_id LIMIT $4"}};
    Statement newest_first{
        connection,
        {"SELECT ", kMessageColumns, " FROM messages m", kMessageJoins,
         "WHERE m.channel_id = $1 AND m.seq BETWEEN $2 AND $3 ORDER BY m.seq DESC LIMIT $4"}};
    Statement pins{
        connection,
        {"SELECT ", kMessageColumns, " FROM messages m", kMessageJoins,
         "WHERE m.channel_id = $1 AND m.pinned_at IS NOT NULL ORDER BY m.pinned_at DESC, m.seq DESC"}};
    Statement oldest_first{
        connection,
        {"SELECT ", kMessageColumns, " FROM messages m", kMessageJoins,
         "WHERE m.channel_id = $1 AND m.seq BETWEEN $2 AND $3 ORDER BY m.seq LIMIT $4"}};
    Statement erased_files{connection, "SELECT id, url FROM erased_files WHERE id > $1 ORDER BY id LIMIT $2"};
    Statement names_file{connection,
                         "SELECT 1 FROM messages"
                         " WHERE left(right(rtrim(attachment_url, replace(attachment_url, '/', '')), 37), 36) = $1::text"
                         " AND attachment_url IS NOT NULL AND right(attachment_url, length($2::text)) = $2::text LIMIT 1"};
    MessageParts parts{connection};
};

struct ChangeQueries : ReadQueries {
    using ReadQueries::ReadQueries;

    Statement count{
        connection,
        "SELECT (SELECT count(*) FROM (SELECT 1 FROM messages m WHERE m.channel_id = $1 AND m.rev > $2"
        " LIMIT $3) few) + (SELECT count(*) FROM (SELECT 1 FROM members x WHERE x.channel_id = $1"
        " AND x.rev > $2 LIMIT $3) few)"};
    Statement messages{
        connection,
        {"SELECT ", kMessageColumns, " FROM messages m",
         kMessageJoins, "WHERE m.channel_id = $1 AND m.rev > $2 ORDER BY m.rev FETCH FIRST $3 ROWS WITH TIES"}};
    Statement members{
        connection,
        {"SELECT ", kMemberColumns,
         " FROM members x JOIN users u ON u.id = x.user_id"
         " WHERE x.channel_id = $1 AND x.rev > $2 ORDER BY x.rev FETCH FIRST $3 ROWS WITH TIES"}};
    Statement own_receipt{
        connection,
        {"SELECT ", kReceiptColumns,
         " FROM members x WHERE x.user_id = $1 AND x.channel_id = $2 AND x.present = 1 AND x.receipt_rev > $3"}};
    // Sorts the members of a channel that shares receipts, of which there are few: an index would have to change with
    // every receipt.
    Statement receipts{
        connection,
        {"SELECT ", kReceiptColumns,
         " FROM members x WHERE x.channel_id = $1 AND x.present = 1"
         " AND x.receipt_rev > $2 ORDER BY x.receipt_rev, x.user_uuid"}};
    MessageParts parts{connection};
};

}  // namespace cariosan::postgres
