/// The question to a host's `Moderator`, and the effect of its verdict.
#pragma once

#include <cariosan/moderation.hpp>
#include <optional>

#include "core/use_case.hpp"

namespace cariosan::core {

/// The draft to judge for a mutation on its way to the queue: a user's text, unless the rules have already refused it.
std::optional<ModerationDraft> draft_of(const Mutation& mutation);

/// Applies the verdict to a mutation that has a draft. `ids` is for the record.
void apply_verdict(PlannedMutation& planned, ModerationVerdict verdict, const Limits& limits, IdGenerator& ids);

}  // namespace cariosan::core
