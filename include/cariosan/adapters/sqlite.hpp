/// Storage in one SQLite file (3.40 or newer). Target `cariosan::sqlite`.
#pragma once

#include <cariosan/clock.hpp>
#include <cariosan/crypto.hpp>
#include <cariosan/storage.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace cariosan {

struct SqliteOptions {
    /// The database file; ":memory:" for one that lives only as long as the storage. Next to it are `<path>-wal`, `<path>-shm`,
    /// `<path>-search` (the index, with its own `-wal` and `-shm`), `<path>.lock` (held while open) and `<path>.mark` (the
    /// newest commit number, which reveals that the database was replaced by an older copy). `<path>.room` exists briefly while
    /// the storage checks whether a full disk has room again.
    std::string path{};
    /// Decides only how often the mark is written; absent: the system's clock. Epochs are random, from `std::random_device`.
    std::shared_ptr<Clock> clock{};
    /// Called before every SQL step of every connection with a running number; returning true makes that step fail like an I/O
    /// error. For fault tests. Readers call it on their own threads.
    std::function<bool(std::int64_t step)> fail_step{};
    /// Keeps the search index, `<path>-search`, on its own thread. The index only holds derived data: a missing, damaged or
    /// foreign one is rebuilt from the database. If false, searching is `unavailable`.
    bool search = true;
    /// How long deleted text may remain in the index files before they are cleaned.
    std::chrono::milliseconds search_cleaning{std::chrono::minutes(5)};
};

/// SQLite counts the memory of the whole process under one lock taken in every allocation, so connections on several threads
/// wait for each other. This switches the counting off (`sqlite3_memory_used` and the heap limits stop working) for everyone
/// who uses this copy of SQLite in the process. Call it at the beginning of `main`: before anything uses SQLite, and while no
/// other thread can. Returns false, and does nothing, if SQLite is already in use.
bool switch_off_sqlite_memory_statistics() noexcept;

/// Opens or creates the database, migrates it to the current version, and takes its lock. `conflict` if another process has it;
/// `unavailable` with the reason, and what to do about it, if it cannot be opened (a full disk is no reason: reads work, writes
/// are `unavailable` until there is room); `misuse` if it was written by a newer version.
Result<std::unique_ptr<Storage>> open_sqlite(SqliteOptions options);

/// Replaces the database at `path` (not in use) by the backup `from`, checks it, and gives it a new epoch. The old files
/// are kept as `<path>.before-restore` until the new one is in place.
Result<Done> restore_sqlite(const std::string& from, const std::string& path);

}  // namespace cariosan
