#include "outbox/push_schedule.hpp"

#include <algorithm>
#include <limits>

namespace cariosan::outbox {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstRetry{10'000};
constexpr std::int64_t kMostRetries = 7;

}  // namespace

std::optional<milliseconds> push_retry_delay(std::int64_t failed_attempts, milliseconds retry_after, std::uint32_t random) {
    if (failed_attempts < 1 || failed_attempts > kMostRetries) return std::nullopt;
    const milliseconds plain = kFirstRetry * (std::int64_t{1} << static_cast<unsigned>(failed_attempts - 1));
    const double fifth = static_cast<double>(plain.count()) / 5;
    const double place =
        static_cast<double>(random) / static_cast<double>(std::numeric_limits<std::uint32_t>::max());
    const milliseconds jittered = plain + milliseconds(static_cast<std::int64_t>(fifth * (2 * place - 1)));
    return std::max(jittered, retry_after);
}

}  // namespace cariosan::outbox
