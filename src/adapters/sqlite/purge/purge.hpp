/// Takes the rows of deleted channels and workspaces out of the files, in bounded steps. Readers have not seen them since
/// the commit that deleted them.
#pragma once

#include "adapters/sqlite/sqlite_writer.hpp"

namespace cariosan::sqlite {

/// At most so many rows are changed in one transaction.
inline constexpr std::int64_t kPurgeRows = 500;

/// Makes one step, a transaction of its own. False if nothing was left to purge.
Result<bool> purge_step(Writer& writer);

/// Takes records of moderation away that are older than `before`, at most `kPurgeRows`. False if there were none.
Result<bool> drop_records(Writer& writer, Timestamp before);

/// Takes silences away that are over at `now`, at most `kPurgeRows`. False if there were none.
Result<bool> purge_silences(Writer& writer, Timestamp now);

/// A webhook that was deleted, or had too much pending.
struct OutboxWork {
    std::int64_t webhook = 0;
    bool deleted = false;
};
std::optional<OutboxWork> find_outbox_work(Connection& connection);
/// A step of it, inside a transaction.
void purge_outbox(Connection& connection, const OutboxWork& work);
/// Takes away a part of a workspace's webhooks, inside a transaction; false if none is left.
bool purge_webhooks_of(Connection& connection, std::int64_t workspace);
/// Takes away deliveries that are long over, some at a time; true if there may be more.
Result<bool> purge_deliveries(Writer& writer, Timestamp now);

}  // namespace cariosan::sqlite
