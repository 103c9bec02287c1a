#include "adapters/postgres/pg_migrate.hpp"

#include <fmt/format.h>

#include <optional>

#include "adapters/postgres/pg_failures.hpp"
#include "adapters/postgres/pg_statement.hpp"
#include "postgres_migrations.hpp"

namespace cariosan::postgres {
namespace {

/// Of the table `meta`, by which our databases are told from others.
constexpr std::int64_t kMetaColumns = 4;
constexpr const char* kMakeMeta =
    "CREATE TABLE meta ("
    "id smallint PRIMARY KEY CHECK (id = 1), "
    "version bigint NOT NULL, "                     // of the last migration
    "epoch text COLLATE \"C\" NOT NULL, "
    "history text COLLATE \"C\" NOT NULL DEFAULT '')";  // of which server, database and timeline the epoch is

Error another_programs() { return {ErrorCode::misuse, "the database holds tables of another program"}; }

/// Absent: there is no table of ours yet.
std::optional<std::int64_t> read_version(Connection& connection) {
    Statement columns(connection,
                      "SELECT count(*) FROM pg_attribute WHERE attrelid = to_regclass('meta') AND NOT attisdropped"
                      " AND attname IN ('id', 'version', 'epoch', 'history')");
    Statement tables(connection, "SELECT count(*) FROM pg_class WHERE oid = to_regclass('meta')");
    Rows found = columns.query();
    const std::int64_t count = found.next() ? found.integer() : 0;
    if (count != kMetaColumns) {
        Rows other = tables.query();
        if (other.next() && other.integer() != 0) connection.fail(another_programs());
        return std::nullopt;
    }
    Statement version(connection, "SELECT version FROM meta WHERE id = 1");
    Rows rows = version.query();
    return rows.next() ? std::optional(rows.integer()) : std::nullopt;
}

Result<Done> accept(std::int64_t version) {
    if (version < 0) {
        return Error(ErrorCode::misuse, "the database holds a part of what migrate-storage is moving there; run that command again until"
                                        " it is done");
    }
    if (version <= newest_version()) return Done{};
    return Error(ErrorCode::misuse, fmt::format("the database was written by a newer version (schema {}; this one knows {})",
                                                version, newest_version()));
}

/// Runs what is missing. Two nodes never get here at the same time.
void apply_missing(Connection& connection, std::optional<std::int64_t> applied, const std::string& epoch) {
    if (!applied) {
        connection.execute(kMakeMeta);
        Statement(connection, "INSERT INTO meta (id, version, epoch) VALUES (1, 0, $1)").run(epoch);
    }
    std::int64_t number = 0;
    for (const EmbeddedFile& file : postgres_migrations()) {
        if (++number > applied.value_or(0)) connection.execute(std::string(file.content));
    }
    Statement(connection, "UPDATE meta SET version = $1 WHERE id = 1").run(number);
}

Result<Done> check_encoding(Connection& connection) {
    Statement encoding(connection, "SELECT current_setting('server_encoding')");
    Rows rows = encoding.query();
    const std::string name = rows.next() ? rows.text() : "";
    if (connection.failed()) return connection.failure();
    if (name != "UTF8") return Error(ErrorCode::misuse, "the encoding of the database is " + name + " and not UTF8");
    return Done{};
}

Result<Done> migrate_locked(Connection& connection, const std::string& epoch) {
    Statement(connection, "SELECT set_config('statement_timeout', '0', true), set_config('lock_timeout', '0', true)").run();
    Statement(connection, "SELECT pg_advisory_xact_lock($1::int4, $2::int4)").run(kAdvisoryLocks, AdvisoryLock::migration);
    const auto version = read_version(connection);
    if (connection.failed()) return connection.failure();
    if (auto accepted = accept(version.value_or(0)); !accepted) return accepted;
    if (version != newest_version()) apply_missing(connection, version, epoch);
    if (!connection.failed()) connection.commit();
    if (!connection.failed()) return Done{};
    // A table of the same name.
    if (connection.failure().cause.find("(42P07)") != std::string::npos) return another_programs();
    return connection.failure();
}

}  // namespace

std::int64_t newest_version() { return static_cast<std::int64_t>(postgres_migrations().size()); }

std::int64_t version_while_filled() { return -newest_version(); }

Result<Done> migrate(Connection& connection, const std::string& epoch) {
    if (auto state = connection.ready(); !state) return state;
    connection.begin("BEGIN READ ONLY");
    if (auto encoding = check_encoding(connection); !encoding) return encoding;
    const auto version = read_version(connection);
    if (connection.failed()) return connection.failure();
    if (connection.commit() != Ending::committed) return connection.failure();
    if (auto accepted = accept(version.value_or(0)); !accepted) return accepted;
    if (version == newest_version()) return Done{};
    connection.begin();
    auto migrated = migrate_locked(connection, epoch);
    if (!migrated) connection.roll_back();
    return migrated;
}

}  // namespace cariosan::postgres
