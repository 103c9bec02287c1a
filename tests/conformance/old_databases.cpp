#include "conformance/old_databases.hpp"

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "support/source_folder.hpp"

namespace cariosan::test {
namespace {

/// At least one row in every table of the first version. Ids in `hex`: a kind and a number.
constexpr const char* kRows = R"sql(
PRAGMA application_id = 1128354377;
INSERT INTO meta VALUES (1, 'first-epoch', 12, 0);
INSERT INTO workspaces VALUES (1, x'01700000000070008000000000000001', 'Shop', 1, 0, 3600, zeroblob(32), 1000, NULL);
INSERT INTO workspaces VALUES (2, x'01700000000070008000000000000002', 'Gone', 0, 1, NULL, zeroblob(32), 1000, 2000);
INSERT INTO api_keys VALUES ('pk_test_1', 1, zeroblob(32), NULL);
INSERT INTO users VALUES (1, x'02700000000070008000000000000001', 1, 2, 'alice', 'Alice', 'https://example.org/a', 1000, 1001, '{"a":1}');
INSERT INTO users VALUES (2, x'02700000000070008000000000000002', 1, 2, 'bob', 'Bob', NULL, 1000, 1000, '{}');
INSERT INTO users VALUES (3, x'02700000000070008000000000000003', 1, 0, 'left', 'Left', NULL, 1000, 1000, '{}');
INSERT INTO channels VALUES (1, x'03700000000070008000000000000001', 1, NULL, 3000, 6, 2, 3, 3, 2, 1, 1, 1000, NULL, NULL, 'order_1', 'Order', NULL, '{"b":2}');
INSERT INTO channels VALUES (2, x'03700000000070008000000000000002', 1, NULL, 1500, 1, 0, 0, NULL, 2, 0, 1, 1500, 1, 2, NULL, '', NULL, '{}');
INSERT INTO channels VALUES (3, x'03700000000070008000000000000003', 1, 1800, 1500, 2, 0, 0, NULL, 0, 1, 1, 1500, NULL, NULL, 'gone', 'Gone', NULL, '{}');
INSERT INTO members VALUES (1, 1, x'02700000000070008000000000000001', 1, 1, 1, 1, 1, 1000, 3, 3000, 0);
INSERT INTO members VALUES (2, 1, x'02700000000070008000000000000002', 1, 0, 0, 1, 1, 1000, 1, 2500, 2);
INSERT INTO members VALUES (3, 1, x'02700000000070008000000000000003', 0, 0, 0, 5, 1, 1000, 0, NULL, 0);
INSERT INTO members VALUES (1, 2, x'02700000000070008000000000000001', 1, 0, 0, 1, 1, 1500, 0, NULL, 0);
INSERT INTO members VALUES (2, 2, x'02700000000070008000000000000002', 1, 0, 0, 1, 1, 1500, 0, NULL, 0);
INSERT INTO messages VALUES (1, x'04700000000070008000000000000001', 1, 1, 2, 1, 0, NULL, 0, 1100, NULL, NULL, 'key-1', zeroblob(32), NULL, '{}', 'hello');
INSERT INTO messages VALUES (2, x'04700000000070008000000000000002', 1, 2, 3, 2, 0, 1, 1, 1200, 1250, NULL, NULL, NULL, NULL, '{"c":3}', 'hello @alice');
INSERT INTO messages VALUES (3, x'04700000000070008000000000000003', 1, 3, 6, 1, 3, NULL, 0, 3000, NULL, NULL, NULL, NULL, NULL, '{}', 'the system says');
INSERT INTO mentions VALUES (2, 0, 1, 1, 2);
)sql";

/// What the tenth version could hold in addition: something unsent, two forms of one emoji, devices.
constexpr const char* kTenthRows = R"sql(
UPDATE channels SET last_seq = 5, rev = 8, last_message_id = 5 WHERE id = 1;
INSERT INTO messages (id, uuid, channel_id, seq, rev, user_id, type, mention_count, created_at, deleted_at, metadata, content)
    VALUES (4, x'04700000000070008000000000000004', 1, 4, 8, 1, 0, 0, 3100, 3200, '{}', ''),
           (5, x'04700000000070008000000000000005', 1, 5, 7, 1, 0, 0, 3150, NULL, '{}', 'still there');
INSERT INTO blocks VALUES (2, x'02700000000070008000000000000003', 3, 1, 3000);
UPDATE users SET block_count = 1, blocks_rev = 1 WHERE id = 2;
UPDATE messages SET emoji_count = 3 WHERE id = 1;
INSERT INTO reactions VALUES (1, 1, char(0x2764, 0xFE0F)), (1, 2, char(0x2764)), (1, 3, char(0x1F44D));
INSERT INTO reaction_counts VALUES (1, char(0x2764), 5, 1), (1, char(0x2764, 0xFE0F), 4, 1), (1, char(0x1F44D), 3, 1);
INSERT INTO devices (workspace_id, user_id, platform, created_at, token)
    VALUES (1, 1, 0, 1000, 'old'), (1, 1, 1, 2000, 'new');
)sql";

/// What the fourteenth version could hold in addition: rows in all tables that the first did not have.
constexpr const char* kFourteenthRows = R"sql(
UPDATE workspaces SET moderation_enabled = 1, moderation_rev = 1 WHERE id = 1;
INSERT INTO moderation_settings VALUES (1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 3, 60, 600, 'rude' || char(10), '');
INSERT INTO moderation_records VALUES (1, x'05700000000070008000000000000001', 1, 1, 2, NULL, 3300, 0, 2, 'so ****');
UPDATE users SET mute_count = 1, last_seen_at = 3400 WHERE id = 2;
INSERT INTO mutes VALUES (2, 1, 1, x'02700000000070008000000000000002', x'03700000000070008000000000000001', NULL, 'rude', 3500);
INSERT INTO webhooks (id, uuid, workspace_id, url, events, secret, enabled, created_at, updated_at, pending)
    VALUES (1, x'06700000000070008000000000000001', 1, 'https://hooks.example.org/', 1, 'whsec', 1, 3000, 3000, 1);
INSERT INTO deliveries (webhook_id, event_uuid, event, status, created_at, channel_uuid, rev, external_id, name, detail)
    VALUES (1, x'07700000000070008000000000000001', 0, 0, 3600, x'03700000000070008000000000000001', 3, '', '', '');
INSERT INTO push_jobs VALUES (1, 3, 3600, 3600, 0, x'00000000000000000000000000000000', NULL, NULL);
UPDATE push_queue SET pending = 1;
INSERT INTO search_jobs (message_id, channel_id, old_text) VALUES (2, 1, 'helo @alice');
UPDATE purged_messages SET last_id = 6;
INSERT INTO api_secrets VALUES ('pk_test_1', randomblob(32), 1, 9000000000000);
)sql";

/// What came with the twenty-fourth version, and a file of a message.
constexpr const char* kTwentyFourthRows = R"sql(
INSERT INTO reports (uuid, workspace_id, reporter_id, thing, user_id, at, status, reason)
    VALUES (x'08700000000070008000000000000001', 1, 2, x'02700000000070008000000000000001', 1, 3700, 0, 'spam');
UPDATE messages SET attachment_url = 'https://chat.example.org/v1/files/shop/2026/01/0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b/a.png' WHERE id = 5;
)sql";

/// The file of a message that was unsent.
constexpr const char* kTwentyFifthRows = R"sql(
INSERT INTO erased_files (url) VALUES ('https://chat.example.org/v1/files/shop/2026/01/0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c/b.png');
)sql";

std::string read_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::vector<std::string> migrations() {
    std::vector<std::string> files;
    for (const auto& file : std::filesystem::directory_iterator(source_folder() / "src/adapters/sqlite/migrations")) {
        files.push_back(file.path().string());
    }
    std::ranges::sort(files);
    return files;
}

}  // namespace

void run_sql_in(const std::string& path, const std::string& sql) {
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
    const int code = sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr);
    CAPTURE(sqlite3_errmsg(db));
    CHECK(code == SQLITE_OK);
    sqlite3_close(db);
}

std::size_t present_version() { return migrations().size(); }

void write_version(const std::string& path, std::size_t version) {
    const std::vector<std::string> files = migrations();
    REQUIRE(version >= 1);
    REQUIRE(version <= files.size());
    for (std::size_t i = 1; i <= version; ++i) {
        run_sql_in(path, read_text(files[i - 1]));
        if (i == 1) run_sql_in(path, kRows);
        if (i == kTenthVersion) run_sql_in(path, kTenthRows);
        if (i == kFourteenthVersion) run_sql_in(path, kFourteenthRows);
        if (i == kTwentyFourthVersion) run_sql_in(path, kTwentyFourthRows);
        if (i == kTwentyFifthVersion) run_sql_in(path, kTwentyFifthRows);
    }
    run_sql_in(path, "PRAGMA user_version = " + std::to_string(version));
}

std::vector<std::string> empty_tables(const std::string& path) {
    std::vector<std::string> empty;
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
    const auto each_row = [db](const std::string& sql, auto visit) {
        sqlite3_stmt* statement = nullptr;
        REQUIRE(sqlite3_prepare_v2(db, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
        while (sqlite3_step(statement) == SQLITE_ROW) visit(statement);
        sqlite3_finalize(statement);
    };
    std::vector<std::string> tables;
    each_row("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'", [&](sqlite3_stmt* row) {
        tables.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(row, 0)));
    });
    for (const std::string& table : tables) {
        each_row("SELECT count(*) FROM " + table, [&](sqlite3_stmt* row) {
            if (sqlite3_column_int64(row, 0) == 0) empty.push_back(table);
        });
    }
    sqlite3_close(db);
    return empty;
}

}  // namespace cariosan::test
