/// Holds the rows of the memory tables against the model, and against what must be true of them whatever was decided.
#pragma once

#include "support/memory_tables/memory_rows.hpp"
#include "support/model/model.hpp"

namespace cariosan::test {

/// Everything the model knows of its channels and users.
void check_rows(const MemoryRows& rows, const Model& model);
/// What is counted is there, and every channel numbers its messages without a gap.
void check_invariants(const MemoryRows& rows);

}  // namespace cariosan::test
