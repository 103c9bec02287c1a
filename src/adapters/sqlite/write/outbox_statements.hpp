/// The writing connection's statements for webhooks and their deliveries.
#pragma once

#include "adapters/sqlite/rows.hpp"

namespace cariosan::sqlite {

struct OutboxStatements {
    explicit OutboxStatements(Connection& c) : connection(c) {}

    Connection& connection;

    Statement listening{connection,
                        "SELECT h.id, h.events, h.pending FROM workspaces w JOIN webhooks h ON h.workspace_id = w.id"
                        " WHERE w.uuid = ?1 AND w.deleted_at IS NULL AND h.enabled = 1 AND h.deleted = 0"};
    Statement insert_delivery{
        connection,
        "INSERT INTO deliveries (webhook_id, event_uuid, event, status, created_at, channel_uuid,"
        " channel_external_id, message_uuid, user_uuid, rev, external_id, name, detail, mentions, record,"
        " traceparent)"
        " VALUES (?1, ?2, ?3, 0, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)"};
    Statement add_pending{connection, "UPDATE webhooks SET pending = pending + ?2 WHERE id = ?1"};

    Statement count{connection, "SELECT count(*) FROM webhooks WHERE workspace_id = ?1 AND deleted = 0"};
    Statement insert{connection,
                     "INSERT INTO webhooks (uuid, workspace_id, url, events, enabled, created_at, updated_at)"
                     " VALUES (?1, ?2, ?3, ?4, 1, ?5, ?5)"};
    Statement find{connection,
                   {"SELECT h.id, h.pending, h.failed_attempts, h.failed_deliveries, h.lease_owner, w.uuid, ",
                    kWebhookColumns,
                    " FROM webhooks h JOIN workspaces w ON w.id = h.workspace_id"
                    " WHERE h.uuid = ?1 AND h.deleted = 0 AND w.deleted_at IS NULL"}};
    Statement update{connection,
                     "UPDATE webhooks SET url = ?2, events = ?3, enabled = ?4, disabled_reason = ?5, disabled_at = ?6,"
                     " updated_at = ?7 WHERE id = ?1"};
    Statement disable{connection,
                      "UPDATE webhooks SET enabled = 0, disabled_reason = ?2, disabled_at = ?3, updated_at = ?3"
                      " WHERE id = ?1"};
    Statement write_failures{connection,
                             "UPDATE webhooks SET failed_attempts = ?2, failed_deliveries = ?3 WHERE id = ?1"};
    Statement remove{connection, "UPDATE webhooks SET deleted = 1, enabled = 0 WHERE id = ?1"};
    Statement give_up_pending{connection, "UPDATE webhooks SET overflowed = 1 WHERE id = ?1"};

    Statement secrets{connection,
                      "SELECT secret, expires_at FROM webhook_secrets WHERE webhook_uuid = ?1 AND secret <> ''"
                      " ORDER BY id DESC"};
    Statement find_keyed{connection,
                         "SELECT webhook_uuid, secret, request_hash, made_at FROM webhook_secrets"
                         " WHERE workspace_id = ?1 AND idempotency_key = ?2 ORDER BY id DESC LIMIT 1"};
    Statement insert_secret{connection,
                            "INSERT INTO webhook_secrets (workspace_id, webhook_uuid, secret, made_at, idempotency_key,"
                            " request_hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"};
    Statement retire_secret{connection,
                            "UPDATE webhook_secrets SET expires_at = ?2 WHERE webhook_uuid = ?1 AND expires_at IS NULL"};
    Statement drop_secrets{connection, "DELETE FROM webhook_secrets WHERE webhook_uuid = ?1 AND idempotency_key IS NULL"};
    Statement blank_secrets{connection,
                            "UPDATE webhook_secrets SET secret = '', expires_at = ?2 WHERE webhook_uuid = ?1"};

    Statement find_event{connection,
                         {"SELECT d.id, ", kDeliveryColumns,
                          " FROM deliveries d WHERE d.webhook_id = ?1 AND d.event_uuid = ?2"}};
    Statement renew{connection,
                    "UPDATE deliveries SET status = 0, attempts = 0, due = 0, last_status_code = NULL,"
                    " last_error = NULL, delivered_at = NULL, finished_at = NULL WHERE id = ?1"};
    Statement hasten{connection, "UPDATE deliveries SET due = 0 WHERE id = ?1"};

    Statement ready{connection,
                    {"SELECT h.id, h.uuid, w.uuid, h.url, h.failed_attempts, ", kNextDue,
                     " AS first FROM webhooks h INDEXED BY webhooks_with_work JOIN workspaces w ON w.id = h.workspace_id"
                     " WHERE h.pending > 0 AND h.enabled = 1 AND h.deleted = 0 AND w.deleted_at IS NULL"
                     " AND (h.lease_owner IS NULL OR h.lease_owner = ?1 OR h.leased_until <= ?2 OR h.leased_until > ?4)"
                     " AND (first <= ?2 OR first > ?4)"
                     " ORDER BY first LIMIT ?3"}};
    Statement lease{connection, "UPDATE webhooks SET lease_owner = ?2, leased_until = ?3 WHERE id = ?1"};
    Statement clear_leases{connection,
                           "UPDATE webhooks SET lease_owner = NULL, leased_until = 0 WHERE lease_owner IS NOT NULL"};
    Statement pending_attempts{connection,
                               "SELECT attempts FROM deliveries WHERE id = ?1 AND webhook_id = ?2 AND status = 0"};
    Statement finish{connection,
                     "UPDATE deliveries SET status = ?2, attempts = ?3, last_status_code = ?4, last_error = ?5,"
                     " delivered_at = ?6, finished_at = ?7, due = 0 WHERE id = ?1"};
    Statement delay{connection,
                    "UPDATE deliveries SET attempts = ?2, last_status_code = ?3, last_error = ?4, due = ?5"
                    " WHERE id = ?1"};
};

}  // namespace cariosan::sqlite
