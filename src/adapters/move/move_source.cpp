#include "adapters/move/move_source.hpp"

#include <fmt/format.h>

#include <utility>

#include "adapters/move/move_errors.hpp"
#include "adapters/sqlite/files/migrate.hpp"
#include "adapters/sqlite/sqlite_storage.hpp"

namespace cariosan::move {

Result<std::unique_ptr<Source>> Source::open(const std::string& path) {
    // Before the lock, which would make a file beside nothing.
    if (path.empty() || path == ":memory:") return refused("the SQLite database that is to be moved must be a file");
    if (!sqlite::file_exists(path)) return refused(fmt::format("there is no SQLite database {}", path));
    std::unique_ptr<Source> source(new Source(path));
    auto lock = sqlite::DatabaseLock::take(path);
    if (!lock) {
        if (lock.error().code == ErrorCode::unavailable) return lock.error();
        return refused(fmt::format("the database {} is in use; stop its server first", path));
    }
    source->lock_.emplace(*std::move(lock));
    if (auto opened = source->open_locked(); !opened) return sqlite::opening_error(path, opened.error());
    return source;
}

Result<Done> Source::open_locked() {
    auto connection = sqlite::Connection::open(path_, sqlite::Connection::Access::read, nullptr);
    if (!connection) return connection.error();
    connection_ = *std::move(connection);
    if (auto ours = sqlite::check_schema(*connection_); !ours) return ours;
    identity_.schema = connection_->query_integer("PRAGMA user_version").value_or(0);
    if (identity_.schema != sqlite::newest_schema()) {
        return refused(fmt::format("the versions do not match: {} was written by an older version (schema {}; this one moves {}); run "
                                   "\"workspace list\" of this version on it first, which brings it up to date",
                                   path_, identity_.schema, sqlite::newest_schema()));
    }
    identity_.epoch = connection_->query_text("SELECT epoch FROM meta WHERE id = 1").value_or("");
    identity_.commits = connection_->query_integer("SELECT commits FROM meta WHERE id = 1").value_or(0);
    const bool is_copy = connection_->query_integer("SELECT is_copy FROM meta WHERE id = 1").value_or(0) != 0;
    if (connection_->failed()) return connection_->failure();
    const bool replaced = sqlite::was_replaced(path_, {identity_.epoch, identity_.commits});
    next_epoch_ = is_copy || replaced ? sqlite::random_name() : identity_.epoch;
    return Done{};
}

Result<Done> Source::mark_as_copy() {
    auto connection = sqlite::Connection::open_durable(path_, sqlite::Connection::Access::write, nullptr);
    if (!connection) return connection.error();
    (*connection)->execute("UPDATE meta SET is_copy = 1 WHERE id = 1");
    if ((*connection)->failed()) return (*connection)->failure();
    return Done{};
}

}  // namespace cariosan::move
