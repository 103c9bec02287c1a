/// Detects users who repeat the same text.
#pragma once

#include <cariosan/coordination.hpp>
#include <cariosan/types.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "core/cache/generations.hpp"

namespace cariosan::core::moderation {

/// The unit that is counted: one text of one user in one channel.
struct FloodKey {
    UserId user;
    ChannelId channel;
    std::uint64_t text = 0;  ///< `flood_fingerprint`
    bool operator==(const FloodKey&) const = default;
};

/// How often a text may be repeated.
struct FloodLimit {
    std::int64_t max_repeats = 3;  ///< below 1 every text is refused
    std::chrono::milliseconds window{30'000};
};

/// Identifies one send: the same number for each retry of it, a different one for anything else.
using FloodSend = std::uint64_t;

/// Counts repeats. An implementation may share its counts between processes. Thread-safe.
///
/// A send takes a place before it is stored, so a burst cannot slip past the limit while it is being written, and keeps it only
/// if it was stored. Retries of one send share its place.
class FloodCounter {
  public:
    virtual ~FloodCounter() = default;

    /// Takes a place for `send`, unless `max_repeats` other sends have one within the window before `now`, which is
    /// `Clock::elapsed()`. If true, `settle` must be called once for it.
    virtual bool take(const FloodKey& key, const FloodLimit& limit, FloodSend send, std::chrono::milliseconds now) = 0;
    /// The result of the send: `stored`, or the place is given back once no retry of the send holds it either.
    virtual void settle(const FloodKey& key, FloodSend send, bool stored) = 0;
};

/// A place taken from a `FloodCounter`, which must outlive it. Destroyed without `keep`, it gives the place back.
class FloodPlace {
  public:
    FloodPlace(FloodCounter& counter, const FloodKey& key, FloodSend send)
        : counter_(counter), key_(key), send_(send) {}
    ~FloodPlace() { counter_.settle(key_, send_, stored_); }
    FloodPlace(const FloodPlace&) = delete;
    FloodPlace& operator=(const FloodPlace&) = delete;

    /// The message was stored.
    void keep() noexcept { stored_ = true; }

  private:
    FloodCounter& counter_;
    const FloodKey key_;
    const FloodSend send_;
    bool stored_ = false;
};

/// Texts stored on this node since its last report; `marks[i]` belongs to `keys[i]`.
struct FloodReport {
    std::vector<FloodKey> keys;
    std::vector<Mark> marks;
};

/// Counts in the memory of this process.
///
/// When **shared** between nodes, it reports each stored text (`report`) and learns how often other nodes have stored it
/// (`learn`). So a user may repeat a text as often as the rule says on all nodes together, plus one extra on each other node,
/// or more if it is sent there more often before the first report is answered.
///
/// In bounded memory (`Generations`, whose lifetime is the longest window seen): keys are forgotten early only when more than
/// `max_keys` are active. A key keeps at most `kMostPlaces` places, and a higher limit counts as that.
class MemoryFloodCounter final : public FloodCounter {
  public:
    static constexpr std::int64_t kMostPlaces = 100;
    static constexpr std::size_t kMostKeys = 131'072;
    static constexpr std::size_t kMostReported = 10'000;

    /// `stored`: the counts are shared, and it is called when there is something to report, on the thread that settled; it must
    /// not wait. Null if not shared.
    explicit MemoryFloodCounter(std::size_t max_keys = kMostKeys, std::function<void()> stored = {});

    bool take(const FloodKey& key, const FloodLimit& limit, FloodSend send, std::chrono::milliseconds now) override;
    void settle(const FloodKey& key, FloodSend send, bool stored) override;

    /// What to pass to `Coordination::mark`. Beyond `kMostReported` texts at a time, the rest counts on this node only.
    FloodReport report(std::chrono::milliseconds now);
    /// What it returned.
    void learn(const FloodReport& report, const std::vector<std::vector<Marked>>& elsewhere, std::chrono::milliseconds now);

    /// How many keys are in memory now.
    std::size_t size() const;

  private:
    struct Place {
        std::chrono::milliseconds at{0};
        FloodSend send = 0;
        std::uint32_t unsettled = 0;
        bool stored = false;
    };
    using Places = std::vector<Place>;
    struct Hash {
        std::size_t operator()(const FloodKey& key) const noexcept;
    };

    bool end_attempt(const FloodKey& key, FloodSend send, bool stored);
    Places& places_of(const FloodKey& key, std::chrono::milliseconds now);

    mutable std::mutex mutex_;
    const std::size_t generation_size_;
    std::chrono::milliseconds longest_window_{0};
    Generations<FloodKey, Places, Hash> keys_;

    struct Stored {
        FloodKey key;
        FloodSend send = 0;
        std::chrono::milliseconds at{0};
    };
    const std::function<void()> stored_;  // null: not shared
    std::vector<Stored> unreported_;
};

}  // namespace cariosan::core::moderation
