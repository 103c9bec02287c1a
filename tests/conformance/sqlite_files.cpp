// SQLite only: the files beside the database, older copies, versions, restoring.
#include <sqlite3.h>

#include <cariosan/adapters/sqlite.hpp>
#include <filesystem>
#include <fstream>

#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

namespace fs = std::filesystem;

/// Runs SQL on a closed database, as another program would.
void with_sqlite(const std::string& path, const char* sql) {
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
    const int code = sqlite3_exec(db, sql, nullptr, nullptr, nullptr);
    sqlite3_close(db);
    REQUIRE(code == SQLITE_OK);
}

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void write_file(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
}

void copy(const std::string& from, const std::string& to) {
    fs::copy_file(from, to, fs::copy_options::overwrite_existing);
}

std::string epoch_of(const std::string& path) { return must(open_sqlite({.path = path}))->epoch(); }

struct Conversation {
    Conversation() : world(std::make_unique<SqliteFile>()) {
        users = world.add_users(2);
        group = world.add_group(users);
        path = world.kind().path("chat.db");
    }
    World world;
    std::vector<UserId> users;
    ChannelId group;
    std::string path;
};

void back_up(Storage& storage, const std::string& path) {
    const auto backup = must(storage.begin_backup(path));
    while (!must(backup->step()).finished) {
    }
}

}  // namespace

TEST_CASE("SQLite keeps no memory statistics if they were switched off before its first use") {
    const bool switched_off = switch_off_sqlite_memory_statistics();  // fails if another case ran before in this process
    const auto storage = must(open_sqlite({.path = ":memory:"}));
    if (switched_off) CHECK(sqlite3_memory_used() == 0);
    CHECK_FALSE(switch_off_sqlite_memory_statistics());
}

TEST_CASE("sqlite: unsent text leaves the files within ten minutes") {
    const auto clock = std::make_shared<ManualClock>();
    World world(std::make_unique<SqliteFile>(), {.clock = clock});
    const std::string path = world.kind().path("chat.db");
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group(users);
    const auto has = [&](const std::string& text) {
        return read_file(path).find(text) != std::string::npos ||
               read_file(path + "-wal").find(text) != std::string::npos;
    };
    // One text within a page, and one that needs overflow pages.
    mutation::SendMessage send = world.message(group, users[0], "short-secret");
    send.metadata = R"({"hidden":"metadata-secret"})";
    const Message small = object<Message>(world.run(send));
    const Message large = world.send(group, users[0], std::string(7000, 'x') + "long-secret");
    world.send(group, users[0], "plain text");
    must(world.storage().maintain());
    clock->advance(std::chrono::minutes(6));
    must(world.storage().maintain());
    REQUIRE(has("short-secret"));
    world.run(world.deleting(small, users[0]));
    world.run(world.deleting(large, users[0]));
    must(world.storage().maintain());
    CHECK(has("short-secret"));  // in the log, so the checks of the files below are meaningful
    clock->advance(std::chrono::minutes(6));
    must(world.storage().maintain());
    CHECK_FALSE(has("short-secret"));
    CHECK_FALSE(has("metadata-secret"));
    CHECK_FALSE(has("long-secret"));
    CHECK(has("plain text"));
}

TEST_CASE("sqlite: a reader that stays only delays the removal of text") {
    const auto clock = std::make_shared<ManualClock>();
    World world(std::make_unique<SqliteFile>(), {.clock = clock});
    const std::string log = world.kind().path("chat.db-wal");
    const auto users = world.add_users(1);
    const Message message = world.send(world.add_group(users), users[0], "short-secret");
    world.run(world.deleting(message, users[0]));
    must(world.storage().maintain());
    clock->advance(std::chrono::minutes(6));
    const auto reader = world.open_reader();
    REQUIRE(reader->begin().ok());
    must(world.storage().maintain());
    CHECK(read_file(log).find("short-secret") != std::string::npos);
    reader->end();
    clock->advance(std::chrono::seconds(11));
    must(world.storage().maintain());
    CHECK(read_file(log).empty());
}

TEST_CASE("sqlite: only one process can own a database") {
    Conversation chat;
    const auto second = open_sqlite({.path = chat.path});
    REQUIRE_FALSE(second.ok());
    CHECK(second.error().code == ErrorCode::conflict);
    CHECK(second.error().message.find("PostgreSQL") != std::string::npos);
    CHECK(restore_sqlite(chat.path, chat.path).error().code == ErrorCode::conflict);
    chat.world.close();
    CHECK(open_sqlite({.path = chat.path}).ok());
}

TEST_CASE("sqlite: only the owner of the files may read them") {
    Conversation chat;
    chat.world.send(chat.group, chat.users[0]);
    for (const char* suffix : {"", "-wal", "-shm", ".lock", ".mark"}) {
        CAPTURE(suffix);
        REQUIRE(fs::exists(chat.path + suffix));
        const auto permissions = fs::status(chat.path + suffix).permissions();
        CHECK((permissions & (fs::perms::group_all | fs::perms::others_all)) == fs::perms::none);
    }
    chat.world.close();
    CHECK_FALSE(fs::exists(chat.path + "-wal"));
}

TEST_CASE("sqlite: a database that cannot be opened says why") {
    TemporaryFolder folder;
    CHECK(open_sqlite({.path = ""}).error().code == ErrorCode::misuse);
    const auto nowhere = open_sqlite({.path = folder / "no/such/folder.db"});
    REQUIRE_FALSE(nowhere.ok());
    CHECK(nowhere.error().code == ErrorCode::unavailable);
    CHECK(nowhere.error().message.find("no/such/folder.db") != std::string::npos);
    CHECK(open_sqlite({.path = folder / ""}).error().code == ErrorCode::unavailable);
    write_file(folder / "text.db", std::string(5000, 'x'));
    CHECK(open_sqlite({.path = folder / "text.db"}).error().code == ErrorCode::misuse);
    with_sqlite(folder / "other.db", "CREATE TABLE t (a)");
    const std::string before = read_file(folder / "other.db");
    const auto foreign = open_sqlite({.path = folder / "other.db"});
    REQUIRE_FALSE(foreign.ok());
    CHECK(foreign.error().code == ErrorCode::misuse);
    CHECK(foreign.error().message.find("another program") != std::string::npos);
    CHECK(read_file(folder / "other.db") == before);
}

TEST_CASE("sqlite: a database of a newer version is refused and not touched") {
    Conversation chat;
    chat.world.close();
    with_sqlite(chat.path, "PRAGMA user_version = 1000");
    const std::string before = read_file(chat.path);
    const auto refused = open_sqlite({.path = chat.path});
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == ErrorCode::misuse);
    CHECK(refused.error().message.find("newer version") != std::string::npos);
    CHECK(read_file(chat.path) == before);
    // The lock was released.
    CHECK(open_sqlite({.path = chat.path}).error().code == ErrorCode::misuse);
}

TEST_CASE("sqlite: an empty file becomes a database") {
    TemporaryFolder folder;
    write_file(folder / "empty.db", "");
    CHECK(open_sqlite({.path = folder / "empty.db"}).ok());
}

TEST_CASE("sqlite: the mark is written every second while there are commits") {
    const auto clock = std::make_shared<ManualClock>();
    World world(std::make_unique<SqliteFile>(), {.clock = clock});
    const std::string mark = world.kind().path("chat.db.mark");
    const auto users = world.add_users(1);
    const ChannelId group = world.add_group(users);
    const std::string first = read_file(mark);
    const auto maintain = [&](int milliseconds) {
        clock->advance(std::chrono::milliseconds(milliseconds));
        must(world.storage().maintain());
        return read_file(mark);
    };
    CHECK(maintain(999) == first);
    const std::string second = maintain(1);
    CHECK(second != first);
    CHECK(maintain(5000) == second);
    world.send(group, users[0]);
    CHECK(maintain(10) != second);
    world.send(group, users[0]);
    const std::string third = read_file(mark);
    CHECK(maintain(900) == third);
    world.close();
    CHECK(read_file(mark) != third);
    CHECK_FALSE(fs::exists(mark + ".new"));
}

TEST_CASE("sqlite: an older copy of the database gets a new epoch") {
    Conversation chat;
    const std::string epoch = chat.world.storage().epoch();
    chat.world.close();
    copy(chat.path, chat.path + ".old");
    CHECK(epoch_of(chat.path) == epoch);
    chat.world.reopen();
    chat.world.send(chat.group, chat.users[0]);
    chat.world.close();
    copy(chat.path, chat.path + ".new");
    CHECK(epoch_of(chat.path) == epoch);

    copy(chat.path + ".old", chat.path);
    const std::string second = epoch_of(chat.path);
    CHECK(second != epoch);
    CHECK(epoch_of(chat.path) == second);
    // The replaced file comes back: it now belongs to another epoch.
    copy(chat.path + ".new", chat.path);
    const std::string third = epoch_of(chat.path);
    CHECK(third != epoch);
    CHECK(third != second);
    // A copy from before a rotation.
    copy(chat.path, chat.path + ".old");
    must(must(open_sqlite({.path = chat.path}))->rotate_epoch());
    copy(chat.path + ".old", chat.path);
    CHECK(epoch_of(chat.path) != third);
}

TEST_CASE("sqlite: an unreadable mark causes a new epoch, and a missing one does not") {
    Conversation chat;
    const std::string epoch = chat.world.storage().epoch();
    chat.world.close();
    fs::remove(chat.path + ".mark");
    CHECK(epoch_of(chat.path) == epoch);
    write_file(chat.path + ".mark", "cariosan-mar");
    CHECK(epoch_of(chat.path) != epoch);
}

TEST_CASE("sqlite: a backup put in place by hand gets a new epoch once") {
    Conversation chat;
    const std::string epoch = chat.world.storage().epoch();
    back_up(chat.world.storage(), chat.path + ".backup");
    chat.world.close();
    const std::string elsewhere = chat.world.kind().path("elsewhere.db");
    copy(chat.path + ".backup", elsewhere);
    const std::string first = epoch_of(elsewhere);
    CHECK(first != epoch);
    CHECK(epoch_of(elsewhere) == first);
    copy(chat.path + ".backup", elsewhere);
    CHECK(epoch_of(elsewhere) != first);
}

TEST_CASE("sqlite: a backup is restored with a new epoch") {
    Conversation chat;
    chat.world.send(chat.group, chat.users[0], kOddText);
    const std::string epoch = chat.world.storage().epoch();
    const std::string content = chat.world.dump(chat.group);
    back_up(chat.world.storage(), chat.path + ".backup");
    chat.world.send(chat.group, chat.users[0], "later");
    chat.world.close();
    // As if the process with the old one had been killed: its log still exists.
    write_file(chat.path + "-wal", "not a log");
    REQUIRE(restore_sqlite(chat.path + ".backup", chat.path).ok());
    for (const char* suffix : {"-wal", ".before-restore", ".before-restore-wal", ".restoring"}) {
        CAPTURE(suffix);
        CHECK_FALSE(fs::exists(chat.path + suffix));
    }
    CHECK((fs::status(chat.path).permissions() & fs::perms::others_all) == fs::perms::none);
    chat.world.reopen();
    CHECK(chat.world.dump(chat.group) == content);
    const std::string second = chat.world.storage().epoch();
    CHECK(second != epoch);
    chat.world.reopen();
    CHECK(chat.world.storage().epoch() == second);
    chat.world.close();
    // To a path without a database.
    const std::string fresh = chat.world.kind().path("fresh.db");
    REQUIRE(restore_sqlite(chat.path + ".backup", fresh).ok());
    CHECK(epoch_of(fresh) != second);
}

TEST_CASE(
    "sqlite: the log of a killed process is not lost by a restore that fails and not applied by one that "
    "works") {
    Conversation chat;
    back_up(chat.world.storage(), chat.path + ".backup");
    chat.world.send(chat.group, chat.users[0], "in the log");
    // A copy of the files while the database is open, as a kill would leave them.
    const std::string killed = chat.world.kind().path("killed.db");
    copy(chat.path, killed);
    copy(chat.path + "-wal", killed + "-wal");
    REQUIRE(fs::file_size(killed + "-wal") > 0);
    write_file(killed + ".broken", "no database at all");
    CHECK(restore_sqlite(killed + ".broken", killed).error().code == ErrorCode::misuse);
    CHECK(restore_sqlite(killed + ".missing", killed).error().code == ErrorCode::not_found);
    REQUIRE(fs::exists(killed + "-wal"));
    REQUIRE(restore_sqlite(chat.path + ".backup", killed).ok());
    CHECK_FALSE(fs::exists(killed + "-wal"));
    const auto storage = must(open_sqlite({.path = killed}));
    const auto reader = must(storage->open_reader());
    REQUIRE(reader->begin().ok());
    CHECK(must_find(reader->channels().find(chat.world.workspace, chat.group)).last_seq == 0);
}

TEST_CASE("sqlite: a damaged backup is not restored") {
    Conversation chat;
    for (int i = 0; i < 50; ++i) chat.world.send(chat.group, chat.users[0], std::string(2000, 'x'));
    const std::string backup = chat.path + ".backup";
    back_up(chat.world.storage(), backup);
    chat.world.close();
    std::string bytes = read_file(backup);
    REQUIRE(bytes.size() > 60'000);
    for (std::size_t i = 20'000; i < 45'000; ++i) bytes[i] = static_cast<char>(bytes[i] + 1);
    write_file(backup, bytes);
    const std::string before = read_file(chat.path);
    CHECK_FALSE(restore_sqlite(backup, chat.path).ok());
    CHECK(read_file(chat.path) == before);
    CHECK_FALSE(fs::exists(chat.path + ".restoring"));
    CHECK(open_sqlite({.path = chat.path}).ok());
}

TEST_CASE("sqlite: a memory database leaves no file") {
    TemporaryFolder folder;
    REQUIRE(setenv("TMPDIR", (folder / "").c_str(), 1) == 0);
    {
        const auto storage = must(open_sqlite({.path = ":memory:"}));
        const auto other = must(open_sqlite({.path = ":memory:"}));
        CHECK(storage->epoch() != other->epoch());
    }
    unsetenv("TMPDIR");
    CHECK(fs::is_empty(folder / ""));
    CHECK_FALSE(fs::exists(":memory:"));
}

}  // namespace cariosan::test
