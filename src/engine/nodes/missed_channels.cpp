#include "engine/nodes/missed_channels.hpp"

#include <memory>
#include <utility>

namespace cariosan::engine {
namespace {

Result<MovedChannels> read_moved(const Result<Reader*>& reader, std::uint64_t since) {
    if (!reader) return reader.error();
    return (*reader)->moved_channels(since, MissedChannels::kMostAtOnce);
}

}  // namespace

void MissedChannels::tick(std::chrono::milliseconds now, bool bus_is_away) {
    if (!is_needed_ || now < next_ || is_asking_) return;
    next_ = now + (bus_is_away ? kIntervalAway : kInterval);
    ask();
}

void MissedChannels::ask() {
    is_asking_ = true;
    read_([this, since = mark_](const Result<Reader*>& reader) {
        // After a failure, the next question begins where this one did.
        if (auto moved = std::make_shared<Result<MovedChannels>>(read_moved(reader, since)); *moved) {
            dispatcher_.with_hub([this, moved](realtime::Hub& hub) { learn(hub, **moved); });
        }
        is_asking_ = false;
    });
}

void MissedChannels::learn(realtime::Hub& hub, const MovedChannels& moved) {
    is_needed_ = moved.mark != 0;
    mark_ = moved.mark;
    counters_.channels_missed += hub.compare(last_);
    last_ = moved.channels;
}

}  // namespace cariosan::engine
