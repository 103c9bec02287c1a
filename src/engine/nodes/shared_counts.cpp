#include "engine/nodes/shared_counts.hpp"

namespace cariosan::engine {

void SharedCounts::exchange(Coordination& coordination) {
    if (const core::RateReport report = rates_.report(); !report.keys.empty()) {
        const auto full_in = coordination.take(report.taken);
        rates_.learn(report, full_in, clock_.elapsed());
        counters_.counts_shared += report.keys.size();
    }
    if (const core::moderation::FloodReport report = floods_.report(clock_.elapsed()); !report.keys.empty()) {
        const auto elsewhere = coordination.mark(report.marks);
        floods_.learn(report, elsewhere, clock_.elapsed());
        counters_.counts_shared += report.keys.size();
    }
}

}  // namespace cariosan::engine
