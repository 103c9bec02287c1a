#include "adapters/postgres/purge/pg_purge.hpp"

#include <array>
#include <chrono>
#include <optional>

#include "adapters/postgres/pg_migrate.hpp"
#include "adapters/postgres/pg_statement.hpp"
#include "adapters/sql/kept.hpp"

namespace cariosan::postgres {
namespace {

using sql::kPurgeRows;

std::optional<std::int64_t> first(Connection& connection, std::string_view sql, const auto&... arguments) {
    Statement statement(connection, sql);
    Rows rows = statement.query(arguments...);
    return rows.next() ? std::optional(rows.integer()) : std::nullopt;
}

/// Whether one of the statements, in this order, has changed rows of `row`. None runs after that.
bool any_changed(Connection& connection, std::span<const char* const> statements, std::int64_t row) {
    for (const char* sql : statements) {
        if (Statement(connection, sql).change(row, kPurgeRows) > 0) return true;
        if (connection.failed()) return true;
    }
    return false;
}

/// `$1` are the silences' rows; what they count for changes with them.
constexpr std::string_view kDropSilences =
    "WITH gone AS (DELETE FROM mutes x USING (SELECT user_id, channel_id FROM mutes WHERE ";
constexpr std::string_view kAndCountThem =
    " LIMIT $2) part WHERE x.user_id = part.user_id AND x.channel_id = part.channel_id RETURNING x.user_id),"
    " lost AS (SELECT user_id, count(*) AS number FROM gone GROUP BY user_id)"
    " UPDATE users u SET mute_count = mute_count - lost.number FROM lost WHERE u.id = lost.user_id";

/// False if there were none.
bool drop_silences(Connection& connection, std::string_view condition, std::int64_t argument) {
    Statement drop(connection, {kDropSilences, condition, kAndCountThem});
    return drop.change(argument, kPurgeRows / 2) > 0;
}

/// What a channel consists of, in the order of going: nothing points at what is gone already.
constexpr std::array kPartsOfChannel{
    "DELETE FROM reactions x USING (SELECT r.message_id, r.user_id FROM (SELECT id FROM messages WHERE channel_id = $1 ORDER BY seq"
    " LIMIT $2) m JOIN reactions r ON r.message_id = m.id LIMIT $2) part"
    " WHERE x.message_id = part.message_id AND x.user_id = part.user_id",
    "DELETE FROM reaction_counts x USING (SELECT k.message_id, k.emoji FROM (SELECT id FROM messages WHERE channel_id = $1 ORDER BY"
    " seq LIMIT $2) m JOIN reaction_counts k ON k.message_id = m.id LIMIT $2) part"
    " WHERE x.message_id = part.message_id AND x.emoji = part.emoji",
    "DELETE FROM mentions x USING (SELECT n.message_id, n.position FROM (SELECT id FROM messages WHERE channel_id = $1 ORDER BY seq"
    " LIMIT $2) m JOIN mentions n ON n.message_id = m.id LIMIT $2) part"
    " WHERE x.message_id = part.message_id AND x.position = part.position",
    "DELETE FROM message_words WHERE message_id IN (SELECT message_id FROM message_words WHERE channel_id = $1"
    " ORDER BY message_id LIMIT $2)",
    "WITH part AS MATERIALIZED (SELECT id, attachment_url FROM messages WHERE channel_id = $1 ORDER BY seq LIMIT $2),"
    " files AS (INSERT INTO erased_files (url) SELECT attachment_url FROM part WHERE attachment_url IS NOT NULL)"
    " DELETE FROM messages WHERE id IN (SELECT id FROM part)",
};

/// False if the channel has no members left.
bool purge_members(Connection& connection, std::int64_t channel) {
    const auto gone = first(connection,
                            "WITH gone AS (DELETE FROM members x USING (SELECT user_id FROM members WHERE channel_id = $1 LIMIT $2)"
                            " part WHERE x.user_id = part.user_id AND x.channel_id = $1 RETURNING x.user_id, x.present),"
                            " counted AS (UPDATE users u SET membership_count = membership_count - 1 FROM gone"
                            " WHERE u.id = gone.user_id AND gone.present = 1)"
                            " SELECT count(*) FROM gone",
                            channel, kPurgeRows / 2);
    return gone.value_or(0) > 0;
}

void purge_channel(Connection& connection, std::int64_t channel) {
    if (any_changed(connection, kPartsOfChannel, channel) || purge_members(connection, channel) ||
        drop_silences(connection, "channel_id = $1 AND channel_id <> 0", channel)) {
        return;
    }
    constexpr std::array kRecords{
        "DELETE FROM moderation_records WHERE id IN (SELECT id FROM moderation_records WHERE channel_id = $1 LIMIT $2)",
        "DELETE FROM reports WHERE id IN (SELECT id FROM reports WHERE channel_id = $1 LIMIT $2)"};
    if (any_changed(connection, kRecords, channel)) return;
    // A node that has not noticed the deletion finds no row any more.
    Statement(connection,
              "WITH gone AS (DELETE FROM channels WHERE id = $1 RETURNING uuid)"
              " INSERT INTO moves (channels, removed) SELECT '{}', uuid FROM gone")
        .run(channel);
}

constexpr std::array kPartsOfWorkspace{
    "DELETE FROM blocks x USING (SELECT user_id, blocked_uuid FROM blocks WHERE workspace_id = $1 LIMIT $2) part"
    " WHERE x.user_id = part.user_id AND x.blocked_uuid = part.blocked_uuid",
    "DELETE FROM webhook_secrets WHERE id IN (SELECT id FROM webhook_secrets WHERE workspace_id = $1 LIMIT $2)",
    "DELETE FROM reports WHERE id IN (SELECT id FROM reports WHERE workspace_id = $1 LIMIT $2)",
    "DELETE FROM devices WHERE id IN (SELECT id FROM devices WHERE workspace_id = $1 LIMIT $2)",
    "DELETE FROM users WHERE id IN (SELECT id FROM users WHERE workspace_id = $1 LIMIT $2)",
};

/// A workspace whose channels are gone.
void purge_workspace(Connection& connection, std::int64_t workspace) {
    if (drop_silences(connection, "workspace_id = $1", workspace)) return;
    if (const auto webhook = first(connection, "SELECT id FROM webhooks WHERE workspace_id = $1 LIMIT 1", workspace)) {
        return purge_webhook(connection, *webhook);
    }
    if (any_changed(connection, kPartsOfWorkspace, workspace)) return;
    for (const char* sql : {"DELETE FROM api_secrets WHERE workspace_id = $1",
                            "DELETE FROM moderation_settings WHERE workspace_id = $1", "DELETE FROM workspaces WHERE id = $1"}) {
        Statement(connection, sql).run(workspace);
    }
}

}  // namespace

bool take_housekeeping(Connection& connection) {
    return first(connection, "SELECT pg_try_advisory_xact_lock($1::int4, $2::int4)", kAdvisoryLocks, AdvisoryLock::housekeeping)
               .value_or(0) != 0;
}

bool purge_deleted(Connection& connection) {
    auto channel = first(connection, "SELECT id FROM channels WHERE deleted_at IS NOT NULL LIMIT 1");
    std::optional<std::int64_t> workspace;
    if (!channel) {
        workspace = first(connection, "SELECT id FROM workspaces WHERE deleted_at IS NOT NULL LIMIT 1");
        if (workspace) channel = first(connection, "SELECT id FROM channels WHERE workspace_id = $1 LIMIT 1", *workspace);
    }
    if (channel) {
        purge_channel(connection, *channel);
    } else if (workspace) {
        purge_workspace(connection, *workspace);
    } else {
        return purge_webhooks(connection);
    }
    return true;
}

bool purge_ended_silences(Connection& connection, Timestamp now) {
    return drop_silences(connection, "until <= $1", now.milliseconds);
}

bool purge_old_records(Connection& connection, Timestamp now) {
    Statement drop(connection,
                   "DELETE FROM moderation_records WHERE id IN (SELECT id FROM moderation_records WHERE at < $1 LIMIT $2)");
    return drop.change(now.milliseconds - std::chrono::milliseconds(sql::kRecordsKept).count(), kPurgeRows) > 0;
}

bool purge_old_moves(Connection& connection, Timestamp) {
    Statement drop(connection,
                   "DELETE FROM moves WHERE ctid IN (SELECT o.ctid FROM (SELECT ctid, at FROM moves ORDER BY xid LIMIT $1) o"
                   " WHERE o.at < now() - make_interval(secs => $2::bigint))");
    return drop.change(kPurgeRows, std::chrono::seconds(MovedChannels::kKept).count()) > 0;
}

}  // namespace cariosan::postgres
