// Readers on other threads while batches are committed: each sees complete commits only.
#include <atomic>
#include <thread>

#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

/// What must be true in every snapshot. Returns the first fault, or nothing; runs on threads where doctest's macros
/// must not be used.
std::string fault_in(Reader& reader, WorkspaceId workspace, ChannelId id, UserId viewer) {
    const auto channel = reader.channels().find(workspace, id);
    if (!channel.ok() || !*channel) return "channel not found";
    const Channel& present = **channel;
    const auto newest = reader.messages().page(id, {.from = 1, .to = present.last_seq + 10, .limit = 20});
    if (!newest.ok()) return newest.error().message;
    if (present.last_seq > 0 && (newest->empty() || newest->front().seq != present.last_seq))
        return "torn history";
    for (std::size_t i = 1; i < newest->size(); ++i) {
        if ((*newest)[i].seq != (*newest)[i - 1].seq - 1) return "a hole in the history";
    }
    const auto changes = reader.changes().page(present, viewer, {.since = present.rev - 5});
    if (!changes.ok()) return changes.error().message;
    if (changes->rev != present.rev || changes->has_more) return "changes do not reach the revision";
    if (changes->messages.size() + changes->members.size() != 5) return "a revision without an object";
    const auto mine = reader.channels().find_of(workspace, viewer, id, 5);
    if (!mine.ok() || !*mine) return "not in my channels";
    if ((*mine)->channel.rev != present.rev) return "my channels are of another snapshot";
    if ((*mine)->unread_count != present.last_seq - (*mine)->last_read_seq) return "wrong unread count";
    return "";
}

}  // namespace

STORAGE_TEST("readers on other threads see complete commits") {
    World world(kind.make());
    const auto users = world.add_users(3);
    std::vector<ChannelId> channels;
    for (int i = 0; i < 3; ++i) channels.push_back(world.add_group(users));
    for (const ChannelId& channel : channels) {
        for (int i = 0; i < 5; ++i) world.send(channel, users[0]);
    }
    std::atomic<bool> stop{false};
    std::atomic<int> snapshots{0};
    std::vector<std::string> faults(3);
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < faults.size(); ++t) {
        threads.emplace_back([&, t, reader = std::shared_ptr<Reader>(world.open_reader())] {
            std::size_t turn = t;
            while (!stop && faults[t].empty()) {
                if (!reader->begin().ok()) faults[t] = "begin";
                if (faults[t].empty()) {
                    faults[t] =
                        fault_in(*reader, world.workspace, channels[turn++ % channels.size()], users[1]);
                }
                reader->end();
                ++snapshots;
            }
        });
    }
    // Until the readers have seen enough, however slow they are.
    for (int batch = 0; batch < 60 || snapshots < 300; ++batch) {
        std::vector<Mutation> mutations;
        for (std::size_t i = 0; i < 16; ++i) {
            mutations.emplace_back(world.message(channels[i % channels.size()], users[i % 2], kOddText));
        }
        mutations.emplace_back(world.reading(channels[0], users[1]));
        for (const auto& answer : world.commit(mutations)) CHECK(answer.ok());
        must(world.storage().maintain());
        bool failed = false;
        for (const std::string& fault : faults) failed = failed || (stop && !fault.empty());
        if (failed || batch > 20'000) break;
    }
    stop = true;
    for (std::thread& thread : threads) thread.join();
    for (const std::string& fault : faults) CHECK(fault == "");
    CHECK(snapshots >= 300);
}

STORAGE_TEST("readers are opened and closed while batches are committed") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group(users);
    std::atomic<int> errors{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 2; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 20; ++i) {
                const auto reader = world.storage().open_reader();
                if (!reader.ok() || !(*reader)->begin().ok()) {
                    ++errors;
                    continue;
                }
                if (!(*reader)->channels().find(world.workspace, group).ok()) ++errors;
                if (world.storage().epoch().empty()) ++errors;
                // Destroyed inside its snapshot.
            }
        });
    }
    for (int i = 0; i < 30; ++i) {
        world.send(group, users[0]);
        if (i % 10 == 0) must(world.storage().rotate_epoch());
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(errors == 0);
}

STORAGE_TEST("checkpoints work despite readers and keep the log bounded") {
    World world(kind.make());
    const auto users = world.add_users(1);
    const ChannelId group = world.add_group(users);
    std::atomic<bool> stop{false};
    std::atomic<int> errors{0};
    const auto reader = world.open_reader();
    std::thread thread([&] {
        while (!stop) {
            if (!reader->begin().ok() || !reader->messages().page(group, {.from = 1, .to = 50}).ok())
                ++errors;
            reader->end();
        }
    });
    const std::string text(16'000, 'x');
    std::uintmax_t longest = 0;
    // A storage that keeps no log of its own has nothing to bound.
    const int batches = world.kind().log_bytes() > 0 ? 120 : 12;
    for (int batch = 0; batch < batches; ++batch) {
        std::vector<Mutation> mutations;
        for (int i = 0; i < 64; ++i) mutations.emplace_back(world.message(group, users[0], text));
        for (const auto& answer : world.commit(mutations)) CHECK(answer.ok());
        must(world.storage().maintain());
        longest = std::max(longest, world.kind().log_bytes());
    }
    stop = true;
    thread.join();
    CHECK(errors == 0);
    // 120 MB were written; the log restarts at about 64 MB.
    CHECK(longest < 90'000'000U);
    CHECK(world.channel(group).last_seq == batches * 64);
}

}  // namespace cariosan::test
