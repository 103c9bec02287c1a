/// Takes the rows of deleted channels and workspaces out of the files, in bounded steps. Readers have not seen them since
/// the commit that deleted them.
#pragma once

#include "adapters/sqlite/writer.hpp"

namespace cariosan::sqlite {

/// At most so many rows are changed in one transaction.
inline constexpr std::int64_t kPurgeRows = 500;

/// Makes one step, a transaction of its own. False if nothing was left to purge.
Result<bool> purge_step(Writer& writer);

/// Takes records of moderation away that are older than `before`, at most `kPurgeRows`. False if there were none.
Result<bool> drop_records(Writer& writer, Timestamp before);

/// Takes mutes away that are over at `now`, at most `kPurgeRows`.
Result<Done> purge_mutes(Writer& writer, Timestamp now);

}  // namespace cariosan::sqlite
