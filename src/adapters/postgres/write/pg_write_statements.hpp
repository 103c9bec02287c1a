/// The statements of a connection that writes, except those of sends and of the outbox.
#pragma once

#include <cariosan/commit_rows.hpp>
#include <cariosan/mutations.hpp>
#include <cstdint>
#include <span>

#include "adapters/postgres/read/pg_unread_statements.hpp"
#include "adapters/postgres/read/pg_rows.hpp"
#include "adapters/postgres/write/batch_locks.hpp"
#include "adapters/postgres/write/send_statements.hpp"

namespace cariosan::postgres {

struct WriteStatements : SendStatements {
    explicit WriteStatements(Connection& c) : SendStatements(c) {}

    // Workspaces.
    Statement find_workspace{connection,
                             {"SELECT w.id, ", kWorkspaceColumns,
                              " FROM workspaces w WHERE w.uuid = $1 AND w.deleted_at IS NULL"}};
    Statement insert_workspace{connection,
                               "INSERT INTO workspaces (uuid, name, test, read_receipts_enabled, "
                               "edit_window_seconds, idempotency_secret,"
                               " created_at) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id"};
    Statement update_workspace{connection,
                               "UPDATE workspaces SET name = $2, read_receipts_enabled = $3,"
                               " edit_window_seconds = $4, moderation_enabled = $5, moderation_rev = $6 WHERE id = $1"};
    Statement find_moderation{
        connection, {"SELECT ", kModerationColumns, " FROM moderation_settings s WHERE s.workspace_id = $1"}};
    Statement write_moderation{
        connection,
        "INSERT INTO moderation_settings (workspace_id, profanity_enabled, profanity_action,"
        " profanity_min_severity, link_enabled, link_action, phone_enabled, phone_action, flood_enabled, flood_action,"
        " flood_max_repeats, flood_window_seconds, auto_mute_seconds, blocklist, allowlist)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
        " ON CONFLICT (workspace_id) DO UPDATE SET profanity_enabled = excluded.profanity_enabled, profanity_action = excluded.profanity_action, profanity_min_severity = excluded.profanity_min_severity,"
        " link_enabled = excluded.link_enabled, link_action = excluded.link_action, phone_enabled = excluded.phone_enabled,"
        " phone_action = excluded.phone_action, flood_enabled = excluded.flood_enabled, flood_action = excluded.flood_action,"
        " flood_max_repeats = excluded.flood_max_repeats, flood_window_seconds = excluded.flood_window_seconds, auto_mute_seconds = excluded.auto_mute_seconds,"
        " blocklist = excluded.blocklist, allowlist = excluded.allowlist"};
    Statement insert_record{connection,
                            "INSERT INTO moderation_records (uuid, workspace_id, channel_id, user_id, message_uuid, at, rule,"
                            " action, excerpt) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"};
    Statement delete_workspace{connection, "UPDATE workspaces SET deleted_at = $2 WHERE id = $1"};
    Statement insert_api_secret{connection,
                                "INSERT INTO api_secrets (workspace_id, api_key, secret_hash) VALUES ($1, $2, $3)"};
    Statement expire_api_secrets{connection,
                                 "UPDATE api_secrets SET expires_at = $2 WHERE workspace_id = $1"
                                 " AND (expires_at IS NULL OR expires_at > $2)"};
    Statement drop_expired_api_secrets{connection,
                                       "DELETE FROM api_secrets WHERE workspace_id = $1 AND expires_at <= $2"};
    Statement drop_more_api_secrets{connection,
                                    "DELETE FROM api_secrets WHERE (api_key, secret_hash) IN"
                                    " (SELECT api_key, secret_hash FROM api_secrets WHERE workspace_id = $1"
                                    " ORDER BY expires_at DESC NULLS LAST OFFSET $2)"};

    // Users.
    Statement find_user{connection,
                        {"SELECT u.id, u.membership_count, ", kSummaryColumns,
                         " FROM users u WHERE u.uuid = $1 AND u.workspace_id = $2 AND u.deleted_at IS NULL"}};
    Statement find_user_external{
        connection,
        {"SELECT u.id, ", kUserColumns,
         " FROM users u WHERE u.workspace_id = $1 AND u.external_id = $2 AND u.deleted_at IS NULL"}};
    Statement find_whole_user{
        connection,
        {"SELECT u.id, ", kUserColumns,
         " FROM users u WHERE u.workspace_id = $1 AND u.uuid = $2 AND u.deleted_at IS NULL"}};
    Statement insert_user{connection,
                          "INSERT INTO users (uuid, workspace_id, membership_count, external_id, name, "
                          "avatar_url, created_at, updated_at,"
                          " metadata) VALUES ($1, $2, 0, $3, $4, $5, $6, $6, $7)"};
    Statement update_user{
        connection,
        "UPDATE users SET name = $2, avatar_url = $3, metadata = $4, updated_at = $5 WHERE id = $1"};
    Statement write_suspension{
        connection, "UPDATE users SET suspended_at = $2, suspended_until = $3, suspension_reason = $4 WHERE id = $1"};
    Statement delete_user{connection,
                          "UPDATE users SET deleted_at = $2, deletion = $3, updated_at = $2, external_id = '', name = '',"
                          " avatar_url = NULL, metadata = '{}', suspended_at = NULL, suspended_until = NULL,"
                              " suspension_reason = NULL WHERE id = $1"};
    Statement finish_deletion{connection,
                              "UPDATE users SET deletion = 0, mute_count = 0, block_count = 0 WHERE id = $1"};
    Statement find_deletion{connection,
                            "SELECT id, deletion FROM users WHERE uuid = $1 AND workspace_id = $2 AND deletion > 0"};
    Statement drop_some_silences{connection,
                                 "DELETE FROM mutes WHERE user_id = $1 AND channel_id IN"
                                 " (SELECT channel_id FROM mutes WHERE user_id = $1 LIMIT 500)"};
    Statement drop_some_blocks{connection,
                               "DELETE FROM blocks WHERE user_id = $1 AND blocked_uuid IN"
                               " (SELECT blocked_uuid FROM blocks WHERE user_id = $1 LIMIT 500)"};
    Statement erase_some_excerpts{connection,
                                  "UPDATE moderation_records SET excerpt = '' WHERE id IN (SELECT id FROM moderation_records"
                                  " WHERE user_id = $1 AND excerpt <> '' LIMIT 500)"};
    Statement drop_some_reports{connection,
                                "DELETE FROM reports WHERE id IN (SELECT id FROM reports WHERE reporter_id = $1 LIMIT 500)"};
    Statement drop_some_devices{connection,
                                "DELETE FROM devices WHERE id IN (SELECT id FROM devices WHERE user_id = $1 LIMIT 500)"};
    Statement add_memberships{connection,
                              "UPDATE users SET membership_count = membership_count + $2 WHERE id = $1"};
    /// The exact number. The stored one still counts channels that were deleted but not purged, so it is
    /// checked at the limit.
    Statement count_memberships{connection,
                                "SELECT count(*) FROM members x"
                                " JOIN channels c ON c.id = x.channel_id"
                                " WHERE x.user_id = $1 AND x.present = 1 AND c.deleted_at IS NULL"};
    Statement channels_of_user{connection,
                               "SELECT c.uuid FROM members x"
                               " JOIN channels c ON c.id = x.channel_id"
                               " WHERE x.user_id = $1 AND x.present = 1 AND c.deleted_at IS NULL"};

    Statement record_last_seen{connection,
                               "UPDATE users SET last_seen_at = $2 WHERE uuid = $1"
                               " AND (last_seen_at IS NULL OR last_seen_at < $2)"};

    // Channels.
    Statement find_channel_external{connection,
                                    "SELECT c.uuid, c.type FROM channels c WHERE c.workspace_id = $1"
                                    " AND c.external_id = $2 AND c.deleted_at IS NULL"};
    Statement find_direct{connection,
                          "SELECT c.uuid FROM channels c WHERE c.direct_low = $1 AND c.direct_high = $2"
                          " AND c.deleted_at IS NULL"};
    Statement insert_channel{
        connection,
        "INSERT INTO channels (uuid, workspace_id, last_activity, rev, receipt_rev, last_seq, member_count, "
        "type,"
        " settings_rev, created_at, direct_low, direct_high, external_id, name, avatar_url, metadata)"
        " VALUES ($1, $2, $3, 1, 0, 0, $4, $5, 1, $3, $6, $7, $8, $9, $10, $11)"};
    Statement update_settings{
        connection,
        "UPDATE channels SET settings_rev = $2, name = $3, avatar_url = $4, metadata = $5,"
        " slow_mode_seconds = $6, frozen = $7 WHERE id = $1"};
    Statement delete_channel{connection, "UPDATE channels SET deleted_at = $2 WHERE id = $1"};

    // Members.
    Statement write_member{
        connection,
        "INSERT INTO members (user_id, channel_id, user_uuid, present, role, muted, rev, joined_rev, "
        "joined_at,"
        " last_read_seq, last_read_at, last_delivered_seq, last_delivered_at, receipt_rev, pinned, archived_seq,"
        " unread_mark, preferences_rev, last_sent_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)"
        " ON CONFLICT (user_id, channel_id) DO UPDATE SET present = $4, role = $5, muted = $6, rev = $7,"
        " joined_rev = $8, joined_at = $9, last_read_seq = $10, last_read_at = $11, last_delivered_seq = $12,"
        " last_delivered_at = $13, receipt_rev = $14, pinned = $15, archived_seq = $16, unread_mark = $17,"
        " preferences_rev = $18, last_sent_at = $19"};
    Statement update_preferences{connection,
                                 "UPDATE members SET muted = $3, pinned = $4, archived_seq = $5, unread_mark = $6,"
                                 " preferences_rev = $7 WHERE user_id = $1 AND channel_id = $2"};
    Statement update_preferences_rev{connection, "UPDATE users SET preferences_rev = $2 WHERE id = $1"};
    Statement other_admin{connection,
                          "SELECT 1 FROM members x JOIN users u ON u.id = x.user_id"
                          " WHERE x.channel_id = $1 AND x.present = 1 AND x.role = 1 AND x.user_id <> $2"
                          " AND u.deleted_at IS NULL LIMIT 1"};
    /// Counts deleted users as well: when such a membership ends, another member becomes admin.
    Statement any_admin{connection,
                        "SELECT 1 FROM members x"
                        " WHERE x.channel_id = $1 AND x.present = 1 AND x.role = 1 LIMIT 1"};
    Statement other_member{connection,
                           "SELECT 1 FROM members x JOIN users u ON u.id = x.user_id"
                           " WHERE x.channel_id = $1 AND x.present = 1 AND x.user_id <> $2"
                           " AND u.deleted_at IS NULL LIMIT 1"};

    // Messages.
    MessageParts message_parts{connection};
    UnreadCounter unread{connection};

    // Stored messages and their reactions.
    Statement edit_window{connection, "SELECT edit_window_seconds FROM workspaces WHERE id = $1"};
    MessageWords words{connection};
    MessageEdit edit_message{connection, words};
    Statement mentioned_users{connection,
                              "SELECT u.uuid, n.spans FROM mentions n JOIN users u ON u.id = n.user_id"
                              " WHERE n.message_id = $1"};
    Statement drop_spans{connection, "UPDATE mentions SET spans = NULL WHERE message_id = $1 AND spans IS NOT NULL"};
    Statement count_mentions{connection, "UPDATE messages SET mention_count = $2 WHERE id = $1"};
    Statement find_reaction{connection, "SELECT emoji FROM reactions WHERE message_id = $1 AND user_id = $2"};
    Statement write_reaction{connection,
                             "INSERT INTO reactions (message_id, user_id, emoji, at) VALUES ($1, $2, $3, $4)"
                             " ON CONFLICT (message_id, user_id) DO UPDATE SET emoji = $3, at = $4"};
    Statement drop_reaction{connection, "DELETE FROM reactions WHERE message_id = $1 AND user_id = $2"};
    Statement reaction_count{connection,
                             "SELECT count, shown FROM reaction_counts WHERE message_id = $1 AND emoji = $2"};
    Statement write_reaction_count{connection,
                                   "INSERT INTO reaction_counts (message_id, emoji, first_rev, count, shown)"
                                   " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (message_id, emoji) DO UPDATE SET count = $4"};
    Statement drop_reaction_count{connection, "DELETE FROM reaction_counts WHERE message_id = $1 AND emoji = $2"};
    Statement pin_message{connection, "UPDATE messages SET rev = $2, pinned_at = $3, pinned_by = $4 WHERE id = $1"};
    Statement count_pins{connection, "SELECT count(*) FROM messages WHERE channel_id = $1 AND pinned_at IS NOT NULL"};
    Statement touch_message{connection, "UPDATE messages SET rev = $2, emoji_count = $3 WHERE id = $1"};

    // Silences. Channel 0 stands for the whole workspace.
    Statement find_silence{
        connection, "SELECT until, reason, created_at FROM mutes WHERE user_id = $1 AND channel_id = $2"};
    Statement silences_of_user{connection,
                               "SELECT until FROM mutes WHERE user_id = $1 AND channel_id IN (0, $2)"
                               " AND (until IS NULL OR until > $3)"};
    Statement write_silence{
        connection,
        "INSERT INTO mutes (user_id, channel_id, workspace_id, user_uuid, channel_uuid, until, reason,"
        " created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
        " ON CONFLICT (user_id, channel_id) DO UPDATE SET until = $6, reason = $7, created_at = $8"};
    Statement drop_silence{connection, "DELETE FROM mutes WHERE user_id = $1 AND channel_id = $2"};
    Statement add_silences{connection, "UPDATE users SET mute_count = mute_count + $2 WHERE id = $1"};

    // Reports.
    Statement find_filed{connection, "SELECT 1 FROM reports WHERE reporter_id = $1 AND thing = $2"};
    Statement insert_report{connection,
                            "INSERT INTO reports (uuid, workspace_id, reporter_id, thing, user_id, channel_id, message_uuid, at,"
                            " status, reason, note) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10)"};
    Statement find_report{connection,
                          "SELECT id, status, moderator_note FROM reports WHERE uuid = $1 AND workspace_id = $2"};
    Statement update_report{connection, "UPDATE reports SET status = $2, moderator_note = $3 WHERE id = $1"};

    // Blocks.
    Statement find_block{connection, "SELECT created_at FROM blocks WHERE user_id = $1 AND blocked_uuid = $2"};
    Statement insert_block{connection,
                           "INSERT INTO blocks (user_id, blocked_uuid, blocked_id, workspace_id, created_at)"
                           " VALUES ($1, $2, $3, $4, $5)"};
    Statement drop_block{connection, "DELETE FROM blocks WHERE user_id = $1 AND blocked_uuid = $2"};
    Statement add_blocks{connection,
                         "UPDATE users SET block_count = block_count + $2, blocks_rev = blocks_rev + 1 WHERE id = $1"};
    Statement find_blocker{connection, "SELECT block_count, blocks_rev FROM users WHERE id = $1"};

    // Devices and push jobs.
    Statement find_device{connection,
                          "SELECT id, user_id, platform, created_at FROM devices"
                          " WHERE workspace_id = $1 AND hashtextextended(token, 0) = hashtextextended($2, 0) AND token = $2"};
    /// Deletes all devices of a user except the $2 most recently used.
    Statement drop_unused_devices{
        connection,
        "DELETE FROM devices WHERE id IN (SELECT id FROM devices WHERE user_id = $1"
        " ORDER BY used_at DESC, id DESC OFFSET $2)"};
    Statement insert_device{connection,
                            "INSERT INTO devices (workspace_id, user_id, platform, created_at, used_at, token)"
                            " VALUES ($1, $2, $3, $4, $4, $5)"};
    Statement update_device{connection, "UPDATE devices SET platform = $2, used_at = greatest(used_at, $3) WHERE id = $1"};
    Statement drop_device{connection, "DELETE FROM devices WHERE id = $1"};
    Statement insert_push_retry{
        connection,
        "INSERT INTO push_jobs (message_id, created_at, due_at, attempts, after_user, devices)"
        " SELECT message_id, created_at, $2, $3, '00000000-0000-0000-0000-000000000000', $4 FROM push_jobs WHERE id = $1"};
    Statement due_push_jobs{connection,
                            "SELECT id, created_at, attempts FROM push_jobs"
                            " WHERE due_at <= $1 ORDER BY due_at, id LIMIT $2 FOR UPDATE SKIP LOCKED"};
    Statement push_jobs_far_ahead{
        connection, "SELECT id, created_at, attempts FROM push_jobs"
                    " WHERE due_at > $1 ORDER BY due_at, id LIMIT $2 FOR UPDATE SKIP LOCKED"};
    Statement lease_push_job{connection, "UPDATE push_jobs SET owner = $2, due_at = $3 WHERE id = $1"};
    Statement find_push_job{connection, "SELECT 1 FROM push_jobs WHERE id = $1 AND owner = $2"};
    Statement go_on_with_push_job{
        connection, "UPDATE push_jobs SET owner = NULL, due_at = created_at, after_user = $2 WHERE id = $1"};
    Statement drop_push_job{connection, "DELETE FROM push_jobs WHERE id = $1"};
    void before_text_changes(const commit::MessageRow& before) { drop_words.run(before.id); }
    void randomize(std::span<std::uint8_t> bytes);

    /// Locks what a batch may change and loads what its sends need, without waiting. Call it when a transaction has begun.
    void prepare(std::span<const Mutation> batch);

    BatchLocks locks{connection};
};

}  // namespace cariosan::postgres
