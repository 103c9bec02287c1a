// Deleted things leave SQLite's files: channels and workspaces by purging, users and what they wrote.
#include <sqlite3.h>

#include <fstream>
#include <iterator>

#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

struct Files {
    std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
    World world{std::make_unique<SqliteFile>(), {.clock = clock}};
    std::string path = world.kind().path("chat.db");

    bool hold(const std::string& text) const {
        for (const char* suffix : {"", "-wal"}) {
            std::ifstream file(path + suffix, std::ios::binary);
            const std::string all{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
            if (all.find(text) != std::string::npos) return true;
        }
        return false;
    }
    void maintain() {
        for (int i = 0; i < 3; ++i) {
            while (must(world.storage().maintain())) {
            }
            clock->advance(std::chrono::minutes(3));
        }
    }
    std::int64_t rows(const std::string& table) {
        sqlite3* db = nullptr;
        REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
        sqlite3_stmt* statement = nullptr;
        REQUIRE(sqlite3_prepare_v2(db, ("SELECT count(*) FROM " + table).c_str(), -1, &statement, nullptr) == SQLITE_OK);
        REQUIRE(sqlite3_step(statement) == SQLITE_ROW);
        const std::int64_t count = sqlite3_column_int64(statement, 0);
        sqlite3_finalize(statement);
        sqlite3_close(db);
        return count;
    }
};

/// A channel with a row in every table that belongs to it; its texts contain `secret`.
ChannelId make_conversation(World& world, WorkspaceId in, const std::string& secret) {
    const WorkspaceId home = std::exchange(world.workspace, in);
    const UserId alice = world.add_user("alice-" + secret);
    const UserId bob = world.add_user("bob-" + secret);
    const ChannelId group = world.add_group({alice, bob});
    mutation::SendMessage send = world.message(group, alice, "first-" + secret);
    send.mentions = {{bob, "", ""}};
    send.metadata = R"({"m":"metadata-)" + secret + "\"}";
    const Message message = object<Message>(world.run(send));
    world.run(world.reacting(message, bob, "emoji-" + secret));
    world.run(world.editing(message, alice, "second-" + secret));
    const Message unsent = world.send(group, bob, "third-" + secret);
    world.run(world.deleting(unsent, bob));
    world.run(world.silencing(bob, group));
    world.workspace = home;
    return group;
}

constexpr const char* kTables[] = {"messages", "mentions", "reactions", "reaction_counts", "members", "channels", "mutes"};

}  // namespace

TEST_CASE("sqlite: a deleted channel leaves nothing in the files") {
    Files files;
    const ChannelId group = make_conversation(files.world, files.world.workspace, "sesame");
    REQUIRE(files.hold("second-sesame"));
    files.world.run(mutation::DeleteChannel{
        .workspace = files.world.workspace, .channel = group, .at = files.world.tick()});
    files.maintain();
    for (const std::string text : {"first-", "second-", "third-", "metadata-", "emoji-"}) {
        CAPTURE(text);
        CHECK_FALSE(files.hold(text + "sesame"));
    }
    for (const std::string table : kTables) {
        CAPTURE(table);
        CHECK(files.rows(table) == 0);
    }
    CHECK(files.rows("search_jobs") == 0);
    CHECK(files.hold("alice-sesame"));  // the users still exist
}

TEST_CASE("sqlite: a deleted workspace leaves nothing in the files") {
    Files files;
    const WorkspaceId doomed = files.world.add_workspace();
    make_conversation(files.world, doomed, "sesame");
    make_conversation(files.world, files.world.workspace, "poppy");
    mutation::DeleteUser remove{.workspace = doomed, .at = files.world.tick()};
    remove.user = files.world.read(
        [&](Reader& r) { return must_find(r.users().find_external(doomed, "bob-sesame")).id; });
    files.world.run(remove);
    files.world.run(mutation::DeleteWorkspace{.workspace = doomed, .at = files.world.tick()});
    files.maintain();
    CHECK_FALSE(files.hold("sesame"));
    CHECK(files.hold("second-poppy"));
    CHECK(files.rows("workspaces") == 1);
    CHECK(files.rows("users") == 2);
    CHECK(files.rows("channels") == 1);
}

TEST_CASE("sqlite: what identified a deleted user leaves the files") {
    Files files;
    const UserId user = files.world.add_user("sesame");
    files.maintain();
    REQUIRE(files.hold("Name of sesame"));
    files.world.run(
        mutation::DeleteUser{.workspace = files.world.workspace, .user = user, .at = files.world.tick()});
    files.maintain();
    CHECK_FALSE(files.hold("sesame"));
    CHECK(files.rows("users") == 1);
}

TEST_CASE("sqlite: expired silences are deleted") {
    const auto clock = std::make_shared<ManualClock>();
    World world(std::make_unique<SqliteFile>(), {.clock = clock});
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group(users);
    const ChannelId gone = world.add_group(users);
    world.run(world.silencing(users[0]));
    world.run(world.silencing(users[0], gone));
    auto passing = world.silencing(users[1], group);
    passing.until = Timestamp{clock->now().milliseconds + 30'000};
    world.run(passing);
    world.run(mutation::DeleteChannel{.workspace = world.workspace, .channel = gone, .at = world.tick()});
    while (must(world.storage().maintain())) {
    }
    clock->advance(std::chrono::seconds(61));
    must(world.storage().maintain());
    world.close();
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(world.kind().path("chat.db").c_str(), &db) == SQLITE_OK);
    std::string counts;
    const auto add = [](void* text, int, char** values, char**) {
        *static_cast<std::string*>(text) += std::string(values[0]) + " ";
        return 0;
    };
    sqlite3_exec(db, "SELECT count(*) FROM mutes; SELECT mute_count FROM users ORDER BY id", add, &counts,
                 nullptr);
    sqlite3_close(db);
    CHECK(counts == "1 1 0 ");
}

}  // namespace cariosan::test
