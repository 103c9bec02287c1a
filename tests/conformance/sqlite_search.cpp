// The search index of SQLite: edits by their jobs, a file that is lost or damaged, and text that must be gone.
#include <sqlite3.h>

#include <cariosan/adapters/sqlite.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

void run_sql(const std::string& path, const std::string& sql) {
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
    sqlite3_busy_timeout(db, 5000);
    const int code = sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr);
    sqlite3_close(db);
    REQUIRE(code == SQLITE_OK);
}

std::int64_t count_in(const std::string& path, const std::string& sql) {
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
    sqlite3_stmt* statement = nullptr;
    REQUIRE(sqlite3_prepare_v2(db, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
    REQUIRE(sqlite3_step(statement) == SQLITE_ROW);
    const std::int64_t count = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return count;
}

bool file_holds(const std::string& path, const std::string& text) {
    std::ifstream file(path, std::ios::binary);
    const std::string all{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    return all.find(text) != std::string::npos;
}

/// A database with an index, opened and closed at will.
struct IndexedFile {
    IndexedFile() {
        user = world.add_user("someone");
        group = world.add_group({user});
        database = world.kind().path("chat.db");
        index = database + "-search";
    }

    std::size_t count(const std::string& word) {
        const auto found = world.read([&](Reader& reader) {
            return reader.search().candidates(world.workspace, user, {.terms = {{word, false}}, .channel = {}});
        });
        return found ? found->found.size() : 0;
    }
    bool eventually(const std::string& word, std::size_t times) {
        for (int i = 0; i < 1000; ++i) {
            if (count(word) == times) return true;
            std::this_thread::sleep_for(milliseconds(10));
        }
        return false;
    }
    /// As an edit does it, in one transaction.
    void change(const std::string& from, const std::string& to) {
        run_sql(database, "BEGIN IMMEDIATE; INSERT INTO search_jobs (message_id, channel_id, old_text)"
                          " SELECT id, channel_id, content FROM messages WHERE content = '" + from +
                              "'; UPDATE messages SET content = '" + to + "' WHERE content = '" + from + "'; COMMIT");
    }
    void reopen() { world.reopen({.search = true}); }

    World world{std::make_unique<SqliteFile>(), {.search = true}};
    UserId user;
    ChannelId group;
    std::string database;
    std::string index;
};

}  // namespace

TEST_CASE("sqlite search: a changed text is found by its new words alone, and its job is dropped") {
    IndexedFile file;
    file.world.send(file.group, file.user, "before");
    REQUIRE(file.eventually("before", 1));
    file.change("before", "between");
    file.change("between", "after");
    file.world.send(file.group, file.user, "wakes the index");
    CHECK(file.eventually("after", 1));
    CHECK(file.count("before") == 0);
    CHECK(file.count("between") == 0);
    for (int i = 0; i < 500 && count_in(file.database, "SELECT count(*) FROM search_jobs") > 0; ++i) {
        must(file.world.storage().maintain());
        std::this_thread::sleep_for(milliseconds(10));
    }
    CHECK(count_in(file.database, "SELECT count(*) FROM search_jobs") == 0);
    file.change("after", "");
    file.world.send(file.group, file.user, "wakes it again");
    CHECK(file.eventually("after", 0));
    file.world.close();
    run_sql(file.index, "INSERT INTO message_words (message_words) VALUES ('integrity-check')");
}

TEST_CASE("sqlite search: a deleted message is not found, whether the index knows of it or not") {
    IndexedFile file;
    file.world.send(file.group, file.user, "regretted");
    REQUIRE(file.eventually("regretted", 1));
    run_sql(file.database, "UPDATE messages SET deleted_at = 1 WHERE content = 'regretted'");
    CHECK(file.count("regretted") == 0);
}

TEST_CASE("sqlite search: what was committed while nobody indexed is caught up, once") {
    IndexedFile file;
    file.world.send(file.group, file.user, "first");
    REQUIRE(file.eventually("first", 1));
    file.world.reopen({.search = false});
    file.world.send(file.group, file.user, "second");
    file.change("first", "third");
    file.world.send(file.group, file.user, "fourth");
    file.change("fourth", "fifth");
    file.reopen();
    CHECK(file.eventually("second", 1));
    CHECK(file.eventually("third", 1));
    CHECK(file.eventually("fifth", 1));
    CHECK(file.count("first") == 0);
    CHECK(file.count("fourth") == 0);
    file.world.close();
    run_sql(file.index, "CREATE VIRTUAL TABLE terms USING fts5vocab (message_words, row)");
    for (const std::string word : {"second", "third", "fifth"}) {
        CAPTURE(word);
        CHECK(count_in(file.index, "SELECT cnt FROM terms WHERE term = '" + word + "'") == 1);
    }
}

TEST_CASE("sqlite search: jobs that were dropped without the index make it start anew") {
    IndexedFile file;
    file.world.send(file.group, file.user, "first");
    REQUIRE(file.eventually("first", 1));
    file.world.reopen({.search = false});
    file.change("first", "second");
    must(file.world.storage().maintain());
    REQUIRE(count_in(file.database, "SELECT count(*) FROM search_jobs") == 0);
    file.reopen();
    CHECK(file.eventually("second", 1));
    CHECK(file.count("first") == 0);
}

TEST_CASE("sqlite search: a missing, damaged or foreign file is built anew") {
    IndexedFile file;
    file.world.send(file.group, file.user, "lasting");
    REQUIRE(file.eventually("lasting", 1));
    file.world.close();
    SUBCASE("missing") { fs::remove(file.index); }
    SUBCASE("no database") { std::ofstream(file.index, std::ios::binary) << std::string(8192, 'x'); }
    SUBCASE("empty") { std::ofstream(file.index, std::ios::binary) << ""; }
    SUBCASE("cut off") { fs::resize_file(file.index, 4096); }
    SUBCASE("overwritten") {
        std::fstream damage(file.index, std::ios::binary | std::ios::in | std::ios::out);
        damage.seekp(4096);
        damage << std::string(fs::file_size(file.index) - 4096, '\xA5');
    }
    SUBCASE("of another history") {
        run_sql(file.index, "UPDATE state SET epoch = 'another', position = 1000");
    }
    SUBCASE("of another version") { run_sql(file.index, "UPDATE state SET version = 0, position = 1000"); }
    file.reopen();
    file.world.send(file.group, file.user, "later");
    CHECK(file.eventually("lasting", 1));
    CHECK(file.eventually("later", 1));
}

TEST_CASE("sqlite search: a new epoch does not lose the index") {
    IndexedFile file;
    file.world.send(file.group, file.user, "lasting");
    REQUIRE(file.eventually("lasting", 1));
    must(file.world.storage().rotate_epoch());
    file.world.send(file.group, file.user, "later");
    CHECK(file.eventually("later", 1));
    CHECK(file.eventually("lasting", 1));
}

TEST_CASE("sqlite search: deleted text leaves the files of the index") {
    IndexedFile file;
    file.world.send(file.group, file.user, "unmistakable");
    for (int i = 0; i < 50; ++i) file.world.send(file.group, file.user, "ordinary");
    REQUIRE(file.eventually("unmistakable", 1));
    REQUIRE((file_holds(file.index, "unmistakable") || file_holds(file.index + "-wal", "unmistakable")));
    file.change("unmistakable", "");
    file.world.send(file.group, file.user, "wakes the index");
    bool gone = false;
    for (int i = 0; i < 1000 && !gone; ++i) {
        std::this_thread::sleep_for(milliseconds(10));
        gone = !file_holds(file.index, "unmistakable") && !file_holds(file.index + "-wal", "unmistakable");
    }
    CHECK(gone);
    CHECK(file.count("ordinary") == 50);
}

}  // namespace cariosan::test
