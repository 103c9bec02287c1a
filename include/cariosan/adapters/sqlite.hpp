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
    /// The database file; ":memory:" for one that lives only as long as the storage. Beside it stand `<path>-wal`,
    /// `<path>-shm`, `<path>-search` (the index, with the same two beside it), `<path>.lock` (held while open) and
    /// `<path>.mark` (the newest commit number, to notice a database that was replaced by an older copy). `<path>.room` is there
    /// for a moment when it is asked whether a disk that was full has room again.
    std::string path{};
    /// Time, which decides only how often the mark is written; nothing: the system's. The randomness of epochs is that of
    /// `std::random_device`.
    std::shared_ptr<Clock> clock{};
    /// Called before every SQL step of every connection with a running number; answering true makes that step fail as an
    /// I/O error would. For tests of what happens then. Readers call it on their own threads.
    std::function<bool(std::int64_t step)> fail_step{};
    /// Keeps the search index, `<path>-search`, on a thread of its own. It holds nothing of its own: a missing, damaged or
    /// foreign one is built anew from the database. False: searching answers `unavailable`.
    bool search = true;
    /// How long text that was deleted may stay in the files of the index until they are cleaned.
    std::chrono::milliseconds search_cleaning{std::chrono::minutes(5)};
};

/// SQLite counts the memory of the whole process, which takes one lock in every allocation: connections on several threads
/// wait for each other. This switches the counting off (`sqlite3_memory_used` and the heap limits stop working), for all who
/// use this copy of SQLite in the process. To be called before anything else uses SQLite, on the only thread that will until it
/// has returned: at the beginning of `main`. Answers false, having done nothing, if SQLite is in use already.
bool switch_off_sqlite_memory_statistics() noexcept;

/// Opens or makes the database, brings its tables up to date, and takes its lock. `conflict` if another process has it;
/// `unavailable` with the reason, and what to do about it, if it cannot be opened (a disk that is full is no reason: reads work,
/// writes are `unavailable` until there is room); `misuse` if it was written by a newer version.
Result<std::unique_ptr<Storage>> open_sqlite(SqliteOptions options);

/// Replaces the database at `path` (not in use) by the backup `from`, checks it, and gives it a new epoch. The old files
/// are kept as `<path>.before-restore` until the new one is in place.
Result<Done> restore_sqlite(const std::string& from, const std::string& path);

}  // namespace cariosan
