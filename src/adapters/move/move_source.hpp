/// The SQLite database that is moved: locked, and only read until the end.
#pragma once

#include <cariosan/error.hpp>
#include <memory>
#include <optional>
#include <string>

#include "adapters/sqlite/files/files.hpp"
#include "adapters/sqlite/sqlite_connection.hpp"

namespace cariosan::move {

/// What tells a source from others, and from itself after a change.
struct Identity {
    std::string epoch;
    std::int64_t commits = 0;
    std::int64_t schema = 0;
    bool operator==(const Identity&) const = default;
};

class Source {
  public:
    /// `misuse` if there is no database, if it is in use, or if it is of another version than this program.
    static Result<std::unique_ptr<Source>> open(const std::string& path);

    sqlite::Connection& connection() noexcept { return *connection_; }
    const Identity& identity() const noexcept { return identity_; }
    /// The epoch that a server would go on with: a new one if the database is a copy, or older than its mark.
    const std::string& next_epoch() const noexcept { return next_epoch_; }

    /// Whoever opens the database from now on begins a new epoch.
    Result<Done> mark_as_copy();

  private:
    explicit Source(std::string path) : path_(std::move(path)) {}
    Result<Done> open_locked();

    std::string path_;
    std::optional<sqlite::DatabaseLock> lock_;
    std::unique_ptr<sqlite::Connection> connection_;
    Identity identity_;
    std::string next_epoch_;
};

}  // namespace cariosan::move
