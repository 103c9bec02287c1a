#pragma once

#include <atomic>
#include <cstdint>

namespace cariosan::realtime {

/// The counters of sessions and frames in `Engine::metrics`.
struct Counters {
    std::atomic<std::uint64_t> feed_gaps{0};
    std::atomic<std::uint64_t> events_early{0};
    std::atomic<std::uint64_t> frames{0};
    std::atomic<std::uint64_t> sessions_opened{0};
    std::atomic<std::uint64_t> sessions_slow{0};
    std::atomic<std::uint64_t> sessions{0};
};

}  // namespace cariosan::realtime
