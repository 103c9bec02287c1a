/// Migrates the tables: numbered .sql files, compiled in; all missing ones run in one transaction.
#pragma once

#include "adapters/sqlite/sqlite_connection.hpp"

namespace cariosan::sqlite {

/// How many migrations this program knows.
std::int64_t newest_schema();

/// Fails with `misuse` if the file is not a database of ours or was written by a newer version. `epoch` is the one a new
/// database gets. The caller holds the database's lock.
Result<Done> migrate(Connection& connection, const std::string& epoch);

/// Checks, without changes, whether `migrate` would refuse the file or the file is empty (`misuse` as well).
Result<Done> check_schema(Connection& connection);

}  // namespace cariosan::sqlite
