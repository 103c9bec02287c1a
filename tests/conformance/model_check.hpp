/// Compares a storage with the model.
#pragma once

#include "conformance/world.hpp"
#include "support/model/check_answers.hpp"

namespace cariosan::test {

/// Checks everything that readers can find in the model's channels.
void check_channels(World& world, const Model& model);

}  // namespace cariosan::test
