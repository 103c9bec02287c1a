#pragma once

#include <cariosan/events.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cariosan::realtime {

/// Events that arrived ahead of an earlier one of their channel. When two nodes write to one channel, their events overtake each
/// other on the bus by a few milliseconds, so most gaps close by themselves; only what is still missing after `kPatience` is
/// read from storage.
///
/// The caller provides the time. Bound: `kMostOfChannel` events of a channel and `kMost` in all.
class EarlyEvents {
  public:
    using Time = std::chrono::milliseconds;
    static constexpr Time kPatience{50};
    static constexpr std::size_t kMostOfChannel = 64;
    static constexpr std::size_t kMost = 4'096;

    bool empty() const noexcept { return channels_.empty(); }

    /// False if there is no room. Keeping an event twice has no effect.
    bool keep(const Event& event, Time now) {
        if (arrivals_.size() >= kMost) return false;
        Events& events = channels_[event.channel];
        if (events.contains(event.rev)) return true;
        if (events.size() >= kMostOfChannel) return false;
        events.emplace(event.rev, event);
        arrivals_.push_back({now, event.channel, event.rev});
        return true;
    }
    /// Takes the channel's event `rev`, if it is here, and drops earlier ones.
    std::optional<Event> take(ChannelId channel, std::int64_t rev) {
        const auto found = channels_.find(channel);
        if (found == channels_.end()) return std::nullopt;
        Events& events = found->second;
        events.erase(events.begin(), events.lower_bound(rev));
        std::optional<Event> taken;
        if (auto next = events.extract(rev)) taken = std::move(next.mapped());
        if (events.empty()) channels_.erase(found);
        return taken;
    }
    /// Takes all of the channel's events, in order.
    std::vector<Event> take_all(ChannelId channel) {
        std::vector<Event> taken;
        if (auto found = channels_.extract(channel)) {
            for (auto& [rev, event] : found.mapped()) taken.push_back(std::move(event));
        }
        return taken;
    }
    /// A channel with an event that has waited for `kPatience`. Each event counts once.
    std::optional<ChannelId> next_overdue(Time now) {
        while (!arrivals_.empty() && arrivals_.front().at + kPatience <= now) {
            const Arrival arrival = arrivals_.front();
            arrivals_.pop_front();
            const auto channel = channels_.find(arrival.channel);
            if (channel != channels_.end() && channel->second.contains(arrival.rev)) return arrival.channel;
        }
        return std::nullopt;
    }

  private:
    using Events = std::map<std::int64_t, Event>;  // by revision; never empty
    struct Arrival {
        Time at;
        ChannelId channel;
        std::int64_t rev = 0;
    };

    std::unordered_map<ChannelId, Events> channels_;
    std::deque<Arrival> arrivals_;  // includes events that were taken, until their time is over
};

}  // namespace cariosan::realtime
