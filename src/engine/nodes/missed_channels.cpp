#include "engine/nodes/missed_channels.hpp"

#include <utility>

namespace cariosan::engine {
namespace {

Result<MovedChannels> read_moved(const Result<Reader*>& reader, const std::string& since) {
    if (!reader) return reader.error();
    return (*reader)->moved_channels(since, MissedChannels::kMostAtOnce);
}

}  // namespace

void MissedChannels::tick(std::chrono::milliseconds now, bool bus_is_away) {
    if (is_asking_ || !is_needed_ || now < next_) return;
    next_ = now + (bus_is_away ? kIntervalAway : kInterval);
    asked_ = now;
    ask();
}

void MissedChannels::ask() {
    is_asking_ = true;
    read_([this, since = mark_, asked = asked_](const Result<Reader*>& reader) {
        // After a failure, the next question begins where this one did.
        if (auto moved = read_moved(reader, since)) {
            mark_ = moved->mark;
            is_needed_ = !mark_.empty();
            dispatcher_.with_hub([this, asked, moved = *std::move(moved)](realtime::Hub& hub) { learn(hub, moved, asked); });
        }
        is_asking_ = false;
    });
}

void MissedChannels::learn(realtime::Hub& hub, MovedChannels moved, std::chrono::milliseconds asked) {
    if (moved.all || (answered_.count() != 0 && asked - answered_ > kForgotten)) hub.lost({.all = true});
    answered_ = asked;
    counters_.channels_missed += hub.compare(last_);
    last_ = std::move(moved.channels);
}

}  // namespace cariosan::engine
