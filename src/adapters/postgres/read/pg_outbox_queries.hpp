/// The SQL that reads what is sent to the outside: webhooks and their deliveries, devices and push jobs.
#pragma once

#include <string_view>

#include "adapters/postgres/read/pg_read_queries.hpp"

namespace cariosan::postgres {

/// Aliases `x` (members): who may get a push. $1 channel, $2 the user to continue after, $3 author.
inline constexpr std::string_view kTakesPush =
    " JOIN users u ON u.id = x.user_id WHERE x.channel_id = $1 AND x.present = 1 AND x.user_uuid > $2"
    " AND x.user_uuid <> $3 AND x.muted = 0 AND u.deleted_at IS NULL"
    " AND (u.block_count = 0 OR NOT EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = x.user_id AND b.blocked_uuid = $3))"
    " AND EXISTS (SELECT 1 FROM devices d WHERE d.user_id = x.user_id)";

struct OutboxQueries : ReadQueries {
    using ReadQueries::ReadQueries;

    Statement place{
        connection,
        "SELECT h.id, w.uuid FROM webhooks h JOIN workspaces w ON w.id = h.workspace_id"
        " WHERE h.uuid = $1 AND h.deleted = 0 AND w.deleted_at IS NULL"};
    Statement find{
        connection,
        {"SELECT ", kWebhookColumns,
         " FROM webhooks h WHERE h.uuid = $1 AND h.workspace_id = $2 AND h.deleted = 0"}};
    Statement list{
        connection,
        {"SELECT ", kWebhookColumns,
         " FROM webhooks h WHERE h.workspace_id = $1 AND h.uuid > $2 AND h.deleted = 0"
         " ORDER BY h.uuid LIMIT $3"}};
    Statement deliveries{
        connection,
        {"SELECT d.id, ", kDeliveryColumns,
         " FROM deliveries d WHERE d.webhook_id = $1 AND d.id < $2 ORDER BY d.id DESC LIMIT $3"}};
    Statement delivery{
        connection,
        {"SELECT ", kDeliveryColumns,
         " FROM deliveries d WHERE d.webhook_id = $1 AND d.event_uuid = $2"}};
    Statement next_due{
        connection,
        {"SELECT min(", kNextDue,
         ") FROM webhooks h JOIN workspaces w ON w.id = h.workspace_id"
         " WHERE h.pending > 0 AND h.enabled = 1 AND h.deleted = 0 AND w.deleted_at IS NULL"}};
    Statement retries{
        connection,
        {"SELECT d.id, d.attempts, ", kOutboxColumns,
         " FROM deliveries d WHERE d.webhook_id = $1 AND d.status = 0"
         " AND d.due > 0 AND d.due <= $2 AND d.id <> ALL ($3)"
         " ORDER BY d.due, d.id LIMIT $4"}};
    Statement far_ahead{
        connection,
        {"SELECT d.id, d.attempts, ", kOutboxColumns,
         " FROM deliveries d WHERE d.webhook_id = $1 AND d.status = 0"
         " AND d.due > $2 AND d.id <> ALL ($3)"
         " ORDER BY d.due, d.id LIMIT $4"}};
    Statement fresh{
        connection,
        {"SELECT d.id, d.attempts, ", kOutboxColumns,
         " FROM deliveries d WHERE d.webhook_id = $1 AND d.status = 0"
         " AND d.due = 0 AND d.id <> ALL ($2) ORDER BY d.id LIMIT $3"}};
    Statement oldest{
        connection,
        {"SELECT d.due, d.id, d.attempts, ", kOutboxColumns,
         " FROM deliveries d WHERE d.webhook_id = $1 AND d.status = 0"
         " ORDER BY d.id LIMIT 1"}};
};

struct PushQueries : ReadQueries {
    using ReadQueries::ReadQueries;

    Statement pending{connection, "SELECT pending FROM push_queue WHERE id = 1"};
    Statement next_due{connection, "SELECT due_at FROM push_jobs ORDER BY due_at LIMIT 1"};
    Statement job{
        connection,
        "SELECT j.message_id, j.after_user, j.devices IS NOT NULL, c.id, c.member_count, c.uuid, m.uuid, u.uuid, u.name"
        " FROM push_jobs j JOIN messages m ON m.id = j.message_id JOIN channels c ON c.id = m.channel_id"
        " JOIN workspaces w ON w.id = c.workspace_id JOIN users u ON u.id = m.user_id"
        " WHERE j.id = $1 AND m.deleted_at IS NULL AND c.deleted_at IS NULL AND w.deleted_at IS NULL"
        " AND u.deleted_at IS NULL"};
    Statement everyone{
        connection,
        {"SELECT few.user_uuid, d.id, d.token FROM (SELECT x.user_id, x.user_uuid FROM members x", kTakesPush,
         " ORDER BY x.user_uuid LIMIT $4) few JOIN devices d ON d.user_id = few.user_id ORDER BY few.user_uuid"}};
    Statement mentioned{
        connection,
        {"SELECT few.user_uuid, d.id, d.token FROM (SELECT x.user_id, x.user_uuid FROM mentions n"
         " JOIN members x ON x.user_id = n.user_id", kTakesPush,
         " AND n.message_id = $4 ORDER BY x.user_uuid LIMIT $5) few"
         " JOIN devices d ON d.user_id = few.user_id ORDER BY few.user_uuid"}};
    /// Of devices that are tried again there are no more than a part has.
    Statement again{
        connection,
        {"SELECT x.user_uuid, d.id, d.token FROM devices d JOIN members x ON x.user_id = d.user_id", kTakesPush,
         " AND d.id = ANY ((SELECT j.devices FROM push_jobs j WHERE j.id = $4)::bigint[]) AND $5 > 0 ORDER BY x.user_uuid"}};
};

}  // namespace cariosan::postgres
