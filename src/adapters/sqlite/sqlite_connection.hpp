/// One SQLite connection and its prepared statements.
///
/// Errors are sticky, as those of a C++ stream: the first failure of any statement is kept by the connection, every later
/// step does nothing and reads as "no row", and whoever runs a unit of work (a transaction, one read) asks `failed()` at
/// its end. So a failure cannot be taken for "not found" further out, and no step after it has an effect.
#pragma once

#include <sqlite3.h>

#include <atomic>
#include <cariosan/error.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "adapters/sqlite/failures.hpp"
#include "adapters/sqlite/files/gathered_log.hpp"

namespace cariosan::sqlite {

/// Makes steps fail on purpose, for tests (`SqliteOptions::fail_step`). Shared by the connections of one storage.
class StepFaults {
  public:
    explicit StepFaults(std::function<bool(std::int64_t)> fails) : fails_(std::move(fails)) {}
    /// Whether the step about to be made shall fail.
    bool next() { return fails_ && fails_(1 + count_.fetch_add(1, std::memory_order_relaxed)); }

  private:
    std::function<bool(std::int64_t)> fails_;
    std::atomic<std::int64_t> count_{0};
};

/// Used by one thread at a time. Its statements must be destroyed before it.
class Connection {
  public:
    enum class Access : std::uint8_t { create, write, read };

    static Result<std::unique_ptr<Connection>> open(const std::string& path, Access access,
                                                    std::shared_ptr<StepFaults> faults);
    /// A connection that syncs each commit, and writes what the commit adds to the log in one piece. It has failed already if
    /// the file cannot be read.
    static Result<std::unique_ptr<Connection>> open_durable(const std::string& path, Access access,
                                                            std::shared_ptr<StepFaults> faults);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    sqlite3* handle() const noexcept { return handle_; }

    /// Runs the statements in `sql`, one after the other, to their ends.
    bool execute(const char* sql);
    /// The first column of the first row of a query as a number or text; nothing if there is no row.
    std::optional<std::int64_t> query_integer(const char* sql);
    std::optional<std::string> query_text(const char* sql);
    /// One step of a statement: SQLITE_ROW, SQLITE_DONE, or an error, which is kept.
    int step(sqlite3_stmt* statement);
    /// Counts as a step that is made by other means (a checkpoint, a page of a backup): false if it shall fail.
    bool may_step();

    /// Keeps the first error of a unit of work.
    void fail(int code) noexcept {
        if (failed()) return;
        status_ = code;
        system_ = sqlite3_system_errno(handle_);
    }
    bool failed() const noexcept { return status_ != SQLITE_OK; }
    /// Whether what failed fails again until the file is another one.
    bool found_damage() const;
    /// What failed; call it only if something has.
    Error failure() const;
    void clear_failure() noexcept { status_ = SQLITE_OK; }

    bool in_transaction() const noexcept { return sqlite3_get_autocommit(handle_) == 0; }

  private:
    Connection(sqlite3* handle, std::shared_ptr<StepFaults> faults, std::unique_ptr<GatheredLog> log);
    static Result<std::unique_ptr<Connection>> open_over(std::unique_ptr<GatheredLog> log, const std::string& path,
                                                         Access access, std::shared_ptr<StepFaults> faults);

    std::unique_ptr<GatheredLog> log_;  ///< null: the log is written as SQLite does
    sqlite3* handle_;
    std::shared_ptr<StepFaults> faults_;
    int status_ = SQLITE_OK;
    int system_ = 0;  ///< `errno` as SQLite last kept it; of meaning for failures of the system alone
};

}  // namespace cariosan::sqlite
