/// What the statements of writer and readers share: columns and their functions from `adapters/sql`, and the parts of queries
/// that are written for PostgreSQL.
#pragma once

#include <cariosan/outbox.hpp>
#include <string_view>

#include "adapters/postgres/pg_statement.hpp"
#include "adapters/sql/message_objects.hpp"
#include "adapters/sql/objects.hpp"
#include "adapters/sql/outbox_objects.hpp"

namespace cariosan::postgres {

using namespace sql;

/// The mentions of the messages whose ids are in a list. One query for a page of messages.
inline constexpr std::string_view kMentionsOfMessages =
    "SELECT n.message_id, u.uuid, u.external_id, u.name, n.spans FROM mentions n JOIN users u ON u.id = n.user_id"
    " WHERE n.message_id = ANY ($1) ORDER BY n.message_id, n.position";

/// The reactions to the messages whose ids are in a list, and whether those of user $2 are among them.
inline constexpr std::string_view kReactionsOfMessages =
    "SELECT k.message_id, k.shown, k.count, r.user_id IS NOT NULL FROM reaction_counts k"
    " LEFT JOIN reactions r ON r.message_id = k.message_id AND r.user_id = $2 AND r.emoji = k.emoji"
    " WHERE k.message_id = ANY ($1) ORDER BY k.message_id, k.first_rev";

/// Who pinned the messages whose ids are in a list.
inline constexpr std::string_view kPinsOfMessages =
    "SELECT m.id, u.uuid, u.external_id, u.name, u.avatar_url, u.updated_at FROM messages m JOIN users u ON u.id = m.pinned_by"
    " WHERE m.id = ANY ($1) ORDER BY m.id";

struct MessageParts : sql::MessageParts<Statement> {
    explicit MessageParts(Connection& connection)
        : sql::MessageParts<Statement>(connection, kMentionsOfMessages, kReactionsOfMessages, kPinsOfMessages) {}
};

/// The joins of `kRecordColumns`.
inline constexpr std::string_view kPgRecordJoins =
    " JOIN channels c ON c.id = r.channel_id JOIN users u ON u.id = r.user_id ";

/// When the next delivery of a webhook (alias `h`) is due. While the endpoint is down, only its oldest delivery is tried.
inline constexpr std::string_view kNextDue =
    "CASE WHEN h.failed_attempts >= 5 THEN (SELECT d.due FROM deliveries d"
    " WHERE d.webhook_id = h.id AND d.status = 0 ORDER BY d.id LIMIT 1)"
    " ELSE (SELECT d.due FROM deliveries d WHERE d.webhook_id = h.id AND d.status = 0 ORDER BY d.due LIMIT 1) END";
static_assert(kWebhookDownAfter == 5);

}  // namespace cariosan::postgres
