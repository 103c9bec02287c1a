// The cost of the engine in one process: durable sends by 1, 64 and 256 concurrent senders, with and without the search index, and
// common reads, on a database of a million messages. Prints figures and judges nothing.
//
//   engine_bench DIRECTORY [MESSAGES] [sends|reads|following]
//   engine_bench postgres://... 0 sends      an empty database for it alone
#include <cariosan/adapters/openssl.hpp>
#include <cariosan/adapters/postgres.hpp>
#include <cariosan/adapters/sqlite.hpp>
#include <cariosan/engine.hpp>

#include <atomic>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <functional>
#include <latch>
#include <random>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>

#include "bench/bench.hpp"

using namespace cariosan;

namespace {

constexpr int kChannels = 1'000;
constexpr int kUsers = 1'000;
constexpr int kMembersPerChannel = 50;

/// How many channels a user with many channels is in.
constexpr int kManyChannels = 500;

std::string user_name(int number) { return "user_" + std::to_string(number); }
std::string channel_name(int number) { return "channel_" + std::to_string(number); }

template <class T>
T must(Result<T> result) {
    if (result) return std::move(result).value();
    std::fprintf(stderr, "engine_bench: %s\n", result.error().message.c_str());
    std::exit(1);
}

bool is_postgres(const std::string& place) { return place.starts_with("postgres://"); }

std::unique_ptr<Engine> open_engine(const std::string& place, bool search) {
    EngineOptions options;
    options.storage = is_postgres(place) ? must(open_postgres({.connection = place})) : must(open_sqlite({.path = place, .search = search}));
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

World make_world(const std::string& place, bool search = true) {
    World world{open_engine(place, search), {}};
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

/// The text of each message, by its number.
using Texts = std::string (*)(std::int64_t);

std::string same_text(std::int64_t) {
    return "Halo kak, pesanannya sudah saya kirim lewat kurir pagi ini ya. Mohon ditunggu, terima kasih banyak!";
}

/// The words of a language made of random syllables: the lower the rank, the more frequent. One in fifty begins with "sa".
std::string word_of_rank(int rank) {
    constexpr std::string_view kConsonants = "sknrtbdgmp";
    constexpr std::string_view kVowels = "aiueo";
    constexpr int kSyllables = 50;
    std::string word;
    const auto add_syllable = [&](int number) {
        word += kConsonants[static_cast<std::size_t>(number % 10)];
        word += kVowels[static_cast<std::size_t>(number / 10 % 5)];
    };
    add_syllable(rank);
    add_syllable(rank / kSyllables);
    if (rank >= kSyllables * kSyllables) add_syllable(rank / kSyllables / kSyllables);
    return word;
}

constexpr int kWords = 20'000;
const std::string kCommonest = word_of_rank(0);
constexpr const char* kRare = "langka";
/// One message in this many contains the rare word.
constexpr int kRareEvery = 1'000;

/// Six to eighteen words with frequencies by rank (Zipf): more than half of all messages contain the most common word.
std::string varied_text(std::int64_t number) {
    std::minstd_rand random(static_cast<std::uint32_t>(number * 2'654'435'761 % 2'147'483'647));
    random.discard(4);
    std::uniform_real_distribution<double> share(0, 1);
    std::string text;
    for (auto left = 6 + random() % 13; left > 0; --left) {
        text += word_of_rank(static_cast<int>(std::pow(kWords, share(random))) - 1);
        text += ' ';
    }
    return text + (number % kRareEvery == 0 ? kRare : ".");
}

SendMessage message(int channel, std::string key, std::string text) {
    SendMessage send;
    send.channel = channel_name(channel);
    send.content = std::move(text);
    send.idempotency_key = std::move(key);
    return send;
}

/// Keys as clients create them: ordered by time.
std::string key_of(std::int64_t number) {
    char key[40];
    std::snprintf(key, sizeof key, "0190f000-0000-7000-8000-%012llx", static_cast<unsigned long long>(number));
    return key;
}

/// `senders` clients, each with one send in flight, until `count` sends are done. Returns sends per second.
double send_concurrently(World& world, int senders, int count, std::int64_t first_key, std::vector<double>& latencies,
                         Texts text = same_text) {
    std::atomic<int> started{0};
    std::latch finished(count);
    latencies.assign(static_cast<std::size_t>(count), 0);
    std::function<void(int)> next = [&](int sender) {
        const int number = started++;
        if (number >= count) return;
        const auto start = std::chrono::steady_clock::now();
        const int channel = (sender * 7) % kChannels;
        SendMessage send = message(channel, key_of(first_key + number), text(first_key + number));
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

void bench_sends(const std::string& place) {
    World world = make_world(place);
    std::int64_t key = 1;
    for (const int senders : {1, 64, 256}) {
        std::vector<double> rates;
        std::vector<double> p50;
        std::vector<double> p99;
        const int count = senders == 1 ? 5'000 : 40'000;
        std::vector<double> cpu;
        const Metrics before = world.engine->metrics();
        for (int round = 0; round < 5; ++round) {
            const std::clock_t cpu_before = std::clock();
            std::vector<double> latencies;
            rates.push_back(send_concurrently(world, senders, count, key, latencies));
            key += count;
            cpu.push_back(1e6 * static_cast<double>(std::clock() - cpu_before) / CLOCKS_PER_SEC / count);
            p50.push_back(bench::percentile(latencies, 0.5));
            p99.push_back(bench::percentile(latencies, 0.99));
        }
        const Metrics after = world.engine->metrics();
        const double batch = static_cast<double>(after.mutations - before.mutations) /
                             static_cast<double>(after.commits - before.commits);
        std::printf("durable sends, %3d senders   %8.0f /s   p50 %7.0f us   p99 %7.0f us   %4.0f a batch   CPU %5.1f us each   (median of 5)\n",
                    senders, bench::median(rates), bench::median(p50), bench::median(p99), batch, bench::median(cpu));
        std::fflush(stdout);
    }
}

/// Waits until the index has everything that was sent. Returns the seconds this took.
double wait_for_index(World& world, const std::string& marker) {
    const auto start = std::chrono::steady_clock::now();
    must(world.engine->run(world.user(0), message(0, marker, marker)));
    const SearchMessages search{.q = marker, .channel = {}, .range = {}};
    while (true) {
        // Search is unavailable until there is an index.
        const auto found = world.engine->run(world.user(0), search);
        if (found && !found->items.empty()) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// How much the index's thread slows down sends. Alternates, so that conditions are the same for both.
void bench_following(const std::string& directory) {
    World with = make_world(directory + "/with.db");
    World without = make_world(directory + "/without.db", false);
    std::vector<double> rates_with;
    std::vector<double> rates_without;
    std::vector<double> ratios;
    std::vector<double> lags;
    std::vector<double> latencies;
    constexpr int kCount = 20'000;
    for (int round = 0; round < 5; ++round) {
        const std::int64_t key = 1 + static_cast<std::int64_t>(round) * kCount;
        rates_without.push_back(send_concurrently(without, 64, kCount, key, latencies, varied_text));
        rates_with.push_back(send_concurrently(with, 64, kCount, key, latencies, varied_text));
        ratios.push_back(rates_with.back() / rates_without.back());
        lags.push_back(wait_for_index(with, "penanda" + std::to_string(round)));
    }
    std::printf("durable sends, 64 senders   %.0f /s with the search index, %.0f /s without   ratio %.2f   behind by %.1f s   (median of 5)\n",
                bench::median(rates_with), bench::median(rates_without), bench::median(ratios), bench::median(lags));
}

double file_bytes(const std::string& path) {
    std::error_code missing;
    const auto bytes = std::filesystem::file_size(path, missing);
    return missing ? 0 : static_cast<double>(bytes);
}

void add_to_many_channels(World& world, const std::string& user) {
    UpsertUser made;
    made.external_id = user;
    made.name = user;
    must(world.engine->run(world.backend(), made));
    for (int i = 0; i < kManyChannels; ++i) {
        AddMembers add;
        add.channel = channel_name(i * (kChannels / kManyChannels));
        add.external_ids = {user};
        must(world.engine->run(world.backend(), add));
    }
}

void bench_search(World& world, const std::string& path, int messages) {
    const double seconds = wait_for_index(world, "penanda");
    std::printf("the index had caught up after %.1f s; bytes on disk per message: database %.0f, index %.0f\n", seconds,
                file_bytes(path) / messages, file_bytes(path + "-search") / messages);
    const std::string many = "user_many";
    add_to_many_channels(world, many);
    std::mt19937 random(43);
    const auto search = [&](const std::string& name, std::string q, bool inside, std::string as = "") {
        constexpr int kRounds = 500;
        const std::clock_t before = std::clock();
        bench::print_latency("search: " + name, bench::time_each(kRounds, [&](int) {
            const int number = static_cast<int>(random() % kChannels);
            SearchMessages command{.q = q, .channel = {}, .range = {.limit = 20, .cursor = {}}};
            if (inside) command.channel = channel_name(number);
            must(world.engine->run(as.empty() ? world.user(number) : Caller::user(world.workspace, as), command));
        }));
        std::printf("  CPU %25.0f us each\n", 1e6 * static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC / kRounds);
        std::fflush(stdout);
    };
    search("a rare word", kRare, false);
    search("the commonest word", kCommonest, false);
    search("the commonest word, one channel", kCommonest, true);
    search("two letters that words begin with", "sa", false);
    search("two letters, one channel", "sa", true);
    search("a rare word, 500 channels", kRare, false, many);
    search("the commonest word, 500 channels", kCommonest, false, many);
    search("two letters, 500 channels", "sa", false, many);
}

void bench_reads(const std::string& directory, int messages) {
    const std::string path = directory + "/reads.db";
    World world = make_world(path);
    std::vector<double> latencies;
    const double rate = send_concurrently(world, 1'000, messages, 1, latencies, varied_text);
    std::printf("%d messages in %d channels, sent at %.0f /s\n", messages, kChannels, rate);
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
    switch_off_sqlite_memory_statistics();
    if (argc < 2) {
        std::fprintf(stderr, "usage: engine_bench DIRECTORY|postgres://... [MESSAGES] [sends|reads|following]\n");
        return 2;
    }
    const std::string directory = argv[1];  // or a database
    const int messages = argc > 2 ? std::atoi(argv[2]) : 1'000'000;
    const std::string part = argc > 3 ? argv[3] : "";
    if (part.empty() || part == "sends") bench_sends(is_postgres(directory) ? directory : directory + "/sends.db");
    if (part.empty() || part == "following") bench_following(directory);
    if (part.empty() || part == "reads") bench_reads(directory, messages);
    return 0;
}
