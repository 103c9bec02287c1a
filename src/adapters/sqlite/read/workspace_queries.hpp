/// The SQL that reads workspaces and users: profiles, blocks, silences and moderation records.
#pragma once

#include <string_view>

#include "adapters/sqlite/read/read_queries.hpp"

namespace cariosan::sqlite {

struct WorkspaceQueries : ReadQueries {
    using ReadQueries::ReadQueries;

    Statement find{
        connection,
        {"SELECT ", kWorkspaceColumns, " FROM workspaces w WHERE w.uuid = ?1 AND w.deleted_at IS NULL"}};
    Statement list{
        connection,
        {"SELECT ", kWorkspaceColumns,
         " FROM workspaces w INDEXED BY workspaces_listed WHERE w.uuid > ?1 AND w.deleted_at IS NULL"
         " ORDER BY w.uuid LIMIT ?2"}};
    Statement find_api_key{
        connection,
        {"SELECT k.secret_hash, k.expires_at, ", kWorkspaceColumns,
         " FROM api_secrets k JOIN workspaces w ON w.id = k.workspace_id"
         " WHERE k.api_key = ?1 AND w.deleted_at IS NULL"}};
    Statement present_api_key{
        connection,
        "SELECT k.api_key FROM workspaces w JOIN api_secrets k ON k.workspace_id = w.id"
        " WHERE w.uuid = ?1 AND w.deleted_at IS NULL AND k.expires_at IS NULL"};
    Statement secret{connection, "SELECT idempotency_secret FROM workspaces WHERE uuid = ?1 AND deleted_at IS NULL"};
    Statement moderation{
        connection,
        {"SELECT w.moderation_enabled, s.workspace_id IS NOT NULL, ", kModerationColumns,
         " FROM workspaces w LEFT JOIN moderation_settings s ON s.workspace_id = w.id"
         " WHERE w.uuid = ?1 AND w.deleted_at IS NULL"}};
    /// No kind is counted beyond the second parameter.
    Statement figures{
        connection,
        "SELECT (SELECT count(*) FROM (SELECT 1 FROM users INDEXED BY users_present WHERE workspace_id = ?1 AND deleted_at IS NULL LIMIT ?2) few),"
        " (SELECT count(*) FROM (SELECT 1 FROM channels INDEXED BY channels_present WHERE workspace_id = ?1 AND deleted_at IS NULL LIMIT ?2) few),"
        " (SELECT coalesce(sum(last_seq), 0) FROM (SELECT last_seq FROM channels INDEXED BY channels_present"
        " WHERE workspace_id = ?1 AND deleted_at IS NULL LIMIT ?2) few),"
        " (SELECT count(*) FROM (SELECT 1 FROM reports INDEXED BY reports_by_status WHERE workspace_id = ?1 AND status = ?3 LIMIT ?2) few),"
        " count(*), coalesce(sum(1 - enabled), 0), coalesce(sum(pending), 0)"
        " FROM (SELECT enabled, pending FROM webhooks INDEXED BY webhooks_listed WHERE workspace_id = ?1 AND deleted = 0 LIMIT ?2) few"};
};

struct UserQueries : ReadQueries {
    using ReadQueries::ReadQueries;

    Statement find{
        connection,
        {"SELECT ", kUserColumns,
         " FROM users u WHERE u.uuid = ?1 AND u.workspace_id = ?2 AND u.deleted_at IS NULL"}};
    Statement find_presence{
        connection,
        "SELECT id, membership_count, external_id, last_seen_at FROM users"
        " WHERE uuid = ?1 AND workspace_id = ?2 AND deleted_at IS NULL"};
    Statement block_between{
        connection,
        "SELECT 1 FROM blocks WHERE user_id = ?1 AND blocked_uuid = ?4 UNION ALL"
        " SELECT 1 FROM blocks WHERE user_id = ?3 AND blocked_uuid = ?2 LIMIT 1"};
    // Walks the channels of user ?1.
    Statement share_channel{
        connection,
        "SELECT 1 FROM members a INDEXED BY members_of_user"
        " CROSS JOIN members b INDEXED BY members_of_user ON b.user_id = ?2 AND b.channel_id = a.channel_id"
        " CROSS JOIN channels c ON c.id = a.channel_id WHERE a.user_id = ?1 AND a.present = 1"
        " AND b.present = 1 AND c.deleted_at IS NULL LIMIT 1"};
    Statement find_external{
        connection,
        {"SELECT ", kUserColumns,
         " FROM users u WHERE u.workspace_id = ?1 AND u.external_id = ?2 AND u.deleted_at IS NULL"}};
    Statement list{
        connection,
        {"SELECT ", kUserColumns,
         " FROM users u INDEXED BY users_present WHERE u.workspace_id = ?1 AND u.uuid > ?2"
         " AND u.deleted_at IS NULL ORDER BY u.uuid LIMIT ?3"}};
};

struct BlockQueries : ReadQueries {
    using ReadQueries::ReadQueries;

    Statement rev{connection, "SELECT blocks_rev FROM users WHERE id = ?1"};
    Statement list{
        connection,
        {"SELECT b.created_at, ", kSummaryColumns,
         " FROM blocks b CROSS JOIN users u ON u.id = b.blocked_id"
         " WHERE b.user_id = ?1 AND b.blocked_uuid > ?2 ORDER BY b.blocked_uuid LIMIT ?3"}};
};

struct SilenceQueries : ReadQueries {
    using ReadQueries::ReadQueries;

    Statement find{
        connection,
        "SELECT x.until FROM users u CROSS JOIN mutes x ON x.user_id = u.id AND x.channel_id IN (0, ?2)"
        " WHERE u.uuid = ?1 AND u.mute_count > 0 AND (x.until IS NULL OR x.until > ?3)"};
    Statement list{
        connection,
        {"SELECT x.user_uuid, x.channel_uuid, (x.until IS NULL OR x.until > ?5)"
         " AND (x.channel_id = 0 OR c.id IS NOT NULL), x.until, x.reason, x.created_at, ",
         kSummaryColumns, ", c.uuid, c.external_id",
         " FROM mutes x INDEXED BY mutes_by_workspace CROSS JOIN users u ON u.id = x.user_id"
         " LEFT JOIN channels c ON c.id = x.channel_id AND c.deleted_at IS NULL"
         " WHERE x.workspace_id = ?1 AND (x.user_uuid, x.channel_uuid) > (?2, ?3)"
         " ORDER BY x.user_uuid, x.channel_uuid LIMIT ?4"}};
};

struct ModerationQueries : ReadQueries {
    using ReadQueries::ReadQueries;

    Statement reports{
        connection,
        {"SELECT r.id, ", kReportColumns, " FROM reports r INDEXED BY reports_listed", kReportJoins,
         "WHERE r.workspace_id = ?1 AND r.id < ?2 ORDER BY r.id DESC LIMIT ?3"}};
    Statement reports_with{
        connection,
        {"SELECT r.id, ", kReportColumns, " FROM reports r INDEXED BY reports_by_status", kReportJoins,
         "WHERE r.workspace_id = ?1 AND r.status = ?4 AND r.id < ?2 ORDER BY r.id DESC LIMIT ?3"}};
    Statement find_report{
        connection,
        {"SELECT ", kReportColumns, " FROM reports r", kReportJoins, "WHERE r.uuid = ?2 AND r.workspace_id = ?1"}};

    Statement of_workspace{
        connection,
        {"SELECT r.id, c.deleted_at IS NULL, ", kRecordColumns,
         " FROM moderation_records r INDEXED BY moderation_of_workspace", kRecordJoins,
         "WHERE r.workspace_id = ?1 AND r.id < ?2 ORDER BY r.id DESC LIMIT ?3"}};
    Statement of_channel{
        connection,
        {"SELECT r.id, 1, ", kRecordColumns, " FROM moderation_records r INDEXED BY moderation_of_channel", kRecordJoins,
         "WHERE r.channel_id = ?4 AND r.workspace_id = ?1 AND r.id < ?2 ORDER BY r.id DESC LIMIT ?3"}};
    /// In one channel, or in all (0).
    Statement of_user{
        connection,
        {"SELECT r.id, c.deleted_at IS NULL AND ?5 IN (0, r.channel_id), ", kRecordColumns,
         " FROM moderation_records r INDEXED BY moderation_of_user", kRecordJoins,
         "WHERE r.user_id = ?4 AND r.workspace_id = ?1 AND r.id < ?2 ORDER BY r.id DESC LIMIT ?3"}};
    Statement find{
        connection,
        {"SELECT ", kRecordColumns, " FROM moderation_records r", kRecordJoins,
         "WHERE r.uuid = ?2 AND r.workspace_id = ?1 AND c.deleted_at IS NULL"}};
};

}  // namespace cariosan::sqlite
