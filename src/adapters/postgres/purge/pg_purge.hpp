/// Removes the rows of deleted things, and of what has expired, in bounded steps. Readers have not seen them since the commit that
/// deleted them. All inside a transaction of the caller, at most `sql::kPurgeRows` rows each; what fails, fails the connection.
#pragma once

#include <cariosan/types.hpp>

#include "adapters/postgres/pg_connection.hpp"

namespace cariosan::postgres {

/// Whether this node may keep house until the transaction ends: one of all does.
bool take_housekeeping(Connection& connection);

/// One step of removing a deleted channel or workspace, or deliveries of a webhook that was deleted or has too many. False if there
/// was nothing to do.
bool purge_deleted(Connection& connection);

// Return false if there was nothing.
bool purge_ended_silences(Connection& connection, Timestamp now);
bool purge_old_records(Connection& connection, Timestamp now);
/// Moves older than `MovedChannels::kKept`, by the clock of the database.
bool purge_old_moves(Connection& connection, Timestamp now);
/// Deliveries that are too old, and secrets of webhooks that have expired.
bool purge_old_deliveries(Connection& connection, Timestamp now);

/// Some deliveries of a webhook, then the webhook.
void purge_webhook(Connection& connection, std::int64_t webhook);
/// One step for a webhook that was deleted or has too many pending deliveries; false if there is none.
bool purge_webhooks(Connection& connection);

}  // namespace cariosan::postgres
