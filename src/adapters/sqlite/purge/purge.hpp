/// Removes the rows of deleted channels and workspaces in bounded steps. Readers have not seen them since the commit that
/// deleted them.
#pragma once

#include "adapters/sql/kept.hpp"
#include "adapters/sqlite/sqlite_writer.hpp"

namespace cariosan::sqlite {

using sql::kPurgeRows;

/// Runs one step in its own transaction. False if nothing was left to purge.
Result<bool> purge_step(Writer& writer);

/// Deletes moderation records older than `before`, at most `kPurgeRows`. False if there were none.
Result<bool> drop_records(Writer& writer, Timestamp before);

/// Deletes silences that ended by `now`, at most `kPurgeRows`. False if there were none.
Result<bool> purge_silences(Writer& writer, Timestamp now);

/// A webhook that was deleted, or had too many pending deliveries.
struct OutboxWork {
    std::int64_t webhook = 0;
    bool deleted = false;
};
std::optional<OutboxWork> find_outbox_work(Connection& connection);
/// Runs one step of it, inside a transaction.
void purge_outbox(Connection& connection, const OutboxWork& work);
/// Deletes some of a workspace's webhooks, inside a transaction; false if none are left.
bool purge_webhooks_of(Connection& connection, std::int64_t workspace);
/// Deletes deliveries that finished long ago and secrets that have expired, some at a time; true if there may be more.
Result<bool> purge_deliveries(Writer& writer, Timestamp now);

}  // namespace cariosan::sqlite
