#pragma once

#include <atomic>
#include <cstdint>

#include "core/measures/histogram.hpp"

namespace cariosan::engine {

/// The counters behind `Engine::metrics`, and the distributions that only `/metrics` shows.
struct Counters {
    std::atomic<std::uint64_t> commands{0};
    std::atomic<std::uint64_t> commands_refused{0};
    std::atomic<std::uint64_t> commands_abandoned{0};
    std::atomic<std::uint64_t> commits{0};
    std::atomic<std::uint64_t> mutations{0};
    std::atomic<std::uint64_t> commit_failures{0};
    std::atomic<std::uint64_t> events{0};
    std::atomic<std::uint64_t> events_lost{0};
    std::atomic<std::uint64_t> queued_commands{0};
    std::atomic<std::uint64_t> files_removed{0};
    std::atomic<std::uint64_t> files_not_removed{0};
    std::atomic<std::uint64_t> bus_published{0};
    std::atomic<std::uint64_t> bus_received{0};
    std::atomic<std::uint64_t> bus_unreadable{0};
    std::atomic<std::uint64_t> channels_missed{0};
    std::atomic<std::uint64_t> counts_shared{0};

    core::Histogram commit_batch{core::kBatchBounds};
    core::Histogram commit_time;
    core::Histogram commit_wait;  ///< of a command, from `submit` until its commit begins
    core::Histogram fan_out;      ///< of an event, from its publication until its frames are with the lanes
    core::Histogram search_time;  ///< of a reader that searches
};

}  // namespace cariosan::engine
