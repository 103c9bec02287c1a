#include "protocol/lane.hpp"

#include <algorithm>
#include <utility>

#include "protocol/session.hpp"

namespace cariosan::protocol {

LaneImpl::LaneImpl(std::function<void()> wake, BacklogTotal& total, std::size_t max_total_backlog)
    : queue_(std::make_shared<realtime::LaneQueue>(std::move(wake))),
      hub_(queue_),
      total_(total),
      max_total_backlog_(static_cast<std::int64_t>(max_total_backlog)) {}

void LaneImpl::run() { hub_.run(); }

void LaneImpl::tick() {
    hub_.tick();
    relieve();
}

void LaneImpl::add(SocketSession& session) {
    session.place_in_lane = sessions_.size();
    sessions_.push_back(&session);
}

void LaneImpl::remove(SocketSession& session) {
    sessions_.back()->place_in_lane = session.place_in_lane;
    sessions_[session.place_in_lane] = sessions_.back();
    sessions_.pop_back();
}

void LaneImpl::relieve() {
    while (total_ > max_total_backlog_) {
        const auto largest = std::ranges::max_element(sessions_, {}, &SocketSession::counted_backlog);
        if (largest == sessions_.end() || (*largest)->counted_backlog() <= 0) return;
        (*largest)->close_slow();
    }
}

}  // namespace cariosan::protocol
