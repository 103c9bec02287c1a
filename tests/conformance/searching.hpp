/// Searches as the engine does: the storage returns candidates, and a filter tells it which of them match.
#pragma once

#include <cariosan/search_words.hpp>
#include <cariosan/storage.hpp>
#include <vector>

#include "core/search/search_text.hpp"

namespace cariosan::test {

inline constexpr std::int64_t kAnyNumberOfSteps = 1'000'000'000;

inline Result<SearchCandidates> search(Reader& reader, WorkspaceId workspace, UserId viewer, const SearchRange& range,
                                       WorkBudget& budget) {
    std::vector<core::QueryTerm> terms;
    for (const SearchTerm& term : range.terms) terms.push_back({term, search_words(term.text)});
    return reader.search().candidates(workspace, viewer, range, budget, [&](const SearchCandidate& candidate) {
        const core::TextMatch match = core::match_text(candidate.content, terms);
        budget.spend(match.words / 8 + match.compared / 128);
        return match.complete;
    });
}

inline Result<SearchCandidates> search(Reader& reader, WorkspaceId workspace, UserId viewer, const SearchRange& range) {
    WorkBudget budget(kAnyNumberOfSteps);
    return search(reader, workspace, viewer, range, budget);
}

}  // namespace cariosan::test
