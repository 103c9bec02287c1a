// The disk under SQLite fails, call by call: what was acknowledged is stored, what was not is not.
#include <filesystem>
#include <fstream>

#include "conformance/fault_scenario.hpp"
#include "conformance/faulty_disk.hpp"

namespace cariosan::test {
namespace {

int code_for(DiskCall call) {
    switch (call) {
        case DiskCall::write: return SQLITE_IOERR_WRITE;
        case DiskCall::sync: return SQLITE_IOERR_FSYNC;
        case DiskCall::truncate: return SQLITE_IOERR_TRUNCATE;
        case DiskCall::open: return SQLITE_CANTOPEN;
        case DiskCall::remove: return SQLITE_IOERR_DELETE;
    }
    return SQLITE_IOERR;
}

std::string reason_of(const Error& error) {
    const ErrorDetail* reason = error.detail("reason");
    return reason == nullptr ? "" : std::get<std::string>(reason->value);
}

/// Runs the scenario under a rule, then closes the database and checks it again without faults.
std::int64_t run(FaultyDisk& disk, World& world, bool reopen, const FaultyDisk::Rule& rule) {
    FaultScenario scenario(world);
    scenario.prepare();
    disk.arm(rule);
    scenario.run();
    const std::int64_t fired = disk.fired();
    disk.disarm();
    scenario.check();
    if (reopen) {
        world.reopen();
        scenario.check();
    }
    return fired;
}

}  // namespace

TEST_CASE("sqlite: acknowledged means stored whichever disk call fails") {
    std::string name;
    std::int64_t calls = 0;
    SUBCASE("with gathered pages") {
        name = "unix-faulty";
        calls = 15;
    }
    SUBCASE("with pages written one by one") {
        name = "faulty";
        calls = 50;
    }
    FaultyDisk disk(name.c_str());
    World world(std::make_unique<SqliteFile>());
    std::int64_t call = 1;
    while (run(disk, world, call % 3 == 0, [&](DiskCall kind, std::int64_t number) {
               return number == call ? code_for(kind) : SQLITE_OK;
           }) > 0) {
        ++call;
    }
    CHECK(call > calls);
}

TEST_CASE("sqlite: acknowledged means stored while syncs fail or the disk is full") {
    FaultyDisk disk;
    World world(std::make_unique<SqliteFile>());
    const auto from = [&](DiskCall failing, int code) {
        for (std::int64_t first = 1; first < 100; first += 7) {
            run(disk, world, true, [&](DiskCall kind, std::int64_t number) {
                return kind == failing && number >= first ? code : SQLITE_OK;
            });
        }
    };
    from(DiskCall::sync, SQLITE_IOERR_FSYNC);
    from(DiskCall::write, SQLITE_FULL);
    from(DiskCall::write, SQLITE_IOERR_WRITE);
}

TEST_CASE("sqlite: a full disk refuses all writes, and the storage works again once there is space") {
    FaultyDisk disk;
    World world(std::make_unique<SqliteFile>());
    const auto users = world.add_users(1);
    const ChannelId group = world.add_group(users);
    disk.arm([](DiskCall kind, std::int64_t) { return kind == DiskCall::write ? SQLITE_FULL : SQLITE_OK; });
    const auto answers = world.commit({world.message(group, users[0]), world.message(group, users[0])});
    for (const auto& answer : answers) {
        CHECK(code_of(answer) == ErrorCode::unavailable);
        CHECK(answer.error().retryable);
        CHECK(answer.error().message == "the server's storage is full");
        CHECK(reason_of(answer.error()) == "storage_full");
        CHECK(answer.error().cause.find("database or disk is full") != std::string::npos);
    }
    CHECK(reason_of(world.storage().probe().error()) == "storage_full");
    // Readers are not affected.
    CHECK(world.channel(group).last_seq == 0);
    disk.disarm();
    CHECK(world.storage().probe().ok());
    CHECK(world.send(group, users[0]).seq == 1);
    world.reopen();
    CHECK(world.channel(group).last_seq == 1);
}

TEST_CASE("sqlite: a file that becomes read-only is unavailable, not lost") {
    FaultyDisk disk;
    World world(std::make_unique<SqliteFile>());
    const auto users = world.add_users(1);
    const ChannelId group = world.add_group(users);
    disk.arm([](DiskCall, std::int64_t) { return SQLITE_READONLY; });
    const auto refused = world.attempt(world.message(group, users[0]));
    CHECK(code_of(refused) == ErrorCode::unavailable);
    CHECK(reason_of(refused.error()) == "storage_read_only");
    CHECK(refused.error().message.find("SQL") == std::string::npos);
    disk.disarm();
    CHECK(world.send(group, users[0]).seq == 1);
}

TEST_CASE("sqlite: a probe writes, so it fails whenever a commit would") {
    FaultyDisk disk;
    World world(std::make_unique<SqliteFile>());
    CHECK(world.storage().probe().ok());
    std::int64_t syncs = 0;
    disk.arm([&](DiskCall kind, std::int64_t) {
        syncs += kind == DiskCall::sync ? 1 : 0;
        return SQLITE_OK;
    });
    CHECK(world.storage().probe().ok());
    CHECK(syncs > 0);
    disk.arm([](DiskCall kind, std::int64_t) { return kind == DiskCall::sync ? SQLITE_IOERR_FSYNC : SQLITE_OK; });
    CHECK(reason_of(world.storage().probe().error()) == "storage_failing");
    disk.disarm();
    CHECK(world.storage().probe().ok());
}

TEST_CASE("sqlite: after a failed commit, a probe also requires space for an ordinary one") {
    FaultyDisk disk;
    World world(std::make_unique<SqliteFile>());
    const auto users = world.add_users(1);
    const ChannelId group = world.add_group(users);
    const std::string room = world.kind().path("chat.db.room");
    CHECK(world.storage().probe().ok());
    std::filesystem::create_directory(room);  // makes reserving space fail
    CHECK(world.storage().probe().ok());
    disk.arm([](DiskCall kind, std::int64_t) { return kind == DiskCall::write ? SQLITE_FULL : SQLITE_OK; });
    CHECK_FALSE(world.attempt(world.message(group, users[0])).ok());
    disk.disarm();
    const auto probed = world.storage().probe();
    REQUIRE_FALSE(probed.ok());
    CHECK(probed.error().message.find(room) == std::string::npos);
    CHECK(probed.error().cause.find(room) != std::string::npos);
    std::filesystem::remove(room);
    CHECK(world.storage().probe().ok());
    CHECK_FALSE(std::filesystem::exists(room));
}

TEST_CASE("sqlite: the first probe after a start requires space for a commit too") {
    World world(std::make_unique<SqliteFile>());
    world.close();
    const std::string room = world.kind().path("chat.db.room");
    std::filesystem::create_directory(room);
    world.reopen();
    CHECK_FALSE(world.storage().probe().ok());
    std::filesystem::remove(room);
    CHECK(world.storage().probe().ok());
}

TEST_CASE("sqlite: a database opens for reading while the disk accepts no writes") {
    FaultyDisk disk;
    World world(std::make_unique<SqliteFile>());
    const auto users = world.add_users(1);
    const ChannelId group = world.add_group(users);
    world.send(group, users[0]);
    const std::string epoch = world.storage().epoch();
    world.close();
    // The mark cannot be written either: a folder has the name of its replacement.
    const std::string mark = world.kind().path("chat.db.mark");
    std::filesystem::create_directory(mark + ".new");

    bool same = true;
    SUBCASE("with the same epoch") {}
    SUBCASE("with a new epoch, which is written before anything else") {
        same = false;
        std::ofstream(mark) << "cariosan-mark-1 another 1\n";
    }
    disk.arm([](DiskCall kind, std::int64_t) { return kind == DiskCall::write ? SQLITE_FULL : SQLITE_OK; });
    world.reopen();
    CHECK(world.channel(group).last_seq == 1);
    const std::string opened_with = world.storage().epoch();
    CHECK((opened_with == epoch) == same);
    CHECK(reason_of(world.attempt(world.message(group, users[0])).error()) == "storage_full");
    if (!same) CHECK_FALSE(world.storage().maintain().ok());
    disk.disarm();
    std::filesystem::remove(mark + ".new");
    CHECK(world.send(group, users[0]).seq == 2);
    CHECK(world.storage().epoch() == opened_with);
    world.reopen();
    CHECK(world.storage().epoch() == opened_with);
}

}  // namespace cariosan::test
