// Every step fails in turn: what was acknowledged is stored, what was not is not, and the storage keeps working.
#include "conformance/fault_scenario.hpp"

namespace cariosan::test {
namespace {

/// Runs the scenario on one storage repeatedly, under rules that fail ever later steps, until none fires.
class FaultRuns {
  public:
    explicit FaultRuns(std::unique_ptr<StorageKind> kind)
        : faults_(std::make_shared<StepSwitch>()),
          world_(std::move(kind), {.fail_step = StepSwitch::hook(faults_)}) {}

    /// False if the rule never fired.
    bool run(const StepSwitch::Rule& rule, bool reopen) {
        FaultScenario scenario(world_);
        scenario.prepare();
        faults_->arm(rule);
        scenario.run();
        const bool fired = faults_->fired() > 0;
        faults_->disarm();
        isolated_ += scenario.isolated();
        scenario.check();
        if (reopen) {
            world_.reopen({.fail_step = StepSwitch::hook(faults_)});
            scenario.check();
        }
        return fired;
    }

    int isolated() const { return isolated_; }

  private:
    int isolated_ = 0;
    std::shared_ptr<StepSwitch> faults_;
    World world_;
};

}  // namespace

STORAGE_TEST("acknowledged means stored whichever step fails") {
    FaultRuns runs(kind.make());
    std::int64_t step = 1;
    while (runs.run([step](std::int64_t number) { return number == step; }, true)) step += kind.step_stride;
    MESSAGE("steps: " << step);
    CHECK(step > 100);
}

STORAGE_TEST("acknowledged means stored when two steps fail") {
    FaultRuns runs(kind.make());
    for (const std::int64_t distance : {1, 2, 3, 5, 8, 13, 21, 34}) {
        std::int64_t step = 1;
        const auto rule = [&](std::int64_t number) { return number == step || number == step + distance; };
        while (runs.run(rule, false)) step += 3 * kind.step_stride;
    }
    // Only one mutation failed, and the rest of its batch was committed.
    CHECK(runs.isolated() > 10);
}

STORAGE_TEST("acknowledged means stored through an outage") {
    FaultRuns runs(kind.make());
    for (const std::int64_t length : {10, 40, 100'000}) {
        std::int64_t step = 1;
        const auto rule = [&](std::int64_t number) { return number >= step && number < step + length; };
        while (runs.run(rule, step % 5 == 1)) step += 5 * kind.step_stride;
    }
}

STORAGE_TEST("during an outage everything is refused as unavailable") {
    const auto faults = std::make_shared<StepSwitch>();
    World world(kind.make(), {.fail_step = StepSwitch::hook(faults)});
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group(users);
    const auto reader = world.open_reader();
    const std::string before = world.dump(group);
    const std::string epoch = world.storage().epoch();
    faults->arm([](std::int64_t) { return true; });
    for (const auto& answer :
         world.commit({world.message(group, users[0]), world.message(group, users[1])})) {
        CHECK(code_of(answer) == ErrorCode::unavailable);
        CHECK(answer.error().retryable);
    }
    CHECK(code_of(reader->begin()) == ErrorCode::unavailable);
    CHECK(code_of(world.storage().open_reader()) == ErrorCode::unavailable);
    CHECK_FALSE(world.storage().rotate_epoch().ok());
    CHECK(world.storage().epoch() == epoch);
    faults->disarm();
    CHECK(world.dump(group) == before);
    CHECK(world.send(group, users[0]).seq == 1);
}

STORAGE_TEST("a failed read reports an error and the next one works") {
    const auto faults = std::make_shared<StepSwitch>();
    World world(kind.make(), {.fail_step = StepSwitch::hook(faults)});
    const auto users = world.add_users(3);
    const ChannelId group = world.add_group(users);
    for (int i = 0; i < 5; ++i) {
        mutation::SendMessage send = world.message(group, users[0]);
        send.mentions = {{users[1], "", ""}};
        send.idempotency_key = "k" + std::to_string(i);
        world.run(send);
    }
    const auto reader = world.open_reader();
    const Channel channel = world.channel(group);
    // Each read is complete or an error, never partial.
    const auto expect = [](const auto& result, auto good) {
        if (result.ok()) {
            CHECK(good(*result));
        } else {
            CHECK(result.error().code == ErrorCode::unavailable);
        }
    };
    const auto size = [](std::size_t n) { return [n](const auto& list) { return list.size() == n; }; };
    const auto there = [](const auto& found) { return found.has_value(); };
    std::int64_t fired = 1;
    for (std::int64_t step = 1; fired > 0; ++step) {
        faults->arm([step](std::int64_t number) { return number == step; });
        for (int read = 0; read < 12; ++read) {
            if (!reader->begin().ok()) continue;
            Reader& r = *reader;
            if (read == 0) expect(r.workspaces().find(world.workspace), there);
            if (read == 1) expect(r.users().list(world.workspace, std::nullopt, 10), size(3));
            if (read == 2)
                expect(r.channels().list_of(world.workspace, users[0], {.limit = 10, .members = 5}), size(1));
            if (read == 3) expect(r.channels().find_of(world.workspace, users[0], group, 5), there);
            if (read == 4) expect(r.channels().positions_of(world.workspace, users[0]), size(1));
            if (read == 5) {
                expect(r.channels().unread_total(world.workspace, users[1]), [](auto n) { return n == 5; });
            }
            if (read == 6) expect(r.members().list(group, std::nullopt, 10), size(3));
            if (read == 7) expect(r.members().find(group, users[0]), there);
            if (read == 8) {
                expect(r.messages().page(group, {.from = 1, .to = 9}),
                       [](const auto& page) { return page.size() == 5 && page[4].mentions.size() == 1; });
            }
            if (read == 9) expect(r.messages().find_sent(group, users[0], "k3"), there);
            if (read == 10) expect(r.changes().count(group, 0, 100), [](auto n) { return n == 8; });
            if (read == 11) {
                expect(r.changes().page(channel, users[0], {}), [](const auto& page) {
                    return page.messages.size() == 5 && page.members.size() == 3 && !page.has_more;
                });
            }
            r.end();
        }
        fired = faults->fired();
        faults->disarm();
        REQUIRE(step < 1000);
    }
}

STORAGE_TEST("opening fails cleanly at every step") {
    std::int64_t fired = 1;
    for (std::int64_t step = 1; fired > 0; ++step) {
        const auto database = kind.make();
        const auto faults = std::make_shared<StepSwitch>();
        faults->arm([step](std::int64_t number) { return number == step; });
        const auto failed = database->open({.fail_step = StepSwitch::hook(faults)});
        fired = faults->fired();
        CHECK(failed.ok() == (fired == 0));
        if (!failed.ok()) CHECK(failed.error().code == ErrorCode::unavailable);
        if (failed.ok()) continue;
        // Half-created files do no harm.
        const auto storage = must(database->open({}));
        mutation::CreateWorkspace create;
        create.workspace.id = id_of<WorkspaceId>(1);
        create.api_key = "pk";
        const Mutation mutation = create;
        CHECK(storage->commit(std::span(&mutation, 1)).front().ok());
        REQUIRE(step < 1000);
    }
}

}  // namespace cariosan::test
