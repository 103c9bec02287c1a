/// What the benches of `Storage::commit` share: a workspace, sends in batches, and our figures beside those of a bare loop.
#pragma once

#include <algorithm>
#include <cariosan/storage.hpp>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "bench/bench.hpp"

namespace cariosan::bench {

inline constexpr int kChannels = 1'000;
inline constexpr int kUsers = 1'000;
inline constexpr int kRounds = 5;
inline const std::string kText(100, 'x');

template <class T>
T must(Result<T> result) {
    if (result) return std::move(result).value();
    std::fprintf(stderr, "%s\n", result.error().message.c_str());
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
    int members = 0;  ///< of each channel
    WorkspaceId workspace;
    std::vector<UserId> users;
    std::vector<ChannelId> channels;
};

inline void commit_all(Storage& storage, const std::vector<Mutation>& batch) {
    for (auto& answer : storage.commit(batch)) must(std::move(answer));
    while (must(storage.maintain())) {
    }
}

/// Channel c has the users c, c + 1, … as members, so every user is in as many channels as a channel has members.
inline Place make_place(Storage& storage, int members = 50) {
    Place place;
    place.members = members;
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
        for (int m = 0; m < members; ++m) {
            channel.members.push_back(place.users[static_cast<std::size_t>((i + m) % kUsers)]);
        }
        channel.admin = channel.members[0];
        place.channels.push_back(channel.new_id);
        batch.emplace_back(channel);
    }
    commit_all(storage, batch);
    return place;
}

inline mutation::SendMessage make_send(const Place& place, std::mt19937& random) {
    const auto channel = random() % kChannels;
    mutation::SendMessage send;
    send.workspace = place.workspace;
    send.channel = place.channels[channel];
    send.id = make_id<MessageId>();
    send.author = place.users[(channel + random() % static_cast<unsigned>(place.members)) % kUsers];
    send.content = kText;
    send.metadata = "{}";
    send.idempotency_key = make_id<MessageId>().to_string();
    send.at = {static_cast<std::int64_t>(1'700'000'000'000 + random() % 1000)};
    return send;
}

inline std::vector<std::vector<Mutation>> make_batches(const Place& place, std::size_t size, std::size_t count,
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

/// Prints one line for batches of this size. `run_round` commits the batches to both and returns the bare loop's times and ours.
template <class RunRound>
void compare_sends(const Place& place, int size, RunRound run_round) {
    const int count = std::clamp(10'000 / size, 60, 1'000);
    std::vector<double> bare_rates, our_rates, ratios, bare_cpu, our_cpu, each;
    for (unsigned round = 0; round < kRounds; ++round) {
        const auto batches = make_batches(place, static_cast<std::size_t>(size), static_cast<std::size_t>(count), round);
        const auto [bare, ours] = run_round(batches);
        const double messages = static_cast<double>(size) * count;
        bare_rates.push_back(messages / bare.seconds);
        our_rates.push_back(messages / ours.seconds);
        ratios.push_back(bare.seconds / ours.seconds);
        bare_cpu.push_back(bare.cpu * 1e6 / messages);
        our_cpu.push_back(ours.cpu * 1e6 / messages);
        each.insert(each.end(), ours.each.begin(), ours.each.end());
    }
    std::ranges::sort(each);
    std::printf("batch %3d   bare %7.0f/s (%5.1f us cpu)   ours %7.0f/s (%5.1f us cpu)   ratio %.2f", size,
                median(bare_rates), median(bare_cpu), median(our_rates), median(our_cpu), median(ratios));
    std::printf("   commit p50 %6.0f us  p99 %6.0f us\n", percentile(each, 0.5), percentile(each, 0.99));
}

}  // namespace cariosan::bench
