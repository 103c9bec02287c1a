#include "adapters/move/move_target.hpp"

#include <fmt/format.h>

#include <cariosan/clock.hpp>
#include <chrono>
#include <memory>
#include <utility>

#include "adapters/move/move_errors.hpp"
#include "adapters/postgres/connection_string.hpp"
#include "adapters/postgres/pg_failures.hpp"
#include "adapters/postgres/pg_migrate.hpp"
#include "adapters/postgres/pg_statement.hpp"
#include "adapters/postgres/search/missing_words.hpp"
#include "adapters/sqlite/sqlite_storage.hpp"
#include "adapters/sqlite/statement.hpp"

namespace cariosan::move {
namespace {

using postgres::Rows;
using postgres::Statement;

/// Counting and comparing large tables takes long.
constexpr std::chrono::hours kStatementTimeout{6};

constexpr const char* kMakeProgress =
    "CREATE TABLE move_progress (id smallint PRIMARY KEY CHECK (id = 1), run text NOT NULL, version bigint NOT NULL,"
    " source_epoch text NOT NULL, source_commits bigint NOT NULL, source_schema bigint NOT NULL,"
    " table_number bigint NOT NULL, rows_done bigint NOT NULL)";

constexpr const char* kCopyWords = "COPY message_words (message_id, channel_id, words) FROM STDIN (FORMAT binary)";

postgres::ConnectionOptions options_of(const std::string& connection, bool prepared_statements) {
    return {.connection = connection,
            .connect_timeout = std::chrono::seconds(10),
            .statement_timeout = kStatementTimeout,
            .lock_timeout = std::chrono::seconds(10),
            .prepared_statements = prepared_statements,
            .clock = system_clock(),
            .random = [] { return 0.5; },
            .faults = nullptr};
}

/// The highest id that SQLite has given in a table whose ids are never given twice; else 0.
std::int64_t highest_given(sqlite::Connection& source, const std::string& table) {
    if (table == "messages") return source.query_integer("SELECT last_id FROM purged_messages WHERE id = 1").value_or(0);
    sqlite::Statement find(source, "SELECT seq FROM sqlite_sequence WHERE name = ?1");
    auto rows = find.query(table);
    return rows.next() ? rows.integer() : 0;
}

}  // namespace

Target::Target(const std::string& connection, bool prepared_statements)
    : connection_(options_of(connection, prepared_statements)), run_(sqlite::random_name()) {}

Result<std::unique_ptr<Target>> Target::open(const std::string& connection, bool prepared_statements) {
    if (auto readable = postgres::check_connection_string(connection); !readable) return readable.error();
    std::unique_ptr<Target> target(new Target(connection, prepared_statements));
    if (auto made = target->make_tables(); !made) return postgres::opening_error(made.error());
    return target;
}

Result<Done> Target::make_tables() {
    if (auto connected = connection_.ready(); !connected) return connected;
    const bool begun = is_begun();
    if (connection_.failed()) return connection_.failure();
    return begun ? Done{} : postgres::migrate(connection_, sqlite::random_name());
}

Result<Done> Target::transaction(const std::function<void()>& body, const char* begin) {
    if (auto connected = connection_.ready(); !connected) return connected;
    connection_.begin(begin);
    body();
    if (!connection_.failed() && connection_.commit() == postgres::Ending::committed) return Done{};
    Error error = connection_.failure();
    connection_.roll_back();
    return error;
}

bool Target::is_begun() {
    Statement find(connection_, "SELECT to_regclass('move_progress') IS NOT NULL");
    Rows rows = find.query();
    return rows.next() && rows.flag();
}

Result<Found> Target::claim(const Source& source, const std::vector<Table>& tables) {
    Found found = Found::empty;
    auto claimed = transaction([&] {
        // A server that is starting waits for this lock, and then finds the database closed.
        Statement(connection_, "SELECT pg_advisory_xact_lock($1::int4, $2::int4)")
            .run(postgres::kAdvisoryLocks, postgres::AdvisoryLock::migration);
        if (is_begun()) {
            found = Found::half_filled;
            return take_over(source);
        }
        if (!holds_rows(tables)) return begin(source);
        Statement epoch(connection_, "SELECT 1 FROM meta WHERE id = 1 AND epoch = $1");
        if (epoch.query(source.identity().epoch).next()) {
            found = Found::moved_before;
        } else {
            connection_.fail(refused("the PostgreSQL database holds other data already; name an empty database"));
        }
    });
    if (!claimed) return claimed.error();
    return found;
}

void Target::take_over(const Source& source) {
    Statement find(connection_, "SELECT version, source_epoch, source_commits, source_schema, table_number, rows_done"
                                " FROM move_progress WHERE id = 1 FOR UPDATE");
    Rows rows = find.query();
    if (!rows.next()) return;
    if (rows.integer() != postgres::newest_version()) {
        return connection_.fail(refused("the versions do not match: another version of this program began this move; finish it with that"
                                        " one, or name an empty database"));
    }
    Identity begun;
    begun.epoch = rows.text();
    begun.commits = rows.integer();
    begun.schema = rows.integer();
    if (begun != source.identity()) {
        return connection_.fail(refused("the PostgreSQL database holds a part of another SQLite database, or of this one before it was"
                                        " changed; name an empty database"));
    }
    position_.table = rows.integer();
    position_.rows = rows.integer();
    Statement(connection_, "UPDATE move_progress SET run = $1 WHERE id = 1").run(run_);
}

bool Target::holds_rows(const std::vector<Table>& tables) {
    std::string sql = "SELECT false";
    for (const Table& table : tables) {
        // Its one row is made with the table.
        if (table.name != "push_queue") sql += fmt::format(" OR EXISTS (SELECT 1 FROM \"{}\")", table.name);
    }
    Statement find(connection_, sql);
    Rows rows = find.query();
    return rows.next() && rows.flag();
}

void Target::refuse_if_used() {
    Statement others(connection_, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                                  " AND application_name = 'cariosan' AND pid <> pg_backend_pid()");
    Rows rows = others.query();
    if (rows.next() && rows.integer() > 0) {
        connection_.fail(refused("a server is connected to the PostgreSQL database; stop it first"));
    }
}

void Target::begin(const Source& source) {
    refuse_if_used();
    if (connection_.failed()) return;
    const Identity& from = source.identity();
    Statement(connection_, kMakeProgress).run();
    Statement(connection_, "INSERT INTO move_progress VALUES (1, $1, $2, $3, $4, $5, 0, 0)")
        .run(run_, postgres::newest_version(), from.epoch, from.commits, from.schema);
    Statement(connection_, "UPDATE meta SET version = $1, epoch = $2 WHERE id = 1")
        .run(postgres::version_while_filled(), source.next_epoch());
    Statement(connection_, "DELETE FROM push_queue").run();
}

Result<Done> Target::store(const Table& table, CopyData& rows, CopyData& words, Position reached) {
    auto stored = transaction([&] {
        // `release` waits for the disk, and what is lost before is lost together with the position.
        Statement(connection_, "SELECT set_config('synchronous_commit', 'off', true)").run();
        if (rows.rows() > 0) connection_.copy(table.copy_to_postgres(), rows.finish());
        if (words.rows() > 0) connection_.copy(kCopyWords, words.finish());
        Statement reach(connection_, "UPDATE move_progress SET table_number = $1, rows_done = $2 WHERE id = 1 AND run = $3");
        if (reach.change(reached.table, reached.rows, run_) != 1 && !connection_.failed()) {
            connection_.fail(refused("another migrate-storage has taken over this move"));
        }
    });
    rows.clear();
    words.clear();
    if (stored) position_ = reached;
    return stored;
}

Result<Done> Target::set_next_ids(const std::vector<Table>& tables, sqlite::Connection& source) {
    return transaction([&] {
        Statement identity(connection_, "SELECT pg_get_serial_sequence(attrelid::regclass::text, attname) FROM pg_attribute"
                                        " WHERE attrelid = to_regclass($1) AND attidentity <> ''");
        for (const Table& table : tables) {
            Rows rows = identity.query(table.name);
            const std::string sequence = table.name == "messages" ? "message_ids" : rows.next() ? rows.text() : "";
            if (sequence.empty()) continue;
            Statement set(connection_, {"SELECT setval($1::regclass, greatest(coalesce(max(id), 0), $2) + 1, false) FROM ", table.name});
            set.query(sequence, highest_given(source, table.name));
            if (source.failed()) return connection_.fail(source.failure());
        }
        // The server plans by what it knows of the tables, which were empty.
        for (const Table& table : tables) Statement(connection_, {"ANALYZE ", table.name}).run();
    });
}

Result<Done> Target::release() {
    return transaction([&] {
        Statement open(connection_, "UPDATE meta SET version = $1 WHERE id = 1 AND version = $2");
        open.run(postgres::newest_version(), postgres::version_while_filled());
        // No message lacks its words.
        Statement(connection_, "UPDATE words_progress SET version = $1, below = 0").run(postgres::words_version());
        Statement(connection_, "DROP TABLE move_progress").run();
    });
}

}  // namespace cariosan::move
