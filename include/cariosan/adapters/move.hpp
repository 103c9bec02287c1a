/// Moves a database from SQLite to PostgreSQL. Target `cariosan::move`.
#pragma once

#include <cariosan/crypto.hpp>
#include <cariosan/error.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace cariosan {

/// How far a move is.
struct MoveProgress {
    enum class Stage : std::uint8_t { copying, checking };
    Stage stage = Stage::copying;
    std::string table{};
    std::int64_t table_rows = 0;  ///< of the table in SQLite
    std::int64_t table_done = 0;  ///< of these, those copied; while checking, those read on both sides
    std::int64_t all_rows = 0;    ///< of all tables
    std::int64_t all_done = 0;
};

struct MoveOptions {
    /// The file of the SQLite database. No server may have it open. It is read only, until all is copied and checked: then it is
    /// marked as a copy, so that whoever opens it later begins a new epoch.
    std::string sqlite_path{};
    /// The PostgreSQL database, as in `PostgresOptions::connection`: an empty one, or one that an interrupted move began to fill.
    /// No server may use it; one that is opened while it is being filled is refused.
    std::string postgres{};
    /// As in `PostgresOptions`.
    bool prepared_statements = true;
    /// Makes the digests by which both sides are compared. Required.
    std::shared_ptr<Crypto> crypto{};
    /// How many rows are copied in one transaction: at least 1.
    std::size_t batch_rows = 2000;
    /// Called after every batch, on the calling thread. Returning false ends the move with `unavailable`; it can be continued.
    std::function<bool(const MoveProgress&)> progress{};
};

/// What was moved.
struct MoveReport {
    struct Table {
        std::string name;
        std::int64_t sqlite_rows = 0;
        std::int64_t postgres_rows = 0;
    };
    /// Nothing was done: an earlier move was completed, and PostgreSQL holds the history of this database. The rest is empty.
    bool already_moved = false;
    bool continued = false;        ///< an interrupted move was continued
    std::int64_t rows_copied = 0;  ///< by this call
    std::chrono::milliseconds copying{0};
    std::chrono::milliseconds checking{0};
    std::vector<Table> tables{};
    std::int64_t channels = 0;  ///< whose digests were compared
    /// What is not the same on both sides, a sentence for each, at most 100. Unless it is empty, no server can open the PostgreSQL
    /// database.
    std::vector<std::string> differences{};
};

/// Copies all rows to PostgreSQL, compares both sides, and opens the PostgreSQL database to servers. Ids, sequence numbers,
/// revisions, times and the epoch stay, so clients continue where they are. The search index is made anew. After a crash the same
/// call continues. Blocks for as long as it takes; uses the calling thread only.
///
/// `misuse` if there is no SQLite database at the path, if it is in use or another version's, or if the PostgreSQL database holds
/// other data, is in use, or was begun from another source. `unavailable` if PostgreSQL or the disk fails, and if `progress` ended it.
Result<MoveReport> move_sqlite_to_postgres(const MoveOptions& options);

}  // namespace cariosan
