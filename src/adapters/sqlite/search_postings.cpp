#include "adapters/sqlite/search_postings.hpp"

namespace cariosan::sqlite {
namespace {

/// To find a place in a list costs what so many steps cost, for each token.
constexpr std::int64_t kSeek = 50;
/// After so many steps it is looked for instead.
constexpr std::int64_t kStepsBeforeSeek = 64;

}  // namespace

bool Postings::step(WorkBudget& budget) {
    budget.spend(1);
    if (!walk_->rows.next()) return false;
    at_ = walk_->rows.integer();
    return true;
}

bool Postings::advance(std::int64_t at_most, WorkBudget& budget) {
    if (walk_ && at_ <= at_most) return true;
    for (std::int64_t steps = 0; walk_ && steps < kStepsBeforeSeek * tokens_; ++steps) {
        if (!step(budget)) return false;
        if (at_ <= at_most) return true;
    }
    budget.spend(kSeek * tokens_);
    walk_.reset();  // before the statement is used again
    walk_.emplace(list_, expression_, oldest_, at_most);
    return step(budget);
}

std::optional<std::int64_t> CommonPostings::next(std::int64_t at_most, WorkBudget& budget) {
    std::size_t agreeing = 0;
    while (at_most >= oldest_) {
        for (Postings& list : lists_) {
            if (!list.advance(at_most, budget)) return std::nullopt;
            agreeing = list.at() == at_most ? agreeing + 1 : 1;
            at_most = list.at();
            if (agreeing == lists_.size()) return at_most;
        }
        if (budget.spent()) {
            // Above `at_most` there is nothing more that all have; whether it is itself in all is not known.
            cut_at_ = at_most + 1;
            return std::nullopt;
        }
    }
    return std::nullopt;
}

}  // namespace cariosan::sqlite
