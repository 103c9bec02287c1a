/// The SQL that reads workspaces and users: profiles, blocks, silences and moderation records.
#pragma once

#include <string_view>

#include "adapters/postgres/read/pg_read_queries.hpp"

namespace cariosan::postgres {

struct WorkspaceQueries : ReadQueries {
    using ReadQueries::ReadQueries;

    Statement find{
        connection,
        {"SELECT ", kWorkspaceColumns, " FROM workspaces w WHERE w.uuid = $1 AND w.deleted_at IS NULL"}};
    Statement list{
        connection,
        {"SELECT ", kWorkspaceColumns,
         " FROM workspaces w WHERE w.uuid > $1 AND w.deleted_at IS NULL"
         " ORDER BY w.uuid LIMIT $2"}};
    Statement find_api_key{
        connection,
        {"SELECT k.secret_hash, k.expires_at, ", kWorkspaceColumns,
         " FROM api_secrets k JOIN workspaces w ON w.id = k.workspace_id"
         " WHERE k.api_key = $1 AND w.deleted_at IS NULL"}};
    Statement present_api_key{
        connection,
        "SELECT k.api_key FROM workspaces w JOIN api_secrets k ON k.workspace_id = w.id"
        " WHERE w.uuid = $1 AND w.deleted_at IS NULL AND k.expires_at IS NULL"};
    Statement secret{connection, "SELECT idempotency_secret FROM workspaces WHERE uuid = $1 AND deleted_at IS NULL"};
    Statement moderation{
        connection,
        {"SELECT w.moderation_enabled, s.workspace_id IS NOT NULL, ", kModerationColumns,
         " FROM workspaces w LEFT JOIN moderation_settings s ON s.workspace_id = w.id"
         " WHERE w.uuid = $1 AND w.deleted_at IS NULL"}};
    /// No kind is counted beyond the second parameter. The order makes the planner walk an index that ends there.
    Statement figures{
        connection,
        "SELECT (SELECT count(*) FROM (SELECT 1 FROM users WHERE workspace_id = $1 AND deleted_at IS NULL ORDER BY uuid LIMIT $2) few),"
        " (SELECT count(*) FROM (SELECT 1 FROM channels WHERE workspace_id = $1 AND deleted_at IS NULL ORDER BY uuid LIMIT $2) few),"
        " (SELECT CAST(coalesce(sum(last_seq), 0) AS bigint) FROM (SELECT last_seq FROM channels"
        " WHERE workspace_id = $1 AND deleted_at IS NULL ORDER BY uuid LIMIT $2) few),"
        " (SELECT count(*) FROM (SELECT 1 FROM reports WHERE workspace_id = $1 AND status = $3 ORDER BY id LIMIT $2) few),"
        " count(*), CAST(coalesce(sum(1 - enabled), 0) AS bigint), CAST(coalesce(sum(pending), 0) AS bigint)"
        " FROM (SELECT enabled, pending FROM webhooks WHERE workspace_id = $1 AND deleted = 0 LIMIT $2) few"};
};

struct UserQueries : ReadQueries {
    using ReadQueries::ReadQueries;

    Statement find{
        connection,
        {"SELECT ", kUserColumns,
         " FROM users u WHERE u.uuid = $1 AND u.workspace_id = $2 AND u.deleted_at IS NULL"}};
    Statement find_presence{
        connection,
        "SELECT id, membership_count, external_id, last_seen_at FROM users"
        " WHERE uuid = $1 AND workspace_id = $2 AND deleted_at IS NULL"};
    /// The users of a list, in its order; nulls for those who are not there.
    Statement find_presences{
        connection,
        "SELECT u.id, u.membership_count FROM unnest($1::uuid[]) WITH ORDINALITY t (uuid, place)"
        " LEFT JOIN users u ON u.uuid = t.uuid AND u.workspace_id = $2 AND u.deleted_at IS NULL ORDER BY t.place"};
    /// Those of a list of users who share a channel with user $1, who is in $3 channels, and neither has blocked the other. Walks the
    /// channels of the one who is in fewer.
    Statement sharing{
        connection,
        "SELECT u.uuid, u.external_id, u.last_seen_at FROM unnest($2::bigint[]) WITH ORDINALITY t (id, place)"
        " JOIN users u ON u.id = t.id WHERE (SELECT 1 FROM members a JOIN channels c ON c.id = a.channel_id"
        " WHERE a.user_id = CASE WHEN u.membership_count < $3 THEN u.id ELSE $1 END AND a.present = 1 AND c.deleted_at IS NULL"
        " AND (SELECT o.present FROM members o WHERE o.user_id = CASE WHEN u.membership_count < $3 THEN $1 ELSE u.id END"
        " AND o.channel_id = a.channel_id) = 1 LIMIT 1) IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = $1 AND b.blocked_uuid = u.uuid)"
        " AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = u.id AND b.blocked_id = $1) ORDER BY t.place"};
    Statement find_external{
        connection,
        {"SELECT ", kUserColumns,
         " FROM users u WHERE u.workspace_id = $1 AND u.external_id = $2 AND u.deleted_at IS NULL"}};
    Statement list{
        connection,
        {"SELECT ", kUserColumns,
         " FROM users u WHERE u.workspace_id = $1 AND u.uuid > $2"
         " AND u.deleted_at IS NULL ORDER BY u.uuid LIMIT $3"}};
};

struct BlockQueries : ReadQueries {
    using ReadQueries::ReadQueries;

    Statement rev{connection, "SELECT blocks_rev FROM users WHERE id = $1"};
    Statement list{
        connection,
        {"SELECT b.created_at, ", kSummaryColumns,
         " FROM blocks b JOIN users u ON u.id = b.blocked_id"
         " WHERE b.user_id = $1 AND b.blocked_uuid > $2 ORDER BY b.blocked_uuid LIMIT $3"}};
};

struct SilenceQueries : ReadQueries {
    using ReadQueries::ReadQueries;

    Statement find{
        connection,
        "SELECT x.until FROM users u JOIN mutes x ON x.user_id = u.id AND x.channel_id IN (0, $2)"
        " WHERE u.uuid = $1 AND u.mute_count > 0 AND (x.until IS NULL OR x.until > $3)"};
    Statement list{
        connection,
        {"SELECT x.user_uuid, x.channel_uuid, (x.until IS NULL OR x.until > $5)"
         " AND (x.channel_id = 0 OR c.id IS NOT NULL), x.until, x.reason, x.created_at, ",
         kSummaryColumns, ", c.uuid, c.external_id",
         " FROM mutes x JOIN users u ON u.id = x.user_id"
         " LEFT JOIN channels c ON c.id = x.channel_id AND c.deleted_at IS NULL"
         " WHERE x.workspace_id = $1 AND (x.user_uuid, x.channel_uuid) > ($2, $3)"
         " ORDER BY x.user_uuid, x.channel_uuid LIMIT $4"}};
};

struct ModerationQueries : ReadQueries {
    using ReadQueries::ReadQueries;

    Statement reports{
        connection,
        {"SELECT r.id, ", kReportColumns, " FROM reports r", kReportJoins,
         "WHERE r.workspace_id = $1 AND r.id < $2 ORDER BY r.id DESC LIMIT $3"}};
    Statement reports_with{
        connection,
        {"SELECT r.id, ", kReportColumns, " FROM reports r", kReportJoins,
         "WHERE r.workspace_id = $1 AND r.status = $4 AND r.id < $2 ORDER BY r.id DESC LIMIT $3"}};
    Statement find_report{
        connection,
        {"SELECT ", kReportColumns, " FROM reports r", kReportJoins, "WHERE r.uuid = $2 AND r.workspace_id = $1"}};

    Statement of_workspace{
        connection,
        {"SELECT r.id, c.deleted_at IS NULL, ", kRecordColumns,
         " FROM moderation_records r", kPgRecordJoins,
         "WHERE r.workspace_id = $1 AND r.id < $2 ORDER BY r.id DESC LIMIT $3"}};
    Statement of_channel{
        connection,
        {"SELECT r.id, 1, ", kRecordColumns, " FROM moderation_records r", kPgRecordJoins,
         "WHERE r.channel_id = $4 AND r.workspace_id = $1 AND r.id < $2 ORDER BY r.id DESC LIMIT $3"}};
    /// In one channel, or in all (0).
    Statement of_user{
        connection,
        {"SELECT r.id, c.deleted_at IS NULL AND $5 IN (0, r.channel_id), ", kRecordColumns,
         " FROM moderation_records r", kPgRecordJoins,
         "WHERE r.user_id = $4 AND r.workspace_id = $1 AND r.id < $2 ORDER BY r.id DESC LIMIT $3"}};
    Statement find{
        connection,
        {"SELECT ", kRecordColumns, " FROM moderation_records r", kPgRecordJoins,
         "WHERE r.uuid = $2 AND r.workspace_id = $1 AND c.deleted_at IS NULL"}};
};

}  // namespace cariosan::postgres
