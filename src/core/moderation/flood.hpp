/// Who says the same thing again and again.
#pragma once

#include <cariosan/types.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace cariosan::core::moderation {

/// What is counted: one text of one user in one channel.
struct FloodKey {
    UserId user;
    ChannelId channel;
    std::uint64_t text = 0;  ///< `flood_fingerprint`
    bool operator==(const FloodKey&) const = default;
};

/// How often it may be said.
struct FloodLimit {
    std::int64_t max_repeats = 3;  ///< below 1 nothing passes
    std::chrono::milliseconds window{30'000};
};

/// Counts repeats. An implementation may share its counts between processes. Thread-safe.
class FloodCounter {
  public:
    virtual ~FloodCounter() = default;

    /// Whether the text may be said once more: fewer than `max_repeats` have passed within the window before `now`.
    /// Only what passes is counted. `now` is `Clock::elapsed()`.
    virtual bool pass(const FloodKey& key, const FloodLimit& limit, std::chrono::milliseconds now) = 0;
};

/// Counts in the memory of this process.
///
/// Keys live in two generations and the older one is dropped once the younger is full or as old as the longest window
/// seen, so memory is bounded; only when more than `max_keys` are active are some forgotten early. Of a key at most
/// `kMostTimes` times are kept, and a limit above that is taken as that.
class MemoryFloodCounter final : public FloodCounter {
  public:
    static constexpr std::int64_t kMostTimes = 100;

    explicit MemoryFloodCounter(std::size_t max_keys = 131'072);

    bool pass(const FloodKey& key, const FloodLimit& limit, std::chrono::milliseconds now) override;

    /// How many keys are kept now.
    std::size_t size() const;

  private:
    using Times = std::vector<std::chrono::milliseconds>;  ///< ascending
    struct Hash {
        std::size_t operator()(const FloodKey& key) const noexcept;
    };
    using Keys = std::unordered_map<FloodKey, Times, Hash>;

    Times& times_of(const FloodKey& key, std::chrono::milliseconds now);

    mutable std::mutex mutex_;
    std::size_t generation_size_;
    std::chrono::milliseconds longest_window_{0};
    std::chrono::milliseconds turned_at_{0};
    Keys young_;
    Keys old_;
};

}  // namespace cariosan::core::moderation
