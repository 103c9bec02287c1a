#pragma once

#include <cariosan/types.hpp>
#include <cstdint>
#include <vector>

#include "realtime/lanes/lane_queue.hpp"
#include "realtime/subscriber.hpp"

namespace cariosan::realtime {

/// One channel as one lane sees it. Part of `LaneHub`.
///
/// Its lists and each subscriber's `places_` name one another, so that whoever comes, goes or moves between the lists is
/// found at once, however many there are. The order of a list means nothing.
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
    std::int64_t last = 0;  ///< the latest durable revision handed out on this lane; 0: none yet
    std::vector<Subscriber*> live;
    std::vector<Held> held;
    std::vector<ToChannel> pending;  ///< laid up within the present run
    bool unread_moved = false;       ///< since the last tick

    bool empty() const noexcept { return live.empty() && held.empty(); }
    bool has(const Subscriber& subscriber) const noexcept { return subscriber.places_.contains(slot); }

    /// It must not be there; it is live then.
    void add(Subscriber& subscriber);
    /// It must be there.
    void remove(Subscriber& subscriber);
    /// Null if it is not there, or live.
    Held* find_held(Subscriber& subscriber) noexcept;
    /// Of `remove`, the topic's half: whoever has this place is out of the lists, and gives up its own table itself.
    void take_out(std::uint32_t place);
    /// It must be live.
    Held& hold(Subscriber& subscriber);
    /// It must be held; it is live then.
    void let_flow(Subscriber& subscriber);

  private:
    /// Of a place in `Subscriber::places_`: whether it is one in `held`.
    static constexpr std::uint32_t kHeld = 0x80000000;
};

}  // namespace cariosan::realtime
