/// All statements of the writing connection, except those of the outbox.
#pragma once

#include <cariosan/commit_rows.hpp>
#include <cstdint>
#include <span>

#include "adapters/sqlite/read/unread_statements.hpp"
#include "adapters/sqlite/rows.hpp"
#include "adapters/sqlite/write/outbox_statements.hpp"

namespace cariosan::sqlite {

struct WriteStatements {
    explicit WriteStatements(Connection& c) : connection(c) {}

    Connection& connection;

    Statement begin{connection, "BEGIN IMMEDIATE"};
    Statement commit{connection, "COMMIT"};
    Statement roll_back{connection, "ROLLBACK"};
    Statement isolate{connection, "SAVEPOINT mutation"};
    Statement keep{connection, "RELEASE mutation"};
    Statement undo{connection, "ROLLBACK TO mutation"};
    Statement count_commit{connection, "UPDATE meta SET commits = commits + 1 WHERE id = 1"};

    // Workspaces.
    Statement find_workspace{connection,
                             {"SELECT w.id, ", kWorkspaceColumns,
                              " FROM workspaces w WHERE w.uuid = ?1 AND w.deleted_at IS NULL"}};
    Statement insert_workspace{connection,
                               "INSERT INTO workspaces (uuid, name, test, read_receipts_enabled, "
                               "edit_window_seconds, idempotency_secret,"
                               " created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"};
    Statement update_workspace{connection,
                               "UPDATE workspaces SET name = ?2, read_receipts_enabled = ?3,"
                               " edit_window_seconds = ?4, moderation_enabled = ?5, moderation_rev = ?6 WHERE id = ?1"};
    Statement find_moderation{
        connection, {"SELECT ", kModerationColumns, " FROM moderation_settings s WHERE s.workspace_id = ?1"}};
    Statement write_moderation{
        connection,
        "INSERT OR REPLACE INTO moderation_settings (workspace_id, profanity_enabled, profanity_action,"
        " profanity_min_severity, link_enabled, link_action, phone_enabled, phone_action, flood_enabled, flood_action,"
        " flood_max_repeats, flood_window_seconds, auto_mute_seconds, blocklist, allowlist)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)"};
    Statement insert_record{connection,
                            "INSERT INTO moderation_records (uuid, workspace_id, channel_id, user_id, message_uuid, at, rule,"
                            " action, excerpt) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"};
    Statement delete_workspace{connection, "UPDATE workspaces SET deleted_at = ?2 WHERE id = ?1"};
    Statement insert_api_secret{connection,
                                "INSERT INTO api_secrets (workspace_id, api_key, secret_hash) VALUES (?1, ?2, ?3)"};
    Statement expire_api_secrets{connection,
                                 "UPDATE api_secrets SET expires_at = ?2 WHERE workspace_id = ?1"
                                 " AND (expires_at IS NULL OR expires_at > ?2)"};
    Statement drop_expired_api_secrets{connection,
                                       "DELETE FROM api_secrets WHERE workspace_id = ?1 AND expires_at <= ?2"};
    Statement drop_more_api_secrets{connection,
                                    "DELETE FROM api_secrets WHERE (api_key, secret_hash) IN"
                                    " (SELECT api_key, secret_hash FROM api_secrets WHERE workspace_id = ?1"
                                    " ORDER BY expires_at DESC LIMIT -1 OFFSET ?2)"};

    // Search.
    Statement insert_search_job{connection,
                                "INSERT INTO search_jobs (message_id, channel_id, old_text)"
                                " SELECT id, channel_id, ?2 FROM messages WHERE id = ?1"};
    void before_text_changes(const commit::MessageRow& before) { insert_search_job.run(before.id, before.content); }
    Statement drop_search_jobs{connection, "DELETE FROM search_jobs WHERE id <= ?1"};

    // Users.
    Statement find_user{connection,
                        {"SELECT u.id, u.membership_count, ", kSummaryColumns,
                         " FROM users u WHERE u.uuid = ?1 AND u.workspace_id = ?2 AND u.deleted_at IS NULL"}};
    Statement find_user_external{
        connection,
        {"SELECT u.id, ", kUserColumns,
         " FROM users u WHERE u.workspace_id = ?1 AND u.external_id = ?2 AND u.deleted_at IS NULL"}};
    Statement find_whole_user{
        connection,
        {"SELECT u.id, ", kUserColumns,
         " FROM users u WHERE u.workspace_id = ?1 AND u.uuid = ?2 AND u.deleted_at IS NULL"}};
    Statement insert_user{connection,
                          "INSERT INTO users (uuid, workspace_id, membership_count, external_id, name, "
                          "avatar_url, created_at, updated_at,"
                          " metadata) VALUES (?1, ?2, 0, ?3, ?4, ?5, ?6, ?6, ?7)"};
    Statement update_user{
        connection,
        "UPDATE users SET name = ?2, avatar_url = ?3, metadata = ?4, updated_at = ?5 WHERE id = ?1"};
    Statement write_suspension{
        connection, "UPDATE users SET suspended_at = ?2, suspended_until = ?3, suspension_reason = ?4 WHERE id = ?1"};
    Statement delete_user{connection,
                          "UPDATE users SET deleted_at = ?2, deletion = ?3, updated_at = ?2, external_id = '', name = '',"
                          " avatar_url = NULL, metadata = '{}', suspended_at = NULL, suspended_until = NULL,"
                              " suspension_reason = NULL WHERE id = ?1"};
    Statement finish_deletion{connection,
                              "UPDATE users SET deletion = 0, mute_count = 0, block_count = 0 WHERE id = ?1"};
    Statement find_deletion{connection,
                            "SELECT id, deletion FROM users WHERE uuid = ?1 AND workspace_id = ?2 AND deletion > 0"};
    Statement drop_some_silences{connection,
                                 "DELETE FROM mutes WHERE user_id = ?1 AND channel_id IN"
                                 " (SELECT channel_id FROM mutes WHERE user_id = ?1 LIMIT 500)"};
    Statement drop_some_blocks{connection,
                               "DELETE FROM blocks WHERE user_id = ?1 AND blocked_uuid IN"
                               " (SELECT blocked_uuid FROM blocks WHERE user_id = ?1 LIMIT 500)"};
    Statement erase_some_excerpts{connection,
                                  "UPDATE moderation_records SET excerpt = '' WHERE id IN (SELECT id FROM moderation_records"
                                  " INDEXED BY moderation_to_erase WHERE user_id = ?1 AND excerpt <> '' LIMIT 500)"};
    Statement drop_some_reports{connection,
                                "DELETE FROM reports WHERE id IN (SELECT id FROM reports INDEXED BY reports_of_reporter"
                                " WHERE reporter_id = ?1 LIMIT 500)"};
    Statement drop_some_devices{connection,
                                "DELETE FROM devices WHERE id IN (SELECT id FROM devices WHERE user_id = ?1 LIMIT 500)"};
    Statement add_memberships{connection,
                              "UPDATE users SET membership_count = membership_count + ?2 WHERE id = ?1"};
    /// The exact number. The stored one still counts channels that were deleted but not purged, so it is
    /// checked at the limit.
    Statement count_memberships{connection,
                                "SELECT count(*) FROM members x INDEXED BY members_of_user"
                                " CROSS JOIN channels c ON c.id = x.channel_id"
                                " WHERE x.user_id = ?1 AND x.present = 1 AND c.deleted_at IS NULL"};
    Statement channels_of_user{connection,
                               "SELECT c.uuid FROM members x INDEXED BY members_of_user"
                               " CROSS JOIN channels c ON c.id = x.channel_id"
                               " WHERE x.user_id = ?1 AND x.present = 1 AND c.deleted_at IS NULL"};

    Statement record_last_seen{connection,
                               "UPDATE users SET last_seen_at = ?2 WHERE uuid = ?1"
                               " AND (last_seen_at IS NULL OR last_seen_at < ?2)"};

    // Channels.
    Statement find_channel{
        connection,
        {"SELECT c.id, c.workspace_id, c.last_message_id, c.last_activity, ", kChannelColumns,
         " FROM channels c JOIN workspaces w ON w.id = c.workspace_id"
         " WHERE c.uuid = ?1 AND w.uuid = ?2 AND c.deleted_at IS NULL AND w.deleted_at IS NULL"}};
    Statement find_channel_external{connection,
                                    "SELECT c.uuid, c.type FROM channels c WHERE c.workspace_id = ?1"
                                    " AND c.external_id = ?2 AND c.deleted_at IS NULL"};
    Statement find_direct{connection,
                          "SELECT c.uuid FROM channels c WHERE c.direct_low = ?1 AND c.direct_high = ?2"
                          " AND c.deleted_at IS NULL"};
    Statement insert_channel{
        connection,
        "INSERT INTO channels (uuid, workspace_id, last_activity, rev, receipt_rev, last_seq, member_count, "
        "type,"
        " settings_rev, created_at, direct_low, direct_high, external_id, name, avatar_url, metadata)"
        " VALUES (?1, ?2, ?3, 1, 0, 0, ?4, ?5, 1, ?3, ?6, ?7, ?8, ?9, ?10, ?11)"};
    Statement update_channel{
        connection,
        "UPDATE channels SET rev = ?2, receipt_rev = ?3, last_seq = ?4, last_message_id = ?5,"
        " last_activity = ?6, member_count = ?7 WHERE id = ?1"};
    Statement update_settings{
        connection,
        "UPDATE channels SET settings_rev = ?2, name = ?3, avatar_url = ?4, metadata = ?5,"
        " slow_mode_seconds = ?6, frozen = ?7 WHERE id = ?1"};
    Statement delete_channel{connection, "UPDATE channels SET deleted_at = ?2 WHERE id = ?1"};

    // Members. Finds the user and, if there is one, the user's row in a channel.
    Statement find_member{connection,
                          {"SELECT u.id, u.mute_count, u.block_count, u.suspended_at, u.suspended_until, u.preferences_rev, ", kSummaryColumns,
                           ", x.present, x.role, x.muted, x.rev, x.joined_rev, x.joined_at, x.last_read_seq, "
                           "x.last_read_at, x.last_delivered_seq, x.last_delivered_at, x.receipt_rev, x.pinned, x.archived_seq,"
                           " x.unread_mark, x.preferences_rev, x.last_sent_at"
                           " FROM users u LEFT JOIN members x ON x.user_id = u.id AND x.channel_id = ?3"
                           " WHERE u.uuid = ?1 AND u.workspace_id = ?2"}};
    Statement write_member{
        connection,
        "INSERT INTO members (user_id, channel_id, user_uuid, present, role, muted, rev, joined_rev, "
        "joined_at,"
        " last_read_seq, last_read_at, last_delivered_seq, last_delivered_at, receipt_rev, pinned, archived_seq,"
        " unread_mark, preferences_rev, last_sent_at)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)"
        " ON CONFLICT (user_id, channel_id) DO UPDATE SET present = ?4, role = ?5, muted = ?6, rev = ?7,"
        " joined_rev = ?8, joined_at = ?9, last_read_seq = ?10, last_read_at = ?11, last_delivered_seq = ?12,"
        " last_delivered_at = ?13, receipt_rev = ?14, pinned = ?15, archived_seq = ?16, unread_mark = ?17,"
        " preferences_rev = ?18, last_sent_at = ?19"};
    Statement update_receipts{connection,
                             "UPDATE members SET last_read_seq = ?3, last_read_at = ?4, last_delivered_seq = ?5,"
                             " last_delivered_at = ?6, receipt_rev = ?7, last_sent_at = ?8 WHERE user_id = ?1 AND channel_id = ?2"};
    Statement update_preferences{connection,
                                 "UPDATE members SET muted = ?3, pinned = ?4, archived_seq = ?5, unread_mark = ?6,"
                                 " preferences_rev = ?7 WHERE user_id = ?1 AND channel_id = ?2"};
    Statement update_preferences_rev{connection, "UPDATE users SET preferences_rev = ?2 WHERE id = ?1"};
    Statement other_admin{connection,
                          "SELECT 1 FROM members x INDEXED BY members_admins CROSS JOIN users u ON u.id = x.user_id"
                          " WHERE x.channel_id = ?1 AND x.present = 1 AND x.role = 1 AND x.user_id <> ?2"
                          " AND u.deleted_at IS NULL LIMIT 1"};
    /// Counts deleted users as well: when such a membership ends, another member becomes admin.
    Statement any_admin{connection,
                        "SELECT 1 FROM members x INDEXED BY members_admins"
                        " WHERE x.channel_id = ?1 AND x.present = 1 AND x.role = 1 LIMIT 1"};
    Statement other_member{connection,
                           "SELECT 1 FROM members x INDEXED BY members_present CROSS JOIN users u ON u.id = x.user_id"
                           " WHERE x.channel_id = ?1 AND x.present = 1 AND x.user_id <> ?2"
                           " AND u.deleted_at IS NULL LIMIT 1"};
    Statement deleted_peer{connection,
                           "SELECT 1 FROM channels c CROSS JOIN users u ON u.id IN (c.direct_low, c.direct_high)"
                           " WHERE c.id = ?1 AND u.deleted_at IS NOT NULL"};

    // Messages.
    Statement find_sent{connection,
                        "SELECT m.id, m.request_hash FROM messages m INDEXED BY messages_by_key"
                        " WHERE m.idempotency_key = ?1 AND m.user_id = ?2"
                        " AND m.channel_id = ?3"};
    Statement find_message{
        connection, {"SELECT ", kMessageColumns, " FROM messages m", kMessageJoins, "WHERE m.id = ?1"}};
    MessageParts message_parts{connection};
    Statement find_parent{
        connection,
        "SELECT p.id, p.uuid, p.type, p.deleted_at IS NOT NULL OR u.deletion = 2, substr(p.content, 1, 200), u.uuid, u.name FROM messages p"
        " JOIN users u ON u.id = p.user_id WHERE p.uuid = ?1 AND p.channel_id = ?2"};
    /// The first one, if several authors used the same key.
    Statement find_parent_by_key{
        connection,
        "SELECT p.id, p.uuid, p.type, p.deleted_at IS NOT NULL OR u.deletion = 2, substr(p.content, 1, 200), u.uuid, u.name FROM messages p"
        " INDEXED BY messages_by_key JOIN users u ON u.id = p.user_id"
        " WHERE p.idempotency_key = ?1 AND p.channel_id = ?2 ORDER BY p.seq LIMIT 1"};
    Statement insert_message{connection,
                             "INSERT INTO messages (id, uuid, channel_id, seq, rev, user_id, type, parent_id, "
                             "mention_count, created_at,"
                             " idempotency_key, request_hash, attachment_url, metadata, content)"
                             // An id that a purged message had is never used again.
                             " VALUES ((SELECT 1 + max(p.last_id, coalesce((SELECT max(id) FROM messages), 0))"
                             " FROM purged_messages p WHERE p.id = 1), ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)"};
    Statement add_parent{connection, "UPDATE messages SET rev = ?2, parent_id = ?3 WHERE id = ?1"};
    Statement insert_mention{
        connection,
        "INSERT INTO mentions (message_id, position, user_id, channel_id, seq, spans) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"};
    UnreadCounter unread{connection};

    // Stored messages and their reactions.
    Statement find_stored{
        connection,
        "SELECT m.id, m.seq, m.rev, m.type, m.mention_count, m.emoji_count, m.created_at, m.deleted_at, u.uuid, u.deletion = 2,"
        " m.content, m.attachment_url IS NOT NULL, m.pinned_at IS NOT NULL FROM messages m JOIN users u ON u.id = m.user_id WHERE m.uuid = ?1 AND m.channel_id = ?2"};
    Statement edit_window{connection, "SELECT edit_window_seconds FROM workspaces WHERE id = ?1"};
    Statement edit_message{connection, "UPDATE messages SET rev = ?2, edited_at = ?3, content = ?4 WHERE id = ?1"};
    Statement blank_message{connection,
                            "UPDATE messages SET rev = ?2, deleted_at = ?3, mention_count = 0, emoji_count = 0,"
                            " attachment_url = NULL, metadata = '{}', content = '', pinned_at = NULL, pinned_by = NULL WHERE id = ?1"};
    Statement keep_erased_file{connection, "INSERT INTO erased_files (url) SELECT attachment_url FROM messages WHERE id = ?1"};
    Statement forget_erased_file{connection, "DELETE FROM erased_files WHERE id = ?1"};
    Statement pin_message{connection, "UPDATE messages SET rev = ?2, pinned_at = ?3, pinned_by = ?4 WHERE id = ?1"};
    Statement count_pins{connection,
                         "SELECT count(*) FROM messages INDEXED BY messages_pinned WHERE channel_id = ?1 AND pinned_at IS NOT NULL"};
    Statement mentioned_users{connection,
                              "SELECT u.uuid, n.spans FROM mentions n CROSS JOIN users u ON u.id = n.user_id WHERE n.message_id = ?1"};
    Statement drop_spans{connection, "UPDATE mentions SET spans = NULL WHERE message_id = ?1 AND spans IS NOT NULL"};
    Statement count_mentions{connection, "UPDATE messages SET mention_count = ?2 WHERE id = ?1"};
    Statement drop_mentions{connection, "DELETE FROM mentions WHERE message_id = ?1"};
    Statement drop_reactions{connection, "DELETE FROM reactions WHERE message_id = ?1"};
    Statement drop_reaction_counts{connection, "DELETE FROM reaction_counts WHERE message_id = ?1"};
    Statement find_reaction{connection, "SELECT emoji FROM reactions WHERE message_id = ?1 AND user_id = ?2"};
    Statement write_reaction{connection,
                             "INSERT INTO reactions (message_id, user_id, emoji, at) VALUES (?1, ?2, ?3, ?4)"
                             " ON CONFLICT (message_id, user_id) DO UPDATE SET emoji = ?3, at = ?4"};
    Statement drop_reaction{connection, "DELETE FROM reactions WHERE message_id = ?1 AND user_id = ?2"};
    Statement reaction_count{connection,
                             "SELECT count, shown FROM reaction_counts WHERE message_id = ?1 AND emoji = ?2"};
    Statement write_reaction_count{connection,
                                   "INSERT INTO reaction_counts (message_id, emoji, first_rev, count, shown)"
                                   " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (message_id, emoji) DO UPDATE SET count = ?4"};
    Statement drop_reaction_count{connection, "DELETE FROM reaction_counts WHERE message_id = ?1 AND emoji = ?2"};
    Statement touch_message{connection, "UPDATE messages SET rev = ?2, emoji_count = ?3 WHERE id = ?1"};

    // Silences. Channel 0 stands for the whole workspace.
    Statement find_silence{
        connection, "SELECT until, reason, created_at FROM mutes WHERE user_id = ?1 AND channel_id = ?2"};
    Statement silences_of_user{connection,
                               "SELECT until FROM mutes WHERE user_id = ?1 AND channel_id IN (0, ?2)"
                               " AND (until IS NULL OR until > ?3)"};
    Statement write_silence{
        connection,
        "INSERT INTO mutes (user_id, channel_id, workspace_id, user_uuid, channel_uuid, until, reason,"
        " created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
        " ON CONFLICT (user_id, channel_id) DO UPDATE SET until = ?6, reason = ?7, created_at = ?8"};
    Statement drop_silence{connection, "DELETE FROM mutes WHERE user_id = ?1 AND channel_id = ?2"};
    Statement add_silences{connection, "UPDATE users SET mute_count = mute_count + ?2 WHERE id = ?1"};

    // Reports.
    Statement find_filed{connection,
                         "SELECT 1 FROM reports INDEXED BY reports_of_reporter WHERE reporter_id = ?1 AND thing = ?2"};
    Statement insert_report{connection,
                            "INSERT INTO reports (uuid, workspace_id, reporter_id, thing, user_id, channel_id, message_uuid, at,"
                            " status, reason, note) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, ?9, ?10)"};
    Statement find_report{connection,
                          "SELECT id, status, moderator_note FROM reports WHERE uuid = ?1 AND workspace_id = ?2"};
    Statement update_report{connection, "UPDATE reports SET status = ?2, moderator_note = ?3 WHERE id = ?1"};

    // Blocks.
    Statement find_block{connection, "SELECT created_at FROM blocks WHERE user_id = ?1 AND blocked_uuid = ?2"};
    Statement insert_block{connection,
                           "INSERT INTO blocks (user_id, blocked_uuid, blocked_id, workspace_id, created_at)"
                           " VALUES (?1, ?2, ?3, ?4, ?5)"};
    Statement drop_block{connection, "DELETE FROM blocks WHERE user_id = ?1 AND blocked_uuid = ?2"};
    Statement add_blocks{connection,
                         "UPDATE users SET block_count = block_count + ?2, blocks_rev = blocks_rev + 1 WHERE id = ?1"};
    Statement find_blocker{connection, "SELECT block_count, blocks_rev FROM users WHERE id = ?1"};

    OutboxStatements outbox{connection};
    // Devices and push jobs.
    Statement find_device{connection,
                          "SELECT id, user_id, platform, created_at FROM devices WHERE workspace_id = ?1 AND token = ?2"};
    /// Deletes all devices of a user except the ?2 most recently used.
    Statement drop_unused_devices{
        connection,
        "DELETE FROM devices WHERE id IN (SELECT id FROM devices WHERE user_id = ?1"
        " ORDER BY used_at DESC, id DESC LIMIT -1 OFFSET ?2)"};
    Statement insert_device{connection,
                            "INSERT INTO devices (workspace_id, user_id, platform, created_at, used_at, token)"
                            " VALUES (?1, ?2, ?3, ?4, ?4, ?5)"};
    Statement update_device{connection, "UPDATE devices SET platform = ?2, used_at = max(used_at, ?3) WHERE id = ?1"};
    Statement drop_device{connection, "DELETE FROM devices WHERE id = ?1"};
    Statement push_pending{connection, "SELECT pending FROM push_queue WHERE id = 1"};
    Statement add_push_pending{connection, "UPDATE push_queue SET pending = pending + ?1 WHERE id = 1"};
    Statement insert_push_job{connection,
                              "INSERT INTO push_jobs (message_id, created_at, due_at, attempts, after_user)"
                              " VALUES (?1, ?2, ?2, 0, zeroblob(16))"};
    Statement insert_push_retry{
        connection,
        "INSERT INTO push_jobs (message_id, created_at, due_at, attempts, after_user, devices)"
        " SELECT message_id, created_at, ?2, ?3, zeroblob(16), ?4 FROM push_jobs WHERE id = ?1"};
    Statement due_push_jobs{connection,
                            "SELECT id, created_at, attempts FROM push_jobs WHERE due_at <= ?1 ORDER BY due_at, id LIMIT ?2"};
    Statement push_jobs_far_ahead{
        connection, "SELECT id, created_at, attempts FROM push_jobs WHERE due_at > ?1 ORDER BY due_at, id LIMIT ?2"};
    Statement lease_push_job{connection, "UPDATE push_jobs SET owner = ?2, due_at = ?3 WHERE id = ?1"};
    Statement find_push_job{connection, "SELECT 1 FROM push_jobs WHERE id = ?1 AND owner = ?2"};
    Statement go_on_with_push_job{
        connection, "UPDATE push_jobs SET owner = NULL, due_at = created_at, after_user = ?2 WHERE id = ?1"};
    Statement drop_push_job{connection, "DELETE FROM push_jobs WHERE id = ?1"};
    Statement end_push_leases{connection,
                              "UPDATE push_jobs SET owner = NULL, due_at = created_at WHERE owner IS NOT NULL"};

    void randomize(std::span<std::uint8_t> bytes) { sqlite3_randomness(static_cast<int>(bytes.size()), bytes.data()); }

    // The database itself.
    Statement set_epoch{connection, "UPDATE meta SET epoch = ?1, is_copy = 0 WHERE id = 1"};
};

}  // namespace cariosan::sqlite
