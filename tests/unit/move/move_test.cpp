#include <doctest/doctest.h>

#include <cariosan/adapters/move.hpp>
#include <cariosan/adapters/openssl.hpp>
#include <cariosan/adapters/sqlite.hpp>
#include <algorithm>
#include <fstream>
#include <memory>
#include <string>

#include "adapters/postgres/pg_migrate.hpp"
#include "support/postgres_database.hpp"
#include "unit/move/full_database.hpp"

namespace cariosan {
namespace {

using test::FullDatabase;
using test::PostgresDatabase;

/// A full SQLite database and an empty PostgreSQL database.
struct Fixture {
    FullDatabase source;
    PostgresDatabase target;
    MoveOptions options;

    explicit Fixture(const std::string& server) : target(server) {
        options.sqlite_path = source.path();
        options.postgres = target.connection();
        options.crypto = openssl_crypto();
        options.batch_rows = 3;
    }
    Result<MoveReport> move() { return move_sqlite_to_postgres(options); }
    /// Moves until the progress is at this table for the second time.
    void move_half(const std::string& table) {
        int seen = 0;
        options.progress = [&](const MoveProgress& at) { return at.table != table || ++seen < 2; };
        CHECK(refusal() == "the move was stopped; the same call continues it");
        options.progress = {};
    }
    std::string refusal() {
        const auto moved = move();
        return moved ? "moved" : moved.error().message;
    }
};

/// Nothing if there is no server.
std::unique_ptr<Fixture> fixture() {
    const auto server = PostgresDatabase::server();
    return server ? std::make_unique<Fixture>(*server) : nullptr;
}

/// Of a column that is moved as it stands: its value as text of one form, on each side.
std::string text_in_sqlite(const std::string& name) {
    return "CASE typeof(" + name + ") WHEN 'blob' THEN lower(hex(" + name + ")) WHEN 'null' THEN '-' ELSE CAST(" + name + " AS TEXT) END || '~'";
}
std::string text_in_postgres(const std::string& name, const std::string& type) {
    std::string text = name + "::text";
    if (type == "uuid") text = "replace(" + text + ", '-', '')";
    if (type == "bytea") text = "encode(" + name + ", 'hex')";
    return "coalesce(" + text + ", '-') || '~'";
}

bool is_moved_as_it_stands(const std::string& table, const std::string& column) {
    return !(table == "webhooks" && column.find("lease") != std::string::npos) &&
           !(table == "push_jobs" && (column == "owner" || column == "due_at" || column == "devices"));
}

/// Compares all rows without the code under test.
void check_same_rows(const Fixture& f) {
    for (const std::string& table : f.source.tables()) {
        CAPTURE(table);
        std::string ours = "''";
        std::string theirs = "''";
        for (const std::string& column : f.source.run("SELECT name FROM pragma_table_info('" + table + "')")) {
            if (!is_moved_as_it_stands(table, column)) continue;
            const std::string type =
                f.target.run("SELECT data_type FROM information_schema.columns WHERE table_name = '" + table + "' AND column_name = '" + column + "'");
            ours += " || " + text_in_sqlite("\"" + column + "\"");
            theirs += " || " + text_in_postgres("\"" + column + "\"", type);
        }
        CHECK(f.target.run("SELECT string_agg(t, '|' ORDER BY t COLLATE \"C\") FROM (SELECT " + theirs + " AS t FROM " + table + ") s") ==
              f.source.value("SELECT group_concat(t, '|') FROM (SELECT " + ours + " AS t FROM " + table + " ORDER BY t)"));
    }
}

/// What opening the database answers.
std::string what_a_server_finds(const Fixture& f) {
    postgres::ConnectionOptions options;
    options.connection = f.target.connection();
    options.clock = system_clock();
    options.random = [] { return 0.0; };
    postgres::Connection connection(options);
    const auto opened = postgres::migrate(connection, "epoch");
    return opened ? "ready" : opened.error().message;
}

TEST_CASE("every row of every table is moved") {
    const auto f = fixture();
    if (!f) return;
    const auto moved = f->move();
    REQUIRE_MESSAGE(moved.ok(), moved.error().message);
    CHECK(moved->differences.empty());
    CHECK_FALSE(moved->continued);
    CHECK(moved->channels == FullDatabase::kRows);
    check_same_rows(*f);
    CHECK(f->target.run("SELECT string_agg(devices::text, ' ' ORDER BY id) FROM push_jobs WHERE id IN (1, 4)") == "{1,30000000000} {}");
    CHECK(f->target.run("SELECT pending FROM push_queue") == "7");
    CHECK(f->target.run("SELECT count(*) FROM webhooks WHERE lease_owner IS NOT NULL OR leased_until <> 0") == "0");
    CHECK(f->target.run("SELECT count(*) FROM push_jobs WHERE owner IS NOT NULL") == "0");
    CHECK(f->target.run("SELECT to_regclass('move_progress') IS NULL") == "t");
    CHECK(what_a_server_finds(*f) == "ready");
}

TEST_CASE("the words of messages are there and no server writes them again") {
    const auto f = fixture();
    if (!f) return;
    REQUIRE(f->move().ok());
    CHECK(f->target.run("SELECT count(*) FROM message_words") == f->source.value("SELECT count(*) FROM messages WHERE deleted_at IS NULL"));
    CHECK(f->target.run("SELECT count(*) FROM message_words w JOIN messages m ON m.id = w.message_id WHERE m.channel_id = w.channel_id"
                        " AND w.words @@ 'content'::tsquery") == f->target.run("SELECT count(*) FROM message_words"));
    CHECK(f->target.run("SELECT count(*) FROM words_progress WHERE version > 0 AND below = 0") == "1");
}

TEST_CASE("every table of PostgreSQL is filled by a move") {
    const auto f = fixture();
    if (!f) return;
    REQUIRE(f->move().ok());
    std::string empty;
    for (const std::string& table : f->source.tables()) {
        if (f->target.run("SELECT count(*) FROM " + table) == "0") empty += table + " ";
    }
    CHECK(empty.empty());
    // Besides these: what is of the database itself, and the search index.
    CHECK(f->target.run("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
                        " AND table_name NOT IN ('meta', 'moves', 'push_queue', 'message_words', 'words_progress')") ==
          std::to_string(f->source.tables().size()));
}

TEST_CASE("what is made after a move gets an id that was never given") {
    const auto f = fixture();
    if (!f) return;
    REQUIRE(f->move().ok());
    CHECK(f->target.run("INSERT INTO devices (workspace_id, user_id, platform, created_at, token) VALUES (1, 1, 1, 1, 'new') RETURNING id") == "901");
    CHECK(f->target.run("INSERT INTO webhook_secrets (workspace_id, webhook_uuid, secret, made_at) VALUES (1, gen_random_uuid(), 's', 1) RETURNING id") == "11");
    CHECK(f->target.run("SELECT nextval('message_ids')") == "501");
}

TEST_CASE("the epoch moves and whoever opens the old database begins a new one") {
    const auto f = fixture();
    if (!f) return;
    const std::string epoch = f->source.value("SELECT epoch FROM meta");
    REQUIRE(f->move().ok());
    CHECK(f->target.run("SELECT epoch FROM meta") == epoch);
    const auto again = f->move();
    REQUIRE(again.ok());
    CHECK(again->already_moved);
    auto old = open_sqlite({.path = f->source.path(), .search = false});
    REQUIRE(old.ok());
    CHECK((*old)->epoch() != epoch);
}

TEST_CASE("a backup and an older file get a new epoch") {
    const auto server = PostgresDatabase::server();
    if (!server) return;
    for (const bool backup : {true, false}) {
        CAPTURE(backup);
        Fixture f(*server);
        const std::string epoch = f.source.value("SELECT epoch FROM meta");
        if (backup) f.source.run("UPDATE meta SET is_copy = 1");
        else std::ofstream(f.source.path() + ".mark") << "cariosan-mark-1 " << epoch << " 1000000\n";
        REQUIRE(f.move().ok());
        CHECK(f.target.run("SELECT epoch FROM meta") != epoch);
    }
}

TEST_CASE("a move that is interrupted again and again goes on where it was") {
    const auto f = fixture();
    if (!f) return;
    const std::string epoch = f->source.value("SELECT epoch FROM meta");
    int calls = 0;
    f->options.progress = [&calls](const MoveProgress& at) { return at.stage == MoveProgress::Stage::checking || ++calls % 3 != 0; };
    std::int64_t copied = 0;
    int runs = 0;
    Result<MoveReport> moved = f->move();
    for (; !moved; moved = f->move(), ++runs) {
        REQUIRE(moved.error().message == "the move was stopped; the same call continues it");
        CHECK(what_a_server_finds(*f).find("what migrate-storage is moving there") != std::string::npos);
    }
    copied = moved->rows_copied;
    CHECK(runs > 10);
    CHECK(moved->continued);
    CHECK(moved->differences.empty());
    CHECK(copied < FullDatabase::kRows);
    CHECK(f->target.run("SELECT epoch FROM meta") == epoch);
    check_same_rows(*f);
}

TEST_CASE("what differs is named and keeps the database closed until it is mended") {
    const auto f = fixture();
    if (!f) return;
    const std::string change = "UPDATE messages SET content = content || $$!$$ WHERE id = 4; UPDATE reactions SET at = at + 1 WHERE message_id = 5;"
                               "DELETE FROM members WHERE user_id = 6; UPDATE users SET name = name || $$!$$ WHERE id = 7";
    bool changed = false;
    f->options.progress = [&](const MoveProgress& at) {
        if (at.stage == MoveProgress::Stage::checking && !changed) f->target.run(change);
        changed = changed || at.stage == MoveProgress::Stage::checking;
        return true;
    };
    auto moved = f->move();
    REQUIRE(moved.ok());
    const auto channel = [&](int id) { return f->source.value("SELECT lower(hex(uuid)) FROM channels WHERE id = " + std::to_string(id)).substr(30); };
    const auto named = [&](const std::string& table, const std::string& end) {
        return std::ranges::count_if(moved->differences, [&](const std::string& each) { return each.starts_with(table + ": ") && each.ends_with(end); });
    };
    CHECK(moved->differences.size() == 5);
    CHECK(named("messages", channel(4) + " are not the same") == 1);
    CHECK(named("reactions", channel(5) + " are not the same") == 1);
    CHECK(named("members", channel(6) + " are not the same") == 1);
    CHECK(named("members", "10 rows in SQLite, 9 in PostgreSQL") == 1);
    CHECK(named("users", "the rows of no channel are not the same") == 1);
    CHECK(what_a_server_finds(*f).find("what migrate-storage is moving there") != std::string::npos);
    CHECK(f->source.value("SELECT is_copy FROM meta") == "0");
    CHECK(f->move()->differences.size() == 5);
}

TEST_CASE("a source that cannot be moved is refused before anything is looked for in PostgreSQL") {
    FullDatabase source;
    MoveOptions options;
    options.crypto = openssl_crypto();
    options.postgres = "postgres://chat:hunter2@127.0.0.1:1/chat";
    options.sqlite_path = source.path() + ".none";
    const auto refusal = [&options] { return move_sqlite_to_postgres(options).error(); };
    CHECK(refusal().message == "there is no SQLite database " + options.sqlite_path);
    CHECK_FALSE(std::ifstream(options.sqlite_path + ".lock").good());
    options.sqlite_path = source.path();
    {
        const auto server = open_sqlite({.path = source.path(), .search = false});
        CHECK(refusal().message == "the database " + source.path() + " is in use; stop its server first");
    }
    CHECK(refusal().code == ErrorCode::unavailable);
    CHECK(refusal().message.find("hunter2") == std::string::npos);
    source.run("PRAGMA user_version = 20");
    CHECK(refusal().message.find("the versions do not match") != std::string::npos);
    source.run("PRAGMA user_version = 1000");
    CHECK(refusal().message.find("written by a newer version") != std::string::npos);
    source.run("PRAGMA application_id = 1");
    CHECK(refusal().message.find("of another program") != std::string::npos);
}

TEST_CASE("a target with other data is refused") {
    const auto f = fixture();
    if (!f) return;
    f->move_half("channels");
    const std::string half = "the PostgreSQL database holds a part of another SQLite database, or of this one before it was changed; name an empty database";
    f->source.run("UPDATE meta SET commits = commits + 1");
    CHECK(f->refusal() == half);
    f->source.run("UPDATE meta SET commits = commits - 1");
    CHECK(f->refusal() == "moved");
    f->source.run("UPDATE meta SET epoch = 'another'");
    CHECK(f->refusal() == "the PostgreSQL database holds other data already; name an empty database");
}

TEST_CASE("a target that a server uses is refused") {
    const auto f = fixture();
    if (!f) return;
    {
        const std::unique_ptr<PGconn, void (*)(PGconn*)> server(PQconnectdb((f->target.connection() + " application_name=cariosan").c_str()), PQfinish);
        REQUIRE(PQstatus(server.get()) == CONNECTION_OK);
        CHECK(f->refusal() == "a server is connected to the PostgreSQL database; stop it first");
    }
    // The server takes a moment to notice that the connection is gone.
    while (f->target.run("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'cariosan'") != "0") {
    }
    CHECK(f->refusal() == "moved");
}

TEST_CASE("of two moves into one database the later one goes on") {
    const auto f = fixture();
    if (!f) return;
    f->options.progress = [&](const MoveProgress& at) {
        if (at.table == "messages" && at.table_done == 3) f->target.run("UPDATE move_progress SET run = 'another'");
        return true;
    };
    CHECK(f->refusal() == "another migrate-storage has taken over this move");
    f->options.progress = {};
    CHECK(f->refusal() == "moved");
}

TEST_CASE("a text that PostgreSQL cannot hold is named without being shown") {
    const auto f = fixture();
    if (!f) return;
    f->source.run("UPDATE messages SET content = 'secret' || char(0) || 'text' WHERE id = 5");
    CHECK(f->refusal() == "PostgreSQL cannot hold row 5 of messages: messages.content is not UTF-8, or has a character U+0000");
}

}  // namespace
}  // namespace cariosan
