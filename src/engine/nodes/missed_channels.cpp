#include "engine/nodes/missed_channels.hpp"

#include <utility>

namespace cariosan::engine {
namespace {

Result<MovedChannels> read_moved(const Result<Reader*>& reader, std::uint64_t since) {
    if (!reader) return reader.error();
    return (*reader)->moved_channels(since, MissedChannels::kMostAtOnce);
}

}  // namespace

void MissedChannels::tick(std::chrono::milliseconds now, bool bus_is_away) {
    if (is_asking_ || !is_needed_ || now < next_) return;
    next_ = now + (bus_is_away ? kIntervalAway : kInterval);
    ask();
}

void MissedChannels::ask() {
    is_asking_ = true;
    read_([this, since = mark_](const Result<Reader*>& reader) {
        // After a failure, the next question begins where this one did.
        if (auto moved = read_moved(reader, since)) {
            mark_ = moved->mark;
            is_needed_ = mark_ != 0;
            dispatcher_.with_hub([this, channels = std::move(moved->channels)](realtime::Hub& hub) { learn(hub, channels); });
        }
        is_asking_ = false;
    });
}

void MissedChannels::learn(realtime::Hub& hub, std::vector<MovedChannels::Each> moved) {
    counters_.channels_missed += hub.compare(last_);
    last_ = std::move(moved);
}

}  // namespace cariosan::engine
