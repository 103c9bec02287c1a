// A database written by the first version is upgraded by all later migrations and reads correctly.
#include <sqlite3.h>

#include <algorithm>
#include <cariosan/adapters/sqlite.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "conformance/searching.hpp"
#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

/// At least one row in every table of the first version. Ids in `hex`: a kind and a number.
constexpr const char* kRows = R"sql(
PRAGMA application_id = 1128354377;
PRAGMA user_version = 1;
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

/// The search index from before we folded words ourselves: another tokenizer, characters in pairs.
constexpr const char* kOldIndex = R"sql(
PRAGMA journal_mode = WAL;
CREATE TABLE state (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL, epoch TEXT NOT NULL,
 position INTEGER NOT NULL, job INTEGER NOT NULL, unclean INTEGER NOT NULL) STRICT;
CREATE VIRTUAL TABLE message_words USING fts5 (channel, text, content = '', columnsize = 0, prefix = '2 3',
 tokenize = 'unicode61 remove_diacritics 2');
INSERT INTO message_words (message_words, rank) VALUES ('usermerge', 2);
INSERT INTO state VALUES (1, 2, 'first-epoch', 3, 0, 0);
INSERT INTO message_words (rowid, channel, text) VALUES (1, 'c1', 'ещё раз 👍');
INSERT INTO message_words (rowid, channel, text) VALUES (2, 'c1', 'ฉันอยากกินข้าวผัด  订单 单  ');
INSERT INTO message_words (rowid, channel, text) VALUES (3, 'c1', 'the system says');
)sql";
constexpr const char* kTextsOfOldIndex = R"sql(
UPDATE messages SET content = 'ещё раз 👍' WHERE id = 1;
UPDATE messages SET content = 'ฉันอยากกินข้าวผัด 订单' WHERE id = 2;
)sql";

const std::string kMigrations = std::string(CARIOSAN_SOURCE_DIR) + "/src/adapters/sqlite/migrations/";

std::string read_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

template <class IdType>
IdType first_id(std::uint8_t kind, std::uint8_t number) {
    IdType id;
    id.uuid.bytes = {kind, 0x70, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, number};
    return id;
}
const auto kShopId = first_id<WorkspaceId>(1, 1);
const auto kAliceId = first_id<UserId>(2, 1);
const auto kBobId = first_id<UserId>(2, 2);
const auto kGroupId = first_id<ChannelId>(3, 1);

void run_sql_in(const std::string& path, const std::string& sql) {
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
    const int code = sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr);
    CAPTURE(sqlite3_errmsg(db));
    CHECK(code == SQLITE_OK);
    sqlite3_close(db);
}

void write_first_version(const std::string& path) {
    const std::string tables = read_text(kMigrations + "0001_spine.sql");
    REQUIRE_FALSE(tables.empty());
    run_sql_in(path, tables);
    run_sql_in(path, kRows);
}

/// The messages that bob finds with one word, newest first. Waits until there are any.
std::vector<std::int64_t> found_by_bob(Storage& storage, const std::string& word) {
    std::vector<std::int64_t> positions;
    for (int i = 0; i < 1000 && positions.empty(); ++i) {
        const auto reader = must(storage.open_reader());
        REQUIRE(reader->begin().ok());
        const auto found = search(*reader, kShopId, kBobId, {.terms = {{word, false}}, .channel = {}});
        if (found.ok()) {
            for (const SearchCandidate& each : found->found) positions.push_back(each.position);
        }
        reader->end();
        if (positions.empty()) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return positions;
}

/// What the tenth version could hold in addition: something unsent, two forms of one emoji, devices.
constexpr const char* kTenthRows = R"sql(
PRAGMA user_version = 10;
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

void write_tenth_version(const std::string& path) {
    write_first_version(path);
    std::vector<std::string> files;
    for (const auto& file : std::filesystem::directory_iterator(kMigrations)) files.push_back(file.path().string());
    std::ranges::sort(files);
    for (std::size_t i = 1; i < 10; ++i) run_sql_in(path, read_text(files.at(i)));
    run_sql_in(path, kTenthRows);
}

void check_users_and_channels(Reader& reader) {
    const Workspace shop = must_find(reader.workspaces().find(kShopId));
    CHECK(shop.name == "Shop");
    CHECK(shop.test);
    CHECK_FALSE(shop.read_receipts_enabled);
    CHECK(shop.edit_window_seconds == 3600);
    CHECK(must(reader.workspaces().list(std::nullopt, 10)).size() == 1);
    const StoredApiKey key = must_find(reader.workspaces().find_api_key("pk_test_1"));
    CHECK(key.workspace.id == kShopId);
    REQUIRE(key.secrets.size() == 1);
    CHECK(key.secrets[0].hash == Digest{});
    CHECK_FALSE(key.secrets[0].expires_at);
    CHECK(must(reader.workspaces().present_api_key(kShopId)) == "pk_test_1");
    const User alice = must_find(reader.users().find_external(kShopId, "alice"));
    CHECK(alice.id == kAliceId);
    CHECK(alice.metadata == R"({"a":1})");
    CHECK(alice.updated_at.milliseconds == 1001);
    CHECK(must(reader.users().list(kShopId, std::nullopt, 10)).size() == 3);
    CHECK(must(reader.channels().list(kShopId, std::nullopt, 10)).size() == 2);
    CHECK_FALSE(must(reader.channels().find_external(kShopId, "gone")));
    const Channel group = must_find(reader.channels().find_external(kShopId, "order_1"));
    CHECK(group.id == kGroupId);
    CHECK(group.rev == 6);
    CHECK(group.member_count == 2);
    const auto mine = must(reader.channels().list_of(kShopId, kBobId, std::nullopt, 10, 5));
    REQUIRE(mine.size() == 2);
    CHECK(mine[0].unread_count == 2);
    CHECK(mine[0].last_message->content == "the system says");
    CHECK(mine[1].members[0].user.id == kAliceId);
    CHECK(must(reader.members().list(kGroupId, std::nullopt, 10)).size() == 2);
}

void check_messages(Reader& reader) {
    const auto messages = must(reader.messages().page(kGroupId, {.from = 1, .to = 10, .ascending = true}, kAliceId));
    REQUIRE(messages.size() == 3);
    CHECK(messages[0].content == "hello");
    CHECK(messages[0].idempotency_key == "key-1");
    CHECK(messages[0].user.name == "Alice");
    CHECK_FALSE(messages[0].user.deleted);
    CHECK(messages[0].reactions.empty());
    CHECK(messages[1].edited_at->milliseconds == 1250);
    CHECK(messages[1].quoted_message->content == "hello");
    CHECK(messages[1].mentions[0].name == "Alice");
    CHECK(messages[1].metadata == R"({"c":3})");
    CHECK(messages[2].type == MessageType::system);
    CHECK(must(reader.messages().find_sent(kGroupId, kAliceId, "key-1"))->message.seq == 1);
    const Channel group = must_find(reader.channels().find(kShopId, kGroupId));
    const ChangePage page = must(reader.changes().page(group, kBobId, {.since = 2}));
    CHECK(page.messages.size() == 2);
    REQUIRE(page.members.size() == 1);
    CHECK(page.members[0].left);
    const auto receipts = must(reader.members().receipts(kGroupId, std::nullopt, 10));
    REQUIRE(receipts.size() == 2);
    CHECK(receipts[1].last_read_seq == 1);
    // What was read had been delivered.
    CHECK(receipts[1].last_delivered_seq == 1);
}

}  // namespace

TEST_CASE("sqlite: a database of the first version is upgraded and reads correctly") {
    const TemporaryFolder folder;
    const std::string path = folder.path("chat.db");
    write_first_version(path);
    for (int opened = 0; opened < 2; ++opened) {
        const auto storage = must(open_sqlite({.path = path}));
        CHECK(storage->epoch() == "first-epoch");
        const auto reader = must(storage->open_reader());
        REQUIRE(reader->begin().ok());
        check_users_and_channels(*reader);
        check_messages(*reader);
        reader->end();
        while (must(storage->maintain())) {
        }
    }
    // And it keeps working.
    const auto storage = must(open_sqlite({.path = path}));
    mutation::SendMessage send{.workspace = kShopId, .channel = kGroupId, .id = first_id<MessageId>(4, 9)};
    send.author = kBobId;
    send.content = "later";
    send.metadata = "{}";
    send.at = {4000};
    mutation::AddReaction react{.workspace = kShopId, .channel = kGroupId, .message = first_id<MessageId>(4, 1)};
    react.user = kBobId;
    react.emoji = "x";
    const std::vector<Mutation> batch{
        send, react, mutation::DeleteUser{.workspace = kShopId, .user = kAliceId, .at = {5000}}};
    for (const auto& answer : storage->commit(batch)) CHECK(answer.ok());
    const auto reader = must(storage->open_reader());
    REQUIRE(reader->begin().ok());
    const auto messages = must(reader->messages().page(kGroupId, {.from = 1, .to = 10, .ascending = true}, {}));
    REQUIRE(messages.size() == 4);
    CHECK(messages[0].user.deleted);
    CHECK(messages[0].reactions.size() == 1);
    reader->end();
}

TEST_CASE("sqlite: an old database with an old search index is upgraded, and everything in it is found") {
    const TemporaryFolder folder;
    const std::string path = folder.path("chat.db");
    write_first_version(path);
    run_sql_in(path, kTextsOfOldIndex);
    run_sql_in(path + "-search", kOldIndex);
    const auto storage = must(open_sqlite({.path = path, .search = true}));
    using Positions = std::vector<std::int64_t>;
    CHECK(found_by_bob(*storage, "еще") == Positions{1});
    CHECK(found_by_bob(*storage, "👍🏽") == Positions{1});
    CHECK(found_by_bob(*storage, "กินข้าว") == Positions{2});
    CHECK(found_by_bob(*storage, "单") == Positions{2});
    CHECK(found_by_bob(*storage, "system") == Positions{3});
}

TEST_CASE("sqlite: in a database of the tenth version, counts, emoji and devices work as in later ones") {
    const TemporaryFolder folder;
    const std::string path = folder.path("chat.db");
    write_tenth_version(path);
    const auto storage = must(open_sqlite({.path = path}));
    const auto reader = must(storage->open_reader());
    REQUIRE(reader->begin().ok());
    // Bob has read one of five messages; one of the others was unsent.
    CHECK(must_find(reader->channels().find_of(kShopId, kBobId, kGroupId, 0)).unread_count == 3);
    CHECK(must(reader->channels().unread_total(kShopId, kBobId)) == 3);
    const auto reacted = must_find(reader->messages().find(kGroupId, first_id<MessageId>(4, 1), kAliceId));
    REQUIRE(reacted.reactions.size() == 2);
    CHECK(reacted.reactions[0].emoji == "\U0001F44D");
    CHECK(reacted.reactions[1].emoji == "\u2764\uFE0F");
    CHECK(reacted.reactions[1].count == 2);
    CHECK(reacted.reactions[1].reacted_by_me);
    const auto reactions = must(reader->messages().reactions(kGroupId, reacted.id, {}, 10, kBobId)).records;
    REQUIRE(reactions.size() == 3);
    CHECK(reactions[0].at == reacted.created_at);
    CHECK(reactions[1].emoji == "\u2764\uFE0F");
    CHECK_FALSE(reactions[2].user);
    reader->end();

    mutation::RemoveReaction remove{.workspace = kShopId, .channel = kGroupId, .message = reacted.id, .user = kAliceId};
    remove.emoji = "\u2764";
    mutation::RegisterDevice device{.workspace = kShopId, .user = kAliceId, .token = "newest"};
    device.max_devices = 2;
    device.at = {3000};
    const auto answers = storage->commit(std::vector<Mutation>{remove, device});
    CHECK(object<Message>(must(answers[0])).reactions.size() == 2);
    REQUIRE(reader->begin().ok());
    const auto devices = must(reader->user_data().devices(kShopId, kAliceId, {}, 10)).records;
    REQUIRE(devices.size() == 2);
    CHECK(devices[0].token == "new");
    CHECK(devices[1].token == "newest");
    reader->end();
}

}  // namespace cariosan::test
