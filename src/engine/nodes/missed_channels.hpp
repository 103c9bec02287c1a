#pragma once

#include <atomic>
#include <cariosan/storage.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "engine/engine_counters.hpp"
#include "engine/threads/dispatcher.hpp"
#include "engine/threads/reader_pool.hpp"

namespace cariosan::engine {

/// Finds what other nodes have committed and never published, because they died in between or the bus was away: asks storage
/// regularly which channels moved, and compares their revisions with what was delivered. Used on the dispatcher's thread, but for `start`.
///
/// A channel counts as missed if its event has not arrived by the time of the next question. So it is shown after two seconds
/// at the latest, after one while the bus is known to be away. A storage of one engine is asked once.
class MissedChannels {
  public:
    static constexpr std::chrono::milliseconds kInterval{1'000};
    static constexpr std::chrono::milliseconds kIntervalAway{500};
    /// If more moved, everything is compared.
    static constexpr std::size_t kMostAtOnce = 50'000;
    /// Whoever could not ask for this long compares everything as well.
    static constexpr std::chrono::milliseconds kForgotten = MovedChannels::kKept / 2;

    using Read = std::function<void(InternalRead)>;

    MissedChannels(Read read, Dispatcher& dispatcher, Counters& counters)
        : read_(std::move(read)), dispatcher_(dispatcher), counters_(counters) {}

    /// Asks where to begin: before sessions read, so that nothing is committed in between.
    void start() { ask(); }
    /// Asks if it is time.
    void tick(std::chrono::milliseconds now, bool bus_is_away);

  private:
    void ask();
    void learn(realtime::Hub& hub, MovedChannels moved, std::chrono::milliseconds asked);

    const Read read_;
    Dispatcher& dispatcher_;
    Counters& counters_;
    std::chrono::milliseconds next_{0};
    std::chrono::milliseconds asked_{0};
    std::atomic<bool> is_asking_{false};
    // By the reader while it is asking, otherwise by the dispatcher.
    bool is_needed_ = true;
    std::string mark_;
    std::chrono::milliseconds answered_{0};  ///< when the last question was asked that was answered
    std::vector<MovedChannels::Each> last_;  ///< moved by the time of the last question
};

}  // namespace cariosan::engine
