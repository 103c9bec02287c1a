/// Storage in PostgreSQL (14 or newer), shared by any number of nodes. Target `cariosan::postgres`.
#pragma once

#include <cariosan/clock.hpp>
#include <cariosan/storage.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace cariosan {

/// A good `EngineOptions::reader_threads`: readers wait for the network more than they compute.
inline constexpr std::size_t kPostgresReaders = 8;

struct PostgresOptions {
    /// What libpq connects with: "postgresql://user:password@host/database?sslmode=verify-full", or "host=… dbname=…". TLS,
    /// certificates and several hosts (the one that accepts writes is used) are said here. Never logged and in no error.
    std::string connection{};
    /// How many batches are committed at a time, each on a connection of its own: 1 to 64. Each reader has one, too:
    /// one for each of the engine's reader threads, and one more.
    std::size_t writer_lanes = 2;
    /// How long connecting may take, per host; whole seconds, at least 2.
    std::chrono::seconds connect_timeout{5};
    /// How long one statement may take. It then fails with `storage_busy`. Half a minute after that the connection is given up.
    std::chrono::milliseconds statement_timeout{30'000};
    /// How long a statement waits for what another connection has locked, another node's perhaps.
    std::chrono::milliseconds lock_timeout{10'000};
    /// Keeps prepared statements. They belong to a session: behind PgBouncer in transaction mode, before its version 1.21 or
    /// without `max_prepared_statements`, this must be false.
    bool prepared_statements = true;
    /// Decides when a lost connection is tried again and when housekeeping is due; absent: the system's clock. Leases and expiries
    /// are compared with the database's time instead, except if `use_own_time` is set.
    std::shared_ptr<Clock> clock{};
    /// Compares leases and expiries with `clock`. For tests; wrong as soon as two nodes share the database.
    bool use_own_time = false;
    /// Called before every statement of every connection with a running number; returning true makes it fail like an I/O error.
    /// For fault tests. Readers call it on their own threads.
    std::function<bool(std::int64_t step)> fail_step{};
};

/// Connects, and brings the tables to the current version; several nodes may do so at once. `unavailable` with the reason if the
/// database cannot be reached; `misuse` if the connection string cannot be read, if the database is not in UTF-8, if another
/// program's tables are in the way, if it was written by a newer version, or if a move has filled only a part of it (`adapters/move.hpp`).
Result<std::unique_ptr<Storage>> open_postgres(PostgresOptions options);

}  // namespace cariosan
