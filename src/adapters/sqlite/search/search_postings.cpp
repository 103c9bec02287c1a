#include "adapters/sqlite/search/search_postings.hpp"

namespace cariosan::sqlite {
namespace {

/// Steps charged, per token, for finding the first position in a list.
constexpr std::int64_t kOpening = 20;
/// About as many steps as reading one message costs.
constexpr std::int64_t kStepsAtOnce = 64;

}  // namespace

Postings::Place Postings::advance(std::int64_t at_most, WorkBudget& budget) {
    if (!walk_) {
        budget.spend(kOpening * tokens_);
        walk_.emplace(list_, expression_, oldest_, at_most);
    }
    for (std::int64_t steps = 0; at_ > at_most; ++steps) {
        if (steps == kStepsAtOnce) return Place::behind;
        budget.spend(1);
        if (!walk_->rows.next()) return Place::ended;
        at_ = walk_->rows.integer();
    }
    return Place::reached;
}

std::optional<std::int64_t> CommonPostings::next(std::int64_t at_most, WorkBudget& budget) {
    while (at_most >= oldest_) {
        bool lowered = false;
        bool held = false;
        for (Postings& list : lists_) {
            const Postings::Place place = list.advance(at_most, budget);
            if (place == Postings::Place::ended) return std::nullopt;
            if (place == Postings::Place::behind) continue;
            lowered = lowered || list.at() < at_most;
            at_most = list.at();
            held = true;
        }
        if (held && !lowered) return at_most;
        if (budget.spent()) {
            // Every position above `at_most` is missing in some list; `at_most` itself may be in all of them.
            cut_at_ = at_most + 1;
            return std::nullopt;
        }
    }
    return std::nullopt;
}

}  // namespace cariosan::sqlite
