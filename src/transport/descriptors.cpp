#include "transport/descriptors.hpp"

#include <fcntl.h>
#include <sys/resource.h>

#include <algorithm>

namespace cariosan::transport {

namespace {

constexpr std::size_t kLeastReserve = 12;
constexpr std::size_t kMostReserve = 512;
/// Counts open descriptors only up to this number: with a limit beyond it, a few hundred more do not matter.
constexpr std::size_t kCounted = 4096;

}  // namespace

DescriptorShare share_descriptors(std::size_t limit, std::size_t open, std::size_t soon) noexcept {
    const std::size_t reserve = std::clamp(limit / 8, kLeastReserve, kMostReserve);
    const std::size_t taken = open + soon + reserve;
    return {.connections = limit > taken ? limit - taken : 0, .refused = reserve / 2, .limit = limit};
}

DescriptorShare share_descriptors(std::size_t soon) {
    rlimit allowed{};
    if (::getrlimit(RLIMIT_NOFILE, &allowed) != 0) allowed.rlim_cur = 1024;
    const auto limit = static_cast<std::size_t>(std::min<rlim_t>(allowed.rlim_cur, 1U << 30U));
    std::size_t open = 0;
    for (std::size_t i = 0; i < std::min(limit, kCounted); ++i) {
        if (::fcntl(static_cast<int>(i), F_GETFD) >= 0) ++open;
    }
    return share_descriptors(limit, open, soon);
}

}  // namespace cariosan::transport
