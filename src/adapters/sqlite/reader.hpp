/// A connection for reading.
#pragma once

#include <cariosan/storage.hpp>
#include <memory>
#include <string>

#include "adapters/sqlite/checkpoint_gate.hpp"
#include "adapters/sqlite/statement.hpp"

namespace cariosan::sqlite {

class SearchIndex;

/// `Storage::open_reader`. `gate` and `index` (null: no search) must outlive the reader.
Result<std::unique_ptr<Reader>> open_sqlite_reader(const std::string& path,
                                                   const std::shared_ptr<StepFaults>& faults,
                                                   CheckpointGate& gate, SearchIndex* index);

}  // namespace cariosan::sqlite
