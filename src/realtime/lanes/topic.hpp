#pragma once

#include <cariosan/types.hpp>
#include <cstdint>
#include <vector>

#include "realtime/lanes/lane_queue.hpp"
#include "realtime/subscriber.hpp"

namespace cariosan::realtime {

/// One channel as one lane sees it. Part of `LaneHub`.
///
/// Its lists and each subscriber's `places_` refer to each other, so that adding, removing and moving a subscriber
/// takes constant time. The lists are unordered.
struct Topic {
    /// A subscriber whose live events are withheld (`holding`) or begin only after `floor`.
    struct Held {
        Subscriber* subscriber = nullptr;
        std::int64_t floor = 0;
        std::int64_t withheld = 0;  ///< the latest revision that was withheld
        bool holding = false;
    };

    std::uint32_t slot = 0;
    ChannelId channel;
    std::int64_t last = 0;  ///< the latest durable revision delivered on this lane; 0: none yet
    std::vector<Subscriber*> live;
    std::vector<Held> held;
    std::vector<ToChannel> pending;  ///< collected in the current run
    bool unread_moved = false;       ///< since the last tick

    bool empty() const noexcept { return live.empty() && held.empty(); }
    bool has(const Subscriber& subscriber) const noexcept { return subscriber.places_.contains(slot); }

    /// It must not be in the topic; it is live afterwards.
    void add(Subscriber& subscriber);
    /// It must be in the topic.
    void remove(Subscriber& subscriber);
    /// Null if it is not in the topic, or live.
    Held* find_held(Subscriber& subscriber) noexcept;
    /// The topic's half of `remove`: takes the subscriber at this position out of the lists. The caller updates the subscriber's
    /// own table.
    void remove_at(std::uint32_t place);
    /// It must be live.
    Held& hold(Subscriber& subscriber);
    /// It must be held; it is live afterwards.
    void make_live(Subscriber& subscriber);

  private:
    /// This bit of a position in `Subscriber::places_` means that it is one in `held`.
    static constexpr std::uint32_t kHeld = 0x80000000;
};

}  // namespace cariosan::realtime
