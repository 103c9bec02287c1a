// What a batch reads in advance and writes at its end.
#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/postgres/write/held_rows.hpp"
#include "adapters/postgres/write/loaded_query.hpp"
#include "support/manual_clock.hpp"
#include "support/postgres_database.hpp"

namespace cariosan::postgres {
namespace {

/// A connection with a table of numbered words, and rows of it that wait to be written.
struct Words final : HeldWrites {
    explicit Words(const std::string& server) : database(server) {
        database.run("CREATE TABLE words (id bigint, text text, bytes bytea, uuid uuid)");
        ConnectionOptions options;
        options.connection = database.connection();
        options.clock = std::make_shared<test::ManualClock>();
        options.random = [] { return 0.0; };
        connection = std::make_unique<Connection>(options);
        REQUIRE(connection->ready().ok());
        rows.emplace(*connection,
                     "INSERT INTO words SELECT * FROM unnest($1::bigint[], $2::text[], $3::bytea[], $4::uuid[])");
        connection->hold(this);
    }
    ~Words() override { connection->hold(nullptr); }
    void send() override { rows->send(); }
    void drop() noexcept override { rows->drop(); }
    void keep(std::int64_t id, std::optional<std::string> text) {
        rows->run(id, text, std::optional<std::array<std::uint8_t, 4>>(), std::optional<Uuid>());
    }

    test::PostgresDatabase database;
    std::unique_ptr<Connection> connection;
    std::optional<HeldRows> rows;
};

std::unique_ptr<Words> words() {
    const auto server = test::PostgresDatabase::server();
    return server ? std::make_unique<Words>(*server) : nullptr;
}

TEST_CASE("rows that wait are written before anything reads and before the commit") {
    const auto w = words();
    if (!w) return;
    Statement all(*w->connection, "SELECT id, text FROM words ORDER BY id");
    REQUIRE(w->connection->begin());
    w->keep(1, "one");
    w->keep(2, std::nullopt);
    Rows found = all.query();
    REQUIRE(found.next());
    CHECK(found.integer() == 1);
    CHECK(found.text() == "one");
    REQUIRE(found.next());
    found.skip(1);
    CHECK(found.skip_null());
    w->keep(3, "three");
    CHECK(w->connection->commit() == Ending::committed);
    CHECK(w->database.run("SELECT count(*) FROM words") == "3");
}

TEST_CASE("rows that wait go with their transaction") {
    const auto w = words();
    if (!w) return;
    REQUIRE(w->connection->begin());
    w->keep(1, "one");
    w->connection->roll_back();
    REQUIRE(w->connection->begin());
    w->keep(2, "two");
    CHECK(w->connection->commit() == Ending::committed);
    CHECK(w->database.run("SELECT string_agg(text, ' ') FROM words") == "two");
}

TEST_CASE("a text that no column can hold fails the rows that wait with it") {
    const auto w = words();
    if (!w) return;
    REQUIRE(w->connection->begin());
    w->keep(1, std::string("a\0b", 3));
    CHECK(w->connection->commit() == Ending::failed);
    w->connection->roll_back();
    CHECK(w->database.run("SELECT count(*) FROM words") == "0");
}

TEST_CASE("what was loaded is answered from memory until something else is written") {
    const auto w = words();
    if (!w) return;
    w->database.run("INSERT INTO words VALUES (1, 'one'), (1, 'uno'), (3, 'three')");
    LoadedQuery texts(*w->connection, 1, {"SELECT text FROM words WHERE id = $1 ORDER BY text"},
                      {"SELECT n, w.id IS NOT NULL, w.text FROM unnest($1::bigint[]) n LEFT JOIN words w ON w.id = n"
                       " ORDER BY n, w.text"});
    const auto count = [&](std::int64_t id) {
        Rows rows = texts.query(id);
        int found = 0;
        while (rows.next()) ++found;
        return found;
    };
    REQUIRE(w->connection->begin());
    texts.load(Statement::list(std::vector<std::int64_t>{1, 2}));
    CHECK(count(1) == 2);
    CHECK(count(2) == 0);
    Rows first = texts.query(1);
    REQUIRE(first.next());
    CHECK(first.text() == "one");
    // Another connection's commits show that these come from memory, and 3 does not.
    w->database.run("INSERT INTO words VALUES (2, 'two'), (3, 'tres')");
    CHECK(count(2) == 0);
    CHECK(count(3) == 2);
    texts.forget_one(std::int64_t{2});
    CHECK(count(2) == 1);
    w->database.run("DELETE FROM words");
    CHECK(count(1) == 2);
    Statement(*w->connection, "INSERT INTO words VALUES (1, 'eins')").run();
    CHECK(count(1) == 1);
    w->connection->roll_back();
}

TEST_CASE("what was loaded and rests on another row is forgotten with that row, and listed until then") {
    const auto w = words();
    if (!w) return;
    w->database.run("INSERT INTO words VALUES (1, 'one'), (2, 'two'), (3, 'three')");
    LoadedQuery texts(*w->connection, 1, {"SELECT text FROM words WHERE id = $1"},
                      {"SELECT w.id, true, w.id % 2, w.text FROM words w WHERE w.id = ANY ($1) ORDER BY w.id"},
                      LoadedQuery::RestsOn::row);
    const auto text = [&](std::int64_t id) {
        Rows rows = texts.query(id);
        return rows.next() ? rows.text() : std::string();
    };
    const auto listed = [&] {
        std::string numbers;
        texts.each([&](Rows& row) { numbers += row.flag() ? std::to_string(row.integer()) : "-"; });
        return numbers;
    };
    REQUIRE(w->connection->begin());
    CHECK(listed().empty());
    texts.load(Statement::list(std::vector<std::int64_t>{1, 2, 3}));
    CHECK(listed() == "101");
    w->database.run("UPDATE words SET text = 'changed'");
    CHECK(text(1) == "one");
    texts.forget_row(1);
    CHECK(text(1) == "changed");
    CHECK(text(2) == "two");
    CHECK(text(3) == "changed");
    w->connection->roll_back();
}

}  // namespace
}  // namespace cariosan::postgres
