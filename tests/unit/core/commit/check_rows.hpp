/// Compares the rows of the memory tables with the model, and checks invariants.
#pragma once

#include "support/memory_tables/memory_rows.hpp"
#include "support/model/model.hpp"

namespace cariosan::test {

/// Checks everything that the model knows about its channels and users.
void check_rows(const MemoryRows& rows, const Model& model);
/// Counts match what is stored, and `seq` has no gaps in any channel.
void check_invariants(const MemoryRows& rows);

}  // namespace cariosan::test
