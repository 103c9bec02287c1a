#pragma once

#include <atomic>
#include <cstdint>

namespace cariosan::engine {

/// The counters behind `Engine::metrics`.
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
    std::atomic<std::uint64_t> bus_published{0};
    std::atomic<std::uint64_t> bus_received{0};
    std::atomic<std::uint64_t> bus_unreadable{0};
    std::atomic<std::uint64_t> channels_missed{0};
    std::atomic<std::uint64_t> counts_shared{0};
};

}  // namespace cariosan::engine
