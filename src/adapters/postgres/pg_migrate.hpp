/// Migrates the tables: numbered .sql files, compiled in; all missing ones run in one transaction.
#pragma once

#include <cstdint>
#include <string>

#include "adapters/postgres/pg_connection.hpp"

namespace cariosan::postgres {

/// How many migrations this program knows.
std::int64_t newest_version();

/// For the second key of an advisory lock; the first is `kAdvisoryLocks`. Those of one database exclude each other.
enum class AdvisoryLock : std::int32_t { migration = 1, housekeeping = 2 };
inline constexpr std::int32_t kAdvisoryLocks = 0x43415249;  // "CARI"

/// Stands as the version in a database that a move is filling: nobody else may open it.
std::int64_t version_while_filled();

/// Makes or completes the tables; nodes that start at once do it one after the other. `epoch` is the one a new database gets.
/// `misuse` if the tables are another program's, were written by a newer version, are being filled by a move, or cannot hold UTF-8.
Result<Done> migrate(Connection& connection, const std::string& epoch);

}  // namespace cariosan::postgres
