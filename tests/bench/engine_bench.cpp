// What the engine costs over SQLite, in one process: durable sends by 1, 64 and 256 concurrent senders, and the three
// questions every client asks, on a database of a million messages. Prints figures; judges nothing.
//
//   engine_bench DIRECTORY [MESSAGES] [sends|reads]
#include <cariosan/adapters/openssl.hpp>
#include <cariosan/adapters/sqlite.hpp>
#include <cariosan/engine.hpp>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <latch>
#include <random>
#include <string>
#include <system_error>
#include <thread>

#include "bench/bench.hpp"

using namespace cariosan;

namespace {

constexpr int kChannels = 1'000;
constexpr int kUsers = 1'000;
constexpr int kMembersPerChannel = 50;

/// One message in so many holds a word that the others do not.
constexpr int kRareEvery = 1'000;

std::string user_name(int number) { return "user_" + std::to_string(number); }
std::string channel_name(int number) { return "channel_" + std::to_string(number); }

template <class T>
T must(Result<T> result) {
    if (result) return std::move(result).value();
    std::fprintf(stderr, "engine_bench: %s\n", result.error().message.c_str());
    std::exit(1);
}

std::unique_ptr<Engine> open_engine(const std::string& path) {
    EngineOptions options;
    options.storage = must(open_sqlite({.path = path}));
    options.crypto = openssl_crypto();
    options.rates.enabled = false;
    return must(Engine::open(std::move(options)));
}

struct World {
    std::unique_ptr<Engine> engine;
    WorkspaceId workspace;

    Caller user(int number) const { return Caller::user(workspace, user_name(number)); }
    Caller backend() const { return Caller::backend(workspace); }
};

World make_world(const std::string& path) {
    World world{open_engine(path), {}};
    world.workspace = must(world.engine->run(Caller::host(), CreateWorkspace{.name = "Bench"})).id;
    for (int i = 0; i < kUsers; ++i) {
        UpsertUser user;
        user.external_id = user_name(i);
        user.name = "User " + std::to_string(i);
        must(world.engine->run(world.backend(), user));
    }
    for (int i = 0; i < kChannels; ++i) {
        CreateChannel channel;
        channel.external_id = channel_name(i);
        channel.name = "Channel " + std::to_string(i);
        for (int m = 0; m < kMembersPerChannel; ++m) channel.member_external_ids.push_back(user_name((i + m * 20) % kUsers));
        must(world.engine->run(world.backend(), channel));
    }
    return world;
}

SendMessage message(int channel, std::string key) {
    SendMessage send;
    send.channel = channel_name(channel);
    send.content = "Halo kak, pesanannya sudah saya kirim lewat kurir pagi ini ya. Mohon ditunggu, terima kasih banyak!";
    send.idempotency_key = std::move(key);
    return send;
}

/// Keys as clients mint them: ordered by time.
std::string key_of(std::int64_t number) {
    char key[40];
    std::snprintf(key, sizeof key, "0190f000-0000-7000-8000-%012llx", static_cast<unsigned long long>(number));
    return key;
}

/// `senders` clients, each with one send in flight, until `count` sends are done. Answers sends per second.
double send_concurrently(World& world, int senders, int count, std::int64_t first_key, std::vector<double>& latencies) {
    std::atomic<int> started{0};
    std::latch finished(count);
    latencies.assign(static_cast<std::size_t>(count), 0);
    std::function<void(int)> next = [&](int sender) {
        const int number = started++;
        if (number >= count) return;
        const auto start = std::chrono::steady_clock::now();
        const int channel = (sender * 7) % kChannels;
        SendMessage send = message(channel, key_of(first_key + number));
        if (number % kRareEvery == 0) send.content += " Langka.";
        world.engine->submit(world.user(channel), std::move(send),
                             [&, sender, number, start](Result<Message> sent) {
                                 must(std::move(sent));
                                 latencies[static_cast<std::size_t>(number)] =
                                     bench::Microseconds(std::chrono::steady_clock::now() - start).count();
                                 next(sender);
                                 finished.count_down();
                             });
    };
    const auto start = std::chrono::steady_clock::now();
    for (int sender = 0; sender < senders; ++sender) next(sender);
    finished.wait();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    std::ranges::sort(latencies);
    return count / seconds;
}

void bench_sends(const std::string& directory) {
    World world = make_world(directory + "/sends.db");
    std::int64_t key = 1;
    for (const int senders : {1, 64, 256}) {
        std::vector<double> rates;
        std::vector<double> p50;
        std::vector<double> p99;
        const int count = senders == 1 ? 5'000 : 40'000;
        const Metrics before = world.engine->metrics();
        for (int round = 0; round < 5; ++round) {
            std::vector<double> latencies;
            rates.push_back(send_concurrently(world, senders, count, key, latencies));
            key += count;
            p50.push_back(bench::percentile(latencies, 0.5));
            p99.push_back(bench::percentile(latencies, 0.99));
        }
        const Metrics after = world.engine->metrics();
        const double batch = static_cast<double>(after.mutations - before.mutations) /
                             static_cast<double>(after.commits - before.commits);
        std::printf("durable sends, %3d senders   %8.0f /s   p50 %7.0f us   p99 %7.0f us   %4.0f a batch   (median of 5)\n",
                    senders, bench::median(rates), bench::median(p50), bench::median(p99), batch);
        std::fflush(stdout);
    }
}

double file_bytes(const std::string& path) {
    std::error_code missing;
    const auto bytes = std::filesystem::file_size(path, missing);
    return missing ? 0 : static_cast<double>(bytes);
}

void bench_search(World& world, const std::string& path, int messages) {
    SendMessage last = message(0, "last");
    last.content = "penanda";
    const auto start = std::chrono::steady_clock::now();
    must(world.engine->run(world.user(0), last));
    while (must(world.engine->run(world.user(0), SearchMessages{.q = last.content, .channel = {}, .range = {}})).items.empty()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    std::printf("the index had caught up after %.1f s; %.0f bytes on disk per message with it\n",
                std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(),
                (file_bytes(path) + file_bytes(path + "-search")) / messages);
    std::mt19937 random(43);
    const auto search = [&](const char* name, const char* q, bool inside) {
        bench::print_latency(name, bench::time_each(500, [&](int) {
            const int number = static_cast<int>(random() % kChannels);
            SearchMessages command{.q = q, .channel = {}, .range = {.limit = 20, .cursor = {}}};
            if (inside) command.channel = channel_name(number);
            must(world.engine->run(world.user(number), command));
        }));
    };
    search("search: a rare word", "langka", false);
    search("search: the commonest word", "sudah", false);
    search("search: the commonest word, one channel", "sudah", true);
    search("search: the beginning of the commonest word", "sud", false);
}

void bench_reads(const std::string& directory, int messages) {
    const std::string path = directory + "/reads.db";
    World world = make_world(path);
    std::vector<double> latencies;
    send_concurrently(world, 1'000, messages, 1, latencies);
    std::printf("%d messages in %d channels; %.0f bytes on disk per message\n", messages, kChannels,
                static_cast<double>(std::filesystem::file_size(path)) / messages);
    std::mt19937 random(42);
    const auto pick = [&] { return static_cast<int>(random() % kChannels); };
    constexpr int kRounds = 5'000;
    bench::print_latency("history page (50 newest)", bench::time_each(kRounds, [&](int) {
        const int channel = pick();
        ListMessages list;
        list.channel = channel_name(channel);
        must(world.engine->run(world.user(channel), list));
    }));
    bench::print_latency("history page (50, in the middle)", bench::time_each(kRounds, [&](int) {
        const int channel = pick();
        ListMessages list;
        list.channel = channel_name(channel);
        list.before = "seq:" + std::to_string(messages / kChannels / 2);
        must(world.engine->run(world.user(channel), list));
    }));
    bench::print_latency("my channels (50)", bench::time_each(kRounds, [&](int) {
        must(world.engine->run(world.user(pick()), ListMyChannels{}));
    }));
    const std::string epoch = world.engine->epoch();
    bench::print_latency("changes after 10 missed", bench::time_each(kRounds, [&](int) {
        const int number = pick();
        const Channel channel = must(world.engine->run(world.backend(), GetChannel{channel_name(number)}));
        GetChanges changes;
        changes.channel = channel.id;
        changes.since = channel.rev - 10;
        changes.receipts_since = channel.receipt_rev;
        changes.epoch = epoch;
        must(world.engine->run(world.user(number), changes));
    }));
    std::printf("  (each includes two hand-overs between threads; the last one also reads the channel)\n");
    bench_search(world, path, messages);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: engine_bench DIRECTORY [MESSAGES] [sends|reads]\n");
        return 2;
    }
    const std::string directory = argv[1];
    const int messages = argc > 2 ? std::atoi(argv[2]) : 1'000'000;
    const std::string part = argc > 3 ? argv[3] : "";
    if (part != "reads") bench_sends(directory);
    if (part != "sends") bench_reads(directory, messages);
    return 0;
}
