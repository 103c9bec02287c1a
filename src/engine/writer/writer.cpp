#include "engine/writer/writer.hpp"

#include <algorithm>
#include <utility>

#include "engine/writer/route.hpp"

namespace cariosan::engine {

Writer::Writer(const WriterParts& parts) {
    lanes_.push_back(std::make_unique<WriterLane>(parts, WriterLane::Place::first));
    while (lanes_.size() < parts.storage.writer_lanes()) {
        lanes_.push_back(std::make_unique<WriterLane>(parts, WriterLane::Place::further));
    }
}

WriterLane& Writer::lane_of(const PendingWrite& write) const {
    if (lanes_.size() == 1) return *lanes_.front();
    return *lanes_[route_of(write.planned.mutation) % lanes_.size()];
}

void Writer::push(std::vector<PendingWrite>& writes) {
    if (lanes_.size() == 1) {
        lanes_.front()->push(writes);
    } else {
        for (PendingWrite& write : writes) push(std::move(write));
    }
    writes.clear();
}

void Writer::push(PendingWrite write) {
    lane_of(write).push({&write, 1});
}

void Writer::stop(bool drain) {
    for (const auto& lane : lanes_) lane->stop(drain);
    for (const auto& lane : lanes_) lane->join();
}

bool Writer::owns_this_thread() const {
    return std::ranges::any_of(lanes_, [](const auto& lane) { return lane->owns_this_thread(); });
}

}  // namespace cariosan::engine
