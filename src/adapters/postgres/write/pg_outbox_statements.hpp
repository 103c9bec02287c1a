/// The writing connection's statements for webhooks and their deliveries.
#pragma once

#include "adapters/postgres/read/pg_rows.hpp"
#include "adapters/postgres/write/held_rows.hpp"
#include "adapters/postgres/write/loaded_query.hpp"

namespace cariosan::postgres {

struct OutboxStatements {
    explicit OutboxStatements(Connection& c) : connection(c) {}

    Connection& connection;

    LoadedQuery listening{
        connection, 1,
        {"SELECT h.id, h.events, h.pending FROM workspaces w JOIN webhooks h ON h.workspace_id = w.id"
         " WHERE w.uuid = $1 AND w.deleted_at IS NULL AND h.enabled = 1 AND h.deleted = 0"},
        {"SELECT w.uuid, h.id IS NOT NULL, h.id, h.events, h.pending FROM workspaces w LEFT JOIN webhooks h"
         " ON h.workspace_id = w.id AND w.deleted_at IS NULL AND h.enabled = 1 AND h.deleted = 0"
         " WHERE w.uuid = ANY ($1) ORDER BY w.uuid"}};
    HeldRows insert_delivery{
        connection,
        "INSERT INTO deliveries (webhook_id, event_uuid, event, created_at, channel_uuid, channel_external_id, message_uuid,"
        " user_uuid, rev, external_id, name, detail, mentions, record, traceparent, status)"
        " SELECT n.*, 0 FROM unnest($1::bigint[], $2::uuid[], $3::bigint[], $4::bigint[], $5::uuid[], $6::text[], $7::uuid[],"
        " $8::uuid[], $9::bigint[], $10::text[], $11::text[], $12::text[], $13::bytea[], $14::uuid[], $15::text[]) n"};
    /// In the order of ids, so that two batches do not wait for each other in a circle.
    HeldRows add_pending{
        connection,
        "UPDATE webhooks h SET pending = h.pending + n.added FROM (SELECT l.id, a.added FROM"
        " (SELECT t.id, sum(t.added)::bigint AS added FROM unnest($1::bigint[], $2::bigint[]) t(id, added) GROUP BY t.id) a"
        " JOIN webhooks l ON l.id = a.id ORDER BY l.id FOR UPDATE OF l) n WHERE h.id = n.id"};

    Statement count{connection, "SELECT count(*) FROM webhooks WHERE workspace_id = $1 AND deleted = 0"};
    Statement insert{connection,
                     "INSERT INTO webhooks (uuid, workspace_id, url, events, enabled, created_at, updated_at)"
                     " VALUES ($1, $2, $3, $4, 1, $5, $5)"};
    Statement find{connection,
                   {"SELECT h.id, h.pending, h.failed_attempts, h.failed_deliveries, h.lease_owner, w.uuid, ",
                    kWebhookColumns,
                    " FROM webhooks h JOIN workspaces w ON w.id = h.workspace_id"
                    " WHERE h.uuid = $1 AND h.deleted = 0 AND w.deleted_at IS NULL"}};
    Statement update{connection,
                     "UPDATE webhooks SET url = $2, events = $3, enabled = $4, disabled_reason = $5, disabled_at = $6,"
                     " updated_at = $7 WHERE id = $1"};
    Statement disable{connection,
                      "UPDATE webhooks SET enabled = 0, disabled_reason = $2, disabled_at = $3, updated_at = $3"
                      " WHERE id = $1"};
    Statement write_failures{connection,
                             "UPDATE webhooks SET failed_attempts = $2, failed_deliveries = $3 WHERE id = $1"};
    Statement remove{connection, "UPDATE webhooks SET deleted = 1, enabled = 0 WHERE id = $1"};
    Statement give_up_pending{connection, "UPDATE webhooks SET overflowed = 1 WHERE id = $1"};

    Statement secrets{connection,
                      "SELECT secret, expires_at FROM webhook_secrets WHERE webhook_uuid = $1 AND secret <> ''"
                      " ORDER BY id DESC"};
    Statement find_keyed{connection,
                         "SELECT webhook_uuid, secret, request_hash, made_at FROM webhook_secrets"
                         " WHERE workspace_id = $1 AND idempotency_key = $2 ORDER BY id DESC LIMIT 1"};
    Statement insert_secret{connection,
                            "INSERT INTO webhook_secrets (workspace_id, webhook_uuid, secret, made_at, idempotency_key,"
                            " request_hash) VALUES ($1, $2, $3, $4, $5, $6)"};
    Statement retire_secret{connection,
                            "UPDATE webhook_secrets SET expires_at = $2 WHERE webhook_uuid = $1 AND expires_at IS NULL"};
    Statement drop_secrets{connection, "DELETE FROM webhook_secrets WHERE webhook_uuid = $1 AND idempotency_key IS NULL"};
    Statement blank_secrets{connection,
                            "UPDATE webhook_secrets SET secret = '', expires_at = $2 WHERE webhook_uuid = $1"};

    Statement find_event{connection,
                         {"SELECT d.id, ", kDeliveryColumns,
                          " FROM deliveries d WHERE d.webhook_id = $1 AND d.event_uuid = $2"}};
    Statement renew{connection,
                    "UPDATE deliveries SET status = 0, attempts = 0, due = 0, last_status_code = NULL,"
                    " last_error = NULL, delivered_at = NULL, finished_at = NULL WHERE id = $1"};
    Statement hasten{connection, "UPDATE deliveries SET due = 0 WHERE id = $1"};

    /// Passes over webhooks that another transaction is leasing.
    Statement ready{connection,
                    {"SELECT h.id, h.uuid, w.uuid, h.url, h.failed_attempts"
                     " FROM webhooks h JOIN workspaces w ON w.id = h.workspace_id CROSS JOIN LATERAL (SELECT ",
                     kNextDue,
                     " AS first) n WHERE h.pending > 0 AND h.enabled = 1 AND h.deleted = 0 AND w.deleted_at IS NULL"
                     " AND (h.lease_owner IS NULL OR h.lease_owner = $1 OR h.leased_until <= $2 OR h.leased_until > $4)"
                     " AND (n.first <= $2 OR n.first > $4) ORDER BY n.first LIMIT $3 FOR UPDATE OF h SKIP LOCKED"}};
    Statement lease{connection, "UPDATE webhooks SET lease_owner = $2, leased_until = $3 WHERE id = $1"};
    Statement pending_attempts{connection,
                               "SELECT attempts FROM deliveries WHERE id = $1 AND webhook_id = $2 AND status = 0"};
    Statement finish{connection,
                     "UPDATE deliveries SET status = $2, attempts = $3, last_status_code = $4, last_error = $5,"
                     " delivered_at = $6, finished_at = $7, due = 0 WHERE id = $1"};
    Statement delay{connection,
                    "UPDATE deliveries SET attempts = $2, last_status_code = $3, last_error = $4, due = $5"
                    " WHERE id = $1"};
};

}  // namespace cariosan::postgres
