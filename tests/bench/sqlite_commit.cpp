// What `Storage::commit` costs compared with a bare SQLite loop that runs the same statements in the same batches, and the
// cost of the adapter's reads. Prints figures and judges nothing.
//
//   sqlite_commit DIRECTORY [sends [BATCH...]]
//   sqlite_commit DIRECTORY reads [MESSAGES]
#include <cariosan/adapters/sqlite.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <random>
#include <utility>

#include "bench/bare_sqlite.hpp"
#include "bench/bench.hpp"

using namespace cariosan;

namespace {

constexpr int kChannels = 1'000;
constexpr int kUsers = 1'000;
constexpr int kMembers = 50;
constexpr int kRounds = 5;
const std::string kText(100, 'x');

template <class T>
T must(Result<T> result) {
    if (result) return std::move(result).value();
    std::fprintf(stderr, "sqlite_commit: %s\n", result.error().message.c_str());
    std::exit(1);
}
/// Version 7 in form: sorted by creation time, like real ones.
template <class IdType>
IdType make_id() {
    static std::uint64_t next = 0;
    IdType id;
    ++next;
    for (std::size_t i = 0; i < 6; ++i) id.uuid.bytes[5 - i] = static_cast<std::uint8_t>(next >> (8 * i));
    id.uuid.bytes[6] = 0x70;
    id.uuid.bytes[8] = 0x80;
    for (std::size_t i = 9; i < 16; ++i)
        id.uuid.bytes[i] = static_cast<std::uint8_t>(next * 2'654'435'761U >> i);
    return id;
}

struct Place {
    WorkspaceId workspace;
    std::vector<UserId> users;
    std::vector<ChannelId> channels;
};

void commit_all(Storage& storage, const std::vector<Mutation>& batch) {
    for (auto& answer : storage.commit(batch)) must(std::move(answer));
    while (must(storage.maintain())) {
    }
}

/// Channel c has the users c, c + 1, … as members, so every user is in 50 channels.
Place make_place(Storage& storage) {
    Place place;
    mutation::CreateWorkspace workspace;
    workspace.workspace.id = place.workspace = make_id<WorkspaceId>();
    workspace.api_key = "pk";
    commit_all(storage, {workspace});
    std::vector<Mutation> batch;
    for (int i = 0; i < kUsers; ++i) {
        mutation::UpsertUser user;
        user.workspace = place.workspace;
        user.new_id = make_id<UserId>();
        user.external_id = "user_" + std::to_string(i);
        user.name = "User " + std::to_string(i);
        user.metadata = "{}";
        place.users.push_back(user.new_id);
        batch.emplace_back(user);
    }
    commit_all(storage, batch);
    batch.clear();
    for (int i = 0; i < kChannels; ++i) {
        mutation::CreateChannel channel;
        channel.workspace = place.workspace;
        channel.new_id = make_id<ChannelId>();
        channel.external_id = "channel_" + std::to_string(i);
        channel.name = "Channel " + std::to_string(i);
        channel.metadata = "{}";
        for (int m = 0; m < kMembers; ++m) {
            channel.members.push_back(place.users[static_cast<std::size_t>((i + m) % kUsers)]);
        }
        channel.admin = channel.members[0];
        place.channels.push_back(channel.new_id);
        batch.emplace_back(channel);
    }
    commit_all(storage, batch);
    return place;
}

mutation::SendMessage make_send(const Place& place, std::mt19937& random) {
    const auto channel = random() % kChannels;
    mutation::SendMessage send;
    send.workspace = place.workspace;
    send.channel = place.channels[channel];
    send.id = make_id<MessageId>();
    send.author = place.users[(channel + random() % kMembers) % kUsers];
    send.content = kText;
    send.metadata = "{}";
    send.idempotency_key = make_id<MessageId>().to_string();
    send.at = {static_cast<std::int64_t>(1'700'000'000'000 + random() % 1000)};
    return send;
}

std::vector<std::vector<Mutation>> make_batches(const Place& place, std::size_t size, std::size_t count,
                                                unsigned seed) {
    std::mt19937 random(seed);
    std::vector<std::vector<Mutation>> batches(count);
    for (auto& batch : batches) {
        for (std::size_t i = 0; i < size; ++i) batch.emplace_back(make_send(place, random));
    }
    return batches;
}

/// Time and CPU time of one side's commits.
struct Spent {
    double seconds = 0;
    double cpu = 0;
    std::vector<double> each;  ///< in microseconds

    template <class Commit>
    void time(Commit commit) {
        const std::clock_t cpu_start = std::clock();
        const auto start = std::chrono::steady_clock::now();
        commit();
        const bench::Microseconds took = std::chrono::steady_clock::now() - start;
        cpu += static_cast<double>(std::clock() - cpu_start) / CLOCKS_PER_SEC;
        seconds += took.count() / 1e6;
        each.push_back(took.count());
    }
};

/// A copy of the prepared database under another name.
std::string fresh(const std::string& folder, const std::string& name) {
    const std::string path = folder + "/" + name;
    std::filesystem::copy_file(folder + "/origin.db", path,
                               std::filesystem::copy_options::overwrite_existing);
    std::filesystem::remove(path + ".mark");
    return path;
}

/// The same batches for both, alternating, so that other load on the machine affects both alike.
std::pair<Spent, Spent> run_round(const std::string& folder,
                                  const std::vector<std::vector<Mutation>>& batches) {
    bench::BareLoop bare(fresh(folder, "bare.db"));
    const auto storage = must(open_sqlite({.path = fresh(folder, "ours.db")}));
    std::pair<Spent, Spent> spent;
    for (const auto& batch : batches) {
        spent.first.time([&] { bare.commit(batch); });
        spent.second.time([&] {
            auto answers = storage->commit(batch);
            must(std::move(answers.back()));
            must(storage->maintain());
        });
    }
    return spent;
}

void bench_sends(const std::string& folder, const std::vector<int>& sizes) {
    std::filesystem::remove(folder + "/origin.db");
    const Place place = make_place(*must(open_sqlite({.path = folder + "/origin.db"})));
    std::printf("Storage::commit beside a bare loop with the same SQL, synchronous=FULL, 1,000 channels\n");
    for (const int size : sizes) {
        const int count = std::clamp(10'000 / size, 60, 1'000);
        std::vector<double> bare_rates, our_rates, ratios, bare_cpu, our_cpu, each;
        for (unsigned round = 0; round < kRounds; ++round) {
            const auto batches =
                make_batches(place, static_cast<std::size_t>(size), static_cast<std::size_t>(count), round);
            const auto [bare, ours] = run_round(folder, batches);
            const double messages = static_cast<double>(size) * count;
            bare_rates.push_back(messages / bare.seconds);
            our_rates.push_back(messages / ours.seconds);
            ratios.push_back(bare.seconds / ours.seconds);
            bare_cpu.push_back(bare.cpu * 1e6 / messages);
            our_cpu.push_back(ours.cpu * 1e6 / messages);
            each.insert(each.end(), ours.each.begin(), ours.each.end());
        }
        std::ranges::sort(each);
        std::printf("batch %3d   bare %7.0f/s (%5.1f us cpu)   ours %7.0f/s (%5.1f us cpu)   ratio %.2f",
                    size, bench::median(bare_rates), bench::median(bare_cpu), bench::median(our_rates),
                    bench::median(our_cpu), bench::median(ratios));
        std::printf("   commit p50 %6.0f us  p99 %6.0f us\n", bench::percentile(each, 0.5),
                    bench::percentile(each, 0.99));
    }
}

/// A user in many channels: the list must find its newest fifty.
UserId add_busy_user(Storage& storage, const Place& place, int channels) {
    mutation::UpsertUser user;
    user.workspace = place.workspace;
    user.new_id = make_id<UserId>();
    user.external_id = "busy_" + std::to_string(channels);
    user.name = "Busy";
    user.metadata = "{}";
    commit_all(storage, {user});
    std::vector<Mutation> batch;
    for (int i = 0; i < channels; ++i) {
        mutation::CreateChannel channel;
        channel.workspace = place.workspace;
        channel.new_id = make_id<ChannelId>();
        channel.external_id = user.external_id + "_" + std::to_string(i);
        channel.metadata = "{}";
        channel.members = {user.new_id, place.users[static_cast<std::size_t>(i % kUsers)]};
        channel.at = {1'600'000'000'000 + i * 977 % 100'000};
        batch.emplace_back(channel);
    }
    commit_all(storage, batch);
    return user.new_id;
}

void bench_reads(const std::string& folder, int messages) {
    const auto storage = must(open_sqlite({.path = folder + "/reads.db"}));
    const Place place = make_place(*storage);
    std::mt19937 random(7);
    const auto start = std::chrono::steady_clock::now();
    std::vector<std::optional<MessageId>> parents(kChannels);
    for (int sent = 0; sent < messages;) {
        std::vector<Mutation> batch;
        for (int i = 0; i < 256 && sent < messages; ++i, ++sent) {
            mutation::SendMessage send = make_send(place, random);
            const auto channel = static_cast<std::size_t>(
                std::ranges::lower_bound(place.channels, send.channel) - place.channels.begin());
            if (random() % 4 == 0) send.parent = parents[channel];
            parents[channel] = send.id;
            if (random() % 20 == 0) send.mentions = {{place.users[channel], "", ""}};
            batch.emplace_back(std::move(send));
        }
        commit_all(*storage, batch);
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    const UserId thousand = add_busy_user(*storage, place, 1'000);
    const UserId ten_thousand = add_busy_user(*storage, place, 10'000);
    std::printf("reads at %d messages over 1,000 channels (filled in %.0f s, %.0f bytes a message)\n",
                messages, took.count(),
                static_cast<double>(std::filesystem::file_size(folder + "/reads.db")) / messages);

    const auto reader = must(storage->open_reader());
    const auto in_snapshot = [&](const char* what, int count, auto read) {
        bench::print_latency(what, bench::time_each(count, [&](int) {
                                 must(reader->begin());
                                 read();
                                 reader->end();
                             }));
    };
    const auto pick = [&] { return place.channels[random() % kChannels]; };
    const auto user = [&] { return place.users[random() % kUsers]; };
    const auto my_channels = [&](UserId id) {
        if (must(reader->channels().list_of(place.workspace, id, {.limit = 50, .members = 5})).size() != 50)
            std::exit(1);
    };
    in_snapshot("history, newest 50", 5'000, [&] {
        const ChannelId id = pick();
        const auto channel = must(reader->channels().find(place.workspace, id));
        must(reader->messages().page(id, {.from = 1, .to = channel->last_seq, .limit = 50}));
    });
    in_snapshot("history, 50 anywhere", 5'000, [&] {
        const ChannelId id = pick();
        const auto channel = must(reader->channels().find(place.workspace, id));
        const auto to = static_cast<std::int64_t>(random() % static_cast<unsigned>(channel->last_seq + 1));
        must(reader->messages().page(id, {.from = 1, .to = to, .limit = 50}));
    });
    in_snapshot("my channels, 50 of 50, 5 members each", 5'000, [&] { my_channels(user()); });
    in_snapshot("my channels, 50 of 50, no members", 5'000,
                [&] { must(reader->channels().list_of(place.workspace, user(), {.limit = 50, .members = 0})); });
    in_snapshot("my channels, 50 of 1,000", 500, [&] { my_channels(thousand); });
    in_snapshot("my channels, 50 of 10,000", 100, [&] { my_channels(ten_thousand); });
    in_snapshot("changes after 10 missed", 5'000, [&] {
        const auto channel = must(reader->channels().find(place.workspace, pick()));
        must(reader->changes().count(channel->id, channel->rev - 10, 1'001));
        must(reader->changes().page(*channel, user(), {.since = channel->rev - 10}));
    });
    in_snapshot("changes, a page of 100", 5'000, [&] {
        const auto channel = must(reader->channels().find(place.workspace, pick()));
        must(reader->changes().page(*channel, user(), {.since = channel->rev - 500}));
    });
    in_snapshot("unread total over 50 channels", 5'000,
                [&] { must(reader->channels().unread_total(place.workspace, user())); });
}

}  // namespace

int main(int argc, char** argv) {
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    cariosan::switch_off_sqlite_memory_statistics();
    if (argc < 2) {
        std::fprintf(stderr, "usage: sqlite_commit DIRECTORY [sends [BATCH...] | reads [MESSAGES]]\n");
        return 2;
    }
    const std::string part = argc > 2 ? argv[2] : "sends";
    if (part == "sends") {
        std::vector<int> sizes;
        for (int i = 3; i < argc; ++i) sizes.push_back(std::max(1, std::atoi(argv[i])));
        if (sizes.empty()) sizes = {1, 64, 256};
        bench_sends(argv[1], sizes);
    }
    if (part == "reads") bench_reads(argv[1], argc > 3 ? std::atoi(argv[3]) : 1'000'000);
    return 0;
}
