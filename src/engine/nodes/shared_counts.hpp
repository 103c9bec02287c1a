#pragma once

#include <cariosan/clock.hpp>
#include <cariosan/coordination.hpp>

#include "core/moderation/flood.hpp"
#include "core/rates/rate_limiter.hpp"
#include "engine/engine_counters.hpp"

namespace cariosan::engine {

/// Exchanges with other nodes what this one has counted for its users: rates and repeated texts. Runs on the thread of
/// `Coordinator`.
class SharedCounts {
  public:
    SharedCounts(core::RateLimiter& rates, core::moderation::MemoryFloodCounter& floods, Clock& clock, Counters& counters)
        : rates_(rates), floods_(floods), clock_(clock), counters_(counters) {}

    /// Reports everything new and learns what other nodes have counted for the same users and texts.
    void exchange(Coordination& coordination);

  private:
    core::RateLimiter& rates_;
    core::moderation::MemoryFloodCounter& floods_;
    Clock& clock_;
    Counters& counters_;
};

}  // namespace cariosan::engine
