// What the Redis bus adds to a bare hop through Redis: a message of 300 bytes from one thread over `PUBLISH` to another that has
// subscribed, ours and bare hiredis alternating in the same run. Prints figures and judges nothing.
//
//   redis_hop URL [MESSAGES]          URL as for `open_redis`, with a socket: unix:/path
#include <hiredis/hiredis.h>

#include <atomic>
#include <cariosan/adapters/redis.hpp>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "bench/bench.hpp"

using namespace cariosan;

namespace {

constexpr std::size_t kBytes = 300;
constexpr std::size_t kBatch = 64;

using Context = std::unique_ptr<redisContext, void (*)(redisContext*)>;

Context connect_to(const std::string& socket) {
    Context context(redisConnectUnix(socket.c_str()), redisFree);
    if (context && context->err == 0) return context;
    std::fprintf(stderr, "redis_hop: no Redis at %s\n", socket.c_str());
    std::exit(1);
}

void free_reply(void* reply) { freeReplyObject(reply); }

/// Waits, without sleeping, until `arrived` has counted this many.
void wait_for(const std::atomic<std::uint64_t>& arrived, std::uint64_t count) {
    while (arrived.load(std::memory_order_acquire) < count) std::this_thread::yield();
}

/// Two blocking connections and a thread that reads.
class BareHop {
  public:
    explicit BareHop(const std::string& socket) : publisher_(connect_to(socket)), subscriber_(connect_to(socket)) {
        free_reply(redisCommand(subscriber_.get(), "SUBSCRIBE bare"));
        thread_ = std::thread([this] {
            void* reply = nullptr;
            while (redisGetReply(subscriber_.get(), &reply) == REDIS_OK) {
                const auto* message = static_cast<const redisReply*>(reply);
                const bool ends = message->elements == 3 && message->element[2]->len == 0;
                free_reply(reply);
                if (ends) return;
                arrived.fetch_add(1, std::memory_order_release);
            }
        });
    }
    ~BareHop() {
        free_reply(redisCommand(publisher_.get(), "PUBLISH bare %b", "", std::size_t{0}));
        thread_.join();
    }
    void send(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) redisAppendCommand(publisher_.get(), "PUBLISH bare %b", text_.data(), text_.size());
        for (std::size_t i = 0; i < count; ++i) {
            void* reply = nullptr;
            if (redisGetReply(publisher_.get(), &reply) == REDIS_OK) free_reply(reply);
        }
    }
    std::atomic<std::uint64_t> arrived{0};

  private:
    const std::string text_ = std::string(kBytes, 'x');
    Context publisher_;
    Context subscriber_;
    std::thread thread_;
};

/// Two nodes of our bus.
class OurHop final : private BusListener {
  public:
    explicit OurHop(Redis& redis) : one_(redis.event_bus()), two_(redis.event_bus()) {
        one_->start(*this);
        two_->start(*this);
        const BusTopic topic{};
        two_->subscribe({&topic, 1});
        while (!stands_ || one_->is_away()) std::this_thread::yield();
        const auto text = std::make_shared<const std::string>(kBytes, 'x');
        batch_.assign(kBatch, BusMessage{{topic}, text});
    }
    ~OurHop() override {
        one_->stop();
        two_->stop();
    }
    void send(std::size_t count) { one_->publish(std::span(batch_).first(count)); }
    std::atomic<std::uint64_t> arrived{0};

  private:
    void received(std::span<const BusBytes> messages) override { arrived.fetch_add(messages.size(), std::memory_order_release); }
    void subscribed(std::span<const BusTopic>) override { stands_ = true; }
    void lost(std::span<const BusTopic>) override {}
    void lost_all() override {}

    std::atomic<bool> stands_{false};
    std::shared_ptr<EventBus> one_;
    std::shared_ptr<EventBus> two_;
    std::vector<BusMessage> batch_;
};

template <class Hop>
void add_times(Hop& hop, int count, std::vector<double>& times) {
    const std::vector<double> more = bench::time_each(count, [&](int) {
        const std::uint64_t before = hop.arrived;
        hop.send(1);
        wait_for(hop.arrived, before + 1);
    });
    times.insert(times.end(), more.begin(), more.end());
}

/// Messages per second, in batches, at most eight of them on their way.
template <class Hop>
double rate(Hop& hop, std::uint64_t count) {
    const std::uint64_t first = hop.arrived;
    const auto start = std::chrono::steady_clock::now();
    for (std::uint64_t sent = 0; sent < count; sent += kBatch) {
        if (sent > 8 * kBatch) wait_for(hop.arrived, first + sent - 8 * kBatch);
        hop.send(kBatch);
    }
    wait_for(hop.arrived, first + count / kBatch * kBatch);
    return static_cast<double>(count) / std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

int main(int argc, char** argv) {
    const std::string url = argc > 1 ? argv[1] : "";
    constexpr std::string_view kSocket = "unix:";
    const auto redis = open_redis({.url = url});
    if (!redis || !url.starts_with(kSocket)) {
        std::fprintf(stderr, "redis_hop unix:/path/to/socket [MESSAGES]\n");
        return 2;
    }
    const int count = argc > 2 ? std::atoi(argv[2]) : 20'000;
    BareHop bare(url.substr(kSocket.size()));
    OurHop ours(**redis);
    std::vector<double> bare_times;
    std::vector<double> our_times;
    std::vector<double> bare_rates;
    std::vector<double> our_rates;
    constexpr int kRounds = 10;
    for (int round = 0; round < kRounds; ++round) {
        add_times(bare, count / kRounds, bare_times);
        add_times(ours, count / kRounds, our_times);
        bare_rates.push_back(rate(bare, static_cast<std::uint64_t>(count)));
        our_rates.push_back(rate(ours, static_cast<std::uint64_t>(count)));
    }
    for (std::vector<double>* times : {&bare_times, &our_times}) std::ranges::sort(*times);
    bench::print_latency("bare hop through Redis", bare_times);
    bench::print_latency("hop through the bus", our_times);
    std::printf("%-44s p50 %8.2f      p99 %8.2f\n", "ratio", bench::percentile(our_times, 0.5) / bench::percentile(bare_times, 0.5),
                bench::percentile(our_times, 0.99) / bench::percentile(bare_times, 0.99));
    std::printf("%-44s bare %8.0f /s   ours %8.0f /s\n", "batches of 64", bench::median(bare_rates), bench::median(our_rates));
    return 0;
}
