/// Holds a storage against the model.
#pragma once

#include "conformance/model.hpp"
#include "conformance/world.hpp"

namespace cariosan::test {

/// Applies a batch to the model, and checks that the answers are what the model says. A mutation that was answered
/// `unavailable` is taken as not committed.
void check_answers(Model& model, const std::vector<Mutation>& batch,
                   const std::vector<Result<Committed>>& answers);

/// Checks everything readers can find in the model's channels.
void check_channels(World& world, const Model& model);

}  // namespace cariosan::test
