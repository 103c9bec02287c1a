/// What a host's `Moderator` is asked, and what follows from what it says.
#pragma once

#include <cariosan/moderation.hpp>
#include <optional>

#include "core/use_case.hpp"

namespace cariosan::core {

/// What it is asked about a mutation on its way to the queue: the text of a user, unless the rules have refused it already.
std::optional<ModerationDraft> draft_of(const Mutation& mutation);

/// Does what it says about a mutation that has a draft. `ids` for the record.
void apply_verdict(PlannedMutation& planned, ModerationVerdict verdict, const Limits& limits, IdGenerator& ids);

}  // namespace cariosan::core
