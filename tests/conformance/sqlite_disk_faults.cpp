// The disk itself made to fail below SQLite, call by call: what was acknowledged is stored, what was not is not.
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

/// Runs the scenario under a rule, and looks at the database again after closing it without faults.
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

TEST_CASE("sqlite: acknowledged means stored whichever call of the disk fails") {
    FaultyDisk disk;
    World world(std::make_unique<SqliteFile>());
    std::int64_t call = 1;
    while (run(disk, world, call % 3 == 0, [&](DiskCall kind, std::int64_t number) {
               return number == call ? code_for(kind) : SQLITE_OK;
           }) > 0) {
        ++call;
    }
    CHECK(call > 50);
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

TEST_CASE("sqlite: a disk that is full refuses everything and works on when there is room") {
    FaultyDisk disk;
    World world(std::make_unique<SqliteFile>());
    const auto users = world.add_users(1);
    const ChannelId group = world.add_group(users);
    disk.arm([](DiskCall kind, std::int64_t) { return kind == DiskCall::write ? SQLITE_FULL : SQLITE_OK; });
    const auto answers = world.commit({world.message(group, users[0]), world.message(group, users[0])});
    for (const auto& answer : answers) {
        CHECK(code_of(answer) == ErrorCode::unavailable);
        CHECK(answer.error().retryable);
    }
    // Readers are not concerned.
    CHECK(world.channel(group).last_seq == 0);
    disk.disarm();
    CHECK(world.send(group, users[0]).seq == 1);
    world.reopen();
    CHECK(world.channel(group).last_seq == 1);
}

TEST_CASE("sqlite: a file that turns read-only under the storage is unavailable, not lost") {
    FaultyDisk disk;
    World world(std::make_unique<SqliteFile>());
    const auto users = world.add_users(1);
    const ChannelId group = world.add_group(users);
    disk.arm([](DiskCall, std::int64_t) { return SQLITE_READONLY; });
    CHECK(code_of(world.attempt(world.message(group, users[0]))) == ErrorCode::unavailable);
    disk.disarm();
    CHECK(world.send(group, users[0]).seq == 1);
}

}  // namespace cariosan::test
