// Counting unread messages takes a bounded number of steps. These are instructions of SQLite's virtual machine, not time.
#include <sqlite3.h>

#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

/// Counts the instructions of every statement that any connection of this process runs during its lifetime.
class InstructionCounter {
  public:
    InstructionCounter() { sqlite3_auto_extension(reinterpret_cast<void (*)()>(&watch)); }
    ~InstructionCounter() { sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(&watch)); }
    InstructionCounter(const InstructionCounter&) = delete;
    InstructionCounter& operator=(const InstructionCounter&) = delete;

    template <class Run>
    std::int64_t count(Run run) {
        total() = 0;
        run();
        return total();
    }

  private:
    /// SQLite passes no context to the function that it calls for a new connection.
    static std::int64_t& total() {
        static std::int64_t instructions = 0;
        return instructions;
    }
    static int watch(sqlite3* db, char**, const void*) {
        return sqlite3_trace_v2(db, SQLITE_TRACE_PROFILE, &add, nullptr);
    }
    static int add(unsigned, void*, void* statement, void*) {
        total() += sqlite3_stmt_status(static_cast<sqlite3_stmt*>(statement), SQLITE_STMTSTATUS_VM_STEP, 1);
        return 0;
    }
};

struct UnreadWorld : World {
    UnreadWorld() : World(std::make_unique<SqliteFile>()) {}

    std::vector<UserId> users = add_users(3);
    std::vector<ChannelId> groups;

    /// Groups in each of which this many messages of the first user are unread.
    void add_groups(int count, int messages) {
        for (int i = 0; i < count; ++i) {
            groups.push_back(add_group(users));
            std::vector<Mutation> batch;
            for (int n = 0; n < messages; ++n) batch.emplace_back(message(groups.back(), users[0]));
            for (const auto& answer : commit(batch)) REQUIRE(answer.ok());
        }
    }
    /// The channels with unread messages of a user who wrote nothing.
    void look_for_author(UserId user) {
        read([&](Reader& r) { return must(r.channels().unread_by(workspace, user, users[2], 64)); });
    }
    std::int64_t list_and_total(UserId user) {
        return read([&](Reader& r) {
            must(r.channels().list_of(workspace, user, {.limit = 100, .members = 0}));
            return must(r.channels().unread_total(workspace, user));
        });
    }
};

}  // namespace

TEST_CASE("sqlite: unread messages cost no more to count than read ones, if nothing was unsent and nobody is blocked") {
    InstructionCounter instructions;
    UnreadWorld world;
    world.add_groups(20, 1);
    const auto few = instructions.count([&] { world.list_and_total(world.users[1]); });
    for (const ChannelId group : world.groups) {
        std::vector<Mutation> batch;
        for (int n = 0; n < 200; ++n) batch.emplace_back(world.message(group, world.users[0]));
        world.commit(batch);
    }
    CHECK(world.list_and_total(world.users[1]) == 20 * 201);
    CHECK(instructions.count([&] { world.list_and_total(world.users[1]); }) <= few);
}

TEST_CASE("sqlite: counting unread messages takes a bounded number of steps, whatever was blocked or unsent") {
    InstructionCounter instructions;
    UnreadWorld world;
    world.run(world.blocking(world.users[1], world.users[2]));
    // Eight ranges of 2,500 use up the budget of long ranges; further ones cost what any channel costs.
    world.add_groups(8, 2500);
    const auto steps = [&](UserId user) { return instructions.count([&] { world.list_and_total(user); }); };
    const auto looked = [&] { return instructions.count([&] { world.look_for_author(world.users[1]); }); };
    const std::int64_t used_up = steps(world.users[1]);
    const std::int64_t looked_up = looked();
    world.add_groups(8, 2500);
    const std::int64_t twice = steps(world.users[1]);
    MESSAGE("steps of a viewer who has blocked someone: " << used_up << ", with twice as many: " << twice);
    CHECK(twice < used_up + used_up / 4);
    const std::int64_t looked_twice = looked();
    MESSAGE("steps to find where an author is unread: " << looked_up << ", with twice as many: " << looked_twice);
    CHECK(looked_twice < looked_up + looked_up / 4);
}

TEST_CASE("sqlite: while a user is being erased, counting unread messages is bounded, and free for other workspaces") {
    InstructionCounter instructions;
    UnreadWorld world;
    world.add_groups(8, 2500);
    const auto steps = [&](UserId user) { return instructions.count([&] { world.list_and_total(user); }); };
    const std::int64_t before = steps(world.users[1]);
    const WorkspaceId here = world.workspace;
    world.workspace = world.add_workspace();
    const UserId stranger = world.add_user("stranger", world.workspace);
    world.run(mutation::DeleteUser{.workspace = world.workspace, .user = stranger, .erase = true, .at = world.tick()});
    world.workspace = here;
    CHECK(steps(world.users[1]) <= before);
    const UserId leaving = world.add_user("leaving");
    world.run(mutation::DeleteUser{.workspace = here, .user = leaving, .erase = true, .at = world.tick()});
    const std::int64_t used_up = steps(world.users[1]);
    world.add_groups(8, 2500);
    const std::int64_t twice = steps(world.users[1]);
    MESSAGE("steps: " << before << ", while someone is erased: " << used_up << ", with twice as many: " << twice);
    CHECK(twice < used_up + used_up / 4);
}

}  // namespace cariosan::test
