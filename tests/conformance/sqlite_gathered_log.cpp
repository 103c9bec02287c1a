// What a transaction adds to the log is written in one piece, and nothing is lost, whatever fails and whoever reads.
#include <doctest/doctest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "adapters/sqlite/sqlite_connection.hpp"
#include "conformance/faulty_disk.hpp"
#include "conformance/storage_kind.hpp"

namespace cariosan::test {
namespace {

using sqlite::Connection;

std::unique_ptr<Connection> must_open(Result<std::unique_ptr<Connection>> opened) {
    REQUIRE(opened.ok());
    CHECK_FALSE((*opened)->failed());
    return *std::move(opened);
}

/// A table of texts, each about a page long, in a file of its own.
struct TextTable {
    explicit TextTable(const std::string& file) : path(file) { open(); }

    void open() {
        connection = must_open(Connection::open_durable(path, Connection::Access::create, nullptr));
        connection->execute(
            "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;"
            "CREATE TABLE IF NOT EXISTS texts (id INTEGER PRIMARY KEY, text TEXT NOT NULL)");
        CHECK_FALSE(connection->failed());
    }
    bool add(int count) {
        return run("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + std::to_string(count) +
                   ") INSERT INTO texts (text) SELECT hex(randomblob(1800)) FROM n");
    }
    bool run(const std::string& sql) {
        connection->clear_failure();
        return connection->execute(sql.c_str());
    }
    std::int64_t count() { return count_of(*connection); }
    /// As another connection sees it.
    std::int64_t count_elsewhere() const {
        return count_of(*must_open(Connection::open(path, Connection::Access::read, nullptr)));
    }
    static std::int64_t count_of(Connection& from) {
        const auto rows = from.query_integer("SELECT count(*) FROM texts WHERE length(text) = 3600");
        CHECK(from.query_text("PRAGMA integrity_check") == "ok");
        REQUIRE_FALSE(from.failed());
        return rows.value_or(-1);
    }
    std::string path;
    std::unique_ptr<Connection> connection;
};

std::function<int(DiskCall, std::int64_t)> counting(std::int64_t& writes, std::int64_t& syncs) {
    return [&](DiskCall call, std::int64_t) {
        writes += call == DiskCall::write ? 1 : 0;
        syncs += call == DiskCall::sync ? 1 : 0;
        return SQLITE_OK;
    };
}

}  // namespace

TEST_CASE("sqlite: a commit is one write to the log and one sync, and others see it") {
    FaultyDisk disk;
    const TemporaryFolder folder;
    TextTable texts(folder / "texts.db");
    std::int64_t writes = 0;
    std::int64_t syncs = 0;
    texts.add(1);  // the log now has its header
    disk.arm(counting(writes, syncs));
    CHECK(texts.add(20));
    CHECK(writes == 1);
    CHECK(syncs == 1);
    CHECK(texts.add(100));
    CHECK(writes <= 6);  // in pieces of 30 pages
    CHECK(syncs == 2);
    disk.disarm();
    CHECK(texts.count() == 121);
    CHECK(texts.count_elsewhere() == 121);
}

TEST_CASE("sqlite: with a VFS other than SQLite's own for Unix, each page is written separately") {
    FaultyDisk disk("encrypting");
    const TemporaryFolder folder;
    TextTable texts(folder / "texts.db");
    std::int64_t writes = 0;
    std::int64_t syncs = 0;
    disk.arm(counting(writes, syncs));
    CHECK(texts.add(10));
    CHECK(writes > 20);
    disk.disarm();
    CHECK(texts.count_elsewhere() == 10);
}

TEST_CASE("sqlite: a transaction larger than the cache of its connection reads back what it wrote") {
    FaultyDisk disk;
    const TemporaryFolder folder;
    TextTable texts(folder / "texts.db");
    // Pages go to the log before the end of the transaction, are read back from it, and are written again.
    CHECK(texts.run("PRAGMA cache_size = 10; PRAGMA cache_spill = 10"));
    CHECK(texts.run("BEGIN"));
    CHECK(texts.add(600));  // more than the cache holds
    CHECK(texts.count() == 600);
    CHECK(texts.run("UPDATE texts SET text = lower(text) WHERE id % 3 = 0; SAVEPOINT half"));
    CHECK(texts.add(50));
    CHECK(texts.run("ROLLBACK TO half; RELEASE half"));
    CHECK(texts.count() == 600);
    CHECK(texts.count_elsewhere() == 0);
    SUBCASE("and commits it") {
        CHECK(texts.run("COMMIT"));
        CHECK(texts.count_elsewhere() == 600);
    }
    SUBCASE("and rolls it back") {
        CHECK(texts.run("ROLLBACK"));
        CHECK(texts.add(1));
        CHECK(texts.count_elsewhere() == 1);
    }
    texts.connection.reset();
    texts.open();
    CHECK(texts.run("PRAGMA wal_checkpoint(TRUNCATE)"));
    CHECK(std::filesystem::file_size(texts.path + "-wal") == 0);
    CHECK(texts.count() > 0);
}

TEST_CASE("sqlite: what was rolled back never overwrites what others commit in its place") {
    FaultyDisk disk;
    const TemporaryFolder folder;
    TextTable texts(folder / "texts.db");
    CHECK(texts.run("PRAGMA cache_size = 5; PRAGMA cache_spill = 5; BEGIN"));
    CHECK(texts.add(20));
    CHECK(texts.run("ROLLBACK"));
    TextTable others(texts.path);
    CHECK(others.add(25));
    CHECK(texts.count() == 25);
    CHECK(texts.add(1));
    CHECK(others.count() == 26);
}

TEST_CASE("sqlite: if any write of the log fails, once or from then on, what was not committed is not stored") {
    FaultyDisk disk;
    for (const int code : {SQLITE_FULL, SQLITE_IOERR_WRITE}) {
        for (const bool for_good : {false, true}) {
            std::int64_t most = 0;
            for (std::int64_t failing = 1, fired = 1; fired > 0; ++failing) {
                const TemporaryFolder folder;
                TextTable texts(folder / "texts.db");
                texts.run("PRAGMA cache_size = 5; PRAGMA cache_spill = 5; PRAGMA temp_store = MEMORY");
                std::int64_t writes = 0;
                disk.arm([&](DiskCall call, std::int64_t) {
                    if (call != DiskCall::write) return SQLITE_OK;
                    ++writes;
                    return writes == failing || (for_good && writes > failing) ? code : SQLITE_OK;
                });
                std::int64_t there = texts.add(3) ? 3 : 0;
                // A savepoint whose statements fail is rolled back, and the transaction continues if SQLite allows that.
                const bool begun = texts.run("BEGIN; SAVEPOINT a");
                const bool added = begun && texts.add(6);
                if (begun && !added) texts.run("ROLLBACK TO a");
                const bool more = begun && texts.run("RELEASE a") && texts.add(14);
                // Reads pages that could not be written. On a full disk, only this statement is rolled back.
                if (begun) texts.run("UPDATE texts SET text = lower(text)");
                if (begun && texts.connection->in_transaction()) {
                    if (texts.run("COMMIT")) {
                        there += (added ? 6 : 0) + (more ? 14 : 0);
                    } else if (texts.connection->in_transaction()) {
                        texts.run("ROLLBACK");
                    }
                }
                fired = disk.fired();
                disk.disarm();
                CAPTURE(failing);
                CHECK(texts.count_elsewhere() == there);
                CHECK(texts.add(1));
                CHECK(texts.count_elsewhere() == there + 1);
                texts.connection.reset();
                texts.open();
                CHECK(texts.count() == there + 1);
                most = failing;
            }
            CHECK(most > 30);
        }
    }
}

}  // namespace cariosan::test
