// A database written by an earlier version is upgraded by all later migrations and reads correctly.
#include <cariosan/adapters/sqlite.hpp>
#include <chrono>
#include <thread>

#include "conformance/old_databases.hpp"
#include "conformance/searching.hpp"
#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

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
    const auto mine = must(reader.channels().list_of(kShopId, kBobId, {.limit = 10, .members = 5}));
    REQUIRE(mine.size() == 2);
    CHECK(mine[0].unread_count == 2);
    CHECK(mine[0].last_message->content == "the system says");
    CHECK(mine[1].members[0].user.id == kAliceId);
    CHECK(must(reader.members().list(kGroupId, std::nullopt, 10)).size() == 2);
}

/// In every version Alice has muted the group, and nobody anything else.
void check_preferences(Reader& reader) {
    const PreferencesRead alices = must(reader.channels().preferences_of(kShopId, kAliceId, 0, 10));
    CHECK(alices.preferences_rev == 1);
    REQUIRE(alices.channels.size() == 1);
    CHECK(alices.channels[0].channel_id == kGroupId);
    CHECK(alices.channels[0].preferences == Preferences{.muted = true, .preferences_rev = 1});
    const PreferencesRead bobs = must(reader.channels().preferences_of(kShopId, kBobId, 0, 10));
    CHECK(bobs.preferences_rev == 0);
    CHECK(bobs.channels.empty());
    CHECK(must(reader.channels().list_of(kShopId, kAliceId, {.limit = 10, .archived = true})).empty());
    CHECK(must(reader.channels().list_of(kShopId, kAliceId, {.limit = 10})).size() == 2);
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
    CHECK(messages[1].mentions[0].spans.empty());
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

/// What came with the tenth version: unread counts, one form of an emoji, devices, blocks.
void check_tenth_rows(Reader& reader) {
    // Bob has read one of five messages; one of the others was unsent.
    CHECK(must_find(reader.channels().find_of(kShopId, kBobId, kGroupId, 0)).unread_count == 3);
    CHECK(must(reader.channels().unread_total(kShopId, kBobId)) == 3);
    const auto reacted = must_find(reader.messages().find(kGroupId, first_id<MessageId>(4, 1), kAliceId));
    REQUIRE(reacted.reactions.size() == 2);
    CHECK(reacted.reactions[0].emoji == "\U0001F44D");
    CHECK(reacted.reactions[1].emoji == "\u2764\uFE0F");
    CHECK(reacted.reactions[1].count == 2);
    CHECK(reacted.reactions[1].reacted_by_me);
    const auto reactions = must(reader.messages().reactions(kGroupId, reacted.id, {}, 10, kBobId)).records;
    REQUIRE(reactions.size() == 3);
    CHECK(reactions[0].at == reacted.created_at);
    CHECK(reactions[1].emoji == "\u2764\uFE0F");
    CHECK_FALSE(reactions[2].user);
    CHECK(must(reader.user_data().devices(kShopId, kAliceId, {}, 10)).records.size() == 2);
    CHECK(must(reader.blocks().of(kShopId, kBobId)).users.size() == 1);
}

/// What came with the fourteenth: moderation, silences, webhooks, pushes, several secrets.
void check_fourteenth_rows(Reader& reader) {
    const ModerationSettings settings = must(reader.workspaces().moderation(kShopId));
    CHECK(settings.enabled);
    CHECK(settings.blocklist == std::vector<std::string>{"rude"});
    const auto records = must(reader.moderation().list(kShopId, {})).records;
    REQUIRE(records.size() == 1);
    CHECK(records[0].excerpt == "so ****");
    CHECK(must(reader.silences().find(kGroupId, kBobId, {4000})).silenced);
    const auto webhooks = must(reader.outbox().list(kShopId, std::nullopt, 10));
    REQUIRE(webhooks.size() == 1);
    CHECK(webhooks[0].url == "https://hooks.example.org/");
    CHECK(must(reader.outbox().deliveries(webhooks[0].id, std::nullopt, 10)).items.size() == 1);
    CHECK(must(reader.push().backlog()).pending == 1);
    CHECK(must_find(reader.workspaces().find_api_key("pk_test_1")).secrets.size() == 2);
}

void check_twenty_fourth_rows(Reader& reader) {
    const auto reports = must(reader.moderation().reports(kShopId, {})).reports;
    REQUIRE(reports.size() == 1);
    CHECK(reports[0].reason == "spam");
    CHECK(must(reader.messages().names_file("shop/2026/01/0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b/a.png")));
}

/// It signs as before, and can be replaced.
void check_secret_of_webhook(Storage& storage) {
    const Uuid worker = first_id<EventId>(9, 1).uuid;
    const auto lease = [&] {
        const std::vector<Mutation> batch{mutation::LeaseWebhooks{.owner = worker, .now = {5000}, .until = {5001}, .limit = 10}};
        const auto leased = object<LeasedWebhooks>(must(storage.commit(batch).at(0))).webhooks;
        REQUIRE(leased.size() == 1);
        return leased[0];
    };
    const LeasedWebhook before = lease();
    CHECK(before.secrets == std::vector<SigningSecret>{{.text = "whsec"}});
    const std::vector<Mutation> rotate{
        mutation::RotateWebhookSecret{.workspace = kShopId, .webhook = before.id, .secret = "newer", .at = {5000}}};
    CHECK(must(storage.commit(rotate).at(0)).changed);
    CHECK(lease().secrets.size() == 2);
}

}  // namespace

TEST_CASE("sqlite: a database of any earlier version, with data in every table, is upgraded and reads correctly") {
    for (std::size_t version = 1; version < present_version(); ++version) {
        CAPTURE(version);
        const TemporaryFolder folder;
        const std::string path = folder / "chat.db";
        write_version(path, version);
        if (version + 1 == present_version()) CHECK(empty_tables(path) == std::vector<std::string>());
        const auto storage = must(open_sqlite({.path = path}));
        CHECK(storage->epoch() == "first-epoch");
        const auto reader = must(storage->open_reader());
        REQUIRE(reader->begin().ok());
        if (version < kTenthVersion) {
            check_users_and_channels(*reader);
            check_messages(*reader);
        } else {
            check_tenth_rows(*reader);
        }
        if (version >= kFourteenthVersion) check_fourteenth_rows(*reader);
        if (version >= kTwentyFourthVersion) check_twenty_fourth_rows(*reader);
        CHECK(must(reader->messages().erased_files(0, 10)).size() == (version >= kTwentyFifthVersion ? 1 : 0));
        check_preferences(*reader);
        reader->end();
        if (version >= kFourteenthVersion) check_secret_of_webhook(*storage);
    }
}

TEST_CASE("sqlite: a database of the first version is upgraded and reads correctly") {
    const TemporaryFolder folder;
    const std::string path = folder / "chat.db";
    write_version(path, 1);
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
    const std::string path = folder / "chat.db";
    write_version(path, 1);
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
    const std::string path = folder / "chat.db";
    write_version(path, kTenthVersion);
    const auto storage = must(open_sqlite({.path = path}));
    const auto reader = must(storage->open_reader());
    REQUIRE(reader->begin().ok());
    check_tenth_rows(*reader);
    const MessageId reacted = first_id<MessageId>(4, 1);
    reader->end();

    mutation::RemoveReaction remove{.workspace = kShopId, .channel = kGroupId, .message = reacted, .user = kAliceId};
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
