// Backups made while batches are committed, by storages that make their own.
#include <filesystem>

#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

BackupProgress run_backup(Backup& backup) {
    BackupProgress progress;
    for (int steps = 0; !progress.finished; ++steps) {
        REQUIRE(steps < 10'000);
        progress = must(backup.step());
        CHECK(progress.done <= progress.total);
    }
    return progress;
}

/// Reads a channel of another storage.
std::string dump(Storage& storage, WorkspaceId workspace, ChannelId channel) {
    const auto reader = must(storage.open_reader());
    REQUIRE(reader->begin().ok());
    std::string text = show(must_find(reader->channels().find(workspace, channel))) + "\n";
    for (const Message& message :
         must(reader->messages().page(channel, {.from = 1, .to = 100'000, .limit = 100'000}))) {
        text += show(message) + "\n";
    }
    reader->end();
    return text;
}

}  // namespace

STORAGE_TEST("a backup made during writes is complete and has an epoch of its own") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group(users);
    const std::string text(3000, 'x');
    for (int batch = 0; batch < 10; ++batch) {
        std::vector<Mutation> mutations;
        for (int i = 0; i < 100; ++i) mutations.emplace_back(world.message(group, users[0], text));
        for (const auto& answer : world.commit(mutations)) REQUIRE(answer.ok());
    }
    const std::string path = world.kind().path("copy.db");
    auto backup = must(world.storage().begin_backup(path));
    CHECK(code_of(world.storage().begin_backup(world.kind().path("second.db"))) == ErrorCode::conflict);
    BackupProgress progress;
    int steps = 0;
    std::string before_last;
    while (!progress.finished) {
        before_last = dump(world.storage(), world.workspace, group);
        progress = must(backup->step());
        ++steps;
        REQUIRE(steps < 1000);
        if (progress.finished) break;
        // Both old and new pages.
        world.send(group, users[1], kOddText);
        world.run(world.reading(group, users[0]));
        must(world.storage().maintain());
    }
    CHECK(steps > 3);
    CHECK(progress.total > 0);
    CHECK(progress.done == progress.total);
    CHECK(must(backup->step()).finished);
    backup.reset();
    using std::filesystem::perms;
    CHECK((std::filesystem::status(path).permissions() & (perms::group_all | perms::others_all)) ==
          perms::none);
    CHECK_FALSE(std::filesystem::exists(path + "-wal"));
    CHECK_FALSE(std::filesystem::exists(path + ".partial"));
    world.send(group, users[0], "after the backup");

    const auto copy = must(world.kind().open_backup(path));
    CHECK(dump(*copy, world.workspace, group) == before_last);
    const std::string epoch = copy->epoch();
    CHECK(epoch != world.storage().epoch());
    CHECK(code_of(world.storage().begin_backup(path)) == ErrorCode::conflict);
    CHECK(run_backup(*must(world.storage().begin_backup(world.kind().path("second.db")))).finished);
}

STORAGE_TEST("an abandoned backup leaves nothing behind") {
    World world(kind.make());
    const auto users = world.add_users(1);
    const ChannelId group = world.add_group(users);
    for (int i = 0; i < 20; ++i) world.send(group, users[0], std::string(100'000, 'x'));
    const std::string path = world.kind().path("copy.db");
    {
        const auto backup = must(world.storage().begin_backup(path));
        CHECK_FALSE(must(backup->step()).finished);
    }
    CHECK_FALSE(std::filesystem::exists(path));
    CHECK_FALSE(std::filesystem::exists(path + ".partial"));
    CHECK(code_of(world.storage().begin_backup(world.kind().path("no-such-folder/copy.db"))) ==
          ErrorCode::unavailable);
    CHECK(run_backup(*must(world.storage().begin_backup(path))).finished);
    CHECK(std::filesystem::exists(path));
}

STORAGE_TEST("a backup fails cleanly at every step, and the storage keeps working") {
    std::int64_t fired = 1;
    for (std::int64_t step = 1; fired > 0; ++step) {
        REQUIRE(step < 100);
        std::int64_t count = 0;
        bool armed = false;
        fired = 0;
        const auto hook = [&](std::int64_t) {
            if (!armed || ++count != step) return false;
            ++fired;
            return true;
        };
        World world(kind.make(), {.fail_step = hook});
        const auto users = world.add_users(1);
        const ChannelId group = world.add_group(users);
        const std::string path = world.kind().path("copy.db");
        armed = true;
        bool finished = false;
        if (auto backup = world.storage().begin_backup(path); backup.ok()) {
            auto progress = (*backup)->step();
            finished = progress.ok() && progress->finished;
            if (!finished) CHECK_FALSE((*backup)->step().ok());
        }
        armed = false;
        CHECK(finished == (fired == 0));
        CHECK(std::filesystem::exists(path) == finished);
        CHECK(world.send(group, users[0]).seq == 1);
    }
}

}  // namespace cariosan::test
