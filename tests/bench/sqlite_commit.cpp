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
#include "bench/commit_bench.hpp"

using namespace cariosan;
using namespace cariosan::bench;

namespace {

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
        compare_sends(place, size, [&](const auto& batches) { return run_round(folder, batches); });
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
