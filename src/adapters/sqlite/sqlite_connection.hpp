/// One SQLite connection and its prepared statements.
///
/// Errors are sticky, as in a C++ stream: the connection keeps the first failure of any statement, and every later step
/// does nothing and reads as "no row". Whoever runs a unit of work (a transaction, one read) checks `failed()` at its end.
/// So a failure is never mistaken for "not found", and no step after it has an effect.
#pragma once

#include <sqlite3.h>

#include <cariosan/error.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "adapters/sql/step_faults.hpp"
#include "adapters/sqlite/failures.hpp"
#include "adapters/sqlite/files/gathered_log.hpp"

namespace cariosan::sqlite {

using sql::StepFaults;

/// Used by one thread at a time. Must outlive its statements.
class Connection {
  public:
    enum class Access : std::uint8_t { create, write, read };

    static Result<std::unique_ptr<Connection>> open(const std::string& path, Access access,
                                                    std::shared_ptr<StepFaults> faults);
    /// A connection that syncs each commit and writes what a commit adds to the log in one piece. Already `failed()` if the
    /// file cannot be read.
    static Result<std::unique_ptr<Connection>> open_durable(const std::string& path, Access access,
                                                            std::shared_ptr<StepFaults> faults);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    sqlite3* handle() const noexcept { return handle_; }

    /// Runs each statement in `sql` to completion.
    bool execute(const char* sql);
    /// The first column of a query's first row as a number or text; absent if there is no row.
    std::optional<std::int64_t> query_integer(const char* sql);
    std::optional<std::string> query_text(const char* sql);
    /// Takes one step of a statement: SQLITE_ROW, SQLITE_DONE, or an error, which is kept.
    int step(sqlite3_stmt* statement);
    /// For a step made by other means (a checkpoint, a page of a backup): false if it should fail.
    bool may_step();

    /// Keeps the first error of a unit of work.
    void fail(int code) noexcept {
        if (failed()) return;
        status_ = code;
        system_ = sqlite3_system_errno(handle_);
    }
    bool failed() const noexcept { return status_ != SQLITE_OK; }
    /// Whether the failure will repeat until the file is replaced.
    bool found_damage() const;
    /// The failure. Call only if `failed()`.
    Error failure() const;
    void clear_failure() noexcept { status_ = SQLITE_OK; }

    bool in_transaction() const noexcept { return sqlite3_get_autocommit(handle_) == 0; }

  private:
    Connection(sqlite3* handle, std::shared_ptr<StepFaults> faults, std::unique_ptr<GatheredLog> log);
    static Result<std::unique_ptr<Connection>> open_over(std::unique_ptr<GatheredLog> log, const std::string& path,
                                                         Access access, std::shared_ptr<StepFaults> faults);

    std::unique_ptr<GatheredLog> log_;  ///< null: SQLite writes the log as usual
    sqlite3* handle_;
    std::shared_ptr<StepFaults> faults_;
    int status_ = SQLITE_OK;
    int system_ = 0;  ///< `errno` as last recorded by SQLite; only meaningful for system failures
};

}  // namespace cariosan::sqlite
