/// Compares the answers to mutations with the model.
#pragma once

#include <span>

#include "support/model/model.hpp"

namespace cariosan::test {

/// Applies one mutation of a batch to the model, and checks that the answer is that of the model.
void check_answer(Model& model, const Mutation& mutation, const Result<Committed>& answer);
/// Applies a batch to the model, and checks that the answers are those of the model. A mutation answered `unavailable`
/// counts as not committed.
void check_answers(Model& model, std::span<const Mutation> batch, std::span<const Result<Committed>> answers);

}  // namespace cariosan::test
