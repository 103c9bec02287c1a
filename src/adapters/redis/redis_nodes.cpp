#include "adapters/redis/redis_nodes.hpp"

#include <algorithm>
#include <cstdint>
#include <random>
#include <string_view>
#include <utility>

#include "adapters/redis/redis_bus.hpp"
#include "adapters/redis/redis_coordination.hpp"

namespace cariosan {
namespace redis {
namespace {

class Nodes final : public Redis {
  public:
    Nodes(Address address, RedisOptions options, std::shared_ptr<Clock> clock, std::chrono::milliseconds patience)
        : address_(std::move(address)), options_(std::move(options)), clock_(std::move(clock)), patience_(patience) {}

    std::shared_ptr<EventBus> event_bus() override {
        return std::make_shared<RedisBus>(LinkSettings{address_, "bus", options_.log}, options_.prefix, random_number());
    }
    std::shared_ptr<Coordination> coordination() override {
        return std::make_shared<RedisCoordination>(LinkSettings{address_, "coordination", options_.log}, options_.prefix,
                                                   random_number(), clock_, patience_);
    }

  private:
    static std::uint64_t random_number() {
        std::random_device device;
        return (std::uint64_t{device()} << 32) | device();
    }

    const Address address_;
    const RedisOptions options_;
    const std::shared_ptr<Clock> clock_;
    const std::chrono::milliseconds patience_;
};

bool is_prefix(std::string_view text) {
    constexpr std::size_t kLongest = 64;
    constexpr std::string_view kOthers = "-_.:";
    return !text.empty() && text.size() <= kLongest && std::ranges::all_of(text, [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || kOthers.find(c) != kOthers.npos;
    });
}

}  // namespace

std::shared_ptr<Redis> make_redis(Address address, RedisOptions options, std::shared_ptr<Clock> clock,
                                  std::chrono::milliseconds patience) {
    return std::make_shared<Nodes>(std::move(address), std::move(options), std::move(clock), patience);
}

}  // namespace redis

Result<std::shared_ptr<Redis>> open_redis(RedisOptions options) {
    auto address = redis::parse_url(options.url);
    if (!address) return std::move(address).error();
    if (!redis::is_prefix(options.prefix)) {
        return Error(ErrorCode::misuse, "the Redis prefix must be 1 to 64 letters, digits and -_.:");
    }
    return redis::make_redis(*std::move(address), std::move(options));
}

}  // namespace cariosan
