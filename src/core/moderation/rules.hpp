/// What a workspace wants moderated, by the short names it has in here.
#pragma once

#include <cariosan/moderation.hpp>

namespace cariosan::core::moderation {

using Rule = ModerationRule;
using Action = ModerationAction;
using Severity = ModerationSeverity;
using Rules = ModerationSettings;

}  // namespace cariosan::core::moderation
