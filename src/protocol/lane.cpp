#include "protocol/lane.hpp"

#include <utility>
#include <vector>

#include "protocol/polling/waiting_sync.hpp"

namespace cariosan::protocol {

LaneImpl::LaneImpl(std::function<void()> wake, HeldTotals& totals)
    : queue_(std::make_shared<realtime::LaneQueue>(std::move(wake))),
      hub_(queue_),
      requests_(totals.requests, queue_),
      output_(totals.output, queue_) {}

std::unique_ptr<Holding> LaneImpl::hold(Held kind, std::function<void()> drop) {
    return (kind == Held::request ? requests_ : output_).hold(std::move(drop));
}

std::size_t LaneImpl::bound(Held kind) const { return (kind == Held::request ? requests_ : output_).bound(); }

void LaneImpl::run() { hub_.run(); }

void LaneImpl::tick() { hub_.tick(); }

LaneImpl::~LaneImpl() = default;

void LaneImpl::keep(std::shared_ptr<WaitingSync> waiting) {
    const realtime::SessionId id = waiting->handle().id;
    waiting_.emplace(id, std::move(waiting));
}

void LaneImpl::stop_waiting() {
    for (const auto& [id, waiting] : waiting_) waiting->give_up();
}

}  // namespace cariosan::protocol
