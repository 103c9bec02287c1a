/// A database with a search index whose files a test can open and damage.
#pragma once

#include <sqlite3.h>

#include <cariosan/adapters/sqlite.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "conformance/searching.hpp"
#include "conformance/world.hpp"
#include "support/becomes_true.hpp"

namespace cariosan::test {

inline void run_sql(const std::string& path, const std::string& sql) {
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
    sqlite3_busy_timeout(db, 5000);
    const int code = sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr);
    sqlite3_close(db);
    REQUIRE(code == SQLITE_OK);
}

inline std::int64_t count_in(const std::string& path, const std::string& sql) {
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

inline bool file_holds(const std::string& path, const std::string& text) {
    std::ifstream file(path, std::ios::binary);
    const std::string all{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    return all.find(text) != std::string::npos;
}

/// A database with an index, which can be closed and opened again.
struct IndexedFile {
    explicit IndexedFile(std::chrono::milliseconds cleaning = std::chrono::milliseconds(100))
        : world(std::make_unique<SqliteFile>(), {.search = true, .search_cleaning = cleaning}) {
        user = world.add_user("someone");
        group = world.add_group({user});
        database = world.kind().path("chat.db");
        index = database + "-search";
    }

    std::size_t count(const std::string& word) {
        const auto found = world.read([&](Reader& reader) {
            return search(reader, world.workspace, user, {.terms = {{word, false}}, .channel = {}});
        });
        return found ? found->found.size() : 0;
    }
    bool eventually_searchable() {
        return becomes_true([&] {
            return world
                .read([&](Reader& reader) {
                    return search(reader, world.workspace, user, {.terms = {{"word", false}}, .channel = {}});
                })
                .ok();
        });
    }
    bool eventually(const std::string& word, std::size_t times) {
        return becomes_true([&] { return count(word) == times; });
    }
    /// Whether all text that was removed leaves the index.
    bool eventually_clean() {
        return becomes_true([&] { return count_in(index, "SELECT unclean FROM state") == 0; });
    }
    /// As an edit does, in one transaction.
    void change(const std::string& from, const std::string& to) {
        run_sql(database, "BEGIN IMMEDIATE; INSERT INTO search_jobs (message_id, channel_id, old_text)"
                          " SELECT id, channel_id, content FROM messages WHERE content = '" + from +
                              "'; UPDATE messages SET content = '" + to + "' WHERE content = '" + from + "'; COMMIT");
    }
    void reopen(std::chrono::milliseconds cleaning = std::chrono::milliseconds(100)) {
        world.reopen({.search = true, .search_cleaning = cleaning});
    }
    bool leaves_files(const std::string& text) {
        return becomes_true([&] { return !file_holds(index, text) && !file_holds(index + "-wal", text); });
    }
    /// Many messages in few commits.
    void send_many(ChannelId channel, UserId author, int count, const std::function<std::string(int)>& text) {
        constexpr int kBatch = 200;
        for (int sent = 0; sent < count;) {
            std::vector<Mutation> batch;
            for (; sent < count && std::ssize(batch) < kBatch; ++sent) {
                batch.emplace_back(world.message(channel, author, text(sent)));
            }
            for (const auto& each : world.commit(batch)) REQUIRE(each.ok());
        }
    }

    World world;
    UserId user;
    ChannelId group;
    std::string database;
    std::string index;
};

}  // namespace cariosan::test
