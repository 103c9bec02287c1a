/// Reads searches.
#pragma once

#include <cariosan/storage.hpp>

#include "adapters/postgres/read/pg_read_queries.hpp"

namespace cariosan::postgres {

class PgSearch final : public SearchReader {
  public:
    explicit PgSearch(Snapshot&) {}
    Result<SearchCandidates> candidates(WorkspaceId, UserId, const SearchRange&, WorkBudget&, const SearchFilter&) override {
        return Error(ErrorCode::unavailable, "there is no search index yet");
    }
};

}  // namespace cariosan::postgres
